"""Days in the life of a scheduled channel, without clock or database: a publisher writes rows, nodes read them later.

A story is a sequence of steps; `told` plays it and returns what was committed when. `Node` is a server that re-reads
in its own rhythm; `Watch` looks at every list a viewer would get and keeps the violations of video.md §7.1.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final, Literal

from attrs import define, field, frozen

from vod.linear import Captured, ClockWentBack, DateRange, Draft, Effective, Entry, Film, Pool, Row, Window, edge, fold
from vod.linear import next_row as drafted

BEGIN_MS: Final = 1_790_000_000_000
TICKS_MS: Final = 90
SIX: Final = 6_000 * TICKS_MS
HORIZON_MS: Final = 31_000
SUBTITLED: Final = (12, 13)
"""Numbers of the films in stock that have subtitles."""


@frozen
class Step:
    """One thing that happens: `count` and `pick` choose how much and which film; `gaps` are lost relay segments."""

    what: Literal["items", "wait", "insert", "relay", "late"]
    count: int = 1
    pick: int = 0
    gaps: frozenset[int] = frozenset()
    prompt: bool = True


@frozen
class Arrival:
    """Something committed, and from when on it can be read."""

    at_ms: int
    what: Row | Captured


def stock() -> tuple[dict[tuple[int, int], Film], dict[int, Pool]]:
    """Films of many lengths, short ends and idents among them, and two revisions of a pool."""
    lengths = [(6_000,), (6_000,) * 2, (6_000,) * 9, (6_000,) * 3 + (2_000,), (3_000,), (4_000, 3_000), (6_000, 1_400)]
    items = [
        Film(10 + n, 1, tuple(ms * TICKS_MS for ms in film), captions="zh" if 10 + n in SUBTITLED else "")
        for n, film in enumerate(lengths)
    ]
    loops = [Film(2, 1, (SIX,) * 3), Film(3, 1, (SIX,)), Film(4, 2, (SIX,) * 5)]
    slate = Film(1, 1, (SIX,) * 2)
    films = {(film.asset, film.rev): film for film in (*items, *loops, slate)}
    return films, {0: Pool(0, tuple(loops), slate), 1: Pool(1, (loops[0],), slate)}


ITEMS: Final = tuple(range(10, 17))
WHOLE: Final = ITEMS[:-1]
"""Films whose segments have whole seconds, as packaging makes them for a channel."""
RECENT: Final = 2_000
RELAY: Final = 500


@define
class Publisher:
    """Writes rows as the publisher of a channel would; `now` is its clock."""

    now: int
    effective: Effective
    items_of: Sequence[int]
    arrivals: list[Arrival] = field(factory=list)

    def append(self, draft: Draft) -> Row:
        recent = self.arrivals[-RECENT:]
        captured = [each.what for each in recent if each.at_ms <= self.now and isinstance(each.what, Captured)]
        self.effective = self.effective.grown([], captured)
        row = drafted(self.effective, draft, self.now)
        self.effective = self.effective.grown([row])
        self.arrivals.append(Arrival(self.now + 900, row))
        return row

    def film(self, pick: int) -> Film:
        return self.effective.films[self.items_of[pick % len(self.items_of)], 1]

    def behind(self) -> int:
        """Where the next row goes: behind the last one, or on an edge of the loop once that runs."""
        return self.effective.edge_after(max(self.effective.end_ms, self.now + HORIZON_MS))

    def items(self, step: Step) -> None:
        for number in range(step.count):
            film = self.film(step.pick + number)
            kind: Literal["asset", "ident"] = "ident" if len(film.seg_ticks) == 1 else "asset"
            uid = f"p{(step.pick + number) // 2}" if kind == "asset" else ""
            start = self.behind()
            self.append(Draft(kind, film.asset, 1, 0, len(film.seg_ticks), uid, step.pick % 2, start_ms=start))

    def insert(self, step: Step) -> None:
        """Cut what is on at the next edge the lead allows, and go on with it afterwards."""
        at = self.effective.edge_after(self.now + HORIZON_MS)
        cut, film = self.effective.at(at), self.film(step.pick)
        self.append(Draft("insert", film.asset, 1, 0, len(film.seg_ticks), start_ms=at))
        if cut is not None and cut.kind == "asset" and step.count % 2:
            self.append(Draft("asset", cut.film.asset, 1, cut.first, len(cut.film.seg_ticks), cut.row.programme_uid))

    def relay(self, step: Step) -> None:
        """Take something over for `count` segments; the row behind it comes at once or as late as the lead allows."""
        row = self.append(Draft("relay", RELAY + step.pick, 1, programme_uid="news", start_ms=self.behind()))
        for k in range(step.count + 2):
            due = row.start_ms + 6_000 * (k + 1)
            # A gap is a segment that never comes or, for every other number, one that comes too late to count.
            stamp = due - 7_000 if k not in step.gaps else due - 2_500
            if k not in step.gaps or k % 2:
                self.arrivals.append(Arrival(stamp + 900, Captured(row.seq, k, SIX, (1,), stamp)))
        end = row.start_ms + 6_000 * step.count
        if not step.prompt:
            self.now = max(self.now, end - HORIZON_MS)
        start = max(end, self.effective.edge_after(self.now + HORIZON_MS))
        self.append(Draft("asset", ITEMS[2], 1, 0, 9, "film", start_ms=start))

    def late(self, step: Step) -> None:
        """A row that was stamped too late: it lies in the ledger, and no node may look at it."""
        at = self.effective.edge_after(self.now + 1_000 * (step.pick % 25))
        seq = self.effective.last_seq + 1
        film = self.film(step.pick)
        row = Row(seq, at, "insert", film.asset, 1, 0, len(film.seg_ticks), 0, 0, False, "", 0, self.now)
        self.effective = self.effective.grown([row])
        self.arrivals.append(Arrival(self.now + 900, row))

    def step(self, step: Step) -> None:
        if step.what == "wait":
            self.now += 1_000 * step.count
        else:
            getattr(self, step.what)(step)


def told(steps: Iterable[Step], items: Sequence[int] = ITEMS, hours: float = 0) -> tuple[list[Arrival], int]:
    """All that is committed in a story, by the time it can be read, and when the story ends; in `hours` if given."""
    films, pools = stock()
    publisher = Publisher(BEGIN_MS, fold([], [], films, pools, channel="town"), items)
    publisher.append(Draft("filler", 4, 2, 0, 5, start_ms=BEGIN_MS - 120_000))
    for step in steps:
        if hours and publisher.now > BEGIN_MS + hours * 3_600_000:
            break
        publisher.step(step)
    return sorted(publisher.arrivals, key=lambda arrival: arrival.at_ms), publisher.now + 60_000


@define
class Node:
    """A server that re-reads every `rhythm_ms` (every second while a relay runs) and answers by its own clock."""

    arrivals: Sequence[Arrival]
    rhythm_ms: int
    effective: Effective
    taken: int = 0
    due_ms: int = 0
    newest: int = 0

    @classmethod
    def of(cls, arrivals: Sequence[Arrival], rhythm_ms: int) -> "Node":
        films, pools = stock()
        return cls(arrivals, rhythm_ms, fold([], [], films, pools, channel="town"))

    def at(self, now: int, clock_ms: int = 0) -> Window | None:
        """What is answered at `now`, by a clock that is `clock_ms` off; None is a refusal."""
        if now >= self.due_ms:
            self._read(now)
        try:
            self.newest = edge(now + clock_ms, self.newest)
        except ClockWentBack:
            return None
        return self.effective.window(self.newest)

    def _read(self, now: int) -> None:
        begin = self.taken
        while self.taken < len(self.arrivals) and self.arrivals[self.taken].at_ms <= now:
            self.taken += 1
        news = [arrival.what for arrival in self.arrivals[begin : self.taken]]
        rows = [what for what in news if isinstance(what, Row)]
        self.effective = self.effective.grown(rows, [what for what in news if isinstance(what, Captured)])
        self.due_ms = now + (1_000 if self.effective.capturing(now - 1_000) else self.rhythm_ms)


@define
class Watch:
    """Every list that came from any node, held against all before it."""

    shown: dict[int, Entry] = field(factory=dict)
    programmes: dict[str, DateRange] = field(factory=dict)
    newest: Window | None = None
    lists: int = 0
    violations: list[str] = field(factory=list)

    def see(self, found: Window) -> None:
        self.lists += 1
        if self.newest is not None and found == self.newest:
            return
        self.violations += [f"{found.msn}: {fault}" for fault in self._faults(found)]
        self.shown.update((entry.msn, entry) for entry in found.entries)
        self.newest = found

    def _faults(self, found: Window) -> Iterator[str]:
        entries, before = found.entries, self.newest
        if before is not None:
            if found.msn < before.msn or found.dsn < before.dsn or found.end_ms < before.end_ms:
                yield "a number or the end of the window falls"
            if found.msn > before.runs[-1].msn + before.runs[-1].stop - before.runs[-1].first:
                yield "segments are skipped"
        for entry in entries:
            known = self.shown.get(entry.msn)
            if known is not None and _content(known) != _content(entry):
                yield f"{known} became {entry}"
        for programme in found.dateranges:
            old = self.programmes.setdefault(programme.id, programme)
            if (old.start_ms, old.planned_ms) != (programme.start_ms, programme.planned_ms):
                yield f"{old} became {programme}"
            if old.duration_ms is not None and old.duration_ms != programme.duration_ms:
                yield f"{old} became {programme}"
        self.programmes.update((programme.id, programme) for programme in found.dateranges)
        yield from _joins(entries)
        yield from _lengths(found)


def _content(entry: Entry) -> tuple[int, ...]:
    return entry.asset, entry.rev, entry.index, entry.ticks, entry.start_ms, entry.dsn


def _joins(entries: Sequence[Entry]) -> Iterator[str]:
    if entries[0].discontinuity:
        yield "a discontinuity above the first segment"
    for before, after in pairwise(entries):
        if after.msn != before.msn + 1 or after.start_ms != before.start_ms + before.ticks // TICKS_MS:
            yield f"{after} does not follow {before}"
        if after.dsn != before.dsn + after.discontinuity:
            yield f"discontinuity number of {after}"
        goes_on = (after.asset, after.rev, after.index) == (before.asset, before.rev, before.index + 1)
        if not after.discontinuity and not goes_on:
            yield f"{after} starts anew without a discontinuity"


def _lengths(found: Window) -> Iterator[str]:
    entries = found.entries
    length, longest = found.end_ms - found.start_ms, max(entry.ticks for entry in entries)
    if longest * 2 // 90_000 >= 13:
        yield "a segment is above the target"
    if (length < 72_000 or len(entries) < 12) and len(entries) < 20 and found.msn > 0:
        yield f"a window of {length} ms in {len(entries)} segments"
    if length < 18_000 or (len(entries) > 20 and length - entries[0].ticks // TICKS_MS >= 18_000):
        yield f"{len(entries)} segments in {length} ms"
    for programme in found.dateranges:
        if programme.start_ms >= found.end_ms or (programme.duration_ms or length) <= 0:
            yield f"{programme} is not in the window"
