"""Events of a stream as a feed of the guide: services become channels by the network's profile, or by triplet."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from attrs import evolve

from epg.matching import Matcher, Told, triplet_id, triplet_of
from epg.model import LONGEST, Channel, Name, Programme
from epg.report import Report
from epg.si.network import Network, Service
from epg.si.reading import Found, ReadEvent, ServiceKey
from epg.xmltv import Parsed
from middleware.domain.channels import Channel as LineUpChannel
from middleware.services import guide, sources
from middleware.services.guide import Imported
from middleware.services.ports import UnitOfWork

_SHORTEST: Final = timedelta(seconds=1)


def take(
    uow: UnitOfWork, now: datetime, source: str, profile: Network, found: Found, *, dry_run: bool = False
) -> Imported:
    """Put what a stream tells in the place of what its channels had in that time."""
    parsed = _ours(*sources.matcher_of(uow, source), feed(source, profile, found))
    return guide.import_guide(uow, now, source, parsed, dry_run=dry_run)


def feed(source: str, profile: Network, found: Found) -> Parsed:
    """The services of a stream as channels of a feed: under the profile's names, or else under their triplets."""
    names = {ServiceKey(profile.onid, one.ts_id, one.service_id): one for one in profile.services}
    told = {key: _channel(key, names.get(key)) for key, events in found.events.items() if events}
    programmes = [one for key, channel in told.items() for one in _programmes(channel.xmltv_id, found.events[key])]
    rows = sum(len(events) for events in found.events.values())
    report = Report(source, rows, len(programmes), rows - len(programmes), 0, 0)
    return Parsed(tuple(told.values()), tuple(programmes), report)


def _channel(key: ServiceKey, service: Service | None) -> Channel:
    if service is None:
        return Channel(triplet_id((key.onid, key.ts_id, key.service_id)), ())
    return Channel(service.channel, (Name(service.name or service.channel),))


def _ours(matcher: Matcher, line_up: Mapping[int, LineUpChannel], parsed: Parsed) -> Parsed:
    """The feed with our ids where a triplet is that of one of our channels, which the feed does not name besides."""
    named = {one.xmltv_id for one in parsed.channels}
    ids = {}
    for one in parsed.channels:
        match = matcher.match(Told(one.xmltv_id, (), triplet_of(one.xmltv_id)))
        if match.reason == "triplet" and match.channel is not None:
            ours = line_up[match.channel].xmltv_id
            if ours not in named:
                named.add(ours)
                ids[one.xmltv_id] = ours
    channels = tuple(evolve(one, xmltv_id=ids.get(one.xmltv_id, one.xmltv_id)) for one in parsed.channels)
    rows = tuple(evolve(one, channel=ids.get(one.channel, one.channel)) for one in parsed.programmes)
    return evolve(parsed, channels=channels, programmes=rows)


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
