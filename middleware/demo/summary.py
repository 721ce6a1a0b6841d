"""What DATA/demo.json says: where to look, and every box, account and number that can be used there."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from middleware.demo.running import BRANCH, SIGN_INS
from middleware.domain.accounts import Account
from middleware.domain.rollcall import Rollcall
from middleware.services.ports import UnitOfWork
from middleware.whole import write_whole
from vod.catalogue import Asset
from vod.jobs import State

FILE = "demo.json"


def summary(
    uow: UnitOfWork,
    base: str,
    town: str,
    passwords: Mapping[str, str],
    rollcall: Rollcall | None,
    sign: Callable[[str], str],
) -> dict[str, Any]:
    """The whole of it. The first village comes first."""
    villages = {each.id: each.name for each in uow.places.villages()}
    branches = {each.id: each for each in uow.places.branches()}
    homes = {each.id: each for each in uow.registry.households()}
    members = sorted(uow.registry.members(), key=lambda each: (branches[each.branch_id].code != BRANCH, each.code))
    phones = uow.registry.phones([each.id for each in members])
    accounts = {each.id: each for each in uow.accounts.all()}
    secrets, iptv = uow.accounts.passwords(), uow.devices.iptv_passwords()
    return {
        "base": base,
        "town": town,
        "staff": [
            {"login": person.login, "password": passwords[person.login], "name": person.name, "role": person.role}
            for person in uow.staff.all()
            if person.login in SIGN_INS and person.login in passwords
        ],
        "rollcall": rollcall_facts(rollcall) if rollcall else {},
        "channels": [
            {"number": each.number, "name": each.name, "url": f"{base}{sign(each.url)}" if each.url else ""}
            for each in uow.guide.channels()
        ],
        "assets": [
            {"id": each.id, "title": each.title, "column": each.column, "playlist": f"{base}{sign(playlist(each))}"}
            for each in uow.assets.all()
            if each.state is State.READY
        ],
        "boxes": [
            {
                "mac": box.mac,
                "serial": box.serial,
                "card_no": box.card_no,
                "iptv_user": box.iptv_user,
                "iptv_password": iptv.get(box.id, ""),
                "household": homes[box.household_id].code,
                "village": villages[homes[box.household_id].village_id],
                "family": box.family,
                **_account(accounts.get(box.account_id or 0), secrets),
            }
            for box in uow.devices.all()
            if box.household_id is not None
        ],
        "members": [
            {
                "name": each.name,
                "phone": phones.get(each.id, ""),
                "household": homes[each.household_id].code if each.household_id is not None else "",
                "branch": branches[each.branch_id].name,
            }
            for each in members
        ],
    }


def _account(account: Account | None, secrets: Mapping[int, str]) -> dict[str, str]:
    if account is None:
        return {"account": "", "login": "", "password": ""}
    return {"account": account.number, "login": account.login, "password": secrets.get(account.id, "")}


def rollcall_facts(rollcall: Rollcall) -> dict[str, Any]:
    """What is said of the open roll-call."""
    return {"id": rollcall.id, "title": rollcall.title, "closes": rollcall.closes.isoformat()}


def playlist(asset: Asset) -> str:
    """The path of a film's master playlist."""
    return f"/v/{asset.key}/master.m3u8"


def write(data: Path, content: Mapping[str, Any]) -> None:
    """Write DATA/demo.json whole or not at all, for this user's eyes only. Raises OSError."""
    write_whole(data / FILE, json.dumps(content, ensure_ascii=False, indent=1).encode())


def keep(data: Path, content: Mapping[str, Any]) -> None:
    """Write it if it says something else than what is there. Raises OSError."""
    if json.loads(json.dumps(content)) != read(data):
        write(data, content)


def read(data: Path) -> dict[str, Any]:
    """What an earlier seeding has written down; nothing when the file is not there or not ours."""
    try:
        found = json.loads((data / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def passwords(data: Path) -> dict[str, str]:
    """The passwords that an earlier seeding has written down, by login."""
    try:
        return {str(person["login"]): str(person["password"]) for person in read(data)["staff"]}
    except (KeyError, TypeError):
        return {}


def api_secret(data: Path) -> str:
    """The secret of the REST interface's user that an earlier seeding has written down, else nothing."""
    try:
        return str(read(data)["api"]["secret"])
    except (KeyError, TypeError):
        return ""
