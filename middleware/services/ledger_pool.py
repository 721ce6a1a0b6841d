"""What an own channel fills up with: its fillers, slate and idents, found among the films that may be scheduled."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from attrs import evolve, frozen

from middleware.domain.errors import BadValue
from middleware.domain.events import ContentChanged
from middleware.services import plan_rights
from middleware.services.assets import CHANNEL
from middleware.services.film_uses import RETENTION
from middleware.services.ports import UnitOfWork
from middleware.services.video_ports import Key, PoolRefs
from vod.catalogue import PUBLIC, Asset
from vod.jobs import State
from vod.ledger import SEGMENT_TICKS, TICKS_PER_MS, Film, Pool

SCOPE: Final = "air"
"""Scope of the settings that say which channels play out, by their xmltv_id."""
KEPT_H: Final = int(RETENTION.total_seconds()) // 3600
LEAST_MS: Final = 60_000
"""Of filler in a pool."""
MOST: Final = 500
IDENTS_MS: Final = (2000, 3000, 4000, 5000)
"""What a gap may need; one of 7 s in segments of 4 and 3 s is taken where there is one."""
_LONG: Final = (4000 * TICKS_PER_MS, 3000 * TICKS_PER_MS)
_WHOLE: Final = {SEGMENT_TICKS}


@frozen
class Air:
    """Whether a channel plays out of its ledger; `slate` is the film behind broken relays, 0 = found by its origin."""

    on: bool = False
    slate: int = 0


def air_of(uow: UnitOfWork, channel: str) -> Air:
    """What is set of one channel."""
    return Air(**uow.settings.get(SCOPE, channel, {}))


def playing(uow: UnitOfWork) -> tuple[str, ...]:
    """The channels that play out, by name."""
    return tuple(sorted(name for name, told in uow.settings.all(SCOPE).items() if told.get("on")))


def put_air(uow: UnitOfWork, now: datetime, actor: str, channel: str, air: Air) -> None:
    """Say whether a channel plays out; its first rows bring its address. Raises BadValue(no_channel, bad_slate)."""
    plan_rights.need(uow, actor, channel, "break_in")
    if all(one.xmltv_id != channel for one in uow.guide.channels()):
        raise BadValue("no_channel", "没有这个频道")
    if air.slate and _film(uow, air.slate) is None:
        raise BadValue("bad_slate", "垫片要是频道用的片子，每段正好 6 秒")
    uow.settings.put(SCOPE, channel, {"on": air.on, "slate": air.slate})
    if not air.on:
        give_address(uow, channel, "")
    uow.outbox.add(ContentChanged("channel"))
    uow.audit.add(now, actor, "air", "channel", channel, {"on": air.on, "slate": air.slate})


def address(channel: str) -> str:
    """Where the list of a channel that plays out lies on this server."""
    return f"/ch/{channel}/master.m3u8"


def archive(channel: str) -> str:
    """Where a range of what it showed lies; instants are filled in (domain/channels.py)."""
    return f"/ch/{channel}/{{start}}-{{stop}}/master.m3u8"


def give_address(uow: UnitOfWork, channel: str, url: str) -> None:
    """Let the line-up lead to our list, or with an empty address no longer to it; other addresses of it stay.

    A channel that plays out can be seen again without anybody saying where, unless somebody has; a film that stood in
    for it is no archive.
    """
    there = next((one for one in uow.guide.channels() if one.xmltv_id == channel), None)
    if there is None or there.url == url or (not url and there.url != address(channel)):
        return
    told = evolve(there, url=url)
    if url and there.archive_url in {"", there.url}:
        told = evolve(told, archive_url=archive(channel), archive_h=there.archive_h or KEPT_H)
    elif not url and there.archive_url == archive(channel):
        told = evolve(told, archive_url="")
    uow.guide.save_channel(told)
    uow.outbox.add(ContentChanged("channel"))


def may_be_shown(asset: Asset | None) -> bool:
    """Whether a channel may show a film: ready, in all rungs, and of the channel's class."""
    return asset is not None and asset.state is State.READY and asset.channel and asset.klass == PUBLIC


def films(uow: UnitOfWork, assets: Collection[int]) -> Mapping[int, Film]:
    """The films that may be scheduled, of whole segments of 6 s; what may not be is absent."""
    keys = {(one.id, one.rev) for one in uow.assets.some(assets).values() if may_be_shown(one)}
    return {asset: film for (asset, _), film in uow.ledger.films(keys).items() if set(film.seg_ticks) == _WHOLE}


