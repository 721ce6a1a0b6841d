"""Events of a stream as a feed of the guide: services become channels by the network's profile."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from attrs import evolve

from epg.model import LONGEST, Channel, Name, Programme
from epg.report import Report
from epg.si.network import Network
from epg.si.reading import Found, ReadEvent, ServiceKey
from epg.xmltv import Parsed
from middleware.services import guide
from middleware.services.guide import Imported
from middleware.services.ports import UnitOfWork

_SHORTEST: Final = timedelta(seconds=1)


def take(
    uow: UnitOfWork, now: datetime, source: str, profile: Network, found: Found, *, dry_run: bool = False
) -> Imported:
    """Put what a stream tells in the place of what its channels had in that time."""
    parsed = feed(source, profile, found)
    return guide.import_guide(uow, now, source, parsed, dry_run=dry_run)


def feed(source: str, profile: Network, found: Found) -> Parsed:
    """The services that a profile knows as channels of a feed; others are counted as unmatched."""
    names = {ServiceKey(profile.onid, one.ts_id, one.service_id): one for one in profile.services}
    known = {key: events for key, events in found.events.items() if key in names and events}
    channels = tuple(Channel(names[key].channel, (Name(names[key].name or names[key].channel),)) for key in known)
    programmes = [one for key, events in known.items() for one in _programmes(names[key].channel, events)]
    rows = sum(len(events) for events in found.events.values())
    unknown = sum(len(events) for key, events in found.events.items() if key not in names)
    report = Report(source, rows, len(programmes), rows - len(programmes) - unknown, 0, unknown)
    return Parsed(channels, tuple(programmes), report)


def _programmes(channel: str, events: tuple[ReadEvent, ...]) -> Iterator[Programme]:
    """Events in order; one that runs into the next ends there, one without a title or a length is left out."""
    rows = [one for one in events if one.title.strip()]
    ends = [after.start for _, after in pairwise(rows)] + [None]
    for one, end in zip(rows, ends, strict=True):
        stop = one.start + min(timedelta(seconds=one.seconds), LONGEST)
        stop = min(stop, end) if end is not None else stop
        if stop - one.start >= _SHORTEST:
            made = Programme("", channel, one.start, stop, one.title.strip(), _line(one.short), one.long.strip())
            yield evolve(made, rating=f"{one.age}+") if one.age else made


def _line(text: str) -> str:
    return " ".join(text.split())
