"""Attendance as a spreadsheet: what the cadre sees, masked, within his reach, audited."""

import io

import pytest
from openpyxl import load_workbook

from middleware.domain.errors import NotFound
from middleware.services.rollcall_cadre import mark
from middleware.services.rollcall_sheet import FIGURES_HEAD, ROLL_HEAD, export_rollcall, sheet_bytes, sheet_name
from middleware.services.rollcall_signin import request_review
from middleware.storage.store import Store
from tests.contract.small_town import AWAY, LIU, NUMBER, PHONES, WANG, ZHANG, ZHAO, SmallTown
from tests.services.evening import at, box, cadre, opened, pressed


@pytest.fixture
def rollcall(store: Store, town: SmallTown) -> int:
    found = opened(store).id
    pressed(store, town, found, WANG, minute=2)
    pressed(store, town, found, number=PHONES[LIU], minute=12, key="k2")
    store.run_sync(lambda uow: mark(uow, at(13), None, found, town.members[ZHANG], "leave", "=住院"))
    store.run_sync(lambda uow: mark(uow, at(13), None, found, town.members[ZHAO], "present", "现场"))
    store.run_sync(lambda uow: request_review(uow, at(14), box(town), found, "r", NUMBER))
    return found


def exported(store: Store, rollcall: int, by=None):
    return store.run_sync(lambda uow: export_rollcall(uow, at(40), by, rollcall))


def test_every_line_of_the_roll_tells_what_became_of_it(store: Store, town: SmallTown, rollcall: int) -> None:
    sheet = exported(store, rollcall)

    assert [row[1:] for row in sheet.roll] == [
        ("m1", WANG, 3, "138****6021", "到会", "2026-11-24 19:32:00", "选本人", "", ""),
        ("m2", ZHANG, 3, "138****6022", "请假", "", "", "", "=住院"),
        ("m3", LIU, 3, "138****6023", "迟到", "2026-11-24 19:42:00", "输手机号", "是", ""),
        ("m5", AWAY, 3, "", "缺席", "", "", "", ""),
        ("m4", ZHAO, 3, "138****6024", "到会", "2026-11-24 19:43:00", "村干部代记", "", "现场"),
    ]
    assert sheet.figures == (
        ("南湖村党支部", 4, 1, 1, 1, 1, "50.0%"),
        ("石桥村党支部", 1, 1, 0, 0, 0, "100.0%"),
        ("合计", 5, 2, 1, 1, 1, "60.0%"),
    )


def test_the_workbook_has_roll_and_figures_and_no_formula(store: Store, town: SmallTown, rollcall: int) -> None:
    sheet = exported(store, rollcall)
    book = load_workbook(io.BytesIO(sheet_bytes(sheet, "xlsx")))

    assert book.sheetnames == ["主题党日", "汇总"]
    rows = [[cell.value for cell in row] for row in book["主题党日"].iter_rows()]
    assert rows[0] == list(ROLL_HEAD)
    assert rows[2][-1] == "'=住院"
    assert [cell.value for cell in book["汇总"][1]] == list(FIGURES_HEAD)
    assert [cell.value for cell in book["汇总"][4]][:3] == ["合计", 5, 2]


def test_the_csv_opens_in_excel_and_its_name_says_what_it_is(store: Store, town: SmallTown, rollcall: int) -> None:
    sheet = exported(store, rollcall)
    text = sheet_bytes(sheet, "csv").decode("utf-8-sig")

    assert text.startswith(",".join(ROLL_HEAD) + "\r\n")
    assert text.count("\r\n") == 6
    assert sheet_name(sheet, "csv") == f"rollcall-{rollcall}-20261124.csv"


def test_a_cadre_gets_his_own_branch_and_nothing_of_others(store: Store, town: SmallTown, rollcall: int) -> None:
    sheet = exported(store, rollcall, cadre(town, "v02"))
    own = opened(store, scope="branch", place_id=town.branches["b01"]).id

    assert [row[2] for row in sheet.roll] == [ZHAO]
    assert [row[0] for row in sheet.figures] == ["石桥村党支部", "合计"]
    with pytest.raises(NotFound):
        exported(store, own, cadre(town, "v02"))


def test_whole_numbers_are_neither_in_the_file_nor_in_the_audit_log(
    store: Store, town: SmallTown, rollcall: int
) -> None:
    sheet = exported(store, rollcall)
    (line,) = [
        one
        for one in store.run_sync(lambda uow: uow.audit.entries("rollcall", rollcall), write=False)
        if one.verb == "export"
    ]

    assert (line.actor, dict(line.detail)) == ("cli", {"rows": 5})
    assert not any(number in repr((sheet.roll, line)) for number in (*PHONES.values(), NUMBER))
