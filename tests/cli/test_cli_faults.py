"""Every fault that an operator can meet is one clear line and exit code 1."""

import os
import re
import resource
import socket
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from middleware.commands.faults import ENGLISH, fault_of
from middleware.domain.errors import BadValue
from tests.cli.conftest import Nanhu, one_line
from vod.errors import FAILURES, REFUSALS, Refused

ONLY_ON_TELEVISION = {"taught", "opens", "identity", "identity_missing"}
TOLD_IN_ENGLISH = {"clock", "network"}
"""Refusals whose detail says it to the operator."""


def test_all_faults_of_the_settings_come_at_once(empty: Nanhu, tmp_path: Path) -> None:
    config = tmp_path / "nanhu.toml"
    config.write_text('[server]\nport = 0\nhots = "x"\n[portal]\nhome = "x"\n', encoding="utf-8")

    result = empty("--config", str(config), "check-config")

    assert result.exit_code == 1
    assert [line.split(":")[0] for line in result.stderr.removeprefix("nanhu-tv: ").splitlines()] == [
        "server.hots",
        "server.port",
        "portal.home",
    ]


def test_a_settings_file_that_is_not_there(empty: Nanhu) -> None:
    assert "No such file" in empty.fault("--config", "/nonexistent.toml", "check-config")


def test_a_busy_port(empty: Nanhu) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])

        assert "in use by another program" in empty.fault("check-port", "--port", port)


def test_a_further_port_that_is_busy(empty: Nanhu, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        config = tmp_path / "nanhu.toml"
        config.write_text(f"[server]\nport = 18998\nports = [{port}]\n", encoding="utf-8")

        for command in ("check-port", "serve"):
            told = empty.fault("--config", str(config), command)
            assert f"port {port} on 127.0.0.1 is in use by another program: take it out of server.ports" in told


def test_an_address_that_is_not_ours(empty: Nanhu) -> None:
    assert "cannot listen on 192.0.2.7" in empty.fault("check-port", "--host", "192.0.2.7", "--port", "8080")
    assert "cannot listen on" in empty.fault("check-port", "--host", "no.such.host.invalid", "--port", "8080")


def test_no_database_yet(empty: Nanhu) -> None:
    assert "run `nanhu-tv db upgrade`" in empty.fault("db", "status")
    for words in (("rollcall", "show"), ("seed-demo",), ("serve", "--port", "18999"), ("db", "status")):
        assert "there is no database" in empty.fault(*words)


def test_a_missing_key_file(nanhu: Nanhu) -> None:
    (nanhu.data / "secret.key").unlink()

    assert "secret.key is missing" in nanhu.fault("rollcall", "show")


def test_a_key_file_of_another_town(nanhu: Nanhu, tmp_path: Path) -> None:
    other = Nanhu(tmp_path / "other")
    other.well("db", "upgrade")
    (nanhu.data / "secret.key").write_bytes((other.data / "secret.key").read_bytes())

    assert "does not hold key" in nanhu.fault("rollcall", "show")


@pytest.mark.parametrize(
    ("revision", "word"), [("9999", "newer than this program"), (None, "run `nanhu-tv db upgrade`")]
)
def test_another_schema(nanhu: Nanhu, revision: str | None, word: str) -> None:
    with sqlite3.connect(nanhu.data / "nanhu.db") as database:
        database.execute("DELETE FROM alembic_version")
        if revision:
            database.execute("INSERT INTO alembic_version VALUES (?)", [revision])
    database.close()

    assert word in nanhu.fault("rollcall", "show")


def test_a_file_that_is_no_database(nanhu: Nanhu) -> None:
    for name in ("nanhu.db-wal", "nanhu.db-shm"):
        (nanhu.data / name).unlink(missing_ok=True)
    (nanhu.data / "nanhu.db").write_text("a shopping list\n" * 100)

    assert "not an SQLite database" in nanhu.fault("rollcall", "show")


@pytest.mark.parametrize("words", [("db", "upgrade"), ("rollcall", "close", "1"), ("seed-demo", "--no-films")])
def test_a_folder_that_may_not_be_written(nanhu: Nanhu, words: tuple[str, ...], bound_by_rights: Sequence[str]) -> None:
    nanhu.well("rollcall", "open", "党员大会")
    for path in (*nanhu.data.iterdir(), nanhu.data):
        path.chmod(0o555 if path.is_dir() else 0o444)

    done = nanhu.process(*words, under=bound_by_rights)

    nanhu.data.chmod(0o755)
    assert done.returncode == 1
    assert "cannot be written by this user" in one_line(done.stderr)


def test_a_place_where_no_folder_can_be_made(nanhu: Nanhu, bound_by_rights: Sequence[str], tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)

    done = Nanhu(closed / "data").process("db", "upgrade", under=bound_by_rights)

    assert done.returncode == 1
    assert "cannot be written by this user" in one_line(done.stderr)


def test_a_disk_without_space(nanhu: Nanhu, tmp_path: Path) -> None:
    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, 64 * 1024))

    done = Nanhu(tmp_path / "tiny").process("db", "upgrade", preexec_fn=small)

    assert done.returncode == 1
    assert "disk" in one_line(done.stderr)


