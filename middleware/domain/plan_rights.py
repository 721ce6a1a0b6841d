"""Who may do what with the schedule of one channel: roles given there, and what each of them may (epg.md §5)."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from attrs import frozen

ChannelRole = Literal["viewer", "editor", "head", "leader", "playout"]
Right = Literal["look", "edit", "sign", "approve", "break_in"]
"""See it; draft and submit; sign or return; give the last of several signatures, set rules; change what is on air."""

RIGHTS: Final[Mapping[ChannelRole, frozenset[Right]]] = {
    "viewer": frozenset({"look"}),
    "editor": frozenset({"look", "edit"}),
    "head": frozenset({"look", "sign"}),
    "leader": frozenset({"look", "sign", "approve", "break_in"}),
    "playout": frozenset({"look", "break_in"}),
}
ALL: Final[frozenset[Right]] = frozenset({"look", "edit", "sign", "approve", "break_in"})
WITHOUT_GRANTS: Final[Mapping[str, frozenset[Right]]] = {
    "admin": ALL,
    "office": ALL,
    "editor": frozenset({"look", "edit"}),
}
"""What an account may on every channel as long as it has no grants, by its role in the back office."""

ROLES_ZH: Final[Mapping[ChannelRole, str]] = {
    "viewer": "只看",
    "editor": "编辑",
    "head": "科长（审）",
    "leader": "领导（终审）",
    "playout": "播出",
}
RIGHTS_ZH: Final[Mapping[Right, str]] = {
    "look": "看",
    "edit": "编排",
    "sign": "审",
    "approve": "终审和改规则",
    "break_in": "插播和改播出",
}


@frozen
class Grant:
    """A role that somebody has on a channel, named by its xmltv_id."""

    staff: int
    channel: str
    role: ChannelRole


def rights(role: str, grants: Iterable[Grant], channel: str) -> frozenset[Right]:
    """What an account may on a channel: whoever has grants is held to them, but for administrators."""
    mine = tuple(grants)
    if role == "admin" or not mine:
        return WITHOUT_GRANTS.get(role, frozenset())
    return frozenset(right for one in mine if one.channel == channel for right in RIGHTS[one.role])
