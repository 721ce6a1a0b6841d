"""The schedule in the back office: who may do what, saves and signatures, findings and sheets, hostile input."""

import json
from datetime import date, timedelta

import pytest

from epg.planning import Block, Content, DayTemplate, Pattern, Rules, begins
from middleware.domain.channels import Channel
from middleware.services import guide
from tests.admin.conftest import Answer, Browser, Town

CHANNEL = "nhxw.nanhu.cn"
DAY = date(2025, 11, 23)
DAY_LONG = timedelta(days=1)
START = int(begins(DAY, Rules(CHANNEL)).timestamp())


@pytest.fixture
def channel(town: Town) -> int:
    """A channel with a template for every day."""

    def write(uow):
        made = guide.add_channel(uow, Channel(0, CHANNEL, 1, "南湖新闻"))
        blocks = (
            Block("a", 0, 43_200, Content("上半天", live=True), "fixed"),
            Block("b", 43_200, 43_200, Content("下半天", live=True), "fixed"),
        )
        template = uow.plans.put_template(CHANNEL, DayTemplate(0, "日常", blocks))
        uow.plans.put_pattern(Pattern(0, CHANNEL, (template.id,) * 7, date(2025, 1, 1)))
        return made.id

    return int(town.do(write))  # type: ignore[call-overload]


def act(browser: Browser, channel: int, what: str, day: date = DAY, **more: object) -> Answer:
    fields = {"channel": channel, "day": day.isoformat(), "act": what, **more}
    return browser.post("/admin/plan/act", accept="application/json", **fields)


def view(answer: Answer) -> dict:
    assert answer.status == 200, answer.body
    return json.loads(answer.body)["view"]


def save(browser: Browser, channel: int, day: dict, items: list[dict]) -> Answer:
    fields = {"channel": channel, "day": day["day"], "stamp": day.get("stamp", ""), "base": json.dumps(day["items"])}
    return browser.post("/admin/plan/save", accept="application/json", **fields, items=json.dumps(items))


def data(browser: Browser, channel: int) -> dict:
    answer = browser.get(f"/admin/plan/data?channel={channel}&day={DAY}", accept="application/json")
    assert answer.status == 200
    return json.loads(answer.body)


def test_a_day_is_begun_saved_sent_and_signed_by_another(town: Town, channel: int) -> None:
    editor, office = town.browser("editor"), town.browser("office")
    begun = view(act(editor, channel, "begin"))
    assert [one["title"] for one in begun["items"]] == ["上半天", "下半天"]
    renamed = [{**one, "title": "改过的"} if one["title"] == "上半天" else one for one in begun["items"]]

    saved = view(save(editor, channel, begun, renamed))

    assert (saved["items"][0]["title"], saved["items"][0]["uid"]) == ("改过的", begun["items"][0]["uid"])
    assert view(act(editor, channel, "undo"))["items"] == begun["items"]
    assert view(act(editor, channel, "redo"))["items"] == saved["items"]
    assert view(act(editor, channel, "submit"))["state"] == "submitted"
    assert "没有“审”的权限" in act(editor, channel, "sign").body
    assert view(act(office, channel, "sign"))["state"] == "approved"
    assert data(editor, channel)["days"][6]["valid"] == 1


