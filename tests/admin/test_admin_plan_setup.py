"""Templates, week patterns, fillers, rules and one-off changes in the back office."""

import html
import json
from datetime import date, timedelta

import pytest

from middleware.domain.channels import Channel
from middleware.services import guide, plan_templates
from tests.admin.conftest import Answer, Browser, Town

CHANNEL = "nhxw.nanhu.cn"
MONDAY = date(2025, 11, 24)
ROWS = [
    {"id": "a", "start": "06:00", "length": "12:00", "title": "上半天", "kind": "fixed", "live": True},
    {"id": "b", "start": "18:00", "length": "12:00", "title": "下半天", "kind": "fixed", "live": True},
]


@pytest.fixture
def channel(town: Town) -> int:
    return int(town.do(lambda uow: guide.add_channel(uow, Channel(0, CHANNEL, 1, "南湖新闻")).id))  # type: ignore[call-overload]


def post(browser: Browser, where: str, **form: object) -> Answer:
    return browser.post(f"/admin/plan/templates/{where}", accept="application/json", **form)


def with_template(browser: Browser, channel: int, name: str = "日常", rows: object = ROWS, number: object = "") -> int:
    answer = post(browser, "save", channel=channel, template=number, name=name, blocks=json.dumps(rows))
    assert answer.status == 200, answer.body
    page = browser.get(f"/admin/plan/templates?channel={channel}").body
    return int(page.partition(f">{name}</a>")[0].rpartition("template=")[2].rstrip('"'))


def with_pattern(browser: Browser, channel: int, template: int, **more: object) -> Answer:
    days = {f"day{at}": template for at in range(7)}
    return post(browser, "pattern", channel=channel, **days, **{"first": "2025-11-01", "priority": 0} | more)


def act(browser: Browser, channel: int, what: str, day: date) -> dict:
    fields = {"channel": channel, "day": day.isoformat(), "act": what}
    answer = browser.post("/admin/plan/act", accept="application/json", **fields)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)["view"]


def save(browser: Browser, channel: int, day: dict, items: list[dict]) -> dict:
    fields = {"channel": channel, "day": day["day"], "stamp": day["stamp"], "base": json.dumps(day["items"])}
    answer = browser.post("/admin/plan/save", accept="application/json", **fields, items=json.dumps(items))
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def test_a_template_and_a_pattern_make_days(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    template = with_template(editor, channel)

    assert with_pattern(editor, channel, template).status == 200

    assert [one["title"] for one in act(editor, channel, "begin", MONDAY)["items"]] == ["上半天", "下半天"]
    page = editor.get(f"/admin/plan/templates/edit?channel={channel}&template={template}").body
    rows = json.loads(html.unescape(page.partition('data-blocks="')[2].partition('"')[0]))
    assert [(one["start"], one["length"], one["title"]) for one in rows] == [
        ("06:00", "12:00", "上半天"),
        ("18:00", "12:00", "下半天"),
    ]


def test_patterns_that_tie_are_refused_with_words_and_another_priority_helps(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    template = with_template(editor, channel)
    with_pattern(editor, channel, template)

    tied = with_pattern(editor, channel, template, first="2025-12-01")

    assert (tied.status, json.loads(tied.body)["code"]) == (422, "pattern_tie")
    assert "优先级相同" in json.loads(tied.body)["error"]
    assert with_pattern(editor, channel, template, first="2025-12-01", priority=5).status == 200


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{**ROWS[0], "start": "9:61"}], "第 1 行"),
        ([ROWS[0], {**ROWS[1], "title": " "}], "第 2 行：没有名称"),
        ([ROWS[0], ROWS[0]], "编号重复"),
        ([{**ROWS[0], "length": "00:00"}], "时长"),
        ([{**ROWS[0], "id": "<b>"}], "编号不对"),
        ("x", "读不懂"),
    ],
)
def test_a_template_at_fault_is_refused_and_nothing_is_kept(town: Town, channel: int, rows: object, words: str) -> None:
    answer = post(town.browser("editor"), "save", channel=channel, name="日常", blocks=json.dumps(rows))

    assert answer.status == 422
    assert words in json.loads(answer.body)["error"]
    assert town.do(lambda uow: uow.plans.templates(CHANNEL)) == ()


