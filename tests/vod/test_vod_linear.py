"""The scheduled channel by examples: what follows what, which rows are refused or ignored, when a list changes."""

from itertools import pairwise

import pytest
from attrs import evolve

from tools.bench.channel_story import BEGIN_MS, SIX, stock
from vod.linear import (
    BadPool,
    BadRow,
    Captured,
    ClockWentBack,
    Draft,
    Effective,
    Film,
    Pool,
    Window,
    edge,
    fold,
    next_row,
)

FILMS, POOLS = stock()
LONG = Draft("asset", 12, 1, 0, 9, "film")
IDENT = Draft("ident", 14, 1, 0, 1)
RELAY = Draft("relay", 500, 1, programme_uid="news")
OPENING = Draft("filler", 4, 2, 0, 5, start_ms=BEGIN_MS - 120_000)


def at(second: float) -> int:
    return BEGIN_MS + round(second * 1_000)


def aired(effective: Effective, draft: Draft, start: float | None = None, now: float = 0) -> Effective:
    asked = evolve(draft, start_ms=at(start)) if start is not None else draft
    return effective.grown([next_row(effective, asked, at(now))])


def channel(*drafts: Draft, start: float = 36) -> Effective:
    """A channel that opened two minutes before BEGIN, and rows one behind the other from `start` on."""
    effective = aired(fold([], [], FILMS, POOLS, channel="town"), OPENING)
    for number, draft in enumerate(drafts):
        effective = aired(effective, draft, start if number == 0 else None)
    return effective


def shown(found: Window | None) -> list[tuple[int, int, int]]:
    """Asset, segment and discontinuity number of each entry."""
    return [] if found is None else [(entry.asset, entry.index, entry.dsn) for entry in found.entries]


def taken(effective: Effective, *ks: int, late: int | None = None) -> Effective:
    """Segments of the newest relay that came in time, and one that did not."""
    row = next(piece.row for piece in reversed(effective.pieces) if piece.row.kind == "relay")
    stamps = {k: row.start_ms + 6_000 * (k + 1) - (2_999 if k == late else 3_000) for k in ks}
    return effective.grown([], [Captured(row.seq, k, SIX, (1,), stamp) for k, stamp in stamps.items()])


def code(effective: Effective, draft: Draft, start: float | None = None, now: float = 0) -> str:
    with pytest.raises(BadRow) as refused:
        aired(effective, draft, start, now)
    return refused.value.code


def test_a_new_channel_has_a_full_list_at_once() -> None:
    found = channel().window(BEGIN_MS)

    assert found is not None
    assert len(found.entries) == 12
    assert (found.start_ms, found.end_ms, found.next_change_ms) == (at(-72), at(0), at(6))


def test_before_the_first_segment_has_ended_there_is_no_list() -> None:
    assert fold([], [], FILMS, POOLS).window(BEGIN_MS) is None
    assert channel().window(at(-121)) is None
    assert channel().window(at(-115)) is None
    assert shown(channel().window(at(-114))) == [(4, 0, 0)]


def test_rows_follow_each_other_and_the_loop_fills_up_behind_them() -> None:
    effective = channel(IDENT, LONG)

    assert shown(effective.window(at(105))) == [
        (4, 1, 8),
        (14, 0, 9),
        *((12, n, 10) for n in range(9)),
        *((2, n, 11) for n in range(2)),
    ]
    assert effective.end_ms == at(93)


def test_a_list_holds_twenty_segments_at_most_and_72_seconds_where_they_suffice() -> None:
    short = channel(*[IDENT] * 30, start=60).window(at(60 + 90))
    mixed = channel(*[IDENT] * 10, LONG, start=60).window(at(60 + 30 + 54))

    assert short is not None
    assert mixed is not None
    assert (len(short.entries), short.end_ms - short.start_ms) == (20, 60_000)
    assert (len(mixed.entries), mixed.end_ms - mixed.start_ms) == (16, 75_000)


def test_an_ident_and_what_was_before_it_never_leave_together() -> None:
    effective = channel(LONG, IDENT, LONG, IDENT, LONG, LONG)
    found = [effective.window(at(second)) for second in range(100, 320)]
    numbers = [each.dsn for each in found if each is not None]

    assert {after - before for before, after in pairwise(numbers)} == {0, 1}
    assert max(len(each.entries) for each in found if each is not None) <= 15


