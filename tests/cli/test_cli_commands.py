"""Each command on a data folder: what it says and what it leaves."""

import csv
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Nanhu

FEED = """<?xml version="1.0" encoding="UTF-8"?>
<tv>
 <channel id="one.example.cn"><display-name lang="zh">一台</display-name><display-name>7</display-name></channel>
 <programme start="20261125190000 +0800" stop="20261125193000 +0800" channel="one.example.cn">
  <title>新闻</title></programme>
 <programme start="20261125193000 +0800" stop="20261125193000 +0800" channel="one.example.cn">
  <title>零</title></programme>
</tv>
"""


def test_a_new_database_is_made_and_an_upgrade_of_a_current_one_changes_nothing(empty: Nanhu) -> None:
    assert re.search(r"made \(\d{4}\)", empty.well("db", "upgrade"))
    assert empty.well("db", "upgrade", "--quiet") == ""
    assert "up to date" in empty.well("db", "status")
    assert (empty.data / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_backup_is_one_whole_file_that_opens_with_the_key(nanhu: Nanhu, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()

    nanhu.well("db", "backup", str(copy / "nanhu.db"))

    (copy / "secret.key").write_bytes((nanhu.data / "secret.key").read_bytes())
    assert [path.name for path in copy.iterdir() if path.name.startswith("nanhu")] == ["nanhu.db"]
    Nanhu(copy).well("roster", "export", str(tmp_path / "out.csv"))
    assert "13806330001" in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")


def test_a_backup_without_a_name_lands_beside_the_database(nanhu: Nanhu) -> None:
    nanhu.well("db", "backup")

    assert len(list((nanhu.data / "backups").glob("nanhu-*.db"))) == 1


def test_places_are_added_and_listed(nanhu: Nanhu) -> None:
    nanhu.well("place", "add", "centre", "v01", "南湖村")
    nanhu.well("place", "add", "office", "zuzhi", "组织办", "--phone", "06338200101")

    listed = nanhu.well("place", "list")

    assert [line.split() for line in listed.splitlines()] == [
        ["village", "v01", "南湖村"],
        ["village", "v03", "石桥村"],
        ["branch", "b03", "石桥村党支部"],
        ["office", "zuzhi", "组织办"],
    ]
    assert "is taken" in nanhu.fault("place", "add", "village", "v03", "另一个村")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_exported_roster_imports_unchanged(nanhu: Nanhu, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"roster.{kind}"
    nanhu.well("roster", "export", str(file))

    told = nanhu.well("roster", "import", str(file))

    assert "Members: 0 new, 0 changed, 3 as before" in told
    assert file.stat().st_mode & 0o777 == 0o600, "it holds phone numbers"


def test_a_roster_with_faults_is_told_cell_by_cell_and_changes_nothing(nanhu: Nanhu, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("村,支部,户号,编号,姓名,手机号\n石桥村,石桥村党支部,03009,b03-009,王五,1380633\n", encoding="utf-8")

    result = nanhu("roster", "import", str(file))

    assert result.exit_code == 1
    assert "F2" in result.stderr
    assert "1 fault in the roster, nothing was imported" in result.stderr
    assert "03009" not in _exported(nanhu, tmp_path)


def _exported(nanhu: Nanhu, folder: Path) -> str:
    nanhu.well("roster", "export", str(folder / "now.csv"))
    return (folder / "now.csv").read_text(encoding="utf-8-sig")


def test_a_dry_run_writes_nothing(nanhu: Nanhu, tmp_path: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text("村,户号,地址\n石桥村,03077,石桥村后街 7 号\n", encoding="utf-8")

    assert "Households: 1 new" in nanhu.well("roster", "import", str(file), "--dry-run")
    assert "03077" not in _exported(nanhu, tmp_path)


def test_a_rollcall_lives_from_opening_to_export(nanhu: Nanhu, tmp_path: Path) -> None:
    assert "3 expected" in nanhu.well("rollcall", "open", "党员大会", "--branch", "石桥村党支部", "--minutes", "20")
    assert "already" not in nanhu.well("rollcall", "show")
    assert "open or planned there" in nanhu.fault("rollcall", "open", "又一次", "--branch", "b03")
    nanhu.well("rollcall", "extend", "1", "10")
    assert "周立春" in nanhu.well("rollcall", "show", "1", "--missing")
    assert "0 of 3 came" in nanhu.well("rollcall", "close", "1")
    nanhu.well("rollcall", "export", "1", str(tmp_path / "roll.csv"))

    rows = list(csv.reader((tmp_path / "roll.csv").read_text(encoding="utf-8-sig").splitlines()))

    assert [row[2] for row in rows[1:]] == ["周立春", "周明亮", "田玉山"]
    assert "13806330001" not in str(rows), "numbers are masked"


def test_a_village_and_the_town_are_called_too(nanhu: Nanhu) -> None:
    assert "(石桥村)" in nanhu.well("rollcall", "open", "一村", "--village", "v03")
    assert "(镇党委)" in nanhu.well("rollcall", "open", "全镇")
    assert "not both" in nanhu.fault("rollcall", "open", "两处", "--village", "v03", "--branch", "b03")


def test_a_guide_goes_in_with_a_report_and_out_again(nanhu: Nanhu, tmp_path: Path) -> None:
    feed = tmp_path / "feed.xml"
    feed.write_text(FEED, encoding="utf-8")

    assert "0 added" in nanhu.well("epg", "import", str(feed)), "its channel is not in the line-up"
    told = nanhu.well("epg", "import", "partner", str(feed), "--new-channels", "--report", str(tmp_path / "report.csv"))
    nanhu.well("epg", "export", str(tmp_path / "out.xml"), "--days", "31")

    assert "1 added" in told
    assert told.startswith("partner: 2 programmes, 1 kept")
    assert "time,6,one.example.cn" in (tmp_path / "report.csv").read_text(encoding="utf-8")
    assert "<tv" in (tmp_path / "out.xml").read_text(encoding="utf-8")


def test_accounts_are_made_get_new_passwords_and_are_held_to_channels(nanhu: Nanhu, tmp_path: Path) -> None:
    nanhu.well(
        "staff", "add", "li", "--name", "李主任", "--role", "cadre", "--branch", "b03", "--password", "rain-4711"
    )
    nanhu.well("staff", "password", "li", "--password", "snow-4711")

    assert "李主任" in nanhu.well("staff", "list")
    assert "8 to 128" in nanhu.fault("staff", "password", "li", "--password", "short")
    assert "no account" in nanhu.fault("staff", "password", "wang", "--password", "snow-4711")
    nanhu.well("staff", "add", "wang", "--name", "王编辑", "--role", "editor", "--password", "rain-4711")
    (tmp_path / "feed.xml").write_text(FEED, encoding="utf-8")
    nanhu.well("epg", "import", "partner", str(tmp_path / "feed.xml"), "--new-channels")
    assert "its role decides" in nanhu.well("staff", "grant", "wang")
    assert "which role" in nanhu.fault("staff", "grant", "wang", "one.example.cn")
    assert "head     one.example.cn" in nanhu.well("staff", "grant", "wang", "one.example.cn", "head")
    assert "its role decides" in nanhu.well("staff", "grant", "wang", "one.example.cn", "head", "--take")
    assert "no such role" in nanhu.fault("staff", "grant", "wang", "one.example.cn", "head", "--take")


def test_the_key_is_rotated_and_numbers_still_open(nanhu: Nanhu, tmp_path: Path) -> None:
    before = (nanhu.data / "secret.key").read_bytes()

    nanhu.well("key", "rotate")

    assert (nanhu.data / "secret.key").read_bytes() != before
    assert "13806330003" in _exported(nanhu, tmp_path)


def test_boxes_are_listed_and_only_known_ones_bound(nanhu: Nanhu) -> None:
    assert nanhu.well("device", "list") == ""
    assert "has called yet" in nanhu.fault("device", "bind", "00:1A:79:00:00:01", "03001")
    assert "no box 'kitchen'" in nanhu.fault("device", "bind", "kitchen", "03001")


def test_outputs_of_the_guide_are_listed_without_their_secrets(nanhu: Nanhu, tmp_path: Path) -> None:
    config = tmp_path / "nanhu.toml"
    config.write_text(
        "[[guide.outputs]]\nname = 'town'\naddress = 'http://epg.example/x?key=s3cret'\nuser = 'u'\npassword = 'hush'\n"
        "[[guide.outputs]]\nname = 'si'\nkind = 'bin'\nfolder = '/nonexistent'\nnetwork = 'linyi'\n",
        encoding="utf-8",
    )

    told = nanhu.well("--config", str(config), "check-config")
    listed = nanhu.well("--config", str(config), "epg", "outputs")
    again = nanhu.well("--config", str(config), "epg", "outputs", "--again", "si")

    assert "guide.outputs[1].address = http://epg.example/x?***" in told
    assert "guide.outputs[1].password = ***" in told
    assert "guide.outputs[2].folder: there is no folder /nonexistent" in told
    assert "guide.outputs[2].network: there is no network profile 'linyi'" in told
    assert listed.splitlines()[:2] == [
        "town                 xmltv.gz, every 60 min  http://epg.example/x?***",
        "                     written never; looked at never",
    ]
    assert not {"s3cret", "hush"} & set(re.split(r"\W", told + listed))
    assert "within a minute" in again
    assert "not in these settings" in nanhu.well("epg", "outputs")
    assert "no output 'x'" in nanhu.fault("epg", "outputs", "--again", "x")


def test_sound_settings_are_shown_without_the_password_of_the_database(empty: Nanhu, tmp_path: Path) -> None:
    config = tmp_path / "nanhu.toml"
    config.write_text('[database]\nurl = "postgresql+psycopg://nanhu:secret@db/nanhu"\n', encoding="utf-8")

    told = empty.well("--config", str(config), "check-config")

    assert "postgresql+psycopg://nanhu:***@db/nanhu" in told
    assert "secret@" not in told
