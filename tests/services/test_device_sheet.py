"""Sheets of boxes: what a line may say, faults with their cells in both languages, and round trips; without a store."""

from collections.abc import Sequence

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from middleware.domain.devices import Device
from middleware.services.device_line import HEAD, STATES, Known
from middleware.services.device_plan import Plan, Wanted, match, plan
from middleware.services.device_sheet import Boxes, boxes_bytes, faults_text, read_boxes
from middleware.services.spreadsheet import Kind, Table, tables_bytes

KNOWN = Known({"01001": 1, "01002": 2}, {"A-7": 7}, {"ipanel": "iPanel 遥控器", "pc": "电脑键盘"})
CODES, NUMBERS = {1: "01001", 2: "01002"}, {7: "A-7"}
OLD = (
    Device(1, mac="00:1A:79:00:00:01", serial="S-1", household_id=1, family="pc", state="active", note="客厅"),
    Device(2, mac="00:1A:79:00:00:02", card_no="8001002003004005", state="pending"),
    Device(3, iptv_user="0633@iptv", account_id=7, group="大堂", state="blocked"),
)


def planned(*rows: Sequence[str], head: Sequence[str] = HEAD, boxes: Sequence[Device] = OLD) -> Plan:
    sheet = read_boxes(tables_bytes("csv", Table("盒", head, rows)), "boxes.csv")
    found, faults = match(sheet, boxes, KNOWN)
    return plan(sheet, found, faults, {3: "old-secret"})


def faults(*rows: Sequence[str], head: Sequence[str] = HEAD) -> list[str]:
    return faults_text(planned(*rows, head=head), english=True).splitlines()


def exported(boxes: Sequence[Device]) -> Boxes:
    rows = [
        (
            *(box.mac, box.serial, box.card_no, box.iptv_user, ""),
            *(CODES.get(box.household_id or 0, ""), NUMBERS.get(box.account_id or 0, "")),
            *(box.group, box.family, STATES[box.state], box.note),
        )
        for box in boxes
    ]
    return Boxes(tuple(rows))


def test_a_new_box_is_let_in_with_all_that_its_line_says() -> None:
    done = planned(
        ("001a.7900.00ff", "S-9", "8001", "0633@x", "p-1", "01002", "A-7", "大堂", "iPanel 遥控器", "", "二楼")
    )

    box = Device(
        0, "00:1A:79:00:00:FF", "S-9", "8001", "0633@x", 2, "ipanel", "active", account_id=7, group="大堂", note="二楼"
    )
    assert (Wanted(box, "p-1"),) == done.added
    assert (done.faults, done.changed, done.unchanged) == ((), (), 0)


def test_blank_cells_leave_a_box_as_it_is_and_the_word_for_nothing_empties_them() -> None:
    done = planned(("00:1A:79:00:00:01", *[""] * 10), ("", "", "", "0633@iptv", *[""] * 2, "无", "无", "", "", ""))

    assert (Wanted(attrs.evolve(OLD[2], account_id=None, group="")),) == done.changed
    assert done.unchanged == 1


def test_english_heads_and_states_are_read_too() -> None:
    done = planned(("001A79000001", "blocked"), head=("MAC", "State"))

    assert (Wanted(attrs.evolve(OLD[0], state="blocked")),) == done.changed


def test_a_box_that_waited_is_let_in_by_being_given_a_home() -> None:
    done = planned(("00:1A:79:00:00:02", "01002"), head=("MAC", "户号"))

    assert (Wanted(attrs.evolve(OLD[1], household_id=2, state="active")),) == done.changed


def test_a_new_name_is_added_to_the_box_that_another_one_finds() -> None:
    done = planned(("S-1", "8009"), head=("序列号", "卡号"))

    assert (Wanted(attrs.evolve(OLD[0], card_no="8009")),) == done.changed