def usable(uow: UnitOfWork, keys: Collection[Key]) -> frozenset[Key]:
    """Those of the revisions that a channel may still show."""
    known = uow.assets.some({asset for asset, _ in keys})
    return frozenset(key for key in keys if may_be_shown(known.get(key[0])))


def found(uow: UnitOfWork, channel: str) -> tuple[PoolRefs | None, tuple[str, ...]]:
    """The pool of a channel as it could be now, revision 0, and what it lacks; None while it cannot be used."""
    own = [one for one in uow.assets.listing(CHANNEL, limit=MOST) if may_be_shown(one)]
    told = uow.ledger.films({(one.id, one.rev) for one in own})
    idents = _idents(told)
    slate = _slate(uow, channel, own, told)
    planned = uow.plans.pool(channel)
    wanted = {one.asset for one in planned.fillers} if planned else set()
    loop = tuple(sorted((one.asset, one.rev) for one in films(uow, wanted).values()))
    loop = loop or _fillers(own, told, slate)
    lacks = _lacks(uow.ledger.films(loop), slate, idents)
    if slate is None or not loop:
        return None, lacks
    return PoolRefs(0, loop, slate, tuple(sorted(idents.items()))), lacks


def _idents(told: Mapping[Key, Film]) -> dict[int, Key]:
    """Idents by their length in ms; of the same length the oldest."""
    idents: dict[int, Key] = {}
    for key, film in sorted(told.items()):
        length = film.edges_ms[-1]
        if (len(film.seg_ticks) == 1 and length in IDENTS_MS) or film.seg_ticks == _LONG:
            idents.setdefault(length, key)
    return idents


def _slate(uow: UnitOfWork, channel: str, own: list[Asset], told: Mapping[Key, Film]) -> Key | None:
    chosen = _film(uow, air_of(uow, channel).slate)
    if chosen is not None:
        return chosen.asset, chosen.rev
    named = [(one.id, one.rev) for one in own if _is_slate(one)]
    return next((key for key in sorted(named) if set(told[key].seg_ticks) == _WHOLE), None)


def _film(uow: UnitOfWork, asset: int) -> Film | None:
    return films(uow, [asset]).get(asset) if asset else None


def _is_slate(asset: Asset) -> bool:
    return (asset.origin or "").rpartition(":")[2].startswith("slate")


def _fillers(own: list[Asset], told: Mapping[Key, Film], slate: Key | None) -> tuple[Key, ...]:
    """The films of the channel's column that are filler where editors have chosen none: no slate, no recording."""
    others = {(one.id, one.rev) for one in own if _is_slate(one) or (one.origin or "").startswith("relay:")}
    return tuple(sorted(key for key in told.keys() - others - {slate} if set(told[key].seg_ticks) == _WHOLE))


def _lacks(loop: Mapping[Key, Film], slate: Key | None, idents: Mapping[int, Key]) -> tuple[str, ...]:
    """What keeps a pool from meeting every second, in words for operators."""
    out = []
    length = sum(film.edges_ms[-1] for film in loop.values())
    if length < LEAST_MS:
        out.append(f"the fillers last {length // 1000} s, at least {LEAST_MS // 1000} s are needed")
    if slate is None:
        out.append("there is no slate")
    missing = [f"{ms // 1000} s" for ms in IDENTS_MS if ms not in idents]
    if missing:
        out.append(f"there is no ident of {', '.join(missing)}")
    return tuple(out)


def pools(uow: UnitOfWork, channel: str) -> Mapping[int, Pool]:
    """The pools of a channel with their films, by revision; without old ones whose films nobody keeps any more."""
    refs = uow.ledger.pools(channel)
    told = uow.ledger.films({key for one in refs.values() for key in one.films})
    return {revision: made(one, told) for revision, one in refs.items() if told.keys() >= set(one.films)}


def made(refs: PoolRefs, told: Mapping[Key, Film]) -> Pool:
    """A pool with its films. Raises KeyError for a film that never was."""
    loop = tuple(told[key] for key in refs.loop)
    return Pool(refs.revision, loop, told[refs.slate], {ms: told[key] for ms, key in refs.idents})
