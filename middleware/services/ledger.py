"""What own channels play: the publisher's turn, inserts on air, and all that a node needs to show it (video.md §7).

One server writes a channel's rows: it holds the channel's lock, and what it writes under an older number is refused.
Every function here runs in one transaction, in which `now` is taken.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from attrs import define, evolve, field, frozen

from middleware.domain.errors import BadValue, DomainError, Fenced
from middleware.services import ledger_log, ledger_pool, plan_rights
from middleware.services.film_uses import RETENTION
from middleware.services.ledger_plan import Planned, planned
from middleware.services.ports import UnitOfWork
from middleware.services.video_ports import PoolRefs
from vod import publishing
from vod.airing import Key, Plan, Shown
from vod.ledger import Captured, Film, Pool, Row
from vod.linear import Effective, Films, Pools, fold, next_row

BEHIND: Final = timedelta(hours=4)
"""How much of what was on air the next rows depend on; a row that is longer counts as a whole."""
WITHIN: Final = timedelta(seconds=1)
"""A transaction that takes longer is given up: its stamps would no longer be true."""
LEASE: Final = timedelta(seconds=15)
"""A holder of the lock that is not heard of for so long has lost it."""

SLIP_MS: Final = 1000
"""So far the clocks of two servers may be apart."""
REASON_MOST: Final = 200


@frozen
class Ledger:
    """All that is folded into what a channel shows, from some row on."""

    rows: tuple[Row, ...]
    captured: tuple[Captured, ...]
    films: Films
    pools: Pools


@frozen
class Published:
    """What a publisher's turn led to: the rows it wrote, up to when the channel is written, what is wrong."""

    rows: tuple[Row, ...]
    end_ms: int
    faults: tuple[str, ...] = ()


def read(uow: UnitOfWork, channel: str, since_ms: int, after: int | None = None, relay: int | None = None) -> Ledger:
    """What shows a channel from an instant on; or only what a node lacks that has the rows up to `after`.

    `relay` is the number of a row it has whose segments still come.
    """
    behind = max(0, uow.ledger.begin(channel, since_ms) - 1) if after is None else after
    rows = uow.ledger.rows(channel, behind)
    pools = ledger_pool.pools(uow, channel)
    films = uow.ledger.films({(row.asset, row.rev) for row in rows})
    captured = uow.ledger.captured(channel, behind if relay is None else min(behind, relay - 1))
    return Ledger(rows, captured, films, pools)


def effective(uow: UnitOfWork, channel: str, since_ms: int) -> Effective:
    """What is on a channel from an instant on."""
    known = read(uow, channel, since_ms)
    return fold(known.rows, known.captured, known.films, known.pools, channel=channel)


def publish(uow: UnitOfWork, now: datetime, channel: str, fence: int) -> Published:
    """Write the rows that are due. Raises Fenced when another server has the lock."""
    if not fence or uow.ledger.hold(channel) != fence:
        raise Fenced(f"the rows of channel {channel} are written by another server")
    pool, faults = _pool(uow, channel, fence)
    if pool is None:
        return Published((), 0, faults)
    desk = _Desk.of(uow, now, channel, pool, sound=not faults)
    ledger_log.note(uow, now, channel, desk.effective, desk.planned)
    desk.go_on(uow)
    rows = desk.keep(uow, fence)
    if rows:
        ledger_pool.give_address(uow, channel, ledger_pool.address(channel))
    return Published(rows, desk.effective.end_ms, (*faults, *desk.missing()))


def insert(
    uow: UnitOfWork, now: datetime, actor: str, channel: str, asset: int, *, resume: bool = True, reason: str = ""
) -> Row:
    """Bring a film in on air at the next edge that can be met; what it cuts goes on behind it, or the plan does.

    Raises BadValue(not_on_air, not_schedulable).
    """
    plan_rights.need(uow, actor, channel, "break_in")
    film = ledger_pool.films(uow, [asset]).get(asset)
    if film is None:
        raise BadValue("not_schedulable", "这部片子没有按频道的要求打包，不能插播")
    desk, fence = _on_air(uow, now, channel)
    made = publishing.inserted(desk.plan(desk.pool.revision), desk.effective, desk.now_ms, film, resume=resume)
    desk.effective = evolve(desk.effective, films={**desk.effective.films, (film.asset, film.rev): film})
    desk.add(made)
    rows = desk.keep(uow, fence)
    detail = {"film": asset, "resume": resume, "row": rows[0].seq, "reason": reason[:REASON_MOST]}
    uow.audit.add(now, actor, "insert", "channel", channel, detail)
    return rows[0]


def end_insert(uow: UnitOfWork, now: datetime, actor: str, channel: str) -> Row:
    """End the insert that runs or comes next at the next edge. Raises BadValue(not_on_air, no_insert)."""
    plan_rights.need(uow, actor, channel, "break_in")
    desk, fence = _on_air(uow, now, channel)
    made = publishing.insert_ended(desk.plan(desk.pool.revision), desk.effective, desk.now_ms)
    if not made:
        raise BadValue("no_insert", "现在没有插播，也没有马上要播的插播")
    desk.add(made)
    rows = desk.keep(uow, fence)
    uow.audit.add(now, actor, "end insert", "channel", channel, {"row": rows[0].seq})
    return rows[0]


def prune(uow: UnitOfWork, now: datetime) -> int:
    """Forget the rows that nobody may ask for any more; returns how many."""
    return uow.ledger.prune(ms(now - RETENTION - timedelta(days=2)))


