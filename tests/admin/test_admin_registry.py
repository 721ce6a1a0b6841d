"""Members, exports, the roster, boxes and accounts: who sees what, and what bad input gets."""

import io
import re

import openpyxl
import pytest

from middleware.admin.devices import KeyCount
from middleware.admin.roster import MAX_BODY
from middleware.services.roster_sheet import HEAD
from tests.admin.conftest import PASSWORD, Browser, Town

ROSTER = "/admin/roster"


def roster_csv(*rows: str) -> bytes:
    return "\r\n".join([",".join(HEAD), *rows, ""]).encode("utf-8-sig")


def row(**cells: str) -> str:
    return ",".join(cells.get(head, "") for head in HEAD)


def newcomer(**other: str) -> str:
    cells = {
        "村": "湖西村",
        "支部": "湖西村党支部",
        "户号": "H1",
        "编号": "L-9",
        "姓名": "孙新来",
        "手机号": "13806330009",
    }
    return row(**(cells | other))


def plan_of(page: str) -> str:
    found = re.search(r'name="plan" value="([^"]+)"', page)
    assert found, page
    return found[1]


def test_a_member_is_found_by_name_or_number_and_his_record_shows_what_he_attended(town: Town) -> None:
    browser = town.browser("lake")
    rollcall = town.open(browser)
    town.press(rollcall, "L-1")
    browser.post("/admin/rollcalls/close", rollcall=rollcall)
    member = town.member("L-1").id

    found = [browser.post("/admin/members", text=text).body for text in ("秀兰", "138 0633 0001")]
    record = browser.get(f"/admin/members/{member}").body

    assert [f'href="/admin/members/{member}"' in page for page in found] == [True, True]
    assert [text in record for text in ("138****0001", "13806330001", "党群直通日", "100%")] == [
        True,
        False,
        True,
        True,
    ]


def test_seeing_a_members_number_is_audited(town: Town) -> None:
    browser = town.browser("lake")
    member = town.member("L-1").id

    told = browser.post("/admin/members/reveal", accept="application/json", member=member)

    entries = town.store.run_sync(lambda uow: uow.audit.entries("member", member))
    assert told.body == '{"number":"13806330001"}'
    assert [(entry.actor, entry.verb) for entry in entries] == [("lake", "reveal")]


def test_members_of_other_branches_are_not_there_for_a_cadre(town: Town) -> None:
    browser = town.browser("lake")
    other = town.member("H-1").id

    found = [browser.post("/admin/members", text=text).body for text in ("赵建国", "13806330004")]
    pages = [browser.get(f"/admin/members/{other}").status, browser.post("/admin/members/reveal", member=other).status]

    assert ["没有找到" in page for page in found] == [True, True]
    assert pages == [404, 404]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/admin/members", {"admin", "office", "lake"}),
        ("/admin/rollcalls/new", {"admin", "office", "lake"}),
        ("/admin/roster", {"admin", "office"}),
        ("/admin/devices", {"admin", "operator"}),
        ("/admin/devices/import", {"admin", "operator"}),
        ("/admin/customers", {"admin", "operator"}),
        ("/admin/customers/new", {"admin", "operator"}),
        ("/admin/packages", {"admin", "operator"}),
        ("/admin/packages/new", {"admin", "operator"}),
        ("/admin/messages", {"admin", "operator"}),
        ("/admin/keys", {"admin", "operator"}),
        ("/admin/accounts", {"admin"}),
        ("/admin/password", {"admin", "office", "lake", "operator", "editor"}),
    ],
)
def test_each_role_opens_its_own_pages_only(town: Town, path: str, allowed: set[str]) -> None:
    opened = {
        login: town.browser(login).get(path).status for login in ("admin", "office", "lake", "operator", "editor")
    }

    assert opened == {login: 200 if login in allowed else 403 for login in opened}


