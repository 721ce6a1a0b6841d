"""Programs of the operator that use the REST interface: made with a secret that is shown once."""

import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Final, get_args

import attrs

from middleware.domain.errors import BadValue, NotFound
from middleware.domain.operators import ApiUser, Right
from middleware.domain.tokens import digest_of
from middleware.services.ports import UnitOfWork

RIGHTS: Final[tuple[Right, ...]] = get_args(Right)
MOST: Final = 100
_LOGIN: Final = re.compile(r"[0-9A-Za-z._\-]{1,32}")
_SECRET_MOST: Final = 256


def make(
    uow: UnitOfWork,
    now: datetime,
    actor: str,
    login: str,
    rights: Sequence[str] = RIGHTS,
    addresses: Sequence[str] = (),
) -> tuple[ApiUser, str]:
    """Make an API user and its secret, which nobody can read again.

    `addresses` are networks (CIDR). Raises BadValue(login, login_taken, rights, addresses, too_many).
    """
    if not _LOGIN.fullmatch(login):
        raise BadValue("login", "登录名只能有字母、数字和 . _ -，不超过 32 位")
    if uow.operators.by_login(login) is not None:
        raise BadValue("login_taken", "这个登录名已经有了")
    if len(uow.operators.all()) >= MOST:
        raise BadValue("too_many", f"接口用户不能超过 {MOST} 个")
    secret = secrets.token_urlsafe(24)
    user = ApiUser(0, login, digest_of(secret), _rights(rights), _networks(addresses), created=now)
    stored = uow.operators.add(user)
    detail = {"login": login, "rights": list(stored.rights), "addresses": list(stored.addresses)}
    uow.audit.add(now, actor, "add", "api_user", stored.id, detail)
    return stored, secret


def check(uow: UnitOfWork, login: str, secret: str) -> ApiUser | None:
    """The active API user with this secret; None takes as long for a login that nobody has."""
    user = uow.operators.by_login(login[:64])
    same = hmac.compare_digest(user.digest if user else bytes(32), digest_of(secret[:_SECRET_MOST]))
    return user if same and user is not None and user.active else None


def may_call_from(user: ApiUser, address: str) -> bool:
    """Whether the user may call from a client's address."""
    if not user.addresses:
        return True
    try:
        client = ip_address(address)
    except ValueError:
        return False
    client = getattr(client, "ipv4_mapped", None) or client
    return any(client in ip_network(network) for network in user.addresses)


def note_used(uow: UnitOfWork, now: datetime, user: ApiUser) -> None:
    """Keep when an API user called last; call it now and then, not at each request."""
    stored = uow.operators.by_login(user.login)
    if stored is not None:
        uow.operators.save(attrs.evolve(stored, used=now))


def renew(uow: UnitOfWork, now: datetime, actor: str, login: str) -> tuple[ApiUser, str]:
    """Give an API user another secret; the old one ends at once. Raises NotFound."""
    secret = secrets.token_urlsafe(24)
    user = _changed(uow, now, actor, "renew", login, digest=digest_of(secret))
    return user, secret


def set_active(uow: UnitOfWork, now: datetime, actor: str, login: str, active: bool) -> ApiUser:
    """Close or reopen an API user. Raises NotFound."""
    return _changed(uow, now, actor, "reopen" if active else "disable", login, active=active)


def _changed(uow: UnitOfWork, now: datetime, actor: str, verb: str, login: str, **new: object) -> ApiUser:
    user = uow.operators.by_login(login)
    if user is None:
        raise NotFound("没有这个接口用户", "no_api_user")
    changed = attrs.evolve(user, **new)  # type: ignore[arg-type]
    uow.operators.save(changed)
    uow.audit.add(now, actor, verb, "api_user", user.id, {"login": login})
    return changed


def _rights(rights: Sequence[str]) -> tuple[Right, ...]:
    if not rights or not set(RIGHTS).issuperset(rights):
        raise BadValue("rights", "权限只有 read、write、messages")
    return tuple(one for one in RIGHTS if one in rights)


def _networks(addresses: Sequence[str]) -> tuple[str, ...]:
    try:
        found = tuple(str(ip_network(one.strip())) for one in addresses)
    except ValueError:
        raise BadValue("addresses", "地址段应写成 10.0.0.0/8 的样子") from None
    if len(found) > 32:
        raise BadValue("addresses", "地址段太多")
    return found
