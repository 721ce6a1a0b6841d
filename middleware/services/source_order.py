"""Whom a channel believes first: sources by rank, by field where one says otherwise, or in an order of its own."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from epg.merging import FIELDS, Trust
from middleware.domain.errors import BadValue
from middleware.services import plan_rights
from middleware.services.plan_ports import GuideSource
from middleware.services.ports import UnitOfWork

_KEY: Final = "sources"


def order_of(uow: UnitOfWork, channel: str) -> tuple[str, ...]:
    """The sources that a channel (by its xmltv_id) puts before all others, the most trusted first; mostly none."""
    return tuple(uow.settings.get(f"channel:{channel}", _KEY, ()))


def trust_of(uow: UnitOfWork, channel: str) -> Trust:
    """Sources as a channel trusts them: its own order, then the ranks; a rank for one field holds everywhere."""
    every = uow.sources.all()
    own = order_of(uow, channel)
    named = [name for name in FIELDS if any(name in one.fields for one in every)]
    by_field = {name: tuple(one.name for one in sorted(every, key=partial(_rank, own, name))) for name in named}
    general = tuple(one.name for one in sorted(every, key=partial(_place, own)))
    return Trust(general, by_field)


def keep(uow: UnitOfWork, now: datetime, actor: str, channel: str, names: Sequence[str]) -> None:
    """Order the sources of a channel; without names it goes by the ranks again. Raises Forbidden, BadValue."""
    plan_rights.need(uow, actor, channel, "edit")
    known = {one.name for one in uow.sources.all()}
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise BadValue("source_order", f"没有名为 {unknown[:40]} 的来源", f"there is no source {unknown[:40]}")
    if len(set(names)) != len(names):
        raise BadValue("source_order", "同一个来源排了两次", "a source stands twice")
    if names:
        uow.settings.put(f"channel:{channel}", _KEY, list(names))
    else:
        uow.settings.remove(f"channel:{channel}", _KEY)
    uow.audit.add(now, actor, "order sources", "channel", channel, {"order": list(names)})


def _place(own: Sequence[str], source: GuideSource) -> tuple[int, int, str]:
    return (own.index(source.name) if source.name in own else len(own)), source.rank, source.name


def _rank(own: Sequence[str], name: str, source: GuideSource) -> tuple[int, int, int, str]:
    """By the rank for the field; of equal ones the channel's order decides."""
    return source.fields.get(name, source.rank), *_place(own, source)
