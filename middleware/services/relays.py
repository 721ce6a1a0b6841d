"""Relays: pictures from elsewhere that a plan shows on an own channel; sources that operators keep, and recordings.

A source is an address that the server may fetch, so only operators write it; editors choose it by its name. What is
taken becomes a film of the library from its first segment on (video.md §7.4).
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from attrs import evolve, frozen

from epg.planning import Item
from middleware.domain.errors import BadValue, NotFound
from middleware.domain.events import ContentChanged
from middleware.services import ledger
from middleware.services.assets import CHANNEL, SHORT_MOST, TITLE_MOST, Files
from middleware.services.ports import UnitOfWork
from vod.catalogue import Asset, Edition
from vod.jobs import State, move
from vod.ledger import SEGMENT_TICKS, Captured, Draft, Row
from vod.linear import next_row
from vod.relaying import BEFORE_MS, NOTICE_MS, Ready, first_segment

SCOPE: Final = "relays"
MOST_SOURCES: Final = 100
KEPT: Final = timedelta(days=8)
"""A recording stays as long as catch-up may ask for it, and a day more."""
_NAME: Final = re.compile(r"[\w-]{1,40}")
_SCHEMES: Final = frozenset({"http", "https", "udp", "rtp", "rtmp", "rtmps", "srt"})
_DAY: Final = timedelta(days=1)


@frozen
class Source:
    """Where a relay comes from: an address that ffmpeg reads, or one of ours at which an encoder calls (0.0.0.0)."""

    name: str
    address: str


@frozen
class Due:
    """A planned relay whose source is to be taken now. Instants in epoch ms."""

    channel: str
    uid: str
    title: str
    source: Source
    start_ms: int
    stop_ms: int


def sources(uow: UnitOfWork) -> tuple[Source, ...]:
    """All sources by name."""
    return tuple(Source(name, str(address)) for name, address in sorted(uow.settings.all(SCOPE).items()))


def put_source(uow: UnitOfWork, now: datetime, actor: str, source: Source) -> Source:
    """Write a source over the one of its name. Raises BadValue(bad_name, bad_address, too_many)."""
    if not _NAME.fullmatch(source.name):
        raise BadValue("bad_name", "信号源名称只能用字母、数字、汉字、- 和 _，最多 40 个字")
    if not _sound(source.address):
        raise BadValue("bad_address", "信号源地址要以 http、https、udp、rtp、rtmp(s) 或 srt 开头")
    known = {one.name for one in sources(uow)}
    if source.name not in known and len(known) >= MOST_SOURCES:
        raise BadValue("too_many", f"最多 {MOST_SOURCES} 个信号源")
    uow.settings.put(SCOPE, source.name, source.address)
    uow.audit.add(now, actor, "save", "relay source", source.name, {})
    return source


def remove_source(uow: UnitOfWork, now: datetime, actor: str, name: str) -> None:
    """Forget a source; planned relays that name it show fillers from then on. Raises NotFound."""
    if all(one.name != name for one in sources(uow)):
        raise NotFound("没有这个信号源", "no_source")
    uow.settings.remove(SCOPE, name)
    uow.audit.add(now, actor, "remove", "relay source", name, {})


def _sound(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    printable = address.isascii() and address.isprintable() and " " not in address
    return parts.scheme in _SCHEMES and bool(parts.hostname) and len(address) <= 500 and printable


def due(uow: UnitOfWork, now: datetime, channel: str) -> tuple[Due, ...]:
    """The relays of a channel's approved plan whose source is to be taken now, by start."""
    known = {one.name: one for one in sources(uow)}
    if not known:
        return ()
    around = timedelta(milliseconds=BEFORE_MS)
    today = now.date()
    days = uow.plans.approved(channel, today - 2 * _DAY, today + _DAY)
    items = [item for day in days for item in day.items if item.content.relay in known]
    return tuple(
        _due(channel, item, known[item.content.relay])
        for item in sorted(items, key=lambda item: item.start)
        if item.start - around <= now < item.stop + around
    )


