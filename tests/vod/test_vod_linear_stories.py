"""Any schedule, edits, relays with gaps, deaths of the publisher, clocks: what viewers have seen stays as it was."""

from collections.abc import Sequence
from itertools import accumulate, pairwise

from attrs import define, field, frozen
from hypothesis import given
from hypothesis import strategies as st

from tests.vod.channel_days import STEPS, captured, rows, whole
from tools.bench.channel_story import BEGIN_MS, SIX, Arrival, Node, Step, Watch, stock, told
from tools.bench.playlists import day
from vod.linear import Captured, Entry, Film, Pool, Row, fold


@frozen
class Second:
    """One second of the channel, as the rules say and nothing of the product's code knows."""

    film: tuple[int, int]
    index: int
    ticks: int
    start_ms: int
    dsn: int


@define
class ByHand:
    """The channel's segments, one by one, with no thought of speed: film, number, start, whether a film begins."""

    listed: list[tuple[Film, int, int, bool]] = field(factory=list)
    last: Row | None = None
    opens: int = 0

    def end_ms(self) -> int:
        if not self.listed:
            return self.opens
        film, index, at, _ = self.listed[-1]
        return at + film.seg_ticks[index] // 90

    def add(self, film: Film, first: int, stop: int) -> None:
        at = self.end_ms()
        for index in range(first, stop):
            self.listed.append((film, index, at, index == first))
            at += film.seg_ticks[index] // 90

    def fill(self, until: int, pools: dict[int, Pool]) -> None:
        """Let what follows the last row run on, and void whatever begins at `until` or later."""
        while self.last is not None and self.end_ms() < until:
            for film in _behind(self.last, pools):
                self.add(film, 0, len(film.seg_ticks))
        while self.listed and self.listed[-1][2] >= until:
            self.listed.pop()

    def take(self, row: Row, film: Film, count: int) -> None:
        if not self.listed:
            self.opens = row.start_ms
        assert self.end_ms() == row.start_ms
        self.add(film, row.seg_from, count)
        self.last = row


def by_hand(arrivals: Sequence[Arrival], until: int) -> list[Second]:
    films, pools = stock()
    taken = {(each.seq, each.k): each for each in captured(arrivals)}
    hand = ByHand()
    for row in rows(arrivals):
        if row.seq > 1 and row.start_ms - row.published_ms < 30_000:
            continue
        hand.fill(row.start_ms, pools)
        count = row.seg_to
        if row.kind == "relay":
            count = next(k for k in range(99) if not _timely(taken.get((row.seq, k)), row))
        hand.take(row, films.get((row.asset, row.rev), Film(row.asset, row.rev, (SIX,) * count)), count)
    hand.fill(until, pools)
    dsn = accumulate(begins for *_, begins in hand.listed)
    return [
        Second((film.asset, film.rev), index, film.seg_ticks[index], at, number - 1)
        for (film, index, at, _), number in zip(hand.listed, dsn, strict=True)
    ]


def _behind(row: Row, pools: dict[int, Pool]) -> tuple[Film, ...]:
    pool = pools[row.pool_rev]
    turn = row.seq % len(pool.loop)
    return (pool.slate,) if row.kind == "relay" else pool.loop[turn:] + pool.loop[:turn]


def _timely(segment: Captured | None, row: Row) -> bool:
    return segment is not None and segment.published_ms + 3_000 <= row.start_ms + 6_000 * (segment.k + 1)


def _known(entry: Entry) -> Second:
    return Second((entry.asset, entry.rev), entry.index, entry.ticks, entry.start_ms, entry.dsn)


@given(STEPS)
def test_the_fold_shows_what_the_rules_say_one_by_one(steps: list[Step]) -> None:
    arrivals, end = told(steps)
    expected = [each for each in by_hand(arrivals, end + 400_000) if each.start_ms < end]

    runs = whole(arrivals).runs(BEGIN_MS - 200_000, end)
    shown = whole(arrivals).slice(BEGIN_MS - 200_000, end, end + 12_000).entries

    assert [_known(entry) for entry in shown] == expected
    assert runs[0].msn == 0
    assert all(after.start_ms == before.end_ms for before, after in pairwise(runs))


