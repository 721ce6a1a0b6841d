"""From rows as a feed has them to a channel's programmes: missing ends, duplicates, overlaps, gaps."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from attrs import frozen

from epg.model import LONGEST, OPEN_FOR, Credit, Programme
from epg.report import Action, Finding, Held, Ledger
from epg.times import Source

CUT_AT_MOST: Final = timedelta(minutes=5)
"""An overlap up to this long is a matter of rounding: the earlier programme gives way."""
_LONGEST_S: Final = LONGEST.total_seconds()
_OPEN_S: Final = OPEN_FOR.total_seconds()
_CUT_S: Final = CUT_AT_MOST.total_seconds()
HELD_FIELDS: Final = frozenset({
    "title", "sub_title", "desc", "lang", "categories", "keywords", "credits", "date", "icon", "episode", "onscreen",
    "rating", "rating_system", "marks",
})  # fmt: skip
"""What is kept of a quarantined row besides its times."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Row(NamedTuple):
    """A programme as read: plain values that sort by what decides, and that go to disk as they are.

    `start` and `stop` are epoch seconds, `line` and `told_…` where and how it stood in the feed. An `open` one had no
    end. The rest is as in Programme; `credits` are pairs of part and name. A row is made for each programme of feeds
    of any length, and a Programme only of what is left in the end.
    """

    start: float
    open: bool
    stop: float
    clump: str
    title: str
    sub_title: str
    desc: str
    line: int
    told_start: str
    told_stop: str
    channel: str
    lang: str = ""
    categories: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    credits: tuple[tuple[str, str], ...] = ()
    date: str = ""
    icon: str = ""
    episode: str = ""
    onscreen: str = ""
    rating: str = ""
    rating_system: str = ""
    marks: tuple[str, ...] = ()


@frozen
class Settled:
    """What is left of a channel's rows, in order, and how many went which way."""

    programmes: tuple[Programme, ...]
    quarantined: int = 0
    duplicates: int = 0


def settle(rows: Iterable[Row], source: Source, ledger: Ledger) -> Settled:
    """Sort one channel's rows and make them fit; the outcome does not depend on the order they come in."""
    given = sorted(rows)
    single = _without_duplicates(given, ledger)
    closed = _closed(single, ledger)
    fitting = _fitting(closed, source, ledger)
    _list_gaps(fitting, source.gap, ledger)
    return Settled(tuple(map(programme, fitting)), len(single) - len(fitting), len(given) - len(single))


def programme(row: Row) -> Programme:
    """The programme of a row, not yet linked to a stored one."""
    return Programme(
        "",
        row.channel,
        instant(row.start),
        instant(row.stop),
        row.title,
        row.sub_title,
        row.desc,
        row.lang,
        row.categories,
        row.keywords,
        tuple(Credit(part, name) for part, name in row.credits) if row.credits else (),
        row.date,
        row.icon,
        row.episode,
        row.onscreen,
        row.rating,
        row.rating_system,
        row.marks,
        row.clump,
        row.open,
    )


@lru_cache(maxsize=16_384)  # the programmes of many channels begin together
def instant(seconds: float) -> datetime:
    """Epoch seconds as an instant in UTC, for every year that there is."""
    return _EPOCH + timedelta(seconds=seconds)


def _without_duplicates(rows: Sequence[Row], ledger: Ledger) -> list[Row]:
    kept: list[Row] = []
    same_start: set[tuple[object, ...]] = set()
    for row in rows:
        if not kept or kept[-1].start != row.start:
            same_start.clear()
            kept.append(row)
            continue
        if not same_start:
            same_start.add(_content(kept[-1]))  # hashing is dear, so only where two rows begin together
        if (content := _content(row)) in same_start:
            ledger.note(_finding("duplicate", "dropped", row, row.title))
            continue
        same_start.add(content)
        kept.append(row)
    return kept


def _content(row: Row) -> tuple[object, ...]:
    """What a row says, without where it stood."""
    return row[:7] + row[10:]


def _closed(rows: list[Row], ledger: Ledger) -> list[Row]:
    """Rows without an end last until the next start of the channel; one with none within a day stays open."""
    following: float | None = None
    start: float | None = None
    for at in range(len(rows) - 1, -1, -1):
        row = rows[at]
        if start != row.start:
            following, start = start, row.start
        if row.open:
            rows[at] = _ended(row, following)
            action: Action = "open" if rows[at].open else "closed"
            ledger.note(_finding("no_stop", action, row, row.title))
    return rows


def _ended(row: Row, following: float | None) -> Row:
    if following is None or following - row.start > _LONGEST_S:
        return row._replace(stop=row.start + _OPEN_S)
    return row._replace(stop=following, open=False)


def _fitting(rows: Iterable[Row], source: Source, ledger: Ledger) -> list[Row]:
    kept: list[Row] = []
    for row in rows:
        last = kept[-1] if kept else None
        if last is None or row.start >= last.stop or _same_slot(last, row):
            kept.append(row)
            continue
        action = _remedy(last, row, source)
        ledger.note(_finding("overlap", action, row, f"{row.title} / {last.title}"))
        if action == "cut":
            kept[-1] = last._replace(stop=row.start)
        if action == "quarantined":
            ledger.hold(_held(row))
        else:
            kept.append(row)
    return kept


def _held(row: Row) -> Held:
    values = {name: value for name, value in row._asdict().items() if name in HELD_FIELDS and value}
    return Held("overlap", row.line, row.channel, row.told_start, row.told_stop, row.start, row.stop, values)


def _same_slot(first: Row, second: Row) -> bool:
    """Whether two rows are parts n/m of one slot, which is no overlap."""
    parts = first.clump and second.clump and first.clump != second.clump
    return bool(parts) and (first.start, first.stop) == (second.start, second.stop)


def _remedy(earlier: Row, later: Row, source: Source) -> Action:
    if later.start == earlier.start or source.overlap == "quarantine":
        return "quarantined"  # readers take the start for the programme's identity
    if source.overlap == "keep":
        return "kept"
    return "cut" if earlier.stop - later.start <= _CUT_S else "quarantined"


def _list_gaps(rows: Sequence[Row], least: timedelta, ledger: Ledger) -> None:
    least_s = least.total_seconds()
    for earlier, later in pairwise(rows):
        hole = later.start - earlier.stop
        if hole > least_s:
            ledger.note(_finding("gap", "listed", later, f"{int(hole // 60)} min"))


def _finding(code: str, action: Action, row: Row, raw: str) -> Finding:
    return Finding(code, action, row.line, row.channel, row.told_start, raw)
