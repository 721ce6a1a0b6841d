"""What a channel shows next: planned programmes and a pool of fillers become rows that meet fixed starts on the second.

Each row follows from the plan, the pool and what was shown before, so whoever looks at a ledger finds the same rows
again. Films consist of segments of 6 s; what is left of a gap is closed by an ident of 2 to 5 or 7 s (video.md §7.3).
"""

from bisect import bisect_right
from functools import cached_property
from hashlib import blake2b
from typing import Final, Literal

from attrs import evolve, field, frozen

from vod.ledger import SEGMENT_MS, Draft, Film, Kind, Pool

Key = tuple[int, int]
SECOND: Final = 1000
DAY_MS: Final = 86_400_000
EAST_8_MS: Final = 8 * 3_600_000
"""The day of the town begins so long before that of UTC."""
APART: Final = 3
"""So many other fillers stand between two of the same, if the pool has them."""
LEAST_MS: Final = 60_000
"""A programme that must be cut is not begun for less than this."""
LATE_MS: Final = 15 * SECOND
"""Who is late by no more is shown from the beginning: what was brought into the plan half a minute ago, say."""
LONG_IDENT: Final = 7 * SECOND
"""Takes the place of a filler's segment where one second would be left: nothing is as short as that."""


@frozen
class Part:
    """A planned programme: whole seconds in ms, its film if the channel can show it; else fillers bear its name.

    `start` and `slack_ms` as in the plan: on the second, up to so much later, or when the one before has ended. What is
    `rest_of` another programme goes on with its film where it was broken off; `first` is that segment as planned.
    """

    uid: str
    start_ms: int
    stop_ms: int
    start: Literal["fixed", "grace", "flow"] = "flow"
    slack_ms: int = 0
    film: Film | None = None
    cuttable: bool = False
    filler: bool = False
    first: int = 0
    rest_of: str = ""

    @property
    def latest_ms(self) -> int | None:
        """When it starts at the latest, None if it can be pushed."""
        return {"fixed": self.start_ms, "grace": self.start_ms + self.slack_ms, "flow": None}[self.start]


@frozen
class Shown:
    """A row to be: `uid` is the programme it belongs to, empty for what is none."""

    start_ms: int
    kind: Kind
    film: Film
    seg_from: int
    seg_to: int
    uid: str = ""

    @property
    def end_ms(self) -> int:
        return self.start_ms + self.film.edges_ms[self.seg_to] - self.film.edges_ms[self.seg_from]

    def draft(self, pool_rev: int) -> Draft:
        """The same as it is asked of the ledger."""
        film = self.film
        return Draft(self.kind, film.asset, film.rev, self.seg_from, self.seg_to, self.uid, pool_rev, self.start_ms)


@frozen
class Standing:
    """What has been shown up to `at_ms`: of which programme, how many segments of its film, which films last.

    What the plan has from `since_ms` on has not been left out: it is only late. `paused` are programmes that something
    has broken into, with as much.
    """

    at_ms: int
    uid: str = ""
    shown: int = 0
    since_ms: int = 0
    recent: tuple[Key, ...] = ()
    paused: tuple[tuple[str, int], ...] = ()

    @property
    def left(self) -> tuple[tuple[str, int], ...]:
        """What is paused when something else comes now."""
        if not (self.uid and self.shown):
            return self.paused
        return (*(one for one in self.paused if one[0] != self.uid), (self.uid, self.shown))[-APART:]

    def after(self, row: Shown) -> "Standing":
        """What is known when this row has ended."""
        recent, key = self.recent, (row.film.asset, row.film.rev)
        if row.kind in {"asset", "filler", "insert"}:
            recent = (*(one for one in recent if one != key), key)[-APART:]
        since = row.start_ms if row.kind == "insert" and not row.uid else row.end_ms
        kept = self.shown if row.uid == self.uid else 0
        shown = row.seg_to if row.kind == "asset" else kept
        return Standing(row.end_ms, row.uid, shown, since, recent, self.paused if row.uid == self.uid else self.left)


