"""Accounts of the back office: log-in, sessions as signed tokens, passwords that end old sessions when they change."""

import hashlib
import hmac
import re
from datetime import datetime, timedelta

import attrs
from attrs import frozen

from middleware.domain.errors import BadValue, Forbidden, NotFound
from middleware.domain.registry import Staff
from middleware.services.passwords import good_password, hash_password, verify_password
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import COMMAND_LINE

SESSION = timedelta(hours=12)
"""A working day; whoever stays longer logs in again."""

LOGIN_LIMIT = 32
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]*")
_TOKEN_LIMIT = 160


@frozen
class Ticket:
    """What a valid session token says; `holder` tells whether the account still honours it."""

    staff: int
    stamp: str
    issued: datetime


def log_in(uow: UnitOfWork, login: str, password: str) -> Staff | None:
    """Return the active account with this password, or None; takes the same time for logins that do not exist.

    Reads only and computes 0.2 s: run it with `write=False`, else sign-ins wait. The brake of `domain.brake` belongs
    around it, `note_log_in` after it.
    """
    person = uow.staff.by_login(tidy_login(login))
    stored = uow.staff.password(person.id) if person and person.active else ""
    return person if verify_password(password, stored) else None


def note_log_in(uow: UnitOfWork, now: datetime, person: Staff, address: str) -> None:
    """Write a log-in to the audit log."""
    uow.audit.add(now, person.login, "log_in", "staff", person.id, {"address": address[:64]})


def issue(key: bytes, person: Staff, now: datetime) -> str:
    """Return the session token `<id>.<issued, epoch seconds>.<stamp>.<HMAC-SHA256>`; `key` is signing_key("staff")."""
    body = f"{person.id}.{int(now.timestamp())}.{person.stamp}"
    return f"{body}.{_sign(key, 'session', body)}"


def read(key: bytes, token: str, now: datetime) -> Ticket | None:
    """Return what a token says, or None for a forged, damaged or expired one; `holder` must agree to it."""
    body, _, signature = token.rpartition(".")
    good = len(token) <= _TOKEN_LIMIT and hmac.compare_digest(_ascii(signature), _sign(key, "session", body).encode())
    if not good:
        return None
    staff_id, issued, stamp = body.split(".")
    at = datetime.fromtimestamp(int(issued), now.tzinfo)
    return Ticket(int(staff_id), stamp, at) if timedelta(minutes=-1) <= now - at < SESSION else None


def holder(uow: UnitOfWork, ticket: Ticket) -> Staff | None:
    """Return the account of a session; None once it was disabled or its password changed."""
    person = uow.staff.get(ticket.staff)
    honoured = person is not None and person.active and hmac.compare_digest(person.stamp, ticket.stamp)
    return person if honoured else None


def form_key(key: bytes, token: str) -> str:
    """Return what every form of a session carries, so that no other site can send one."""
    return _sign(key, "form", token)


def good_form(key: bytes, token: str, sent: str) -> bool:
    """Whether a form came from a page of this session."""
    return hmac.compare_digest(_ascii(sent[:_TOKEN_LIMIT]), form_key(key, token).encode())


def tidy_login(login: str) -> str:
    """Return a login as it is stored: case and outer blanks do not count."""
    return login[: 2 * LOGIN_LIMIT].strip().lower()


def accounts(uow: UnitOfWork, by: Staff | None) -> tuple[Staff, ...]:
    """Return every account by login. Raises Forbidden for all but administrators."""
    _administrator(by)
    return uow.staff.all()


def named(uow: UnitOfWork, login: str) -> Staff:
    """Return the account of this login. Raises NotFound."""
    person = uow.staff.by_login(tidy_login(login))
    if person is None:
        raise NotFound("没有这个账号", "no_account")
    return person


def add_account(uow: UnitOfWork, now: datetime, by: Staff | None, person: Staff, password: str = "") -> Staff:
    """Write a new account; without a password nobody can log in to it yet.

    Raises BadValue(login, login_taken, password, name, place), Forbidden.
    """
    actor, wanted = _administrator(by), attrs.evolve(person, login=tidy_login(person.login), name=person.name.strip())
    _check(uow, wanted)
    if uow.staff.by_login(wanted.login) is not None:
        raise BadValue("login_taken", "这个账号已经有了")
    stored = uow.staff.add(wanted, hash_password(good_password(password, wanted.login)) if password else "")
    uow.audit.add(now, actor, "add", "staff", stored.id, {"login": stored.login, "role": stored.role})
    return stored


def set_password(uow: UnitOfWork, now: datetime, by: Staff | None, login: str, password: str) -> Staff:
    """Give an account another password, one's own or as administrator; its sessions end.

    Raises BadValue(password), NotFound, Forbidden.
    """
    person = uow.staff.by_login(tidy_login(login))
    if by is not None and (person is None or person.id != by.id):
        _administrator(by)
    if person is None:
        raise NotFound("没有这个账号", "no_account")
    uow.staff.set_password(person.id, hash_password(good_password(password, person.login)))
    uow.audit.add(now, by.login if by else COMMAND_LINE, "set_password", "staff", person.id)
    return uow.staff.get(person.id) or person


def set_active(uow: UnitOfWork, now: datetime, by: Staff | None, staff_id: int, active: bool) -> Staff:
    """Close or reopen an account; nobody closes his own. Raises NotFound, Forbidden."""
    actor, person = _administrator(by), uow.staff.get(staff_id)
    if person is None:
        raise NotFound("没有这个账号", "no_account")
    if by is not None and by.id == staff_id:
        raise Forbidden("不能停用自己的账号")
    changed = attrs.evolve(person, active=active)
    uow.staff.save(changed)
    uow.audit.add(now, actor, "reopen" if active else "disable", "staff", staff_id, {"login": person.login})
    return changed


def _administrator(by: Staff | None) -> str:
    if by is not None and (by.role != "admin" or not by.active):
        raise Forbidden("只有管理员可以管理账号")
    return by.login if by else COMMAND_LINE


def _check(uow: UnitOfWork, person: Staff) -> None:
    if len(person.login) > LOGIN_LIMIT or not _LOGIN.fullmatch(person.login):
        raise BadValue("login", f"账号只能用小写字母、数字和 . _ -，不超过 {LOGIN_LIMIT} 位")
    if not 1 <= len(person.name) <= LOGIN_LIMIT:
        raise BadValue("name", f"姓名要有 1 到 {LOGIN_LIMIT} 个字")
    wanted = (
        (person.village_id, uow.places.village),
        (person.branch_id, uow.places.branch),
        (person.office_id, uow.places.office),
    )
    if any(place is not None and find(place) is None for place, find in wanted):
        raise BadValue("place", "没有这个村、支部或办公室")


def _sign(key: bytes, purpose: str, text: str) -> str:
    return hmac.new(key, f"{purpose}:{text}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _ascii(text: str) -> bytes:
    return text.encode("ascii", "replace")