def test_an_insert_cuts_what_is_on_and_the_film_goes_on_behind_it() -> None:
    effective = channel(LONG)
    cut = effective.edge_after(at(50))
    rest = effective.at(cut)
    assert rest is not None

    effective = aired(effective, Draft("insert", 11, 1, 0, 2), 54, now=10)
    effective = aired(effective, Draft("asset", 12, 1, rest.first, 9, "film"), now=10)

    assert (cut, rest.film.asset, rest.first) == (at(54), 12, 3)
    assert shown(effective.window(at(84)))[-8:] == [
        *((12, n, 9) for n in range(3)),
        *((11, n, 10) for n in range(2)),
        *((12, n, 11) for n in range(3, 6)),
    ]


def test_rows_that_break_a_rule_are_refused() -> None:
    effective = channel(LONG)

    assert code(effective, LONG, 60, now=31) == "late"
    assert code(effective, LONG, 61) == "off_edge"
    assert code(effective, LONG, -126, now=-200) == "off_edge"
    assert code(effective, evolve(LONG, asset=99)) == "unknown_film"
    assert code(effective, evolve(LONG, seg_to=10)) == "bad_range"
    assert code(effective, evolve(LONG, seg_from=9)) == "bad_range"
    assert code(effective, evolve(LONG, pool_rev=7)) == "bad_pool"
    assert code(fold([], [], FILMS, POOLS), LONG) == "no_start"
    assert code(aired(effective, RELAY), LONG) == "no_start"


@pytest.mark.parametrize("ticks", [540_001, 89_910, 585_000])
def test_segments_that_are_no_whole_milliseconds_or_too_short_or_too_long_are_refused(ticks: int) -> None:
    films = {**FILMS, (99, 1): Film(99, 1, (SIX, ticks))}
    effective = fold([], [], films, POOLS).grown([next_row(fold([], [], films, POOLS), OPENING, BEGIN_MS)])

    assert code(effective, Draft("asset", 99, 1, 0, 2)) == "bad_length"
    assert aired(effective, Draft("asset", 99, 1, 0, 1), 30).end_ms == at(36)


def test_a_row_that_came_too_late_or_lies_on_no_edge_is_as_if_it_were_not_there() -> None:
    effective = channel(LONG)
    row = next_row(effective, evolve(IDENT, start_ms=at(60)), at(30))

    assert effective.grown([evolve(row, published_ms=at(30) + 1)]).pieces == effective.pieces
    assert effective.grown([evolve(row, start_ms=at(61))]).pieces == effective.pieces
    assert effective.grown([row]).pieces != effective.pieces
    assert effective.grown([row]).grown([row]) == effective.grown([row])