@frozen
class Plan:
    """What is planned on a channel, sorted by start, and what fills up between; `parts` reach beyond what is asked."""

    channel: str
    parts: tuple[Part, ...]
    pool: Pool
    places: dict[str, int] = field(init=False)

    @places.default
    def _places(self) -> dict[str, int]:
        return {part.uid: place for place, part in enumerate(self.parts)}

    @cached_property
    def limits(self) -> tuple[int | None, ...]:
        """When each part must be over: at the next start that cannot be pushed; what may be cut, at the next start."""
        limits: list[int | None] = []
        hard: int | None = None
        for place in range(len(self.parts) - 1, -1, -1):
            part = self.parts[place]
            ends = [] if hard is None else [hard]
            if part.filler:
                ends.append(part.stop_ms)
            elif part.cuttable and place + 1 < len(self.parts):
                ends.append(self.parts[place + 1].start_ms)
            limits.append(min(ends, default=None))
            if part.latest_ms is not None:
                hard = part.latest_ms if hard is None else min(hard, part.latest_ms)
        return tuple(reversed(limits))

    def air(self, standing: Standing, until_ms: int) -> tuple[Shown, ...]:
        """Rows without a hole from there on until one ends at `until_ms` or later."""
        rows: list[Shown] = []
        while standing.at_ms < until_ms:
            rows.append(self.next(standing))
            standing = standing.after(rows[-1])
        return tuple(rows)

    def next(self, now: Standing) -> Shown:
        """The one row that follows."""
        place = self.places.get(now.uid)
        if place is not None and (row := self._going_on(place, now)) is not None:
            return row
        while True:
            found = self._following(place, now)
            if found is None:
                return self.filler(now, uid=self._name(place, now))
            if self.parts[found].start_ms > now.at_ms:
                return self._gap(place, found, now)
            if (row := self._begun(place, found, now)) is not None:
                return row
            place = found  # nothing of it can be shown: fillers stand in for it until the next one

    def _going_on(self, place: int, now: Standing) -> Shown | None:
        part = self.parts[place]
        return self._film(place, now.shown or _first(part, now) + _joined(part, now), now, begun=now.shown > 0)

    def _begun(self, before: int | None, place: int, now: Standing) -> Shown | None:
        """The first row of a programme; one that should be on already is joined where it would be."""
        part = self.parts[place]
        missed = part.start == "fixed" or (before is None and part.start_ms < now.since_ms)
        joined = missed and now.at_ms - part.start_ms > LATE_MS
        return self._film(place, _first(part, now) + (_joined(part, now) if joined else 0), now, begun=False)

    def _following(self, place: int | None, now: Standing) -> int | None:
        """The next programme that still has time of its own: pushed out, or over, is what has not."""
        for at in range(0 if place is None else place + 1, len(self.parts)):
            part, limit = self.parts[at], self.limits[at]
            left_out = part.start == "fixed" or part.filler or (place is None and part.start_ms < now.since_ms)
            if part.start_ms > now.at_ms:
                return at
            if not ((left_out and part.stop_ms <= now.at_ms) or (limit is not None and limit <= now.at_ms)):
                return at
        return None

    def _film(self, place: int, first: int, now: Standing, *, begun: bool) -> Shown | None:
        """As much of a programme's film as has room, whole segments from `first` on; None for nothing of it."""
        part, limit = self.parts[place], self.limits[place]
        if part.film is None or first >= len(part.film.seg_ticks):
            return None
        edges, count = part.film.edges_ms, len(part.film.seg_ticks)
        room = edges[-1] if limit is None else limit - now.at_ms
        if edges[-1] - edges[first] > room:
            if not (begun or self._may_be_cut(part, edges[-1] - edges[_first(part, now)], limit or 0, room)):
                return None
            count = bisect_right(edges, edges[first] + room) - 1
        if self._second_left(place, now.at_ms + edges[max(first, count)] - edges[first]):
            count -= 1
        return Shown(now.at_ms, "asset", part.film, first, count, part.uid) if count > first else None

    def _may_be_cut(self, part: Part, length: int, limit: int, room: int) -> bool:
        """What may not be cut would have fitted as planned; no programme is begun for a moment."""
        fitted = part.start_ms + length <= limit + SEGMENT_MS
        return part.filler or (room + SEGMENT_MS >= min(LEAST_MS, length) and (part.cuttable or fitted))

    def _second_left(self, place: int, end_ms: int) -> bool:
        """Whether one second would remain before a start that cannot wait for another."""
        found = self._following(place, Standing(end_ms))
        return found is not None and self.parts[found].start_ms - end_ms == SECOND and not _waits(self.parts[found])

    def _gap(self, place: int | None, following: int, now: Standing) -> Shown:
        """The next row of what fills up the time until the following programme."""
        part, idents, uid = self.parts[following], self.pool.idents, self._name(place, now)
        gap = part.start_ms - now.at_ms
        if gap == SECOND:
            gap = 2 * SECOND if _waits(part) else LONG_IDENT
        rest = gap % SEGMENT_MS
        if gap in idents:
            return _ident(idents[gap], now, uid)
        if rest == SECOND:
            # Without an ident of 7 s one of 4 and one of 3, with a filler between them if there is room.
            kept = LONG_IDENT if LONG_IDENT in idents else min(gap, LONG_IDENT + SEGMENT_MS)
            if gap == kept and 4 * SECOND in idents:
                return _ident(idents[4 * SECOND], now, uid)
            rest = kept
        return self.filler(now, max(SEGMENT_MS, gap - rest), uid)

    def _name(self, place: int | None, now: Standing) -> str:
        return self.parts[place].uid if place is not None and now.at_ms < self.parts[place].stop_ms else ""

    def filler(self, now: Standing, room: int | None = None, uid: str = "") -> Shown:
        """The longest filler that fits whole; of equals the one that the day draws; else the beginning of one."""
        recent = now.recent[-min(APART, len(self.pool.loop) - 1) :] if len(self.pool.loop) > 1 else ()
        fresh = [film for film in self.pool.loop if (film.asset, film.rev) not in recent] or self.pool.loop
        whole = [film for film in fresh if room is None or film.edges_ms[-1] <= room]
        longest = max((film.edges_ms[-1] for film in whole), default=0)
        some = [film for film in whole if film.edges_ms[-1] == longest] or fresh
        film = min(some, key=lambda one: self._draw(one, now.at_ms))
        count = len(film.seg_ticks) if whole or room is None else bisect_right(film.edges_ms, room) - 1
        return Shown(now.at_ms, "filler", film, 0, count, uid)

    def _draw(self, film: Film, at_ms: int) -> bytes:
        day, second = divmod(at_ms + EAST_8_MS, DAY_MS)
        seed = f"{self.channel}\x1f{day}\x1f{self.pool.revision}\x1f{film.asset}-{film.rev}\x1f{second // SECOND}"
        return blake2b(seed.encode(), digest_size=8).digest()


def _first(part: Part, now: Standing) -> int:
    """The segment with which a programme begins: the first one, or where what it is the rest of was broken off."""
    return dict(now.paused).get(part.rest_of, part.first) if part.rest_of else part.first


def _joined(part: Part, now: Standing) -> int:
    """The segment at which a programme is joined that began as planned, without us."""
    return max(0, -(-(now.at_ms - part.start_ms) // SEGMENT_MS))


def _waits(part: Part) -> bool:
    """Whether it may start a second late."""
    return part.start == "flow" or (part.start == "grace" and part.slack_ms >= SECOND)


def _ident(film: Film, now: Standing, uid: str) -> Shown:
    return Shown(now.at_ms, "ident", film, 0, len(film.seg_ticks), uid)


def moved(standing: Standing, at_ms: int) -> Standing:
    """The same at a later instant, after what belongs to no programme and is no filler of ours."""
    return evolve(standing, at_ms=at_ms, uid="", shown=0, since_ms=at_ms, paused=standing.left)