def test_a_password_counts_as_a_change_only_when_it_is_another_one_and_is_never_shown() -> None:
    head = ("IPTV 账号", "IPTV 密码")

    assert planned(("0633@iptv", "old-secret"), head=head).unchanged == 1
    assert [one.password for one in planned(("0633@iptv", "new-secret"), head=head).changed] == ["new-secret"]
    assert "new-secret" not in repr(planned(("0633@iptv", "new-secret"), head=head))


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"MAC": "00:1A:79:00:00"}, "boxes!A2: a MAC address has 12 hexadecimal digits"),
        ({"序列号": "S 1"}, "boxes!B2: letters, digits and @ . _ - only, 64 at most"),
        ({"卡号": "8.001E+15"}, "boxes!C2: a number in scientific notation; format the column as text"),
        ({"密码": "密"}, "boxes!E2: ASCII letters, digits and signs only, 64 at most"),
        ({"户号": "01003"}, "boxes!F2: there is no household 01003; is it 01002?"),
        ({"客户": "B-9"}, "boxes!G2: there is no account B-9"),
        ({"分组": "字" * 33}, "boxes!H2: 32 characters at most"),
        ({"遥控器": "ipannel"}, "boxes!I2: there is no key family ipannel; is it ipanel?"),
        ({"状态": "好的"}, "boxes!J2: a state is one of pending, active, blocked, retired"),
        ({"备注": "字" * 201}, "boxes!K2: 200 characters at most"),
        ({"MAC": "", "备注": "没有编号"}, "boxes!A2: no MAC, serial, card number or IPTV user"),
    ],
)
def test_each_fault_names_its_cell(cells: dict[str, str], told: str) -> None:
    columns = ("MAC", "序列号", "卡号", "账号", "密码", "户号", "客户", "分组", "遥控器", "状态", "备注")
    row = {"MAC": "00:1A:79:00:00:01", **cells}

    assert faults([row.get(name, "") for name in columns]) == [told]


def test_faults_are_told_in_chinese_to_editors() -> None:
    assert faults_text(planned(("00:1A:79",), head=("MAC",))) == "boxes!A2: MAC 地址应为 12 位十六进制数"


def test_a_line_that_names_two_boxes_or_a_box_named_twice_is_refused() -> None:
    head = ("MAC", "序列号")

    assert faults(("00:1A:79:00:00:02", "S-1"), head=head) == ["boxes!B2: it belongs to box number 1"]
    assert faults(("00:1A:79:00:00:01", ""), ("", "S-1"), head=head) == ["boxes!B3: the same box as in boxes!A2"]
    assert faults(("00:1A:79:00:00:0A", "N"), ("00:1A:79:00:00:0B", "N"), head=head) == [
        "boxes!B3: the same box as in boxes!B2"
    ]


def test_a_box_keeps_at_least_one_of_its_names() -> None:
    head = ("IPTV 账号", "MAC")
    lone = Device(9, mac="00:1A:79:00:00:09")
    sheet = read_boxes(tables_bytes("csv", Table("盒", head, [("0633@iptv", "无")])), "b.csv")

    assert planned(("0633@iptv", "无"), head=head).unchanged == 1
    assert match(sheet, (lone,), KNOWN)[0][0].box is None, "emptying a name is no way to find a box by it"


def test_a_plan_with_faults_carries_no_changes() -> None:
    done = planned(("00:1A:79:00:00:AA", *[""] * 10), ("bad", *[""] * 10))

    assert (done.added, done.changed, done.unchanged) == ((), (), 0)
    assert len(done.faults) == 1


def test_an_import_done_twice_changes_nothing_the_second_time() -> None:
    rows = [("00:1A:79:00:00:02", "01002", "二楼"), ("00:1A:79:00:00:AA", "", "新的")]
    head = ("MAC", "户号", "备注")
    first = planned(*rows, head=head)
    after = [*OLD, *(attrs.evolve(one.box, id=20) for one in first.added)]
    stands = [next((one.box for one in first.changed if one.box.id == box.id), box) for box in after]

    again = planned(*rows, head=head, boxes=stands)

    assert (again.added, again.changed, again.unchanged) == ((), (), 2)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_exported_boxes_import_unchanged(kind: Kind) -> None:
    sheet = read_boxes(boxes_bytes(exported(OLD), kind), f"boxes.{kind}")
    found, wrong = match(sheet, OLD, KNOWN)

    assert plan(sheet, found, wrong, {}) == Plan(sheet, unchanged=3)


NOTES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)
ANY_BOX = st.builds(
    Device,
    id=st.just(5),
    mac=st.just("00:1A:79:00:00:05"),
    serial=st.from_regex(r"[0-9A-Za-z@._\-]{0,20}", fullmatch=True),
    household_id=st.sampled_from([None, 1, 2]),
    account_id=st.sampled_from([None, 7]),
    family=st.sampled_from(["", "pc", "ipanel"]),
    state=st.sampled_from(list(STATES)),
    group=NOTES.map(lambda text: text.strip()[:32]),
    note=NOTES,
)


@given(ANY_BOX)
def test_whatever_a_box_is_called_its_export_changes_nothing(box: Device) -> None:
    row = exported([box]).rows[0]
    shown = [*row[:7], "" if row[7] == "无" else row[7], *row[8:10], "" if row[10] == "无" else row[10]]
    sheet = read_boxes(tables_bytes("csv", Table("盒", HEAD, [shown])), "b.csv")
    found, wrong = match(sheet, [box], KNOWN)

    assert plan(sheet, found, wrong, {}) == Plan(sheet, unchanged=1)