def test_a_template_in_use_stays_and_its_copy_can_go(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    template = with_template(editor, channel)
    with_pattern(editor, channel, template)

    assert "还在用" in post(editor, "remove", channel=channel, template=template).body
    assert post(editor, "clone", channel=channel, template=template, to="").status == 200
    names = [one.name for one in town.do(lambda uow: uow.plans.templates(CHANNEL))]  # type: ignore[attr-defined]
    assert names == ["日常", "日常 副本"]


def test_a_change_of_one_day_is_kept_as_such_and_leaves_the_others(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    with_pattern(editor, channel, with_template(editor, channel))
    begun = act(editor, channel, "begin", MONDAY)

    told = save(editor, channel, begun, [{**begun["items"][0], "title": "专题"}, begun["items"][1]])

    assert told["series"] == ["a"]
    assert act(editor, channel, "again", MONDAY)["items"][0]["title"] == "专题"
    assert act(editor, channel, "begin", MONDAY + timedelta(days=1))["items"][0]["title"] == "上半天"
    assert "换节目" in editor.get(f"/admin/plan/templates?channel={channel}").body
    act(editor, channel, "undo", MONDAY)
    act(editor, channel, "undo", MONDAY)
    assert town.do(lambda uow: uow.plans.one_offs(CHANNEL, MONDAY, MONDAY)) == ()


def test_a_change_for_all_days_lists_them_first_and_skips_what_is_sent_or_changed(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    with_pattern(editor, channel, with_template(editor, channel))
    tuesday, wednesday, thursday = (MONDAY + timedelta(days=at) for at in (1, 2, 3))
    begun = act(editor, channel, "begin", MONDAY)
    act(editor, channel, "begin", tuesday)
    act(editor, channel, "begin", wednesday)
    act(editor, channel, "submit", wednesday)
    other = act(editor, channel, "begin", thursday)
    save(editor, channel, other, [{**other["items"][0], "title": "别的"}, other["items"][1]])
    save(editor, channel, begun, [{**begun["items"][0], "title": "新栏目"}, begun["items"][1]])
    asked = {"channel": channel, "day": MONDAY.isoformat(), "block": "a"}

    dry = json.loads(editor.post("/admin/plan/series", accept="application/json", **asked, take=0).body)
    assert town.do(lambda uow: uow.plans.templates(CHANNEL)[0].blocks[0].content.title) == "上半天"
    done = json.loads(editor.post("/admin/plan/series", accept="application/json", **asked, take=1).body)

    assert dry["days"] == done["days"]
    assert str(tuesday) in done["days"]
    assert {str(wednesday), str(thursday)} <= set(done["kept"])
    days = town.do(
        lambda uow: {one.day: one.items[0].content.title for one in uow.plans.newest(CHANNEL, MONDAY, thursday)}
    )
    assert list(days.values()) == ["新栏目", "新栏目", "上半天", "别的"]  # type: ignore[attr-defined]
    assert act(editor, channel, "begin", MONDAY + timedelta(days=5))["items"][0]["title"] == "新栏目"


def test_an_orphan_is_shown_and_finds_another_block(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    template = with_template(editor, channel)
    with_pattern(editor, channel, template)
    begun = act(editor, channel, "begin", MONDAY)
    save(editor, channel, begun, [{**begun["items"][0], "title": "专题"}, begun["items"][1]])
    with_template(editor, channel, rows=[{**ROWS[0], "id": "c"}, ROWS[1]], number=template)
    assert "没有着落" in editor.get(f"/admin/plan/templates?channel={channel}").body

    post(editor, "attach", channel=channel, day=MONDAY, id="a:replace", block="c")

    assert act(editor, channel, "again", MONDAY)["items"][0]["title"] == "专题"
    assert post(editor, "drop", channel=channel, day=MONDAY, id="a:replace").status == 404
    assert post(editor, "drop", channel=channel, day=MONDAY, id="c:replace").status == 200
    assert town.do(lambda uow: plan_templates.listed(uow, CHANNEL, MONDAY)) == ()


def test_rules_are_for_those_who_sign(town: Town, channel: int) -> None:
    form = {
        "channel": channel, "own": 1, "day_start": "05:30", "grid": 10, "gaps": "extend", "extend": 15, "repeat": 4,
        "cut_off": 16, "signatures": 2, "must_carry": "19:00-19:30 新闻联播", "watershed": "06:00-22:00 16",
    }  # fmt: skip
    editor, office = town.browser("editor"), town.browser("office")
    assert post(editor, "rules", **form).status == 403
    assert "19:00-19:30 名称" in post(office, "rules", **form | {"must_carry": "19点"}).body

    assert post(office, "rules", **form, radio=1).status == 200

    page = office.get(f"/admin/plan/templates?channel={channel}").body
    assert all(words in page for words in ("05:30", "19:00-19:30 新闻联播", "06:00-22:00 16", "selected>2 级"))
    assert 'name="radio" value="1" checked' in page


def test_hostile_names_are_escaped_and_bad_fillers_refused(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    name = "<script>x</script>\"'"
    answer = post(editor, "save", channel=channel, name=name, blocks=json.dumps([{**ROWS[0], "title": name}]))
    assert answer.status == 200
    number = town.do(lambda uow: uow.plans.templates(CHANNEL)[0].id)

    pages = [
        editor.get(f"/admin/plan/templates?channel={channel}").body,
        editor.get(f"/admin/plan/templates/edit?channel={channel}&template={number}").body,
    ]

    assert all("<script>x" not in page for page in pages)
    for films in ("", "[1]", '{"a":1}', '[{"asset":"x"}]'):
        assert post(editor, "fillers", channel=channel, name="垫播", apart=3, films=films).status == 422
    assert town.browser("lake").get(f"/admin/plan/templates?channel={channel}").status == 403
