"""What the week grid asks: findings of a drag, films for an item; locked items and hostile input are refused."""

import json
from datetime import date

import pytest

from epg.planning import Block, Content, DayTemplate, Pattern, Rules, begins
from middleware.domain.channels import Channel
from middleware.services import guide, plan, relays
from tests.admin.conftest import Answer, Browser, Town
from vod.catalogue import Asset
from vod.jobs import State

CHANNEL = "nhxw.nanhu.cn"
DAY = date(2025, 11, 23)
START = int(begins(DAY, Rules(CHANNEL)).timestamp())


@pytest.fixture
def channel(town: Town) -> int:
    """A draft of two items of which the second is locked, and a film."""

    def write(uow):
        made = guide.add_channel(uow, Channel(0, CHANNEL, 1, "南湖新闻"))
        blocks = (
            Block("a", 0, 43_200, Content("上半天", live=True), "fixed"),
            Block("b", 43_200, 43_200, Content("下半天", live=True), "fixed", locked=True),
        )
        template = uow.plans.put_template(CHANNEL, DayTemplate(0, "日常", blocks))
        uow.plans.put_pattern(Pattern(0, CHANNEL, (template.id,) * 7, date(2025, 1, 1)))
        plan.begin(uow, town.now, "editor", CHANNEL, DAY)
        uow.assets.begin(Asset(0, 1, State.READY, "style", "山海情", "山海情", "", 2_700_000, town.now))
        return made.id

    return int(town.do(write))  # type: ignore[call-overload]


def data(browser: Browser, channel: int) -> dict:
    return json.loads(browser.get(f"/admin/plan/data?channel={channel}&day={DAY}", accept="application/json").body)


def preview(browser: Browser, channel: int, days: object, moves: object) -> Answer:
    asked = {"channel": channel, "days": days, "moves": moves if isinstance(moves, str) else json.dumps(moves)}
    return browser.post("/admin/plan/preview", accept="application/json", **asked)


