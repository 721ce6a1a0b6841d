"""All tables of one network at one moment, and the same again after a change with only the changed parts made anew."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

import attrs
from attrs import field, frozen

from epg.model import Programme
from epg.si import sections as si
from epg.si.carousel import Turn
from epg.si.eit import (
    SCHEDULE_ACTUAL,
    SCHEDULE_OTHER,
    SEGMENT,
    Event,
    Of,
    Segment,
    origin,
    present_following,
    schedule,
    segments,
    shifted,
)
from epg.si.network import TELEVISION, Network, Service
from epg.si.sections import Section, SubTable
from epg.si.text import coded
from epg.si.versions import Place, Version, place, versions

NAME_ROOM: Final = 120
"""Bytes of a service's or network's name."""
_NEVER: Final = 0


@frozen
class ServiceTables:
    """The EIT of one service: what it was made of, and its whole sections by sub-table."""

    of: Of
    events: tuple[Event, ...]
    parts: Mapping[int, Segment]
    sent: Mapping[SubTable, tuple[bytes, ...]]
    versions: Mapping[Place, Version]

    @property
    def shortened(self) -> tuple[int, ...]:
        """Event ids whose texts were cut to fit a segment or a descriptor."""
        return tuple(sorted({number for part in self.parts.values() for number in part.shortened}))

    @property
    def dropped(self) -> tuple[int, ...]:
        """Event ids that their segment had no room for."""
        return tuple(sorted({number for part in self.parts.values() for number in part.dropped}))


@frozen
class Built:
    """The tables of a network as of `at`; `services` by channel."""

    network: Network
    at: datetime
    begin: datetime
    services: Mapping[str, ServiceTables]
    fixed: Mapping[SubTable, tuple[bytes, ...]] = field(factory=dict)
    fixed_versions: Mapping[Place, Version] = field(factory=dict)


def events_of(programmes: Iterable[Programme], ids: Mapping[str, int], network: Network) -> tuple[Event, ...]:
    """Programmes (sorted, without overlaps) as events; those without a known end or an id are left out."""
    shift = network.shift
    return tuple(
        Event(
            ids[one.uid],
            one.start + shift,
            int((one.stop - one.start).total_seconds()),
            one.title,
            one.sub_title,
            one.desc,
            _content(one.categories, network.genres),
            _age(one.rating),
        )
        for one in programmes
        if not one.open and one.uid in ids
    )


def _content(categories: Sequence[str], genres: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(genres[name] for name in categories if name in genres))[:8]


def _age(rating: str) -> int:
    digits = rating.rstrip("+")
    return int(digits) if digits.isdigit() and len(digits) < 3 and 4 <= int(digits) <= 18 else 0


def build(network: Network, events: Mapping[str, Sequence[Event]], now: datetime, known: Built | None = None) -> Built:
    """The tables of all services, by channel; versions count on from `known`, whose unchanged parts are taken over."""
    built = Built(network, now, origin(now + network.shift), {}) if known is None else _moved(known, network, now)
    for service in network.services:
        built = with_service(built, service, events.get(service.channel, ()), now)
    return with_fixed(built)


def resumed(network: Network, sent: Mapping[str, Mapping[Place, Version]], now: datetime) -> Built:
    """Tables without content that count on from what was sent before a restart; "" names those of the whole network."""
    services = {
        one.channel: ServiceTables(network.of(one), (), {}, {}, sent.get(one.channel, {})) for one in network.services
    }
    return Built(network, now, origin(now + network.shift), services, {}, sent.get("", {}))


def with_service(built: Built, service: Service, events: Sequence[Event], now: datetime) -> Built:
    """The tables with other events of one service; only the segments that changed are packed again."""
    network, of = built.network, built.network.of(service)
    old = built.services.get(service.channel)
    moment = now + network.shift
    kept = _still_told(events, built.begin, moment, network)
    parts = segments(kept, built.begin, network.style, days=network.horizon_days, known=old.parts if old else None)
    every = (*schedule(of, parts), *present_following(of, events, moment, network.style))
    if not of.actual and not network.tables.other:
        every = ()
    count = versions(every, old.versions if old else {}, network.scope)
    made = ServiceTables(of, tuple(events), parts, _whole(every, count, old), count)
    return attrs.evolve(built, at=now, services={**built.services, service.channel: made})


def with_time(built: Built, now: datetime) -> Built:
    """The tables as they are later: other events are present, finished ones leave, at midnight all is renumbered."""
    moved = _moved(built, built.network, now)
    due = [one for one in built.network.services if _turns(moved, built, one.channel, now)]
    for service in due:
        known = moved.services.get(service.channel)
        moved = with_service(moved, service, known.events if known else (), now)
    return attrs.evolve(moved, at=now)


def _turns(moved: Built, built: Built, channel: str, now: datetime) -> bool:
    """Whether something of a service is another at `now` than it was."""
    if moved.begin != built.begin or channel not in built.services:
        return True
    last, moment = built.at + built.network.shift, now + built.network.shift
    if (last - built.begin) // SEGMENT != (moment - built.begin) // SEGMENT:
        return True
    return any(last < edge <= moment for one in built.services[channel].events for edge in (one.start, one.stop))


def next_change(built: Built, now: datetime) -> datetime:
    """When the tables are another next: an event starts or ends, or a segment is over."""
    moment = now + built.network.shift
    edges = (edge for one in built.services.values() for event in one.events for edge in (event.start, event.stop))
    segment_end = built.begin + SEGMENT * ((moment - built.begin) // SEGMENT + 1)
    return min((*(edge for edge in edges if edge > moment), segment_end)) - built.network.shift


def _moved(built: Built, network: Network, now: datetime) -> Built:
    """At another day the segments keep their content and get other numbers; another profile makes all anew."""
    begin = origin(now + network.shift)
    if network != built.network:
        services = {name: attrs.evolve(one, parts={}) for name, one in built.services.items()}
        return attrs.evolve(built, network=network, begin=begin, at=now, services=services)
    if begin == built.begin:
        return built
    by = (begin - built.begin) // SEGMENT
    services = {name: attrs.evolve(one, parts=shifted(one.parts, by)) for name, one in built.services.items()}
    return attrs.evolve(built, begin=begin, services=services)


def _still_told(events: Sequence[Event], begin: datetime, now: datetime, network: Network) -> Sequence[Event]:
    """Without finished events, as the profile says: with their segment, at once, or at the end of the day."""
    if network.past == "day":
        return events
    if network.past == "at_once":
        return [one for one in events if one.stop > now]
    current = (now - begin) // SEGMENT
    alive = {(one.start - begin) // SEGMENT for one in events if one.stop > now}
    return [one for one in events if (number := (one.start - begin) // SEGMENT) >= current or number in alive]


def _whole(
    every: Iterable[Section], count: Mapping[Place, Version], old: ServiceTables | None
) -> dict[SubTable, tuple[bytes, ...]]:
    """Sections as they are sent; those with the version and content of before are taken over."""
    before = old.versions if old else {}
    sent = old.sent if old else {}
    out: dict[SubTable, tuple[bytes, ...]] = {}
    for sub_table, group in groupby(every, key=lambda one: one.sub_table):
        known = {data[6]: data for data in sent.get(sub_table, ())}
        out[sub_table] = tuple(
            known[one.number]
            if before.get(place(one)) == count[place(one)] and one.number in known
            else one.bytes_of(count[place(one)].version)
            for one in group
        )
    return out


def with_fixed(built: Built) -> Built:
    """With PAT, NIT and SDT, as far as the profile wants them."""
    every = tuple(_fixed(built.network))
    count = versions(every, built.fixed_versions, "sub_table")
    sent = {
        key: tuple(one.bytes_of(count[place(one)].version) for one in group)
        for key, group in groupby(every, key=lambda one: one.sub_table)
    }
    return attrs.evolve(built, fixed=sent, fixed_versions=count)


def _fixed(network: Network) -> Iterable[Section]:
    tables, mine = network.tables, [one for one in network.services if one.ts_id == network.ts_id]
    if tables.pat:
        yield si.pat(network.ts_id, {0: si.NIT_PID, **{one.service_id: one.pmt_pid for one in mine if one.pmt_pid}})
    by_stream = {ts_id: [one for one in network.services if one.ts_id == ts_id] for ts_id in _streams(network)}
    if tables.nit:
        streams = [
            si.Stream(
                ts_id,
                network.onid,
                tuple((one.service_id, one.kind or TELEVISION) for one in some),
                network.cable if ts_id == network.ts_id else None,
            )
            for ts_id, some in by_stream.items()
        ]
        yield from si.nit(network.network_id, coded(network.title, network.style.coding, NAME_ROOM).data, streams)
    for ts_id, some in by_stream.items():
        actual = ts_id == network.ts_id
        if tables.sdt and (actual or tables.other):
            yield from si.sdt(ts_id, network.onid, [_listed(one, network) for one in some], actual=actual)


def _streams(network: Network) -> Sequence[int]:
    return tuple(dict.fromkeys((network.ts_id, *(one.ts_id for one in network.services))))


def _listed(service: Service, network: Network) -> si.Listed:
    coding = network.style.coding
    name = coded(service.name or service.channel, coding, NAME_ROOM).data
    return si.Listed(
        service.service_id, service.kind or TELEVISION, name, coded(service.provider, coding, NAME_ROOM).data
    )


def turns(built: Built, clock: Callable[[], datetime]) -> list[Turn]:
    """What goes on the carousel; the time tables ask `clock` at the moment they are sent."""
    network = built.network
    out = [_fixed_turn(key, data, network) for key, data in built.fixed.items()]
    for service in built.services.values():
        out += [_eit_turn(key, data, network) for key, data in service.sent.items()]
    return out + _time_turns(network, clock)


_RANK: Final = {(True, True): 2, (True, False): 3, (False, True): 4, (False, False): 5}


def _fixed_turn(key: SubTable, data: tuple[bytes, ...], network: Network) -> Turn:
    cycles = network.cycles
    seconds = {si.PAT: cycles.pat, si.NIT_ACTUAL: cycles.nit, si.SDT_ACTUAL: cycles.sdt, si.SDT_OTHER: cycles.sdt_other}
    return Turn(key, key[0], data, seconds[key[1]], 1 if key[1] == si.SDT_OTHER else _NEVER)


def _eit_turn(key: SubTable, data: tuple[bytes, ...], network: Network) -> Turn:
    cycles, table = network.cycles, key[1]
    if table < SCHEDULE_ACTUAL:
        return Turn(key, key[0], data, cycles.pf if table == 0x4E else cycles.pf_other, _NEVER)
    actual = table < SCHEDULE_OTHER
    near = (table & 0x0F) * 4 < network.output.near_days
    seconds = {
        (True, True): cycles.near,
        (True, False): cycles.near_other,
        (False, True): cycles.later,
        (False, False): cycles.later_other,
    }
    return Turn(key, key[0], data, seconds[near, actual], _RANK[near, actual])


def _time_turns(network: Network, clock: Callable[[], datetime]) -> list[Turn]:
    def now() -> datetime:
        return clock() + network.shift

    def tdt() -> bytes:
        return si.tdt(now())

    def tot() -> bytes:
        return si.tot(now(), network.country.encode(), network.country_offset_min)

    wanted = [(si.TDT, network.tables.tdt, tdt), (si.TOT, network.tables.tot, tot)]
    return [
        Turn((si.TDT_PID, table, 0, 0), si.TDT_PID, (make(),), network.cycles.time, _NEVER, make)
        for table, on, make in wanted
        if on
    ]
