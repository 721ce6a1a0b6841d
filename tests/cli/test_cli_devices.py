"""Boxes at the command line: in and out as sheets, let in by their codes, moved, blocked, shown."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from middleware.domain.box_logs import Presence, Viewing
from middleware.domain.places import TOWN_ZONE
from middleware.services import devices
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.cli.conftest import Nanhu

MAC = "00:1A:79:00:00:01"
SHEET = f"""MAC 地址,序列号,户号,分组,遥控器,状态,备注,IPTV 账号,IPTV 密码
{MAC},S-1,03001,大堂,ipanel,,客厅,,
00-1a-79-00-00-02,,,,,待认领,,,
,,03002,,,停用,,0633@iptv,secret-7
"""


@pytest.fixture
def boxes(nanhu: Nanhu, tmp_path: Path) -> Nanhu:
    """The small town with three boxes."""
    file = tmp_path / "boxes.csv"
    file.write_text(SHEET, encoding="gbk")
    assert "3 new, 0 changed, 0 as before" in nanhu.well("device", "import", str(file))
    return nanhu


def line(nanhu: Nanhu, word: str) -> str:
    return next(one for one in nanhu.well("device", "list").splitlines() if word in one)


def test_boxes_come_in_by_a_sheet_and_are_listed(boxes: Nanhu) -> None:
    listed = boxes.well("device", "list").splitlines()

    assert len(listed) == 3
    assert line(boxes, MAC).split()[-3:] == ["ipanel", "active", "03001"]
    assert [one.split()[0] for one in boxes.well("device", "list", "--pending").splitlines()] == ["2"]
    assert len(boxes.well("device", "list", "--group", "大堂").splitlines()) == 1


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_imports_unchanged_and_tells_no_password(boxes: Nanhu, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"out.{kind}"
    boxes.well("device", "export", str(file))

    told = boxes.well("device", "import", str(file))

    assert "Boxes: 0 new, 0 changed, 3 as before" in told
    assert b"secret-7" not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_import_done_twice_changes_nothing(boxes: Nanhu, tmp_path: Path) -> None:
    file = tmp_path / "boxes.csv"

    assert "0 new, 0 changed, 3 as before" in boxes.well("device", "import", str(file)), "the password is the same too"


def test_a_dry_run_writes_nothing(nanhu: Nanhu, tmp_path: Path) -> None:
    file = tmp_path / "boxes.csv"
    file.write_text(SHEET, encoding="utf-8")

    assert "3 new" in nanhu.well("device", "import", str(file), "--dry-run")
    assert nanhu.well("device", "list") == ""


def test_faults_are_told_cell_by_cell_in_english_and_nothing_is_taken(nanhu: Nanhu, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(f"MAC,户号\n{MAC},03001\nkitchen,03999\n", encoding="utf-8")

    result = nanhu("device", "import", str(file))

    assert result.exit_code == 1
    assert "bad!A3: a MAC address has 12 hexadecimal digits" in result.stderr
    assert "bad!B3: there is no household 03999" in result.stderr
    assert "2 faults in the sheet, nothing was imported" in result.stderr
    assert nanhu.well("device", "list") == ""


def test_a_waiting_box_is_let_in_by_the_code_that_its_screen_shows(boxes: Nanhu) -> None:
    code = line(boxes, "00:00:02").split()[-1]

    assert "the code is wrong" in boxes.fault("device", "approve", code[:-1] + str((int(code[-1]) + 1) % 10))
    assert "is let in" in boxes.well("device", "approve", code, "--household", "03002")
    assert line(boxes, "00:00:02").split()[-2:] == ["active", "03002"]


def test_a_box_is_moved_blocked_retired_and_unbound(boxes: Nanhu) -> None:
    assert "stands in household 03002" in boxes.well("device", "bind", "S-1", "03002")
    assert "no household 99999" in boxes.fault("device", "bind", "S-1", "99999")
    for verb, state in (("block", "blocked"), ("unblock", "active"), ("retire", "retired")):
        boxes.well("device", verb, MAC.lower())
        assert state in line(boxes, MAC)
    boxes.well("device", "unblock", MAC)
    boxes.well("device", "unbind", MAC)

    assert "03002" not in line(boxes, MAC)
    assert "pending" in line(boxes, MAC), "an unbound box waits to be let in again"


def test_a_box_shows_all_that_is_known_of_it(boxes: Nanhu) -> None:
    boxes.well("device", "group", MAC, "村委会", "--note", "二楼会议室")
    boxes.well("device", "family", MAC, "auto")
    boxes.well("device", "reset-pin", MAC, "--off")
    boxes.well("device", "confirm", MAC)

    shown = boxes.well("device", "show", MAC)

    for told in ("村委会", "二楼会议室", "found out by itself", "not compared", "confirmed", "03001", "never"):
        assert told in shown
    assert "secret-7" not in boxes.well("device", "show", "0633@iptv")
    assert "there is no key family 'pad'" in boxes.fault("device", "family", MAC, "pad")
    assert boxes.well("device", "clones", MAC) == ""


def test_an_exported_sheet_has_every_column_of_a_box(boxes: Nanhu, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    boxes.well("device", "export", str(file))

    rows = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))

    assert rows[1] == [MAC, "S-1", "", "", "", "03001", "", "大堂", "ipanel", "使用中", "客厅"]
    assert [row[9] for row in rows[1:]] == ["使用中", "待认领", "已停用"]


def test_keys_are_changed_listed_and_undone(boxes: Nanhu) -> None:
    made = boxes.well("keys", "change", "dvn", "641=BACK", "120=")
    boxes.well("keys", "change", "dvn@hotel", "642=BACK")

    assert made == "Change 1 of dvn: 641=BACK 120=\n"
    assert [line.split(" cli ")[1] for line in boxes.well("keys", "list").splitlines()] == [
        "dvn: 641=BACK 120=",
        "dvn@hotel: 642=BACK",
    ]
    assert "no code for OK, one of the six basic keys" in boxes.fault("keys", "change", "dvn", "13=")
    assert "no family 'sony'" in boxes.fault("keys", "change", "sony", "13=OK")
    assert "no change such as" in boxes.fault("keys", "change", "dvn", "13")
    assert "Change 1 of dvn is undone" in boxes.well("keys", "undo", "1")
    assert "no such change of keys" in boxes.fault("keys", "undo", "1")
    assert boxes.well("keys", "list").count("\n") == 1


def test_what_one_viewer_taught_becomes_the_table_of_the_model_and_boxes_are_counted(boxes: Nanhu) -> None:
    assert "nobody has taught" in boxes.fault("keys", "adopt", MAC)
    store = Store.open(f"sqlite:///{boxes.data}/nanhu.db", vault=Vault.load(boxes.data))
    keys = {"9": "UP", "640": "BACK"}
    now = datetime.now(UTC)
    store.run_sync(lambda uow: uow.box_logs.put_presence([Presence(1, now), Presence(2, now - timedelta(days=2))]))
    store.run_sync(lambda uow: uow.box_logs.add_viewing([Viewing(now, 1, "play", "film:7")] * 3))
    store.run_sync(lambda uow: devices.teach(uow, uow.devices.all()[0].id, "ipanel", keys))
    store.close()

    assert boxes.well("keys", "adopt", MAC, "--group", "大堂") == "Change 1 of ipanel@大堂: 9=UP 640=BACK\n"
    assert boxes.well("device", "figures").splitlines() == [
        "on now 1",
        "called within 1 day 1",
        "called within 7 days 2",
        f"{now.astimezone(TOWN_ZONE).date()} play       3 by     1 box  film:7",
    ]