def test_findings_of_a_drag_are_told_and_nothing_is_stored(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    before = data(editor, channel)
    first = before["days"][6]["items"][0]

    answer = preview(editor, channel, DAY, [[first["uid"], first["start"] + 600, first["stop"] + 600]])

    assert [one["code"] for one in json.loads(answer.body)["days"][DAY.isoformat()]] == ["gap", "overlap"]
    assert data(editor, channel) == before
    assert preview(town.browser("lake"), channel, DAY, []).status == 403


def test_what_is_locked_in_the_template_is_not_moved(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    day = data(editor, channel)["days"][6]
    later = [{**one, "start": one["start"] + 600, "stop": one["stop"] + 600} for one in day["items"]]
    fields = {"channel": channel, "day": day["day"], "stamp": day["stamp"], "base": json.dumps(day["items"])}

    answer = editor.post("/admin/plan/save", accept="application/json", **fields, items=json.dumps(later))

    assert (answer.status, json.loads(answer.body)["code"]) == (422, "plan_locked")
    assert data(editor, channel)["days"][6]["items"] == day["items"]


def test_films_are_found_for_an_item_and_the_week_knows_only_those_it_shows(town: Town, channel: int) -> None:
    editor = town.browser("editor")

    answer = editor.get(f"/admin/plan/films?channel={channel}&q=shq&slot=3000&fit=fits", accept="application/json")

    film = {"id": 1, "title": "山海情", "seconds": 2700, "lacks": "", "last": None, "next": None}
    assert json.loads(answer.body) == {"films": [film], "found": 1}
    assert data(editor, channel)["films"] == []
    town.do(
        lambda uow: uow.assets.begin(Asset(0, 1, State.ENCODING, "style", "后来的", "后来的", "", 60_000, town.now))
    )
    every = [
        json.loads(editor.get(f"/admin/plan/films?channel={channel}{more}", accept="application/json").body)
        for more in ("", "&all=1")
    ]
    assert [[(one["title"], one["lacks"]) for one in told["films"]] for told in every] == [
        [("山海情", "")],
        [("后来的", "coming"), ("山海情", "")],
    ]
    town.do(lambda uow: uow.settings.put("air", CHANNEL, {"on": True}))
    found = json.loads(editor.get(f"/admin/plan/films?channel={channel}", accept="application/json").body)["films"]
    assert [one["lacks"] for one in found] == ["other"]
    item = {"uid": "n1", "start": START - 86_400, "stop": START - 83_700, "title": "山海情", "asset": 1}
    fields = {"channel": channel, "day": "2025-11-22", "stamp": "", "base": "[]", "items": json.dumps([item])}
    other = {**fields, "day": "2025-11-24"}
    assert "请放到它开始的那一天" in editor.post("/admin/plan/save", accept="application/json", **other).body
    assert editor.post("/admin/plan/save", accept="application/json", **fields).status == 200
    assert data(editor, channel)["films"] == [{"id": 1, "title": "山海情", "seconds": 2700}]
    assert "media_unready" in [one["code"] for one in data(editor, channel)["days"][5]["findings"]]


def test_what_a_film_would_meet_is_told_before_it_is_dropped(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    before = data(editor, channel)
    asked = {"channel": channel, "days": DAY, "moves": json.dumps([["new", START + 600, START + 3300]]), "film": 1}

    answer = editor.post("/admin/plan/preview", accept="application/json", **asked)

    found = [one for one in json.loads(answer.body)["days"][DAY.isoformat()] if "new" in one["items"]]
    assert [(one["code"], one["words"]) for one in found] == [("overlap", "《上半天》和《山海情》重叠 45 分")]
    assert data(editor, channel) == before
    assert json.loads(editor.post("/admin/plan/preview", accept="application/json", **{**asked, "film": 9}).body) == {
        "days": {DAY.isoformat(): []}
    }
    assert editor.post("/admin/plan/preview", accept="application/json", **{**asked, "film": "x"}).status == 422


def test_what_was_changed_on_one_day_is_marked_and_is_as_its_template_says_again(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    day = data(editor, channel)["days"][6]
    renamed = [{**one, "title": "换了"} if one["title"] == "上半天" else one for one in day["items"]]
    fields = {"channel": channel, "day": day["day"], "stamp": day["stamp"], "base": json.dumps(day["items"])}
    editor.post("/admin/plan/save", accept="application/json", **fields, items=json.dumps(renamed))
    assert [data(editor, channel)["days"][6][name] for name in ("changed", "names")] == [
        ["a"],
        {"editor": town.person("editor").name},
    ]

    answer = editor.post(
        "/admin/plan/act", accept="application/json", channel=channel, day=day["day"], act="reset", block="a"
    )

    assert json.loads(answer.body)["view"]["items"] == day["items"]
    assert data(editor, channel)["days"][6]["changed"] == []
    gone = editor.post(
        "/admin/plan/act", accept="application/json", channel=channel, day=day["day"], act="reset", block="z"
    )
    assert (gone.status, json.loads(gone.body)["code"]) == (422, "series")


NO_DRAGS = (
    ("", "[]"), (DAY, ""), (DAY, "{}"), (DAY, "[1]"), (DAY, [["a", 1]]), (DAY, [[1, 1, 2]]),
    (DAY, [["a", START, START]]), (DAY, [["a", START, START + 90_000]]), (DAY, [["a", True, START]]),
    (f"{DAY},2025-12-23", "[]"), (DAY, [["a", 1, 2]] * 6001),
)  # fmt: skip


def test_what_is_no_drag_is_refused_with_words(town: Town, channel: int) -> None:
    editor = town.browser("editor")

    answers = [preview(editor, channel, days, moves) for days, moves in NO_DRAGS]

    assert [one.status for one in answers] == [422] * len(NO_DRAGS)
    assert all(json.loads(one.body)["error"] for one in answers)


def test_strange_questions_for_films_are_refused(town: Town, channel: int) -> None:
    editor = town.browser("editor")

    for asked in ("channel=99", f"channel={channel}&slot=-1", f"channel={channel}&slot=99999999999", "q=x"):
        assert editor.get(f"/admin/plan/films?{asked}", accept="application/json").status in {404, 422}
    assert (
        editor.get(f"/admin/plan/films?channel={channel}&q={'x' * 900}&fit=%00", accept="application/json").status
        == 200
    )


def test_a_month_shows_the_state_of_its_days_and_a_day_is_a_list_that_goes_on_paper(town: Town, channel: int) -> None:
    editor = town.browser("editor")

    month = editor.get(f"/admin/plan/month?channel={channel}&day={DAY}").body
    listed = editor.get(f"/admin/plan/list?channel={channel}&day={DAY}").body

    assert (month.count("草稿"), month.count("未编排"), month.count("2 个节目")) == (1, 34, 1)
    assert [listed.count(one) for one in ("上半天", "下半天", "准点，锁定", "直播</td>", "打印")] == [1, 1, 1, 2, 1]
    assert "还没有节目单" in editor.get(f"/admin/plan/list?channel={channel}&day=2025-11-24").body
    assert editor.get("/admin/plan/month?channel=99").status == 404
    assert town.browser("lake").get(f"/admin/plan/list?channel={channel}").status == 403


def test_an_item_takes_over_a_source_that_the_operator_keeps_and_needs_no_film(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    town.do(lambda uow: relays.put_source(uow, town.now, "root", relays.Source("县台", "http://relay.test/live.m3u8")))
    item = {"uid": "n1", "start": START - 86_400, "stop": START, "title": "县里新闻", "relay": "县台"}
    fields = {"channel": channel, "day": "2025-11-22", "stamp": "", "base": "[]", "items": json.dumps([item])}

    answer = editor.post("/admin/plan/save", accept="application/json", **fields)

    view = json.loads(answer.body)["view"]
    assert ([one["relay"] for one in view["items"]], view["findings"]) == (["县台"], [])
    assert data(editor, channel)["relays"] == ["县台"]
    assert "信号源 县台" in editor.get(f"/admin/plan/list?channel={channel}&day=2025-11-22").body
