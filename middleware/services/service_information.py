"""Service information of head-ends: profiles, the events of services with ids that stay, and what it all needs."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from epg.matching import Triplet
from epg.model import Programme
from epg.schedule import joined, same_slot
from epg.si import ids, network
from epg.si.carousel import Load, load
from epg.si.eit import Event
from epg.si.network import BadNetwork, Network
from epg.si.tables import Built, build, events_of, turns
from epg.si.versions import Place, Version
from middleware.domain.errors import BadValue, NotFound
from middleware.domain.events import ContentChanged
from middleware.services.plan_ports import StoredNetwork
from middleware.services.ports import UnitOfWork

LARGEST: Final = 256 * 1024
"""Bytes of a profile: some 2,000 services."""
BACK: Final = timedelta(days=1)
"""What began before the day of the tables may still be present."""


@frozen
class Preview:
    """What a profile leads to: tables with their bytes, what the rate allows, and what will not go out as it is.

    `absent` are channels that the line-up does not have, `shortened` and `dropped` titles by channel.
    """

    sections: int
    bytes: int
    events: int
    load: Load
    absent: tuple[str, ...]
    shortened: Mapping[str, tuple[str, ...]]
    dropped: Mapping[str, tuple[str, ...]]


def read_profile(toml: str) -> Network:
    """Read a profile. Raises BadValue(network) that lists every fault."""
    if len(toml.encode()) > LARGEST:
        raise BadValue("network", f"配置超过 {LARGEST // 1024} KB", f"the profile has more than {LARGEST // 1024} KB")
    try:
        return network.parse(toml)
    except BadNetwork as error:
        faults = "；".join(map(str, error.faults[:20]))
        raise BadValue("network", f"网络配置有误：{faults}", str(error)) from error


def networks(uow: UnitOfWork, *, active_only: bool = False) -> tuple[Network, ...]:
    """The stored profiles; those that can no longer be read are left out."""
    out, radio = [], _radio(uow)
    for stored in uow.service_information.networks():
        if stored.active or not active_only:
            try:
                out.append(_with_kinds(network.parse(stored.toml), radio))
            except BadNetwork:
                continue
    return tuple(out)


def triplets(uow: UnitOfWork) -> Mapping[str, tuple[Triplet, ...]]:
    """Under which triplets the stored profiles carry each channel, by its xmltv_id."""
    found: dict[str, tuple[Triplet, ...]] = {}
    for profile in networks(uow):
        for one in profile.services:
            found[one.channel] = (*found.get(one.channel, ()), (profile.onid, one.ts_id, one.service_id))
    return found


def named(uow: UnitOfWork, name: str) -> Network:
    """One profile. Raises NotFound, BadValue(network)."""
    stored = next((one for one in uow.service_information.networks() if one.name == name), None)
    if stored is None:
        raise NotFound(f"没有名为 {name[:40]} 的网络配置", "no_network")
    return _with_kinds(read_profile(stored.toml), _radio(uow))


def _radio(uow: UnitOfWork) -> frozenset[str]:
    return frozenset(one.xmltv_id for one in uow.guide.channels() if one.radio)


def _with_kinds(profile: Network, radio: Collection[str]) -> Network:
    """The profile with the kind of each service that it leaves to the line-up."""
    said = {True: network.RADIO, False: network.TELEVISION}
    services = tuple(evolve(one, kind=one.kind or said[one.channel in radio]) for one in profile.services)
    return evolve(profile, services=services)


def save(uow: UnitOfWork, now: datetime, actor: str, toml: str, *, active: bool) -> Network:
    """Keep a profile under its name. Raises BadValue(network)."""
    made = read_profile(toml)
    uow.service_information.put_network(StoredNetwork(made.name, toml, active))
    uow.audit.add(now, actor, "save", "network", made.name, {"active": active, "services": len(made.services)})
    uow.outbox.add(ContentChanged("network"))
    return made


def remove(uow: UnitOfWork, now: datetime, actor: str, name: str) -> None:
    """Forget a profile; its carousel stops."""
    named(uow, name)
    uow.service_information.remove_network(name)
    uow.audit.add(now, actor, "remove", "network", name)
    uow.outbox.add(ContentChanged("network"))


def schedules(
    uow: UnitOfWork, now: datetime, profile: Network, channels: Sequence[str] = ()
) -> dict[str, tuple[Event, ...]]:
    """The events of a network's services (or of some of them), by channel; new programmes get their ids here.

    A writing transaction, so that an id that has gone out is never lost. Raises BadValue(no_id_left).
    """
    line_up = {one.xmltv_id: one.id for one in uow.guide.channels()}
    wanted = [one.channel for one in profile.services if not channels or one.channel in channels]
    end = now + timedelta(days=profile.horizon_days + 1)
    rows = uow.guide.between(now - BACK, end, [line_up[name] for name in wanted if name in line_up])
    by_channel: dict[str, list[Programme]] = {name: [] for name in wanted}
    for row in rows:
        _append(by_channel[row.programme.channel], row.programme)
    return {name: _events(uow, now, profile, name, some) for name, some in by_channel.items()}


def _append(programmes: list[Programme], one: Programme) -> None:
    """With the parts of one slot as one programme, and nothing that overlaps."""
    if programmes and same_slot(programmes[-1], one):
        programmes[-1] = joined(programmes[-1], one)
    elif not programmes or programmes[-1].stop <= one.start:
        programmes.append(one)


def _events(
    uow: UnitOfWork, now: datetime, profile: Network, channel: str, programmes: Sequence[Programme]
) -> tuple[Event, ...]:
    known = uow.service_information.ids(channel)
    try:
        given = ids.give(known, [(one.uid, one.stop) for one in programmes], now)
    except ids.NoIdLeft as error:
        raise BadValue("no_id_left", "这个频道的事件编号用完了，请缩短节目单的天数") from error
    if given != known:
        uow.service_information.put_ids(channel, given)
    return events_of(programmes, {uid: one.event_id for uid, one in given.given.items()}, profile)


def keep_versions(uow: UnitOfWork, before: Built | None, built: Built) -> None:
    """Write down the versions that are about to be sent, of those channels whose tables have changed."""
    name = built.network.name
    for channel, tables in built.services.items():
        old = before.services.get(channel) if before else None
        if old is None or old.versions != tables.versions:
            uow.service_information.put_versions(name, channel, tables.versions)
    if before is None or before.fixed_versions != built.fixed_versions:
        uow.service_information.put_versions(name, "", built.fixed_versions)


def sent_before(uow: UnitOfWork, name: str) -> Mapping[str, Mapping[Place, Version]]:
    """The versions that went out last, by channel ("" for the tables of the whole network)."""
    return uow.service_information.versions(name)


def preview(uow: UnitOfWork, now: datetime, profile: Network) -> Preview:
    """What a profile would send now, without sending or numbering anything."""
    line_up = {one.xmltv_id: one.id for one in uow.guide.channels()}
    events = {}
    for service in profile.services:
        if service.channel in line_up:
            end = now + timedelta(days=profile.horizon_days + 1)
            programmes: list[Programme] = []
            for row in uow.guide.between(now - BACK, end, [line_up[service.channel]]):
                _append(programmes, row.programme)
            numbers = {one.uid: number for number, one in enumerate(programmes, 1)}
            events[service.channel] = events_of(programmes, numbers, profile)
    absent = tuple(one.channel for one in profile.services if one.channel not in line_up)
    return previewed(build(profile, events, now), absent)


def previewed(built: Built, absent: tuple[str, ...] = ()) -> Preview:
    """What tables need of their rate, and which titles they shorten or have no room for."""
    every = turns(built, lambda: built.at)
    sections = [data for turn in every for data in turn.sections]
    told = built.services.items()
    return Preview(
        len(sections),
        sum(map(len, sections)),
        sum(len(tables.events) for _, tables in told),
        load(every, built.network.output.rate),
        absent,
        {name: found for name, tables in told if (found := _titles(tables.events, tables.shortened))},
        {name: found for name, tables in told if (found := _titles(tables.events, tables.dropped))},
    )


def _titles(events: Sequence[Event], numbers: Sequence[int]) -> tuple[str, ...]:
    wanted = set(numbers)
    return tuple(one.title for one in events if one.event_id in wanted)