@given(STEPS, st.integers(1, 5), st.integers(1, 5), st.lists(st.tuples(st.integers(0, 900), st.integers(1, 70))))
def test_nodes_agree_and_nothing_a_viewer_saw_ever_changes(
    steps: list[Step], rhythm: int, other: int, slips: list[tuple[int, int]]
) -> None:
    arrivals, end = told(steps)
    nodes, shown = (Node.of(arrivals, rhythm * 1_000), Node.of(arrivals, other * 1_000)), dict[int, Entry]()
    watches = (Watch(shown), Watch(shown))
    wrong = {BEGIN_MS + at * 1_000: -back * 1_000 for at, back in slips}
    for now in range(BEGIN_MS + 6_000, end, 3_000):
        first, second = nodes[0].at(now), nodes[1].at(now, wrong.get(now - now % 1_000, 0))
        for watch, found in zip(watches, (first, second), strict=True):
            if found is not None:
                watch.see(found)
        if first is not None and second is not None and nodes[0].newest == nodes[1].newest:
            assert (first.entries, first.dateranges) == (second.entries, second.dateranges)

    assert [watch.violations for watch in watches] == [[], []]
    assert watches[0].lists > 10


@given(STEPS, st.integers(0, 600), st.integers(1, 300))
def test_a_slice_is_what_live_viewers_saw(steps: list[Step], begin: int, length: int) -> None:
    arrivals, end = told(steps)
    node, watch = Node.of(arrivals, 5_000), Watch()
    for now in range(BEGIN_MS + 6_000, end, 3_000):
        if (found := node.at(now)) is not None:
            watch.see(found)
    oldest = min(entry.start_ms for entry in watch.shown.values())
    start = max(oldest, BEGIN_MS - 60_000 + begin * 1_000)
    stop = start + length * 1_000

    cut = whole(arrivals).slice(start, stop, node.newest)

    seen = [entry for _, entry in sorted(watch.shown.items())]
    wanted = [e for e in seen if e.start_ms < stop and e.start_ms + e.ticks // 90 > start]
    assert [_known(entry) for entry in cut.entries] == [_known(entry) for entry in wanted]
    assert not any(entry.discontinuity for entry in cut.entries[:1])


@given(STEPS, st.integers(0, 400), st.integers(1, 60))
def test_a_shifted_list_begins_at_its_start_and_keeps_pace(steps: list[Step], begin: int, paused: int) -> None:
    arrivals, end = told(steps)
    effective, start = whole(arrivals), BEGIN_MS + begin * 1_000
    watch = Watch()
    for second in range(0, 120, 4):
        live = BEGIN_MS + (begin + paused + second) * 1_000
        if live > end:
            break
        found = effective.shifted(start, min(start + 18_000 + second * 1_000, live))
        assert found is not None
        first = found.entries[0]
        assert first.start_ms + first.ticks // 90 > min(start, live - 18_000)
        assert second > 0 or paused < 18 or first.start_ms <= start
        watch.see(found)

    assert [fault for fault in watch.violations if "window of" not in fault and "segments in" not in fault] == []


@given(STEPS, st.integers(0, 900), st.integers(0, 30))
def test_a_node_that_starts_later_or_reads_in_pieces_gives_the_same(steps: list[Step], at: int, cut: int) -> None:
    arrivals, end = told(steps)
    films, pools = stock()
    everything = whole(arrivals)
    pieces = fold([], [], films, pools, channel="town")
    for part in (arrivals[:cut], arrivals[cut:], arrivals[: cut * 2]):
        pieces = pieces.grown(rows(part), captured(part))
    now = min(BEGIN_MS + at * 1_000, end)
    settled = [row.seq for row in rows(arrivals) if row.settled and row.start_ms <= now - 100_000]
    late = [each for each in arrivals if each.what.seq >= max(settled, default=1)]
    expected = everything.window(now)

    assert expected is not None
    for other in (pieces, whole(late), everything.since(now - 100_000)):
        found = other.window(now)
        assert found is not None
        assert found.entries == expected.entries


def test_a_part_of_the_random_day_holds_second_by_second() -> None:
    assert day(0.4, seed=3) == {"violations": [0.0], "unequal": [0.0], "pause_s": [6.0]}


@given(STEPS)
def test_the_numbers_of_settled_rows_are_those_on_air(steps: list[Step]) -> None:
    effective = whole(told(steps)[0])

    assert [
        (piece.row.msn_base, piece.row.dsn) for piece in effective.pieces if piece.row.settled
    ] == [(piece.msn, piece.dsn) for piece in effective.pieces if piece.row.settled]  # fmt: skip
