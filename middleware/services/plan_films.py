"""Films that an editor may plan: found by words, pinyin initials and length, with when they were and will be shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from attrs import frozen

from epg.planning import broadcast_day
from epg.search import index
from middleware.services import ledger_pool
from middleware.services.plan_rules import rules_of
from middleware.services.ports import UnitOfWork
from vod.catalogue import Asset
from vod.jobs import RUNNING, State

MOST: Final = 20
"""Films that are offered at once; a few more letters lead to the rest."""
LOOKED: Final = timedelta(days=60)
"""So far back and ahead airings are looked for."""
READY: Final = frozenset({State.READY})
COMING: Final = RUNNING | {State.UPLOADED, State.QUEUED}
"""Of films that will be ready when nothing goes wrong."""
_WORDS: Final = 21
"""Of a film: its title and its keywords."""
Fit = Literal["", "fits", "same"]
Lacks = Literal["", "coming", "other"]


@frozen
class Wanted:
    """What is looked for. `slot_s` is the length of the item, 0 = not known; `same` is within a tenth of it.

    With `coming` films too that are still being packaged.
    """

    query: str = ""
    slot_s: int = 0
    fit: Fit = ""
    coming: bool = False


@frozen
class Choice:
    """A film with its last and its next airing on the channel, None where there is none within two months.

    `lacks` is why the channel cannot show it now: it is still being packaged, or was packaged for viewers only.
    """

    film: Asset
    lacks: Lacks
    last: datetime | None
    next: datetime | None


@frozen
class Choices:
    """The first films of those that were found, and how many there are in all."""

    films: tuple[Choice, ...]
    found: int


def choices(uow: UnitOfWork, now: datetime, channel: str, wanted: Wanted) -> Choices:
    """Films of the wanted words and length, the best first: by words, else the nearest to the slot's length."""
    states = READY | COMING if wanted.coming else READY
    fitting = [one for one in uow.assets.all() if one.state in states and _fits(one, wanted)]
    films = _by_words(fitting, wanted.query) if wanted.query.strip() else _by_length(fitting, wanted.slot_s)
    last, following = _airings(uow, now, channel)
    plays = ledger_pool.air_of(uow, channel).on
    shown = (Choice(one, _lacks(one, plays=plays), last.get(one.id), following.get(one.id)) for one in films[:MOST])
    return Choices(tuple(shown), len(films))


def _lacks(film: Asset, *, plays: bool) -> Lacks:
    if film.state is not State.READY:
        return "coming"
    return "other" if plays and not ledger_pool.may_be_shown(film) else ""


def _fits(film: Asset, wanted: Wanted) -> bool:
    seconds = film.duration_ms / 1000
    if not wanted.slot_s or not wanted.fit:
        return True
    if wanted.fit == "fits":
        return seconds <= wanted.slot_s
    return abs(seconds - wanted.slot_s) <= wanted.slot_s / 10


def _by_words(films: Sequence[Asset], query: str) -> Sequence[Asset]:
    rows = ((words, one) for one in films for words in (one.title, *one.keywords.split()))
    found = index(rows).find(query, len(films) * _WORDS)
    return tuple({one.id: one for one in found}.values())


def _by_length(films: Sequence[Asset], slot_s: int) -> Sequence[Asset]:
    if not slot_s:
        return sorted(films, key=lambda one: -one.id)
    return sorted(films, key=lambda one: (abs(one.duration_ms - slot_s * 1000), -one.id))


def _airings(uow: UnitOfWork, now: datetime, channel: str) -> tuple[Mapping[int, datetime], Mapping[int, datetime]]:
    """When each film was last on a channel, as it really was where that is logged, and when it is planned next."""
    rules = rules_of(uow, channel)
    first, today, end = (broadcast_day(at, rules) for at in (now - LOOKED, now, now + LOOKED))
    ahead = [(asset, at) for asset, at in uow.plans.airings(channel, today, end) if at > now]
    logged = uow.as_run.last(channel, now - LOOKED, now)
    if logged:
        return logged, _earliest(ahead)
    back = [(asset, at) for asset, at in uow.plans.airings(channel, first, today, approved=True) if at <= now]
    return dict(sorted(back, key=lambda one: one[1])), _earliest(ahead)


def _earliest(rows: Sequence[tuple[int, datetime]]) -> Mapping[int, datetime]:
    return dict(sorted(rows, key=lambda one: one[1], reverse=True))
