"""Tables of a network as files: one whole cycle in packets (.ts), or its sections one after the other (.bin)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import frozen

from epg.si import carousel, tables
from epg.si.eit import Event
from epg.si.network import Network
from epg.si.versions import Place, Version
from middleware.services import service_information as use
from middleware.services.ports import UnitOfWork


@frozen
class Asked:
    """What tables are built of: the profile, its events by channel, and the versions that went out last."""

    profile: Network
    events: Mapping[str, Sequence[Event]]
    sent: Mapping[str, Mapping[Place, Version]]


def asked(uow: UnitOfWork, now: datetime, name: str) -> Asked:
    """Ask for all of it, in a writing transaction. Raises NotFound, BadValue."""
    profile = use.named(uow, name)
    return Asked(profile, use.schedules(uow, now, profile), use.sent_before(uow, name))


def built(told: Asked, now: datetime) -> tuple[tables.Built, tables.Built]:
    """The tables that went out last and those of now; their versions are to be kept before they go anywhere."""
    known = tables.resumed(told.profile, told.sent, now)
    return known, tables.build(told.profile, told.events, now, known)


def content(made: tables.Built, now: datetime, kind: str) -> bytes:
    """The file: `ts` or `bin`."""
    every = tables.turns(made, lambda: now)
    if kind == "bin":
        return b"".join(data for turn in every for data in turn.sections)
    rate = made.network.output.rate
    seconds = max(carousel.load(every, rate).cycles.values(), default=1.0) * 1.05
    return b"".join(carousel.cycle(every, rate, seconds))


def lasting(made: tables.Built) -> bytes:
    """All that is in the file but the time of day, to see whether it has changed."""
    return b"".join(data for turn in tables.turns(made, lambda: made.at) if not turn.fresh for data in turn.sections)
