"""A roll-call from opening to closing as the cadre sees it, and what he may do to it."""

import json

from tests.admin.conftest import Answer, Browser, Town

JSON = "application/json"


def poll(browser: Browser, rollcall: int, rev: str = "", branch: str = "") -> dict[str, object]:
    answer = browser.get(f"/admin/live/{rollcall}?rev={rev}&branch={branch}", accept=JSON)
    assert answer.status == 200, answer.body
    told: dict[str, object] = json.loads(answer.body)
    return told


def parts(told: dict[str, object]) -> dict[str, str]:
    html = told["html"]
    assert isinstance(html, dict)
    return html


def mark(browser: Browser, rollcall: int, member: int, to: str, reason: str = "") -> Answer:
    return browser.post("/admin/rollcalls/mark", accept=JSON, rollcall=rollcall, member=member, to=to, reason=reason)


def status(town: Town, rollcall: int, code: str) -> str:
    member = town.member(code).id
    lines = town.store.run_sync(lambda uow: uow.rollcalls.lines(rollcall))
    return next(line.status for line in lines if line.expected.member == member)


def test_a_name_appears_with_the_next_poll_after_the_remote_was_pressed(town: Town) -> None:
    browser = town.browser("lake")
    rollcall = town.open(browser)
    before = poll(browser, rollcall)
    town.later(seconds=1)

    outcome = town.press(rollcall, "L-1")
    after = poll(browser, rollcall, str(before["rev"]))

    missing, _, come = parts(after)["lists"].partition("已到")
    assert outcome == "accepted"
    assert ("王秀兰" in missing, "王秀兰" in come) == (False, True)
    assert "<dd>1</dd>" in parts(after)["figures"]


def test_a_poll_when_nothing_has_changed_answers_the_revision_only_and_reads_once_for_many(town: Town) -> None:
    browser = town.browser("lake")
    rollcall = town.open(browser)
    rev = poll(browser, rollcall)["rev"]
    poll(browser, rollcall, str(rev))
    reads: list[str] = []
    original = town.store._transact
    town.store._transact = lambda fn, name, write: reads.append(name) or original(fn, name, write)  # type: ignore[method-assign]

    answers = [poll(browser, rollcall, str(rev)) for _ in range(50)]

    assert answers == [{"rev": rev}] * 50
    assert reads == []


def test_a_change_is_seen_at_the_latest_after_a_second_even_when_many_poll(town: Town) -> None:
    browser = town.browser("lake")
    rollcall = town.open(browser)
    rev = str(poll(browser, rollcall)["rev"])
    poll(browser, rollcall, rev)

    town.press(rollcall, "L-1")
    at_once = poll(browser, rollcall, rev)
    town.later(seconds=1)
    second = poll(browser, rollcall, rev)

    assert ("html" in at_once, "html" in second) == (False, True)


def test_what_happens_in_other_branches_costs_a_cadre_no_page_and_no_reading_of_his_own(town: Town) -> None:
    office, cadre = town.browser("office"), town.browser("hill")
    rollcall = town.open(office, "town")
    told = poll(cadre, rollcall)
    town.later(seconds=1)
    town.press(rollcall, "L-1")
    poll(office, rollcall, "x")

    foreign = watch(cadre, rollcall, told)
    town.later(seconds=1)
    town.press(rollcall, "H-1", key="k2", home="H3")
    poll(office, rollcall, "x")
    own = watch(cadre, rollcall, {**told, **foreign})

    assert ("html" in foreign, foreign["rev"] == told["rev"]) == (False, False)
    assert "赵建国" in parts(own)["lists"].partition("已到")[2]


def watch(browser: Browser, rollcall: int, told: dict[str, object]) -> dict[str, object]:
    answer = browser.get(f"/admin/live/{rollcall}?rev={told['rev']}&own={told['own']}", accept=JSON)
    changed: dict[str, object] = json.loads(answer.body)
    return changed


def test_the_list_shows_time_way_late_and_another_household(town: Town) -> None:
    browser = town.browser("lake")
    rollcall = town.open(browser)
    town.later(minutes=12)

    town.press(rollcall, number="13806330003", home="H3")
    come = parts(poll(browser, rollcall))["lists"].partition("已到")[2]

    assert [word in come for word in ("19:42:00", "输手机号", "迟到", "不在本户")] == [True] * 4


def test_names_with_markup_are_shown_as_text_everywhere(town: Town) -> None:
    browser = town.browser("lake")
    town.rename("L-3", "李明<script>alert(1)</script>")
    rollcall = town.open(browser, title="<img src=x onerror=alert(2)>")
    member = town.member("L-3").id

    pages = [
        browser.get(path).body
        for path in (
            "/admin",
            "/admin/rollcalls",
            f"/admin/rollcalls/{rollcall}",
            f"/admin/rollcalls/mark/{rollcall}?member={member}",
        )
    ]
    fragment = parts(poll(browser, rollcall))["lists"]

    assert [("<script>alert" in page, "<img src=x" in page) for page in [*pages, fragment]] == [(False, False)] * 5
    assert "&lt;script&gt;alert(1)" in fragment