def test_findings_come_with_remedies_that_work_once(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    begun = view(act(editor, channel, "begin"))
    longer = [{**one, "stop": one["stop"] + 600} if one["title"] == "上半天" else one for one in begun["items"]]
    saved = view(save(editor, channel, begun, longer))
    assert [(one["code"], one["severity"]) for one in saved["findings"]] == [("overlap", "error")]
    assert "还有 1 处错误" in act(editor, channel, "submit").body

    mended = view(act(editor, channel, "mend", finding=0, name="trim"))

    assert mended["findings"] == []
    assert act(editor, channel, "mend", finding=0, name="trim").status == 422


def test_two_editors_at_once_lose_nothing(town: Town, channel: int) -> None:
    one, other = town.browser("editor"), town.browser("admin")
    seen = view(act(one, channel, "begin"))
    mine = [{**item, "title": "我的"} if item["title"] == "上半天" else item for item in seen["items"]]
    theirs = [{**item, "title": "他的"} if item["title"] == "下半天" else item for item in seen["items"]]
    town.later(seconds=5)
    view(save(other, channel, seen, theirs))
    town.later(seconds=5)

    both = view(save(one, channel, seen, mine))

    assert [item["title"] for item in both["items"]] == ["我的", "他的"]


def test_an_empty_day_is_begun_by_its_first_item(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    item = {"uid": "n1", "start": START, "stop": START + 1800, "title": "第一个", "live": True, "kind": "fixed"}

    saved = view(save(editor, channel, {"day": DAY.isoformat(), "items": []}, [item]))

    assert (saved["state"], [one["title"] for one in saved["items"]]) == ("draft", ["第一个"])


def test_breaking_news_and_reopening_need_a_reason_and_the_right(town: Town, channel: int) -> None:
    editor, office = town.browser("editor"), town.browser("office")
    act(editor, channel, "begin")
    act(editor, channel, "submit")
    act(office, channel, "sign")
    news = {"uid": "n9", "start": START + 7200, "stop": START + 7800, "title": "台风警报", "live": True}
    town.now = begins(DAY, Rules(CHANNEL)) + timedelta(hours=1)

    assert act(editor, channel, "break", items=json.dumps([news]), reason="x").status == 403
    assert act(office, channel, "break", items="[]", reason="x").status == 422
    assert "原因" in act(office, channel, "break", items=json.dumps([news]), reason="").body
    broken = view(act(office, channel, "break", items=json.dumps([news]), reason="台风"))
    assert [one["title"] for one in broken["items"]] == ["上半天", "台风警报", "上半天", "下半天"]
    assert "待补签" in editor.get("/admin/plan").body
    assert "由别人补签" in act(office, channel, "sign").body
    assert view(act(town.browser("admin"), channel, "sign"))["signed"] == ["admin"]
    assert "待补签" not in editor.get("/admin/plan").body
    assert "没有要补签的" in act(town.browser("admin"), channel, "sign").body
    assert "原因" in act(editor, channel, "reopen", reason="").body
    assert view(act(editor, channel, "reopen", reason="改"))["state"] == "draft"


@pytest.mark.parametrize(
    "items",
    [
        "", "{}", "[1]", '[{"uid": "x"}]', '[{"uid": "<b>", "start": 1, "stop": 2, "title": "x"}]',
        json.dumps([{"uid": "x", "start": START, "stop": START, "title": "x"}]),
        json.dumps([{"uid": "x", "start": START, "stop": START + 90_000, "title": "x"}]),
        json.dumps([{"uid": "x", "start": START, "stop": START + 60, "title": "  "}]),
        json.dumps([{"uid": "x", "start": -5, "stop": START, "title": "x"}]),
        json.dumps([{"uid": "x", "start": True, "stop": START, "title": "x"}]),
        json.dumps([{"uid": f"x{n}", "start": START, "stop": START + 60, "title": "x"} for n in range(6001)]),
    ],
)  # fmt: skip
def test_what_is_no_item_is_refused_with_words(town: Town, channel: int, items: str) -> None:
    editor = town.browser("editor")
    fields = {"channel": channel, "day": DAY.isoformat(), "stamp": "", "base": "[]", "items": items}

    answer = editor.post("/admin/plan/save", accept="application/json", **fields)

    assert answer.status == 422
    assert json.loads(answer.body)["code"] in {"plan_item", "plan_items"}


def test_pages_are_for_editors_and_strangers_are_sent_away(town: Town, channel: int) -> None:
    assert town.browser("lake").get("/admin/plan").status == 403
    assert town.browser().get("/admin/plan").status == 303
    editor = town.browser("editor")
    assert "南湖新闻" in editor.get("/admin/plan").body
    assert "今日" not in editor.get(f"/admin/plan/week?channel={channel}").body
    for path in ("week?channel=99", "week", "data?channel=1&day=x", f"week?channel={channel}&day=9999-01-01"):
        assert editor.get(f"/admin/plan/{path}").status in {404, 422}
    assert act(editor, channel, "dance").status == 422
    assert editor.post("/admin/plan/act", form_key="", channel=channel, day=DAY, act="begin").status == 403


SHEET = """频道,日期,时间,节目,时长,备注
南湖新闻,2025/11/23,6:00,早安,30,直播
,,9:61,坏行,15,
南湖新闻,11/24,6:00,好的一天,60,
""".encode()


def test_a_sheet_is_checked_first_and_taken_day_by_day(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    where = {"channel": str(channel), "day": "2025-11-17"}
    dry = json.loads(editor.upload("/admin/plan/sheet", "week.csv", SHEET, **where, take="0").body)
    assert data(editor, channel)["days"][6]["state"] == ""

    taken = json.loads(editor.upload("/admin/plan/sheet", "week.csv", SHEET, **where, take="1").body)

    assert dry["faults"] == [{"at": "week 第 3 行第 3 列", "words": "时间“9:61”不对"}]
    assert dry["refused"] == ["南湖新闻 2025-11-23"]
    assert [(one["day"], one["added"]) for one in taken["days"]] == [("2025-11-24", 1)]
    exported = editor.post("/admin/plan/export", channel=channel, day="2025-11-24", kind="csv")
    assert "好的一天" in exported.raw.decode("utf-8-sig")
    assert editor.upload("/admin/plan/sheet", "x.csv", b"", **where).status == 422


def test_headings_that_nobody_knows_are_asked_for_and_remembered(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    where = {"channel": str(channel), "day": "2025-11-17"}
    strange = "几号,几点开播,放什么,谁管\n2025-11-23,8:00,早安,李\n,9:00,课堂,王\n".encode()

    def send(**more: str) -> dict:
        return json.loads(editor.upload("/admin/plan/sheet", "x.csv", strange, **where, **more).body)

    assert send()["columns"] == ["几号", "几点开播", "放什么", "谁管"]
    told = json.dumps({"几号": "date", "几点开播": "start", "放什么": "title"})
    assert [(one["day"], one["items"]) for one in send(columns=told)["days"]] == [("2025-11-23", 2)]
    assert send()["days"] == []

    assert [one["added"] for one in send(columns=told, take="1")["days"]] == [2]

    again = send()
    assert ([one["changed"] for one in again["days"]], again["columns"]) == ([0], ["谁管"])
    for wrong in ("[]", "{", '{"x": "uid"}', '{"x": ["title"]}'):
        assert editor.upload("/admin/plan/sheet", "x.csv", strange, **where, columns=wrong).status == 422


def test_the_guide_goes_back_one_snapshot_after_its_differences_were_seen(town: Town, channel: int) -> None:
    editor, office = town.browser("editor"), town.browser("office")
    assert "还没有发布过" in editor.get("/admin/plan/snapshots").body
    begun = view(act(editor, channel, "begin"))
    act(editor, channel, "submit")
    act(office, channel, "sign")
    act(office, channel, "reopen", reason="改名")
    reopened = data(editor, channel)["days"][6]
    renamed = [{**one, "title": "改过的"} if one["title"] == "上半天" else one for one in begun["items"]]
    view(save(editor, channel, reopened, renamed))
    act(editor, channel, "submit")
    act(office, channel, "sign")
    newest, first = town.do(lambda uow: uow.guide.snapshots())  # type: ignore[misc]
    assert "审定 南湖新闻" in office.get("/admin/plan/snapshots").body

    page = editor.get(f"/admin/plan/snapshots/{first.number}").body
    assert "改过的" in page
    assert "审节目单的人" in page
    assert editor.post("/admin/plan/snapshots/back", number=first.number).status == 403
    stale = office.post("/admin/plan/snapshots/back", number=first.number, seen=first.number)
    assert (stale.status, "又变了" in stale.body) == (422, True)
    assert office.post("/admin/plan/snapshots/back", number=first.number, seen=newest.number).status == 303

    shown = town.do(lambda uow: uow.guide.between(begins(DAY, Rules(CHANNEL)), begins(DAY, Rules(CHANNEL)) + DAY_LONG))
    assert [one.programme.title for one in shown] == ["上半天", "下半天"]  # type: ignore[attr-defined]
    assert "不用退" in office.get(f"/admin/plan/snapshots/{first.number}").body
    assert editor.get("/admin/plan/snapshots/99").status == 404


def test_a_late_save_that_collides_keeps_both_versions_and_redo_brings_ones_own(town: Town, channel: int) -> None:
    one, other = town.browser("editor"), town.browser("admin")
    seen = view(act(one, channel, "begin"))
    mine = [{**item, "title": "我的"} if item["title"] == "上半天" else item for item in seen["items"]]
    theirs = [{**item, "title": "他的"} if item["title"] == "上半天" else item for item in seen["items"]]
    town.later(seconds=5)
    view(save(other, channel, seen, theirs))
    town.later(seconds=5)

    late = json.loads(save(one, channel, seen, mine).body)

    assert [item["title"] for item in late["view"]["items"]] == ["他的", "下半天"]
    assert late["clash"] == [{"uid": seen["items"][0]["uid"], "by": "admin账号"}]
    assert [item["title"] for item in view(act(one, channel, "redo"))["items"]] == ["我的", "下半天"]
    assert [item["title"] for item in view(act(one, channel, "undo"))["items"]] == ["他的", "下半天"]


def test_who_else_has_the_week_open_is_told_and_what_he_changed(town: Town, channel: int) -> None:
    one, other = town.browser("editor"), town.browser("admin")
    here = {"channel": channel, "day": DAY.isoformat()}

    def look(browser: Browser) -> dict:
        return json.loads(browser.post("/admin/plan/here", accept="application/json", **here).body)

    assert look(one)["others"] == []
    assert look(other)["others"] == ["editor账号"]
    assert look(one)["others"] == ["admin账号"]
    begun = view(act(other, channel, "begin"))
    assert look(one)["stamps"] == {DAY.isoformat(): begun["stamp"]}

    town.later(seconds=61)

    assert look(one)["others"] == []


def test_a_one_off_insert_is_kept_when_the_day_is_made_anew_and_goes_when_it_is_deleted(
    town: Town, channel: int
) -> None:
    editor = town.browser("editor")
    begun = view(act(editor, channel, "begin"))
    short = [{**one, "stop": one["stop"] - 1800} if one["title"] == "上半天" else one for one in begun["items"]]
    insert = {"uid": "n1", "start": short[0]["stop"], "stop": short[0]["stop"] + 1800, "title": "通知", "live": True,
              "kind": "fixed"}  # fmt: skip
    saved = view(save(editor, channel, begun, [*short, insert]))

    again = view(act(editor, channel, "again"))
    assert [(one["uid"], one["title"]) for one in again["items"]] == [
        (one["uid"], one["title"]) for one in saved["items"]
    ]
    assert again["items"][1]["uid"] == "n1"
    assert "通知" not in json.dumps(view(act(editor, channel, "begin", day=DAY + DAY_LONG)), ensure_ascii=False)
    moved = [{**one, "start": one["start"] + 600} if one["uid"] == "n1" else one for one in again["items"]]
    view(save(editor, channel, again, moved))
    assert view(act(editor, channel, "again"))["items"][1]["start"] == insert["start"] + 600

    shown = data(editor, channel)["days"][6]
    view(save(editor, channel, shown, [one for one in shown["items"] if one["uid"] != "n1"]))

    assert [one["title"] for one in view(act(editor, channel, "again"))["items"]] == ["上半天", "下半天"]
    assert town.do(lambda uow: [one.kind for one in uow.plans.one_offs(CHANNEL, DAY, DAY)]) == ["resize"]


def test_a_day_is_copied_onto_another_channel(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    other = int(town.do(lambda uow: guide.add_channel(uow, Channel(0, "rz.tv", 2, "日照综合")).id))  # type: ignore[call-overload]
    view(act(editor, channel, "begin"))

    copied = view(act(editor, channel, "copy", to=str(DAY + DAY_LONG), to_channel=other))

    assert (copied["day"], [one["title"] for one in copied["items"]]) == ("2025-11-24", ["上半天", "下半天"])
    assert town.do(lambda uow: [str(one.day) for one in uow.plans.newest("rz.tv", DAY, DAY + DAY_LONG)]) == [
        "2025-11-24"
    ]
    assert act(editor, channel, "copy", to=str(DAY), to_channel="99").status == 404


def test_an_empty_day_takes_the_same_weekday_of_last_week(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    before = view(act(editor, channel, "begin", day=DAY - 7 * DAY_LONG))

    found = view(act(editor, channel, "last_week"))

    assert [one["title"] for one in found["items"]] == [one["title"] for one in before["items"]]
    assert found["items"][0]["start"] == START
    assert "上周这一天" in act(editor, channel, "last_week", day=DAY + DAY_LONG).body


def test_the_start_page_of_an_editor_tells_how_far_the_days_ahead_are(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    before = editor.get("/admin").body
    view(act(editor, channel, "begin"))

    after = editor.get("/admin").body

    assert "还没有编排过的频道" in before
    assert "南湖新闻 11 月 23 日的节目单还没有审定" in after
    assert after.count(f'href="/admin/plan/week?channel={channel}&amp;day=2025-11-23">草稿</a>') == 1
    assert f'href="/admin/plan/air?channel={channel}"' in after
    assert "节目编排" not in town.browser("operator").get("/admin").body


def test_who_is_given_one_channel_sees_only_that_one_and_a_viewer_only_looks(town: Town, channel: int) -> None:
    other = town.do(lambda uow: guide.add_channel(uow, Channel(0, "rz.tv", 2, "日照综合"))).id
    admin, editor, person = town.browser("admin"), town.browser("editor"), town.person("editor")
    fields = {"account": person.id, "channel": CHANNEL, "role": "viewer"}
    assert "日照综合" in editor.get("/admin/plan").body
    assert "没有单独的权限" in admin.get(f"/admin/accounts/{person.id}").body
    assert town.browser("office").post("/admin/accounts/grant", **fields).status == 403

    assert admin.post("/admin/accounts/grant", **fields).status == 303

    page = admin.get(f"/admin/accounts/{person.id}").body
    assert all(words in page for words in ("只看", "收回 南湖新闻", "给频道权限"))
    seen = editor.get("/admin/plan").body
    assert ("南湖新闻" in seen, "日照综合" in seen) == (True, False)
    assert editor.get(f"/admin/plan/week?channel={other}").status == 403
    assert 'data-may="look"' in editor.get(f"/admin/plan/week?channel={channel}").body
    assert (act(editor, channel, "begin").status, save(editor, channel, {"day": str(DAY), "items": []}, []).status) == (
        403,
        403,
    )
    assert "日照综合" not in editor.get("/admin").body
    assert admin.post("/admin/accounts/revoke", **fields).status == 303
    assert view(act(editor, channel, "begin"))["state"] == "draft"
