"""What a publisher appends: up to its horizon, only where the plan has changed, never nearer than the lead."""

from collections.abc import Callable
from itertools import pairwise

from attrs import define, evolve, field
from hypothesis import given, settings
from hypothesis import strategies as st

from vod.airing import Part, Plan, Shown
from vod.ledger import LEAD_MS, SEGMENT_MS, SEGMENT_TICKS, Captured, Draft, Film, Pool, Row
from vod.linear import Effective, fold, next_row
from vod.publishing import (
    BEGUN_MS,
    HORIZON_MS,
    coming,
    insert_ended,
    inserted,
    opening,
)
from vod.relaying import follower_ms

T0 = 1_795_000_020_000
S, MIN, HOUR = 1000, 60_000, 3_600_000


def film(number: int, segments: int) -> Film:
    return Film(number, 1, (SEGMENT_TICKS,) * segments)


FILMS = {(one.asset, 1): one for one in [film(number, number) for number in range(1, 221)]}
"""Film n has n segments."""
POOL_FILMS = tuple(evolve(film(800 + n, n), asset=800 + n) for n in (10, 11, 5))
SLATE = film(890, 2)
IDENTS = {seconds * S: Film(900 + seconds, 1, (seconds * 90_000,)) for seconds in (2, 3, 4, 5)}
POOLS = {1: Pool(1, POOL_FILMS, SLATE, IDENTS), 2: Pool(2, POOL_FILMS[:2], SLATE, IDENTS)}
ALL = FILMS | {(one.asset, 1): one for one in (*POOL_FILMS, SLATE, *IDENTS.values())}
ADVERT = FILMS[8, 1]