def test_the_menu_and_start_page_show_what_the_role_may_do(town: Town) -> None:
    menus = {
        login: re.findall(r'href="(/admin/\w+)"', town.browser(login).get("/admin").body.partition("</nav>")[0])
        for login in ("lake", "operator", "editor")
    }

    assert menus == {
        "lake": ["/admin/rollcalls", "/admin/members"],
        "operator": [f"/admin/{name}" for name in ("networks", "devices", "customers", "packages", "messages", "keys")],
        "editor": ["/admin/plan", "/admin/sources"],
    }


def test_an_export_is_a_workbook_of_ones_own_people_with_masked_numbers_and_is_audited(town: Town) -> None:
    office, cadre = town.browser("office"), town.browser("hill")
    rollcall = town.open(office, "town")
    town.press(rollcall, "L-1")

    whole = office.post("/admin/rollcalls/export", rollcall=rollcall, kind="xlsx")
    own = cadre.post("/admin/rollcalls/export", rollcall=rollcall, kind="csv")
    trail = office.get(f"/admin/rollcalls/trail/{rollcall}").body

    book = openpyxl.load_workbook(io.BytesIO(whole.raw))
    cells = [str(cell.value) for line in book.worksheets[0].iter_rows() for cell in line]
    assert whole.headers["content-disposition"] == f'attachment; filename="rollcall-{rollcall}-20251122.xlsx"'
    assert [text in cells for text in ("王秀兰", "138****0001", "13806330001")] == [True, True, False]
    assert ("赵建国" in own.body, "王秀兰" in own.body) == (True, False)
    assert "导出名单" in trail


def test_an_export_of_another_kind_is_refused(town: Town) -> None:
    browser = town.browser("lake")
    rollcall = town.open(browser)

    assert browser.post("/admin/rollcalls/export", rollcall=rollcall, kind="exe").status == 422


def test_a_roster_is_checked_first_and_written_when_it_is_confirmed(town: Town) -> None:
    browser = town.browser("office")

    checked = browser.upload(ROSTER, "名册.csv", roster_csv(newcomer()))
    before = town.store.run_sync(lambda uow: uow.registry.by_phone("13806330009"))
    plan = plan_of(checked.body)
    applied = browser.post("/admin/roster/apply", plan=plan)
    again = browser.post("/admin/roster/apply", plan=plan)

    after = town.store.run_sync(lambda uow: uow.registry.by_phone("13806330009"))
    assert (checked.status, before) == (200, None)
    assert (applied.status, after.name if after else "") == (303, "孙新来")
    assert (again.status, "重新选文件" in again.body) == (422, True)


def test_faults_are_told_with_their_cells_and_nothing_is_written(town: Town) -> None:
    browser = town.browser("office")

    answer = browser.upload(ROSTER, "名册.csv", roster_csv(newcomer(), newcomer(编号="L-10", 手机号="1380633")))

    column = "ABCDEFGHIJ"[HEAD.index("手机号")]
    assert (answer.status, f"{column}3" in answer.body, "什么都没有导入" in answer.body) == (422, True, True)
    assert 'name="plan"' not in answer.body
    assert town.store.run_sync(lambda uow: uow.registry.by_phone("13806330009")) is None


def test_a_plan_belongs_to_the_one_who_made_it_and_spoils(town: Town) -> None:
    office, admin = town.browser("office"), town.browser("admin")
    plans = [plan_of(office.upload(ROSTER, "a.csv", roster_csv(newcomer())).body) for _ in range(2)]

    foreign = admin.post("/admin/roster/apply", plan=plans[0])
    town.later(minutes=16)
    spoilt = office.post("/admin/roster/apply", plan=plans[1])

    assert [foreign.status, spoilt.status] == [422, 422]
    assert town.store.run_sync(lambda uow: uow.registry.by_phone("13806330009")) is None


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02" * 100, b"PK\x03\x04" + b"x" * 500, "甲,乙\r\n1,2".encode()])
def test_a_file_that_is_no_roster_gets_a_sentence(town: Town, content: bytes) -> None:
    answer = town.browser("office").upload(ROSTER, "x.xlsx", content)

    assert answer.status == 422
    assert 'class="said bad"' in answer.body