def test_opening_shows_what_is_wrong_and_keeps_what_was_typed(town: Town) -> None:
    browser = town.browser("lake")
    own = f"branch-{town.ids['lake']}"

    short = browser.post("/admin/rollcalls/new", title="主题党日", place=own, when="now", minutes=5, late=0)
    unnamed = browser.post("/admin/rollcalls/new", title=" ", place=own, when="now", minutes=30, late=10)
    letters = browser.post("/admin/rollcalls/new", title="主题党日", place=own, when="now", minutes="x", late=10)
    nowhere = browser.post("/admin/rollcalls/new", title="主题党日", place="moon-1", when="now", minutes=30, late=10)

    assert (short.status, "不能少于 15 分钟" in short.body, 'value="主题党日"' in short.body) == (422, True, True)
    assert [answer.status for answer in (unnamed, letters, nowhere)] == [422] * 3


def test_a_planned_roll_call_is_opened_by_the_town_clock(town: Town) -> None:
    browser = town.browser("lake")

    rollcall = town.open(browser, when="later", opens="2025-11-23T19:30")
    page = browser.get(f"/admin/rollcalls/{rollcall}").body
    outside = browser.post(
        "/admin/rollcalls/new",
        title="明年", place=f"branch-{town.ids['lake']}", when="later", opens="2027-01-01T19:30", minutes=30, late=10,
    )  # fmt: skip

    stored = town.store.run_sync(lambda uow: uow.rollcalls.get(rollcall))
    assert (stored.state, stored.opens.isoformat()) == ("scheduled", "2025-11-23T11:30:00+00:00")
    assert "明天 19:30" in page
    assert (outside.status, "三个月之内" in outside.body) == (422, True)


def test_a_mark_is_written_told_and_taken_back(town: Town) -> None:
    browser = town.browser("lake")
    rollcall = town.open(browser)
    member = town.member("L-2").id

    told = json.loads(mark(browser, rollcall, member, "present").body)
    marked = status(town, rollcall, "L-2")
    browser.post("/admin/rollcalls/mark", accept=JSON, **told["undo"])

    assert (told["said"], marked) == ("张福田 已记为到会", "present")
    assert status(town, rollcall, "L-2") == "absent"


def test_leave_and_striking_what_somebody_pressed_himself_need_a_reason(town: Town) -> None:
    browser = town.browser("lake")
    rollcall = town.open(browser)
    town.press(rollcall, "L-1")
    own, other = town.member("L-1").id, town.member("L-2").id

    refused = [mark(browser, rollcall, own, "absent"), mark(browser, rollcall, other, "leave")]
    taken = [mark(browser, rollcall, own, "absent", "替别人按的"), mark(browser, rollcall, other, "leave", "住院")]

    assert [(answer.status, json.loads(answer.body)["error"]) for answer in refused] == [(422, "请写明原因")] * 2
    assert [answer.status for answer in taken] == [200, 200]
    assert (status(town, rollcall, "L-1"), status(town, rollcall, "L-2")) == ("absent", "leave")


def test_marking_shows_at_the_next_poll_without_waiting(town: Town) -> None:
    browser = town.browser("lake")
    rollcall = town.open(browser)
    rev = str(poll(browser, rollcall)["rev"])
    poll(browser, rollcall, rev)
    town.later(milliseconds=5)

    mark(browser, rollcall, town.member("L-1").id, "late")
    told = poll(browser, rollcall, rev)

    assert "迟到" in parts(told)["lists"]


def test_without_scripts_a_mark_leads_back_to_the_page_which_says_what_was_done(town: Town) -> None:
    browser = town.browser("lake")
    rollcall = town.open(browser)

    answer = browser.post("/admin/rollcalls/mark", rollcall=rollcall, member=town.member("L-1").id, to="present")
    page, again = browser.get(answer.headers["location"]), browser.get(answer.headers["location"])

    assert (answer.status, answer.headers["location"]) == (303, f"/admin/rollcalls/{rollcall}")
    assert ("王秀兰 已记为到会" in page.body, "王秀兰 已记为到会" in again.body) == (True, False)


def test_extending_moves_the_closing_and_is_bounded(town: Town) -> None:
    browser = town.browser("lake")
    rollcall = town.open(browser)

    good = browser.post("/admin/rollcalls/extend", accept=JSON, rollcall=rollcall, minutes=15)
    far = browser.post("/admin/rollcalls/extend", accept=JSON, rollcall=rollcall, minutes=9999)

    assert (json.loads(good.body)["said"], far.status) == ("已延长 15 分钟", 422)
    assert "20:15" in browser.get(f"/admin/rollcalls/{rollcall}").body


