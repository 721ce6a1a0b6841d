"""demo.json: the agreed keys, whole or not at all, for its owner only."""

import json
from pathlib import Path
from typing import Any

import pytest

from middleware.demo import running, start, summary
from middleware.storage.store import Store

PLACE = start.Place("http://tv.example:8080", "南湖镇", {"admin": "nanhu-0000-1111"}, "geheim-0000")
BOX = ["mac", "serial", "card_no", "iptv_user", "iptv_password", "household", "village", "family"]


@pytest.fixture(scope="module")
def content(young_town: Store) -> dict[str, Any]:
    return young_town.run_sync(start.content(PLACE, lambda path: f"/t/signed{path}"), write=False)


def test_it_has_the_agreed_keys(content: dict[str, Any]) -> None:
    shape = {key: sorted(value[0]) if isinstance(value, list) and value else value for key, value in content.items()}

    assert shape == {
        "base": "http://tv.example:8080",
        "town": "南湖镇",
        "staff": ["login", "name", "password", "role"],
        "rollcall": content["rollcall"],
        "channels": ["name", "number", "url"],
        "assets": [],
        "boxes": sorted([*BOX, "account", "login", "password"]),
        "members": ["branch", "household", "name", "phone"],
        "api": {"login": "billing", "secret": "geheim-0000"},
    }
    assert sorted(content["rollcall"]) == ["closes", "id", "title"]


def test_the_first_box_is_at_home_with_the_first_branch(content: dict[str, Any]) -> None:
    assert (content["boxes"][0]["household"], content["boxes"][0]["village"]) == ("01001", "南湖村")
    assert {member["branch"] for member in content["members"][:44]} == {"南湖村党支部"}
    assert len({member["phone"] for member in content["members"]}) == 2400
    assert len({box["iptv_password"] for box in content["boxes"]}) > 2900
    assert (content["boxes"][0]["account"], content["boxes"][0]["login"]) == ("6301001", "nh01001")
    assert len({box["password"] for box in content["boxes"]}) > 2900


def test_it_is_written_whole_and_read_by_its_owner_only(tmp_path: Path, content: dict[str, Any]) -> None:
    summary.write(tmp_path, content)

    assert [path.name for path in tmp_path.iterdir()] == ["demo.json"]
    assert (tmp_path / "demo.json").stat().st_mode & 0o777 == 0o600
    assert json.loads((tmp_path / "demo.json").read_text(encoding="utf-8")) == content
    assert summary.passwords(tmp_path) == {"admin": "nanhu-0000-1111"}
    assert summary.api_secret(tmp_path) == "geheim-0000"


@pytest.mark.parametrize("text", ["", "[]", '{"staff": 3}', '{"staff": [{"login": "x"}]}', '{"base": "x"'])
def test_a_broken_file_gives_no_passwords(tmp_path: Path, text: str) -> None:
    (tmp_path / "demo.json").write_text(text, encoding="utf-8")

    assert summary.passwords(tmp_path) == {}
    assert summary.api_secret(tmp_path) == ""


def test_only_accounts_without_a_known_password_get_one() -> None:
    new = running.missing_passwords(dict.fromkeys(running.SIGN_INS[1:], "known"))

    assert list(new) == [running.SIGN_INS[0]]
    assert new[running.SIGN_INS[0]][1].startswith("scrypt$")


def test_it_is_written_again_only_when_it_says_something_else(tmp_path: Path) -> None:
    summary.keep(tmp_path, {"base": "a", "channels": ("x",)})
    before = (tmp_path / summary.FILE).stat().st_mtime_ns
    summary.keep(tmp_path, {"base": "a", "channels": ["x"]})
    same = (tmp_path / summary.FILE).stat().st_mtime_ns
    summary.keep(tmp_path, {"base": "b", "channels": ["x"]})

    assert before == same
    assert summary.read(tmp_path)["base"] == "b"
