"""Rights on single channels: asked for wherever a schedule is read or changed, given and taken by administrators.

Who asks is named by his login. A login that no account has is one of our own programs or the command line: it may.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, TypeVar, get_args

from middleware.domain.channels import Channel
from middleware.domain.errors import BadValue, Forbidden, NotFound
from middleware.domain.plan_rights import ALL, RIGHTS_ZH, WITHOUT_GRANTS, ChannelRole, Grant, Right, rights
from middleware.domain.registry import Staff
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import COMMAND_LINE

T = TypeVar("T", bound=Channel)
MOST_GRANTS: Final = 200
"""Of one account: more channels than a town has."""


def of(uow: UnitOfWork, who: str, channel: str) -> frozenset[Right]:
    """What somebody may on a channel."""
    person = uow.staff.by_login(who)
    return ALL if person is None else rights(person.role, uow.grants.of(person.id), channel)


def need(uow: UnitOfWork, who: str, channel: str, right: Right) -> None:
    """Raise Forbidden(no_right) for one who may not."""
    if right not in of(uow, who, channel):
        raise Forbidden(f"您在这个频道没有“{RIGHTS_ZH[right]}”的权限", "no_right")


def need_everywhere(uow: UnitOfWork, who: str) -> None:
    """Raise Forbidden(no_right) for one who is held to some channels: what he asks for touches all of them."""
    person = uow.staff.by_login(who)
    if person is not None and person.role != "admin" and uow.grants.of(person.id):
        raise Forbidden("您只管几个频道，这里改的是全部频道", "no_right")


def seen(uow: UnitOfWork, who: str, channels: Iterable[Channel]) -> list[Channel]:
    """Those of the channels that somebody may look at."""
    person = uow.staff.by_login(who)
    if person is None:
        return list(channels)
    mine = uow.grants.of(person.id)
    return [one for one in channels if "look" in rights(person.role, mine, one.xmltv_id)]


def granted(uow: UnitOfWork, staff_id: int) -> tuple[tuple[Grant, str], ...]:
    """What somebody has been given, each with the channel's name."""
    names: Mapping[str, str] = {one.xmltv_id: one.name for one in uow.guide.channels()}
    return tuple((one, names.get(one.channel, one.channel)) for one in uow.grants.of(staff_id))


def grant(uow: UnitOfWork, now: datetime, by: Staff | None, wanted: Grant) -> None:
    """Give somebody a role on a channel. Raises Forbidden, NotFound, BadValue(role, grants)."""
    actor, person = _administrator(by), _person(uow, wanted.staff)
    if wanted.role not in get_args(ChannelRole):
        raise BadValue("role", "请选一种角色")
    if person.role not in WITHOUT_GRANTS or person.role == "admin":
        raise BadValue("role", "频道权限只给镇办公室和栏目编辑的账号；管理员什么都能做")
    if all(one.xmltv_id != wanted.channel for one in uow.guide.channels()):
        raise NotFound("没有这个频道", "no_channel")
    there = uow.grants.of(person.id)
    if len(there) >= MOST_GRANTS and wanted not in there:
        raise BadValue("grants", f"一个账号最多 {MOST_GRANTS} 条频道权限")
    uow.grants.put(wanted)
    uow.audit.add(now, actor, "grant", "staff", person.id, {"channel": wanted.channel, "role": wanted.role})


def revoke(uow: UnitOfWork, now: datetime, by: Staff | None, gone: Grant) -> None:
    """Take a role on a channel back; without any somebody may what he might before. Raises NotFound, Forbidden."""
    actor, person = _administrator(by), _person(uow, gone.staff)
    if not uow.grants.remove(gone):
        raise NotFound("没有这条权限", "no_grant")
    uow.audit.add(now, actor, "revoke", "staff", person.id, {"channel": gone.channel, "role": gone.role})


def _administrator(by: Staff | None) -> str:
    if by is not None and (by.role != "admin" or not by.active):
        raise Forbidden("只有管理员可以管理账号")
    return by.login if by else COMMAND_LINE


def _person(uow: UnitOfWork, staff_id: int) -> Staff:
    person = uow.staff.get(staff_id)
    if person is None:
        raise NotFound("没有这个账号", "no_account")
    return person