def in_time(began: datetime, now: datetime) -> None:
    """Raise Fenced for a transaction that has taken so long that its stamps are not true any more."""
    if now - began > WITHIN:
        raise Fenced(f"the transaction took {(now - began).total_seconds():.1f} s; nothing is written, the next one is")


@define
class _Desk:
    """A channel on the publisher's desk: what is on air, what is planned, with which fillers; `made` waits to be kept.

    `sound` is False for an old pool that is used because the films there are now are too few.
    """

    channel: str
    now_ms: int
    pool: Pool
    sound: bool
    effective: Effective
    planned: Planned
    made: list[Row] = field(factory=list)
    plans: dict[int, Plan] = field(factory=dict)

    @classmethod
    def of(cls, uow: UnitOfWork, now: datetime, channel: str, pool: Pool, *, sound: bool = True) -> "_Desk":
        """Read all of it. Raises DomainError(clock) when rows are stamped later than now: the past could be changed."""
        known = effective(uow, channel, min(ms(now - BEHIND), ledger_log.noted(uow, channel) or ms(now)))
        stamped = max((one.row.published_ms for one in known.pieces), default=0)
        if stamped > ms(now) + SLIP_MS:
            detail = f"the clock is {(stamped - ms(now)) / 1000:.0f} s behind the last rows of channel {channel}"
            raise DomainError("clock", "服务器的时钟慢了，请先对时", detail)
        plan = planned(uow, channel, now)
        films = {(film.asset, film.rev): film for film in _films(plan, (*known.pools.values(), pool))}
        pools = {**known.pools, pool.revision: pool}
        known = evolve(known, films={**films, **known.films}, pools=pools)
        return cls(channel, ms(now), pool, sound, known, plan)

    def plan(self, revision: int) -> Plan:
        """The plan with the fillers of a pool."""
        if revision not in self.plans:
            self.plans[revision] = Plan(self.channel, self.planned.parts, self.effective.pools[revision])
        return self.plans[revision]

    def go_on(self, uow: UnitOfWork) -> None:
        """Make the rows that are due: a new channel's first, then what follows from plan and ledger."""
        revision = self.pool.revision
        if not self.effective.pieces:
            self.add([publishing.opening(self.plan(revision), self.now_ms)])
        keys = {(row.asset, row.rev) for row in self._coming()}
        good = ledger_pool.usable(uow, keys) if self.sound else keys
        self.add(publishing.coming(self.plan, revision, self.effective, self.now_ms, good))

    def _coming(self) -> list[Row]:
        return [one.row for one in self.effective.pieces if one.stop_ms is None or one.stop_ms > self.now_ms]

    def add(self, rows: Iterable[Shown]) -> None:
        """Number rows. Raises BadRow for what the ledger may not hold."""
        for one in rows:
            self.made.append(next_row(self.effective, one.draft(self.pool.revision), self.now_ms))
            self.effective = self.effective.grown(self.made[-1:])

    def keep(self, uow: UnitOfWork, fence: int) -> tuple[Row, ...]:
        """Add the rows to the ledger, and let the guide tell when they are on. Raises Fenced."""
        if self.made:
            uow.ledger.append(self.channel, self.made, fence)
            ledger_log.retime(uow, self.channel, self.effective, self.planned, self.now_ms)
        return tuple(self.made)

    def missing(self) -> tuple[str, ...]:
        """What is written without its film, in words for operators."""
        on = [piece.row for piece in self.effective.pieces]
        shown = {row.programme_uid for row in on if row.kind in {"asset", "relay"}}
        filled = dict.fromkeys(row.programme_uid for row in self.made if row.programme_uid not in shown)
        items = [self.planned.items[uid] for uid in filled if uid in self.planned.items]
        return tuple(
            f"{item.content.title} at {item.start:%H:%M}Z has no film that can be shown: fillers stand in for it"
            for item in items
            if item.content.asset is not None
        )


def _films(plan: Planned, pools: Iterable[Pool]) -> Iterable[Film]:
    for pool in pools:
        yield from (*pool.loop, pool.slate, *pool.idents.values())
    yield from (part.film for part in plan.parts if part.film is not None)


def _pool(uow: UnitOfWork, channel: str, fence: int) -> tuple[Pool | None, tuple[str, ...]]:
    """The newest pool, after writing it down if the films have changed; the last good one when they are too few."""
    stored = uow.ledger.pools(channel)
    last = stored[max(stored)] if stored else None
    refs, lacks = ledger_pool.found(uow, channel)
    if refs is None or lacks or (last is not None and evolve(last, revision=0) == refs):
        refs = last
    else:
        refs = evolve(refs, revision=max(stored, default=0) + 1)
        uow.ledger.put_pool(channel, refs, fence)
    return (None if refs is None else _made(uow, refs)), lacks


def _made(uow: UnitOfWork, refs: PoolRefs) -> Pool:
    return ledger_pool.made(refs, uow.ledger.films(set[Key](refs.films)))


def _on_air(uow: UnitOfWork, now: datetime, channel: str) -> tuple[_Desk, int]:
    """A channel's desk with the number of whoever holds its lock, in whose place this transaction writes."""
    fence = uow.ledger.hold(channel)
    stored = uow.ledger.pools(channel)
    begun = fence and stored and uow.ledger.begin(channel, ms(now))
    if not begun or not ledger_pool.air_of(uow, channel).on:
        raise BadValue("not_on_air", "这个频道还没有自己播出")
    return _Desk.of(uow, now, channel, _made(uow, stored[max(stored)])), fence


def ms(at: datetime) -> int:
    """An instant as the ledger has it: epoch milliseconds."""
    return int(at.timestamp() * 1000)