@pytest.mark.parametrize(
    ("content", "word"), [(b"Minutes of the meeting\n" * 40, "not a video"), (b"\0" * 5000, "not a video")]
)
def test_what_is_no_film(nanhu: Nanhu, tmp_path: Path, content: bytes, word: str) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(content)

    done = nanhu.process("asset", "add", str(film), "--title", "片子", "--column", "style")

    assert done.returncode == 1
    assert word in one_line(done.stderr)
    assert nanhu.well("asset", "list") == ""
    assert list((nanhu.data / "work").iterdir()) == []


def test_no_ffmpeg(nanhu: Nanhu, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"something")

    done = nanhu.process(
        "asset", "add", str(film), "--title", "片子", "--column", "style", env={**os.environ, "PATH": str(tmp_path)}
    )

    assert done.returncode == 1
    assert "apt-get install ffmpeg" in one_line(done.stderr)


def test_films_and_files_that_are_not_there(nanhu: Nanhu) -> None:
    assert "no file" in nanhu.fault("asset", "add", "/nonexistent.mp4", "--title", "x", "--column", "style")
    assert "1 to 40" in nanhu.fault("asset", "add", "/nonexistent.mp4", "--title", "字" * 41, "--column", "style")
    assert "nothing with this number" in nanhu.fault("asset", "remove", "7")
    assert "No such file" in nanhu.fault("epg", "import", "/nonexistent.xml")


def test_a_guide_with_entities_is_refused_and_the_place_named(nanhu: Nanhu, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xml"
    bomb.write_text('<!DOCTYPE tv [<!ENTITY a "aaaa">]><tv>&a;</tv>')

    result = nanhu("epg", "import", str(bomb))

    assert result.exit_code == 1
    assert "bomb.xml was refused, the guide is as before" in one_line(result.stderr)


def test_a_demonstration_does_not_go_into_a_real_town(nanhu: Nanhu) -> None:
    assert "holds a real town" in nanhu.fault("seed-demo", "--no-films")
    assert "no demonstration" in nanhu.fault("serve", "--demonstration", "--port", "18999")


def test_every_refusal_of_a_film_has_an_english_line() -> None:
    assert [code for code in (*REFUSALS, *FAILURES) if code not in ENGLISH] == []


SPOKEN = (
    *("assets", "devices", "places", "roster", "roster_sheet", "rollcall", "spreadsheet_read", "staff", "passwords"),
    *("accounts", "box_events", "device_binding", "device_codes", "device_rows", "device_sheet", "guide", "lineup"),
    *("operators", "packages", "sheet_lines", "plan", "plan_sheet", "sources", "as_run", "relays", "ledger_pool"),
    *("ledger", "guide_snapshots", "source_rows", "service_information", "plan_rights", "key_changes"),
)
"""Services whose refusals a command can meet."""


def test_every_refusal_that_a_command_can_meet_has_an_english_line() -> None:
    folder = Path(fault_of.__code__.co_filename).parents[1] / "services"
    sources = [path.read_text(encoding="utf-8") for name in SPOKEN if (path := folder / f"{name}.py").exists()]
    refused = r'(?:BadValue|DomainError)\(\s*"(\w+)"|NotFound\([^()]*(?:\([^()]*\))?[^()]*, "(\w+)"\)'
    found = {first or second for text in sources for first, second in re.findall(refused, text)}

    assert len(found) > 20
    assert sorted(found - set(ENGLISH) - ONLY_ON_TELEVISION - TOLD_IN_ENGLISH) == []


def test_a_fault_of_the_program_is_not_hidden() -> None:
    assert fault_of(ZeroDivisionError()) is None
    assert "not a video (it is a poem)" in str(fault_of(Refused("not_media", "it is a\npoem")))
    assert str(fault_of(BadValue("new_code", "新的"))) == "new_code: 新的"


def test_a_reader_who_has_seen_enough_is_no_fault() -> None:
    assert fault_of(BrokenPipeError(32, "Broken pipe")) is None


def test_addresses_in_memory_are_left_out_of_what_ffmpeg_says() -> None:
    fault = fault_of(Refused("not_media", "[mov,mp4 @ 0x561e04a9c440] moov atom not found"))

    assert fault is not None
    assert fault.message == "the file is not a video (moov atom not found)"