@define
class Town:
    """A channel whose publisher is called when a test wants it to be; the ledger grows by the real rules."""

    parts: tuple[Part, ...] = ()
    pool: int = 1
    usable: frozenset = frozenset(ALL)
    effective: Effective = field(factory=lambda: fold((), (), ALL, POOLS, channel="nanhu.town"))
    rows: list[Row] = field(factory=list)

    def plans(self, revision: int) -> Plan:
        return Plan("nanhu.town", self.parts, POOLS[revision])

    def publish(self, now: int) -> tuple[Shown, ...]:
        if not self.effective.pieces:
            self.append((opening(self.plans(self.pool), now),), now)
        made = coming(self.plans, self.pool, self.effective, now, self.usable)
        self.append(made, now)
        return made

    def append(self, made: tuple[Shown, ...], now: int) -> None:
        for one in made:
            self.append_draft(one.draft(self.pool), now)

    def append_draft(self, draft: Draft, now: int) -> None:
        self.rows.append(next_row(self.effective, draft, now))
        self.effective = self.effective.grown(self.rows[-1:])

    def insert(self, now: int, *, resume: bool) -> tuple[Shown, ...]:
        made = inserted(self.plans(self.pool), self.effective, now, ADVERT, resume=resume)
        self.append(made, now)
        return made

    def on(self, start: int, stop: int) -> list[tuple[int, int, str, str]]:
        """What is on air as (start, end, kind, programme), in seconds from T0."""
        return [
            ((run.start_ms - T0) // S, (run.end_ms - T0) // S, run.kind, run.row.programme_uid)
            for run in self.effective.runs(start, stop)
        ]


def part(uid: str, start_s: int, stop_s: int, number: int | None = None, **given: object) -> Part:
    made = None if number is None else FILMS[number, 1]
    return Part(uid, T0 + start_s * S, T0 + stop_s * S, film=made, **given)


EVENING = (
    part("a", -300, 300, 100),
    part("b", 300, 900, 100),
    part("news", 900, 1800, 150, start="fixed"),
    part("c", 1800, 3000, 200, start="fixed"),
)


def begun(parts: tuple[Part, ...] = EVENING) -> Town:
    town = Town(parts)
    town.publish(T0)
    return town


def test_a_new_channel_began_two_minutes_ago_and_reaches_beyond_the_horizon() -> None:
    town = begun()
    (first, second, *_) = town.rows

    assert (first.kind, first.start_ms, first.seq) == ("filler", T0 - BEGUN_MS, 1)
    assert LEAD_MS <= second.start_ms - T0 <= LEAD_MS + 2 * SEGMENT_MS
    assert (second.asset, second.programme_uid) == (100, "a")
    assert town.effective.end_ms >= T0 + HORIZON_MS
    assert len(town.effective.window(T0).entries) >= 12


def test_asked_again_it_appends_nothing_until_the_horizon_has_moved() -> None:
    town = begun()

    assert town.publish(T0) == ()
    assert town.publish(T0 + 2 * S) == ()
    end = town.effective.end_ms
    more = town.publish(end - HORIZON_MS + S)
    assert more[0].start_ms == end


def test_a_programme_brought_into_the_plan_cuts_what_was_published() -> None:
    town = begun()
    before = len(town.rows)
    town.parts = (evolve(EVENING[0], stop_ms=T0 + 125 * S), part("notice", 125, 305, 30, start="fixed"), *EVENING[1:])
    town.publish(T0 + 10 * S)

    on = town.on(T0 + 60 * S, T0 + 900 * S)
    assert [row for row in on if row[3] == "notice"] == [(125, 305, "asset", "notice")]
    assert on[0][1] <= 125
    assert [row[:3] for row in on if row[3] == "b"] == [(305, 893, "asset"), (893, 897, "ident"), (897, 900, "ident")]
    assert all(row.start_ms >= T0 + 10 * S + LEAD_MS for row in town.rows[before:])


def test_what_was_broken_into_goes_on_at_the_segment_after_its_last_one() -> None:
    town = begun((part("a", 24, 600, 98), part("b", 600, 900, 50), *EVENING[2:]))
    real = next(row for row in town.rows if row.programme_uid == "a")
    town.parts = (
        evolve(town.parts[0], stop_ms=T0 + 125 * S, cuttable=True),
        part("notice", 125, 155, 5, start="fixed"),
        part("rest", 155, 630, 98, first=(125 - 24) // 6, rest_of="a"),
        part("b", 630, 900, 50, cuttable=True),
        *EVENING[2:],
    )
    town.publish(T0 + 40 * S)

    runs = [run for run in town.effective.runs(T0, T0 + 900 * S) if run.row.programme_uid in {"a", "notice", "rest"}]
    films = [run for run in runs if run.film.asset in {98, 5}]
    assert real.start_ms != T0 + 24 * S  # it began late, so that the plan alone would not tell where it stopped
    assert [(one.row.programme_uid, one.first, one.stop) for one in films] == [
        ("a", 0, films[0].stop), ("notice", 0, 5), ("rest", films[0].stop, 98),
    ]  # fmt: skip
    assert films[2].start_ms == films[1].end_ms == T0 + 155 * S
    assert [town.publish(T0 + at * S) for at in (50, 100, 150, 200)] == [()] * 4


def test_an_unchanged_plan_with_other_fillers_is_not_published_anew() -> None:
    town = begun((part("live", 0, 3600),))
    count = len(town.rows)
    town.pool = 2
    assert town.publish(T0 + 20 * S) == ()

    town.publish(town.effective.end_ms - HORIZON_MS + S)
    assert {row.pool_rev for row in town.rows[count:]} == {2}


def test_a_film_that_can_no_longer_be_shown_is_replaced_from_its_next_airing() -> None:
    town = begun((part("live", 0, 3600),))
    lost = POOL_FILMS[2]
    town.parts = (part("live", 0, 3600), part("never", 3600, 4000))
    coming_up = [row for row in town.rows if row.asset == lost.asset]
    town.usable -= {(lost.asset, 1)}
    town.pool = 2
    made = town.publish(T0)

    assert [made[0].start_ms] == [coming_up[0].start_ms]
    left = town.effective.runs(coming_up[0].start_ms, town.effective.end_ms)
    assert lost.asset not in {run.film.asset for run in left}


def test_a_dead_publisher_comes_back_to_one_unbroken_history() -> None:
    town = begun()
    end, back = town.effective.end_ms, T0 + HOUR + 200 * S
    shown = town.on(T0, back)
    town.parts = (part("late", 3600, 7200, 200), part("next", 7200, 9000, 200, start="fixed"))
    made = town.publish(back)

    assert made[0].start_ms >= back + LEAD_MS
    assert (made[0].uid, made[0].kind) == ("late", "asset")
    assert made[0].film.asset == 200
    assert made[0].seg_from == -(-(made[0].start_ms - T0 - 3600 * S) // SEGMENT_MS)
    assert town.on(T0, back) == shown
    assert {run.kind for run in town.effective.runs(end, made[0].start_ms)} == {"filler"}


def test_an_insert_comes_within_45_seconds_and_what_it_cuts_goes_on() -> None:
    town = begun()
    now = T0 + 100 * S
    made = town.insert(now, resume=True)
    on = town.on(now, T0 + 1000 * S)

    assert made[0].start_ms + SEGMENT_MS + S - now <= 45 * S
    insert = next(row for row in on if row[2] == "insert")
    assert insert[1] - insert[0] == 48
    assert insert[3] == "a"
    assert [row[3] for row in on] == ["a", "a", "a", "b", "news"]
    a, b = [row for row in on if row[3] == "a"][-1], next(row for row in on if row[3] == "b")
    assert a[1] == b[0] > 300
    assert next(row[0] for row in on if row[3] == "news") == 900
    assert town.publish(now + 3 * S) == ()


def test_an_insert_may_leave_the_plan_as_it_is() -> None:
    town = begun()
    now = T0 + 100 * S
    town.insert(now, resume=False)
    on = town.on(now, T0 + 1000 * S)

    assert [row[3] for row in on][:3] == ["a", "", "a"]
    assert [row[0] for row in on if row[3] == "b"] == [300]
    assert town.publish(now + 3 * S) == ()


def test_an_insert_is_ended_at_the_next_edge() -> None:
    town = begun()
    made = town.insert(T0 + 100 * S, resume=True)
    now = made[0].start_ms - 20 * S
    ended = insert_ended(town.plans(1), town.effective, now)
    town.append(ended, now)

    assert now + LEAD_MS <= ended[0].start_ms < made[0].end_ms
    assert ended[0].uid == "a"
    assert town.publish(now + 3 * S) == ()
    assert insert_ended(town.plans(1), town.effective, now + HOUR) == ()


def test_nothing_is_appended_behind_an_open_relay_before_its_time() -> None:
    town = begun((*EVENING[:2], part("news", 900, 1800, start="fixed"), EVENING[3]))
    now = T0 + 860 * S
    town.publish(now)
    town.append_draft(Draft("relay", 700, 1, 0, 0, "news", 1, T0 + 900 * S), now)
    end = follower_ms(town.rows[-1].start_ms, T0 + 1800 * S)
    captured = [Captured(town.rows[-1].seq, k, SEGMENT_TICKS, (), T0 + (900 + 6 * k) * S - 2 * S) for k in range(400)]
    town.effective = town.effective.grown((), captured)

    assert end == T0 + 1812 * S
    assert town.publish(end - 61 * S) == ()
    made = town.publish(end - 59 * S)
    assert (made[0].start_ms, made[0].uid, made[0].seg_from) == (end, "c", 0)
    assert town.publish(end - 55 * S) == ()


@st.composite
def plans(draw: st.DrawFn) -> tuple[Part, ...]:
    at, out = draw(st.integers(-900, 0)), []
    for number in range(draw(st.integers(0, 14))):
        length = draw(st.integers(20, 1200))
        made = draw(st.none() | st.sampled_from(sorted(FILMS)))
        kind = draw(st.sampled_from(["fixed", "grace", "flow"]))
        out.append(
            Part(
                f"p{draw(st.integers(0, 99))}-{number}",
                T0 + at * S,
                T0 + (at + length) * S,
                kind,
                draw(st.integers(0, 120)) * S,
                None if made is None else FILMS[made],
                draw(st.booleans()),
                draw(st.booleans()),
            )
        )
        at += length + draw(st.sampled_from([0, 0, 30]))
    return tuple(out)


Act = Callable[[Town, int], object]
acts = st.sampled_from(
    [
        Town.publish,
        Town.publish,
        lambda town, now: town.insert(now, resume=True),
        lambda town, now: town.insert(now, resume=False),
        lambda town, now: town.append(insert_ended(town.plans(town.pool), town.effective, now), now),
        lambda town, now: setattr(town, "pool", 3 - town.pool),
    ]
)


@settings(max_examples=40)
@given(plans(), st.lists(st.tuples(st.integers(1, 2000), acts, st.none() | plans()), max_size=8))
def test_whatever_happens_history_stands_and_the_list_has_no_hole(
    parts: tuple[Part, ...], steps: list[tuple[int, Act, tuple[Part, ...] | None]]
) -> None:
    town, now = begun(parts), T0
    for seconds, act, other in steps:
        now += seconds * S
        town.parts = town.parts if other is None else other
        town.effective = town.effective.since(now - HOUR)
        before = town.effective.runs(now - HOUR, now + LEAD_MS)
        act(town, now)
        town.publish(now)

        assert town.effective.runs(now - HOUR, now + LEAD_MS) == before
        assert town.publish(now) == ()
        assert town.effective.end_ms >= now + HORIZON_MS
    runs = town.effective.runs(town.effective.start_ms, town.effective.end_ms)
    assert all(one.end_ms == other.start_ms for one, other in pairwise(runs))
