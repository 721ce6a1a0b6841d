"""Files written whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from middleware.whole import write_whole


def test_a_file_takes_the_place_of_the_older_one_for_this_user_only(tmp_path: Path) -> None:
    target = tmp_path / "demo.json"
    target.write_bytes(b"old")
    write_whole(target, b"new")

    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["demo.json"]


def test_who_comes_second_leaves_the_first_file_as_it_is(tmp_path: Path) -> None:
    target = tmp_path / "secret.key"
    write_whole(target, b"first", over=False)
    write_whole(target, b"second", over=False)

    assert target.read_bytes() == b"first"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_disk_that_fails_leaves_the_old_file_and_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "roster.csv"
    target.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(target, b"new")

    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("roster.csv", b"old")]