def _due(channel: str, item: Item, source: Source) -> Due:
    start, stop = (int(at.timestamp() * 1000) for at in (item.start, item.stop))
    return Due(channel, item.uid, item.content.title, source, start, stop)


def recording(uow: UnitOfWork, now: datetime, relay: Due, fence: int) -> Asset:
    """The film that who has this number of the channel's lock takes a relay into: the one begun already, or a new one.

    Each number has its own: a server that has not heard yet that it lost the lock may still write. Another one when
    that is over: the programme was given more time, or was put off, after its end.
    """
    origin = first = f"relay:{relay.channel}:{relay.uid}:{fence}"
    turn = 1
    while (found := uow.assets.by_origin(origin)) is not None:
        if found.state is State.ENCODING:
            return found
        turn += 1
        origin = f"{first}:{turn}"
    title = relay.title[:TITLE_MOST]
    return uow.assets.begin(
        Asset(
            id=0,
            rev=1,
            state=State.ENCODING,
            column=CHANNEL,
            title=title,
            short_title=title[:SHORT_MOST],
            synopsis="",
            duration_ms=0,
            added_at=now,
            origin=origin,
            channel=True,
        )
    )


def open_row(uow: UnitOfWork, now_ms: int, fence: int, relay: Due, asset: Asset, last: Ready) -> Row:
    """Put a relay on its channel at its start, or at the first edge that can still be met; it cuts what stood there.

    `last` is the newest segment on disk. Raises Fenced, BadRow.
    """
    uow.ledger.hold(relay.channel)  # nobody else writes between the look and the row
    shown = ledger.effective(uow, relay.channel, now_ms - ledger.BEHIND // timedelta(milliseconds=1))
    start = shown.edge_after(max(relay.start_ms, now_ms + NOTICE_MS))
    first, pool = first_segment(last, start), max(shown.pools)
    draft = Draft("relay", asset.id, asset.rev, first, first, relay.uid, pool, start)
    row = next_row(shown, draft, now_ms)
    uow.ledger.append(relay.channel, [row], fence)
    return row


def captured(seq: int, ready: Sequence[Ready], now_ms: int) -> list[Captured]:
    """Segments on disk as the ledger is told of them."""
    return [Captured(seq, one.k, SEGMENT_TICKS, one.sizes, now_ms) for one in ready]


def finish(uow: UnitOfWork, now: datetime, asset: Asset, edition: Edition | None) -> Asset:
    """A recording is over: with an index row it is a film like any other, without one it has failed."""
    state = move(asset.state, State.INDEXING)
    if edition is None:
        state = move(state, State.FAILED)
    else:
        uow.assets.add_edition(asset.id, asset.rev, edition)
        state = move(move(state, State.VERIFYING), State.READY)
        uow.assets.set_duration(asset.id, edition.duration_ms)
    uow.assets.set_state(asset.id, state, now)
    uow.outbox.add(ContentChanged("asset"))
    return evolve(asset, state=state)


def tidy(uow: UnitOfWork, now: datetime, purge: Files) -> int:
    """End recordings that a process which died has left; take those out that catch-up no longer needs. How many.

    Of those with gaps, which are no films, `purge` removes the files.
    """
    mine = [one for one in uow.assets.all() if (one.origin or "").startswith("relay:")]
    dead = [one for one in mine if one.state is State.ENCODING and one.added_at < now - _DAY]
    old = [one for one in mine if one.state is State.READY and one.added_at < now - KEPT]
    broken = [one for one in mine if one.state is State.FAILED and one.added_at < now - KEPT]
    for one in dead:
        finish(uow, now, one, None)
    for one in old:
        uow.assets.set_state(one.id, move(one.state, State.WITHDRAWN), now)
    for one in broken:
        purge(one.id, one.rev)
        uow.assets.set_state(one.id, move(one.state, State.PURGED), now)
    return len(dead) + len(old) + len(broken)