def test_closing_tells_what_it_does_and_writes_the_attendance(town: Town) -> None:
    browser = town.browser("lake")
    rollcall = town.open(browser)
    town.press(rollcall, "L-1")

    asked = browser.get(f"/admin/rollcalls/close/{rollcall}").body
    closed = browser.post("/admin/rollcalls/close", rollcall=rollcall)
    page = browser.get(closed.headers["location"]).body

    records = town.store.run_sync(lambda uow: uow.rollcalls.attendance(rollcall))
    assert "未到的 2 人记为缺席" in asked
    assert "点名已结束：应到 3 人，到会 1 人" in page
    assert sorted(record.status for record in records) == ["absent", "absent", "present"]


def test_a_correction_after_the_closing_needs_a_reason_and_changes_the_record(town: Town) -> None:
    browser = town.browser("lake")
    rollcall = town.open(browser)
    browser.post("/admin/rollcalls/close", rollcall=rollcall)
    member = town.member("L-1").id

    without = mark(browser, rollcall, member, "present")
    corrected = mark(browser, rollcall, member, "present", "在会场，没带遥控器")
    trail = browser.get(f"/admin/rollcalls/trail/{rollcall}").body

    records = town.store.run_sync(lambda uow: uow.rollcalls.attendance_of(member))
    assert [without.status, corrected.status] == [422, 200]
    assert [record.status for record in records] == ["present"]
    assert [word in trail for word in ("更正", "王秀兰", "未到 → 已到", "原因：在会场，没带遥控器")] == [True] * 4


def test_the_list_of_past_roll_calls_shows_their_rate(town: Town) -> None:
    browser = town.browser("lake")
    rollcall = town.open(browser)
    town.press(rollcall, "L-1")
    browser.post("/admin/rollcalls/close", rollcall=rollcall)

    body = browser.get("/admin/rollcalls").body

    assert "33.3%" in body


def test_a_cadre_sees_of_a_town_roll_call_his_own_branch_and_cannot_end_it(town: Town) -> None:
    office, cadre = town.browser("office"), town.browser("hill")
    rollcall = town.open(office, "town")

    page = cadre.get(f"/admin/rollcalls/{rollcall}").body
    foreign = mark(cadre, rollcall, town.member("L-1").id, "present")
    closed = cadre.post("/admin/rollcalls/close", rollcall=rollcall)
    whole = office.get(f"/admin/rollcalls/{rollcall}").body

    assert ("赵建国" in page, "王秀兰" in page, "结束点名" in page) == (True, False, False)
    assert [foreign.status, closed.status] == [403, 403]
    assert "湖西村党支部" in whole


def test_the_roll_call_of_another_branch_is_not_there_for_a_cadre(town: Town) -> None:
    lake, hill = town.browser("lake"), town.browser("hill")
    rollcall = town.open(lake)

    pages = [hill.get(f"/admin/rollcalls{path}/{rollcall}") for path in ("", "/close", "/trail", "/mark")]
    live = hill.get(f"/admin/live/{rollcall}?rev=x", accept=JSON)
    chosen = lake.get(f"/admin/rollcalls/{rollcall}?branch={town.ids['hill']}").body

    assert [page.status for page in [*pages, live]] == [404] * 5
    assert "赵建国" not in chosen


def test_those_without_roll_calls_are_told_so(town: Town) -> None:
    operator, editor = town.browser("operator"), town.browser("editor")
    rollcall = town.open(town.browser("lake"))

    answers = [browser.get(f"/admin/rollcalls/{rollcall}") for browser in (operator, editor)]

    assert [(answer.status, "您的账号不能打开这一页" in answer.body) for answer in answers] == [(403, True)] * 2


def test_forged_ids_are_refused_in_the_viewers_language(town: Town) -> None:
    browser = town.browser("lake")
    rollcall = town.open(browser)

    pages = [browser.get(f"/admin/rollcalls/{text}").status for text in ("0", "99999", "x", "1%20or%201", "9" * 30)]
    forged = [
        browser.post("/admin/rollcalls/mark", rollcall=rollcall, member="-1", to="present").status,
        browser.post("/admin/rollcalls/mark", rollcall=rollcall, member=99999, to="present").status,
        browser.post("/admin/rollcalls/mark", rollcall=rollcall, member=town.member("L-1").id, to="gone").status,
        browser.post("/admin/rollcalls/close", rollcall="1;drop").status,
    ]

    assert pages == [404] * 5
    assert forged == [422, 404, 422, 422]


def test_a_poll_without_a_session_says_so_and_tells_nothing(town: Town) -> None:
    rollcall = town.open(town.browser("lake"))

    answer = town.browser().get(f"/admin/live/{rollcall}?rev=x", accept=JSON)

    assert (answer.status, json.loads(answer.body)) == (401, {"error": "登录已过期，请重新登录"})


def test_branches_can_be_put_in_the_order_of_their_rates(town: Town) -> None:
    office = town.browser("office")
    rollcall = town.open(office, "town")
    town.press(rollcall, "L-1")

    pages = [office.get(f"/admin/rollcalls/{rollcall}?order={order}").body for order in ("", "rate")]
    first = [min(("湖西村党支部", "山前村党支部"), key=page.partition("各支部")[2].index) for page in pages]

    assert first == ["湖西村党支部", "山前村党支部"]