def test_a_relay_goes_on_as_long_as_its_segments_come_in_time_then_the_slate_takes_over() -> None:
    effective = aired(channel(RELAY), LONG, 36 + 36)
    whole, gap, late = taken(effective, *range(6)), taken(effective, 0, 1, 3, 4, 5), taken(effective, 0, 1, 2, late=1)

    def behind(found: Effective) -> list[tuple[int, int, int]]:
        return [entry for entry in shown(found.window(at(78))) if entry[2] > 8]

    assert behind(whole) == [*((500, n, 9) for n in range(6)), (12, 0, 10)]
    assert behind(gap) == [(500, 0, 9), (500, 1, 9), (1, 0, 10), (1, 1, 10), (1, 0, 11), (1, 1, 11), (12, 0, 12)]
    assert behind(late) == [(500, 0, 9), *((1, n % 2, 10 + n // 2) for n in range(5)), (12, 0, 13)]


def test_rows_behind_a_relay_are_settled_once_nothing_can_change_it() -> None:
    effective = taken(channel(RELAY), 0, 1, 2)
    behind = evolve(LONG, start_ms=at(36 + 60))
    cutting = evolve(LONG, start_ms=at(36))

    assert not next_row(effective, behind, at(40)).settled
    assert not next_row(effective, behind, at(36 + 23)).settled
    assert next_row(effective, behind, at(36 + 24)).settled
    assert next_row(effective, cutting, at(0)).settled
    assert (effective.capturing(at(40)), effective.capturing(at(10)), effective.capturing(at(62))) == (
        True,
        False,
        False,
    )


def test_a_programme_has_one_date_range_whatever_it_is_cut_into() -> None:
    effective = channel(evolve(LONG, seg_to=4), evolve(LONG, seg_from=4))
    running, over = effective.window(at(70)), effective.window(at(90))
    cut = aired(effective, Draft("insert", 11, 1, 0, 2), 66, now=30).window(at(80))
    assert running is not None
    assert over is not None
    assert cut is not None

    assert [(r.id, r.start_ms, r.planned_ms, r.duration_ms) for r in running.dateranges] == [
        ("town-2", at(36), 54_000, None)
    ]
    assert [(r.planned_ms, r.duration_ms) for r in over.dateranges] == [(54_000, 54_000)]
    assert [(r.planned_ms, r.duration_ms) for r in cut.dateranges] == [(54_000, 30_000)]
    assert [r.id for r in channel(evolve(LONG, programme_uid="")).slice(at(0), at(60), at(90)).dateranges] == []


def test_a_programme_is_found_whatever_cuts_into_it() -> None:
    effective = aired(channel(LONG), Draft("insert", 11, 1, 0, 2), 66, now=30)
    resumed = aired(aired(effective, Draft("asset", 12, 1, 5, 9, "film"), now=30), RELAY)

    assert effective.programme("film") == (at(36), at(66))
    assert resumed.programme("film") == (at(36), at(102))
    assert resumed.programme("news") == (at(102), None)
    assert aired(resumed, IDENT, 120).programme("news") == (at(102), at(120))
    assert resumed.programme("") is None


def test_a_slice_snaps_outward_and_ends_with_what_has_ended() -> None:
    effective = channel(LONG)

    def cut(start: float, stop: float, now: float) -> tuple[list[int], bool]:
        found = effective.slice(at(start), at(stop), at(now))
        return [entry.index for entry in found.entries if entry.asset == 12], found.growing

    assert cut(36, 90, 500) == (list(range(9)), False)
    assert cut(41.9, 48.1, 500) == ([0, 1, 2], False)
    assert cut(42, 48, 500) == ([1], False)
    assert cut(36, 90, 62) == ([0, 1, 2, 3], True)
    assert cut(36, 60, 62) == ([0, 1, 2, 3], False)
    assert cut(100, 90, 500) == ([], False)
    assert effective.slice(at(-900), at(-121), at(50)).entries == ()
    assert len(effective.slice(at(-900), at(0), at(50)).entries) == 20
    assert effective.slice(at(70), at(90), at(60)).entries == ()


def test_a_shifted_list_opens_with_18_seconds_and_closes_at_its_end() -> None:
    effective = channel(LONG)
    opening, later = effective.shifted(at(36), at(54)), effective.shifted(at(36), at(150))
    before, ended = effective.shifted(at(36), at(89), at(89)), effective.shifted(at(36), at(120), at(89))

    assert shown(opening) == [(12, 0, 9), (12, 1, 9), (12, 2, 9)]
    assert later is not None
    assert later == effective.window(at(150))
    assert before is not None
    assert ended is not None
    assert (before.ended, shown(before)[-1], ended.ended, shown(ended)[-1]) == (False, (12, 7, 9), True, (12, 8, 9))
    assert shown(effective.shifted(at(50), at(54))) == shown(opening), "so close to the edge it moves back"


def test_edges_and_runs_tell_what_is_on() -> None:
    effective = channel(LONG, IDENT)

    assert [effective.edge_after(at(s)) for s in (36, 36.001, 90, 90.5, 93.5)] == [at(s) for s in (36, 42, 90, 93, 99)]
    assert [(run.kind, run.start_ms, run.end_ms) for run in effective.runs(at(30), at(94))] == [
        ("filler", at(30), at(36)),
        ("asset", at(36), at(90)),
        ("ident", at(90), at(93)),
        ("filler", at(93), at(99)),
    ]
    assert effective.runs(at(-300), at(-200)) == ()
    assert effective.at(at(-121)) is None


def test_a_clock_that_slips_is_held_and_one_that_falls_back_is_refused() -> None:
    assert edge(100_999) == 99_000
    assert edge(100_000, ahead_ms=18_000) == 117_000
    assert edge(100_500, newest_ms=100_000) == 100_000
    with pytest.raises(ClockWentBack):
        edge(99_999, newest_ms=100_000)


def test_a_pool_is_made_of_whole_segments() -> None:
    whole, cut = Film(1, 1, (SIX, SIX)), Film(2, 1, (SIX, 180_000))

    for loop, slate in (((), whole), ((whole, cut), whole), ((whole,), cut), ((whole,), Film(3, 1, ()))):
        with pytest.raises(BadPool):
            Pool(0, loop, slate)
