"""What a demonstration needs anew at every start: an open roll-call, and passwords that somebody knows."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from middleware.domain.errors import DomainError
from middleware.domain.places import Branch
from middleware.domain.rollcall import MAX_WINDOW, Rollcall
from middleware.services import rollcall
from middleware.services.passwords import hash_password
from middleware.services.ports import UnitOfWork

BRANCH = "b01"
"""The branch of the pictured household."""
TITLE = "党员学习日点名"
MINUTES, LATE_AFTER = 90, 60
LEAST_LEFT = timedelta(minutes=30)
"""A start finds the roll-call open for at least this long."""
REST = timedelta(minutes=10)
"""While the server runs the next one is opened this long after the last was closed, so that its figures can be seen."""
SIGN_INS = ("admin", "zuzhi", "editor", "operator", "v01-1")
"""The accounts with a password."""


def keep_open(uow: UnitOfWork, now: datetime) -> Rollcall:
    """The open roll-call of the first branch: the running one, prolonged when it is nearly over, or a new one."""
    last = latest(uow)
    if last is not None and last.state == "open":
        if last.closes - now >= LEAST_LEFT:
            return last
        if now < last.closes and last.closes + LEAST_LEFT - last.opens <= MAX_WINDOW:
            return rollcall.extend(uow, now, None, last.id, int(LEAST_LEFT.total_seconds() // 60))
        rollcall.close(uow, now, None, last.id)
    return _open(uow, now)


def open_again(uow: UnitOfWork, now: datetime) -> Rollcall | None:
    """A new roll-call of the first branch when the last one has been closed for a while; else None."""
    last = latest(uow)
    resting = last is not None and (last.state != "closed" or now - last.closes < REST)
    return None if resting else _open(uow, now)


def latest(uow: UnitOfWork) -> Rollcall | None:
    """The last roll-call of the first branch, whatever its state."""
    branch = _branch(uow)
    own = (one for one in uow.rollcalls.listing() if (one.scope, one.place_id) == ("branch", branch.id))
    return next((one for one in own if one.state != "scheduled"), None)


def _open(uow: UnitOfWork, now: datetime) -> Rollcall:
    opening = rollcall.Opening(TITLE, "branch", _branch(uow).id, MINUTES, LATE_AFTER)
    return rollcall.open_rollcall(uow, now, None, opening)


def _branch(uow: UnitOfWork) -> Branch:
    return next(each for each in uow.places.branches() if each.code == BRANCH)


def new_password() -> str:
    """A password that can be read from a screen and typed; never the same in two installations."""
    digits = f"{secrets.randbelow(10**8):08d}"
    return f"nanhu-{digits[:4]}-{digits[4:]}"


def missing_passwords(known: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """New password and its hash for each account in SIGN_INS that has none; slow, so not for a transaction."""
    made = {login: new_password() for login in SIGN_INS if login not in known}
    return {login: (password, hash_password(password)) for login, password in made.items()}


def set_passwords(uow: UnitOfWork, hashes: Mapping[str, str]) -> None:
    """Give these accounts their passwords. Raises DomainError(no_account)."""
    for login, hashed in hashes.items():
        person = uow.staff.by_login(login)
        if person is None:
            raise DomainError("no_account", "没有这个账号", f"the demonstration has no account {login}")
        uow.staff.set_password(person.id, hashed)