def test_an_upload_beyond_the_limit_is_refused_before_it_is_read(town: Town) -> None:
    answer = town.browser("office").upload(ROSTER, "x.csv", b"x" * (MAX_BODY + 1))

    assert answer.status == 413


def test_the_exported_roster_imports_unchanged(town: Town) -> None:
    browser = town.browser("office")

    exported = browser.post("/admin/roster/export", kind="xlsx")
    checked = browser.upload(ROSTER, "r.xlsx", exported.raw)

    rows = re.findall(r'<td>(户|党员)</td><td class="num">(\d+)</td><td class="num">(\d+)</td>', checked.body)
    assert rows == [("户", "0", "0"), ("党员", "0", "0")]


def test_a_pending_box_is_given_to_a_household_by_its_code_and_taken_out_again(town: Town) -> None:
    browser = town.browser("operator")
    box = town.store.run_sync(lambda uow: uow.devices.all())[-1]

    pending = browser.get("/admin/devices?state=pending").body
    wrong = browser.post("/admin/devices/bind", device=box.id, household="<b>9</b>")
    bound = browser.post("/admin/devices/bind", device=box.id, household="H2")
    page = browser.get(bound.headers["location"]).body
    browser.post("/admin/devices/bind", device=box.id)

    stored = town.store.run_sync(lambda uow: uow.devices.get(box.id))
    assert (box.mac in pending, "00:1A:79:00:00:01" in pending) == (True, False)
    assert (wrong.status, "没有这个户号" in wrong.body, "<b>9" in wrong.body) == (422, True, False)
    assert "湖西村 2 号" in page
    assert (stored.household_id, stored.state) == (None, "active")


def test_the_remote_of_a_box_is_chosen_from_the_known_families(town: Town) -> None:
    browser = town.browser("operator")
    box = town.store.run_sync(lambda uow: uow.devices.all())[0]

    answers = [
        browser.post("/admin/devices/family", device=box.id, family=family).status for family in ("ipanel", "../etc")
    ]
    blocked = browser.post("/admin/devices/state", device=box.id, state="blocked").status

    stored = town.store.run_sync(lambda uow: uow.devices.get(box.id))
    assert (answers, blocked, stored.family, stored.state) == ([303, 422], 303, "ipanel", "blocked")


def test_unknown_key_codes_are_listed_for_the_integrator(town: Town) -> None:
    town.unknown.append(KeyCount("ipanel", 1234, "keydown", 41))

    page = town.browser("operator").get("/admin/keys").body

    assert [text in page for text in ("iPanel 遥控器", "1234", "0x04D2", "41")] == [True] * 4


def test_changing_ones_password_needs_the_old_one_and_ends_other_sessions(town: Town) -> None:
    here, there = town.browser("lake"), town.browser("lake")
    fields = {"new": "Pinus-thunbergii", "again": "Pinus-thunbergii"}

    wrong = here.post("/admin/password", old="guess", **fields)
    differing = here.post("/admin/password", old=PASSWORD, new="Pinus-thunbergii", again="x")
    changed = here.post("/admin/password", old=PASSWORD, **fields)

    assert [wrong.status, differing.status, changed.status] == [422, 422, 303]
    assert [here.get("/admin").status, there.get("/admin").status] == [200, 303]
    assert Browser(town.site).log_in("lake", "Pinus-thunbergii").status == 303


def test_an_administrator_makes_resets_and_closes_accounts(town: Town) -> None:
    admin = town.browser("admin")
    fields = {
        "login": "New-1",
        "name": "新来的",
        "role": "cadre",
        "branch": town.ids["hill"],
        "password": "Shore-2025x",
    }

    made = admin.post("/admin/accounts/new", **fields)
    twice = admin.post("/admin/accounts/new", **fields)
    person = town.person("new-1")
    entered = Browser(town.site).log_in("new-1", "Shore-2025x").status
    admin.post("/admin/accounts/active", account=person.id, active=0)

    assert (made.status, twice.status, "已经有了" in twice.body) == (303, 422, True)
    assert (entered, Browser(town.site).log_in("new-1", "Shore-2025x").status) == (303, 401)
