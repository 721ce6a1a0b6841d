"""What boxes hold as proof of their log-in: one live token of a kind per box."""

from datetime import datetime
from typing import Final

from middleware.domain.accounts import Account
from middleware.domain.devices import Device
from middleware.domain.errors import BadValue
from middleware.domain.tokens import BoxToken, Kind, digest_of
from middleware.services.ports import UnitOfWork

LONGEST: Final = 256
"""Characters of a token; ours are shorter, and what boxes offer must be bounded."""
KINDS: Final[tuple[Kind, ...]] = ("ministra", "jsession", "usertoken")


def bind(uow: UnitOfWork, now: datetime, device_id: int, kind: Kind, token: str) -> None:
    """Make this the box's live token; older ones of its kind end. Raises BadValue(token)."""
    if not 1 <= len(token) <= LONGEST:
        raise BadValue("token", "登录凭证过长或为空")
    digest = digest_of(token)
    uow.tokens.put(BoxToken(digest, kind, device_id, now, now))
    uow.tokens.end(device_id, (kind,), digest)


def bind_pair(uow: UnitOfWork, now: datetime, device_id: int, jsession: str, usertoken: str) -> None:
    """Make these the two tokens of the box's one CTC session. Raises BadValue(token)."""
    bind(uow, now, device_id, "jsession", jsession)
    bind(uow, now, device_id, "usertoken", usertoken)


def of(uow: UnitOfWork, kind: Kind, token: str) -> tuple[BoxToken, Device, Account | None] | None:
    """What a token stands for, None for all that are not live; looked up by digest, so time tells nothing of it."""
    found = uow.tokens.find(kind, digest_of(token[:LONGEST])) if token else None
    device = uow.devices.get(found.device_id) if found else None
    if found is None or device is None:
        return None
    account = uow.accounts.get(device.account_id) if device.account_id is not None else None
    return found, device, account


def end(uow: UnitOfWork, now: datetime, device_id: int) -> int:  # noqa: ARG001 - every use-case is told the time
    """End all tokens of a box; returns how many there were."""
    return uow.tokens.end(device_id, KINDS)
