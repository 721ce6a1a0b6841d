"""What operators ask of a channel that plays out: what is on, what comes, until when it is written, what it lacks."""

from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from middleware.services import ledger, ledger_pool
from middleware.services.ledger_plan import Planned, planned
from middleware.services.ledger_pool import Air
from middleware.services.ports import UnitOfWork
from middleware.services.video_ports import Lock, PoolRefs
from vod.catalogue import Asset
from vod.ledger import SEGMENT_MS, Kind
from vod.linear import Effective

MOST: Final = 300
"""Films to choose from."""


@frozen
class Line:
    """A film on air, from which of its segments to before which; `title` is the programme's, empty for what is none.

    `filled`: the programme has a film, and fillers stand in for it.
    """

    start_ms: int
    stop_ms: int
    kind: Kind
    film: str
    film_title: str
    first: int
    stop: int
    title: str
    filled: bool = False


@frozen
class Status:
    """A channel's state; `end_ms` 0 before its first row. `lacks` is what its pool would need, for operators."""

    air: Air
    lock: Lock | None
    end_ms: int
    lines: tuple[Line, ...]
    pool: PoolRefs | None
    lacks: tuple[str, ...]


def status(uow: UnitOfWork, now: datetime, channel: str, ahead: timedelta) -> Status:
    """What is on a channel now and for so long from now on."""
    known = ledger.effective(uow, channel, ledger.ms(now))
    pools = uow.ledger.pools(channel)
    lines = _lines(uow, known, planned(uow, channel, now), ledger.ms(now), ledger.ms(now + ahead))
    return Status(
        ledger_pool.air_of(uow, channel),
        uow.ledger.held(channel),
        known.end_ms if known.pieces else 0,
        lines,
        pools[max(pools)] if pools else None,
        ledger_pool.found(uow, channel)[1],
    )


def insertable(uow: UnitOfWork) -> tuple[Asset, ...]:
    """The films that may be brought in on air, the newest first."""
    whole = [one for one in uow.assets.all() if ledger_pool.may_be_shown(one) and one.duration_ms % SEGMENT_MS == 0]
    return tuple(sorted(whole, key=lambda one: (one.added_at, one.id), reverse=True)[:MOST])


def _lines(uow: UnitOfWork, known: Effective, plan: Planned, start_ms: int, stop_ms: int) -> tuple[Line, ...]:
    runs = known.runs(start_ms, stop_ms)
    own = {run.row.programme_uid for run in runs if run.kind in {"asset", "relay"}}
    films = uow.assets.some({run.film.asset for run in runs})
    return tuple(
        Line(
            run.start_ms,
            run.end_ms,
            run.kind,
            f"{run.film.asset}-{run.film.rev}",
            films[run.film.asset].title if run.film.asset in films else "",
            run.first,
            run.stop,
            plan.title(run.row.programme_uid),
            run.row.programme_uid not in own and _has_film(plan, run.row.programme_uid),
        )
        for run in runs
    )


def _has_film(plan: Planned, uid: str) -> bool:
    return uid in plan.items and plan.items[uid].content.asset is not None
