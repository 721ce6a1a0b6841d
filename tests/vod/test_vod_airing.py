"""From a plan to rows: fixed starts on the second, no hole, nothing shorter than two seconds, always the same."""

from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from vod.airing import Part, Plan, Shown, Standing
from vod.ledger import SEGMENT_MS, SEGMENT_TICKS, Film, Pool

T0 = 1_795_000_020_000
"""A whole second in the town's evening."""
S, MIN = 1000, 60_000


def film(number: int, segments: int) -> Film:
    return Film(number, 1, (SEGMENT_TICKS,) * segments)


def ident(seconds: int) -> Film:
    return Film(900 + seconds, 1, (seconds * 90_000,))


IDENTS = {seconds * S: ident(seconds) for seconds in (2, 3, 4, 5)}
LONG = Film(907, 1, (4 * 90_000, 3 * 90_000))
POOL = Pool(1, (film(801, 10), film(802, 10), film(803, 5), film(804, 1)), film(890, 2), IDENTS)
WITH_LONG = evolve(POOL, idents=IDENTS | {7 * S: LONG})

FRESH = Standing(T0)


def air(channel: str, parts: tuple[Part, ...], pool: Pool, standing: Standing, until_ms: int) -> tuple[Shown, ...]:
    return Plan(channel, parts, pool).air(standing, until_ms)


def told(rows: tuple[Shown, ...]) -> list[tuple[int, int, str, str]]:
    """Start and end in seconds from T0, kind, programme."""
    return [((row.start_ms - T0) // S, (row.end_ms - T0) // S, row.kind, row.uid) for row in rows]


def shown(parts: list[Part], standing: Standing = FRESH, pool: Pool = POOL, minutes: int = 15) -> list:
    return told(air("nanhu.town", tuple(parts), pool, standing, standing.at_ms + minutes * MIN))


def part(uid: str, start_s: int, stop_s: int, **given: object) -> Part:
    return Part(uid, T0 + start_s * S, T0 + stop_s * S, **given)


def test_films_that_fit_their_places_follow_each_other() -> None:
    parts = [part("a", 0, 60, film=film(1, 10)), part("b", 60, 960, film=film(2, 150), start="fixed")]

    assert shown(parts) == [(0, 60, "asset", "a"), (60, 960, "asset", "b")]


@pytest.mark.parametrize(
    ("slot", "filled"),
    [
        (66, [(60, 66, "filler")]),
        (62, [(60, 62, "ident")]),
        (65, [(60, 65, "ident")]),
        (67, [(60, 64, "ident"), (64, 67, "ident")]),
        (73, [(60, 64, "ident"), (64, 70, "filler"), (70, 73, "ident")]),
        (101, [(60, 90, "filler"), (90, 96, "filler"), (96, 101, "ident")]),
    ],
)
def test_what_is_left_of_a_slot_is_filled_on_the_second_under_its_name(
    slot: int, filled: list[tuple[int, int, str]]
) -> None:
    parts = [part("a", 0, slot, film=film(1, 10)), part("b", slot, slot + 900, film=film(2, 150), start="fixed")]

    assert shown(parts)[1:-1] == [(*row, "a") for row in filled]
    assert shown(parts)[-1] == (slot, slot + 900, "asset", "b")


def test_seven_seconds_are_one_row_where_the_pool_has_such_an_ident() -> None:
    parts = [part("a", 0, 67, film=film(1, 10)), part("b", 67, 967, film=film(2, 150), start="fixed")]

    assert shown(parts, pool=WITH_LONG)[1] == (60, 67, "ident", "a")


def test_one_second_before_a_fixed_start_costs_the_last_segment_and_before_another_one_second() -> None:
    fixed = [part("a", 0, 61, film=film(1, 10)), part("b", 61, 961, film=film(2, 150), start="fixed")]
    flow = [fixed[0], evolve(fixed[1], start="flow")]

    assert shown(fixed, pool=WITH_LONG) == [
        (0, 54, "asset", "a"), (54, 61, "ident", "a"), (61, 961, "asset", "b"),
    ]  # fmt: skip
    assert shown(flow)[:2] == [(0, 60, "asset", "a"), (60, 62, "ident", "a")]


def test_a_film_too_long_is_cut_at_a_segment_where_it_may_be() -> None:
    parts = [part("a", 0, 80, film=film(1, 20), cuttable=True), part("b", 80, 980, film=film(2, 150), start="fixed")]

    assert shown(parts)[:3] == [(0, 78, "asset", "a"), (78, 80, "ident", "a"), (80, 980, "asset", "b")]


def test_a_film_much_too_long_that_may_not_be_cut_is_not_begun() -> None:
    parts = [part("a", 0, 80, film=film(1, 20)), part("b", 80, 980, film=film(2, 150), start="fixed")]

    assert {row[2] for row in shown(parts)[:-1]} == {"filler", "ident"}
    assert shown(parts)[-1] == (80, 980, "asset", "b")


def test_a_film_a_little_too_long_loses_its_last_segment() -> None:
    parts = [part("a", 0, 57, film=film(1, 10)), part("b", 57, 957, film=film(2, 150), start="fixed")]

    assert shown(parts)[:2] == [(0, 54, "asset", "a"), (54, 57, "ident", "a")]


def test_a_programme_without_a_film_is_filled_under_its_name() -> None:
    parts = [part("live", 0, 130), part("b", 130, 1030, film=film(2, 150), start="fixed")]
    rows = shown(parts)

    assert [row[:3] for row in rows] == [
        (0, 60, "filler"), (60, 120, "filler"), (120, 126, "filler"), (126, 130, "ident"), (130, 1030, "asset"),
    ]  # fmt: skip
    assert {row[3] for row in rows[:-1]} == {"live"}


def test_grace_lets_the_one_before_end_and_no_longer() -> None:
    late = [part("a", 0, 60, film=film(1, 12)), part("b", 60, 960, film=film(2, 150), start="grace", slack_ms=15 * S)]
    too_late = [evolve(late[0], film=film(1, 14), cuttable=False), late[1]]

    assert shown(late) == [(0, 72, "asset", "a"), (72, 972, "asset", "b")]
    assert shown(too_late)[0][2] == "filler"


def test_what_flows_is_pushed_and_never_early() -> None:
    parts = [
        part("a", 0, 60, film=film(1, 12)),
        part("b", 60, 120, film=film(2, 9)),
        part("c", 120, 1020, film=film(3, 150)),
    ]

    assert shown(parts) == [
        (0, 72, "asset", "a"), (72, 126, "asset", "b"), (126, 1026, "asset", "c"),
    ]  # fmt: skip
    early = [evolve(parts[0], film=film(1, 8)), *parts[1:]]
    assert shown(early)[:3] == [(0, 48, "asset", "a"), (48, 54, "filler", "a"), (54, 60, "filler", "a")]


def test_a_film_goes_on_at_its_next_segment_and_what_follows_is_pushed() -> None:
    parts = [part("a", -60, 60, film=film(1, 20)), part("b", 60, 660, film=film(2, 100))]
    interrupted = Standing(T0, "a", 5, T0)

    assert shown(parts, interrupted)[:2] == [(0, 90, "asset", "a"), (90, 690, "asset", "b")]


def test_a_programme_that_should_be_on_already_is_joined() -> None:
    parts = [part("a", -100, 500, film=film(1, 100)), part("b", 500, 1400, film=film(2, 150), start="fixed")]
    (first, *_) = air("nanhu.town", tuple(parts), POOL, Standing(T0, since_ms=T0), T0 + S)

    assert (first.seg_from, first.seg_to, first.uid) == (17, 100, "a")


def test_behind_an_insert_what_should_have_begun_begins_unless_it_is_fixed() -> None:
    parts = [part("a", -100, -20, film=film(1, 10)), part("b", -20, 600, film=film(2, 100))]
    inserted = Standing(T0, since_ms=T0 - 60 * S)

    assert air("nanhu.town", tuple(parts), POOL, inserted, T0 + S)[0].seg_from == 0
    fixed = (parts[0], evolve(parts[1], start="fixed"))
    assert air("nanhu.town", fixed, POOL, inserted, T0 + S)[0].seg_from == 4


def test_without_a_plan_fillers_follow_each_other_without_repeating_themselves() -> None:
    rows = air("nanhu.town", (), POOL, Standing(T0), T0 + 15 * MIN)

    assert {(row.kind, row.uid) for row in rows} == {("filler", "")}
    assert all(one.film != other.film for one, other in pairwise(rows))


def test_the_choice_of_fillers_depends_on_channel_day_and_revision() -> None:
    def films(channel: str, at: int, pool: Pool) -> list[int]:
        return [row.film.asset for row in air(channel, (), pool, Standing(at), at + 15 * MIN)]

    many = evolve(POOL, loop=tuple(film(number, 10) for number in range(1, 9)))
    same = films("nanhu.town", T0, many)
    assert films("nanhu.town", T0, many) == same
    others = [
        ("another", T0, many),
        ("nanhu.town", T0 + 86_400_000, many),
        ("nanhu.town", T0, evolve(many, revision=2)),
    ]
    for other in others:
        assert films(*other) != same


@st.composite
def plans(draw: st.DrawFn) -> tuple[Part, ...]:
    """A few hours of slots on any second, with and without films, now and then with a hole."""
    at, out = draw(st.integers(-600, 300)), []
    for number in range(draw(st.integers(0, 12))):
        length = draw(st.integers(20, 1200))
        made = draw(st.none() | st.integers(1, 220))
        out.append(
            Part(
                f"p{number}",
                T0 + at * S,
                T0 + (at + length) * S,
                draw(st.sampled_from(["fixed", "grace", "flow"])),
                draw(st.integers(0, 300)) * S,
                None if made is None else film(number + 1, made),
                draw(st.booleans()),
                draw(st.booleans()),
            )
        )
        at += length + draw(st.sampled_from([0, 0, 0, 20, 500]))
    return tuple(out)


pools = st.sampled_from([POOL, WITH_LONG, evolve(POOL, loop=(film(801, 10),))])


@given(plans(), pools)
def test_there_is_no_hole_and_no_segment_below_two_seconds(parts: tuple[Part, ...], pool: Pool) -> None:
    rows = air("nanhu.town", parts, pool, Standing(T0, since_ms=T0), T0 + 120 * MIN)

    assert rows[0].start_ms == T0
    assert rows[-1].end_ms >= T0 + 120 * MIN
    assert all(one.end_ms == other.start_ms for one, other in pairwise(rows))
    assert all(0 <= row.seg_from < row.seg_to <= len(row.film.seg_ticks) for row in rows)
    assert min(ticks for row in rows for ticks in row.film.seg_ticks[row.seg_from : row.seg_to]) >= 2 * 90_000


@given(plans(), pools)
def test_a_fixed_start_on_any_second_is_met_exactly(parts: tuple[Part, ...], pool: Pool) -> None:
    rows = air("nanhu.town", parts, pool, Standing(T0, since_ms=T0), T0 + 120 * MIN)
    starts = {row.start_ms: row for row in rows}
    due = [one for one in parts if one.start == "fixed" and T0 + 13 * S <= one.start_ms < rows[-1].start_ms]

    assert [one.uid for one in due if starts.get(one.start_ms) is None] == []
    assert [starts[one.start_ms].uid for one in due] == [one.uid for one in due]


@given(plans(), pools)
def test_a_short_row_is_followed_by_a_long_one(parts: tuple[Part, ...], pool: Pool) -> None:
    rows = air("nanhu.town", parts, pool, Standing(T0, since_ms=T0), T0 + 120 * MIN)
    short = [
        (one, other)
        for one, other in pairwise(rows)
        if max(one.end_ms - one.start_ms, other.end_ms - other.start_ms) < SEGMENT_MS
    ]

    # But for the two that make up seven seconds.
    assert all(other.end_ms - one.start_ms == 7 * S for one, other in short)


@given(plans(), pools, st.integers(0, 60))
def test_looked_at_from_any_row_the_rest_is_the_same(parts: tuple[Part, ...], pool: Pool, at: int) -> None:
    standing, until = Standing(T0, since_ms=T0), T0 + 60 * MIN
    rows = air("nanhu.town", parts, pool, standing, until)
    for row in rows[:at]:
        standing = standing.after(row)

    assert air("nanhu.town", parts, pool, standing, until) == rows[at:]


def test_who_is_only_a_little_late_is_shown_from_the_beginning() -> None:
    news = (part("news", -12, 588, film=film(1, 100), start="fixed"),)

    assert air("nanhu.town", news, POOL, Standing(T0, since_ms=T0), T0 + S)[0].seg_from == 0
    assert air("nanhu.town", news, POOL, Standing(T0 + 6 * S, since_ms=T0), T0 + 7 * S)[0].seg_from == 3
