"""Rules of a live list over time, and the faults of video.md §15 made on purpose: each is found by its rule."""

import re
from collections.abc import Callable

import pytest
from attrs import evolve

from tests.vod.checking import check, check_history, check_variants
from tests.vod.linear_maker import START, live, text, window
from tests.vod.ts_maker import Made, film
from vod.check import Evidence, examine
from vod.check_http import Probe
from vod.check_read import read

FIRST = START + 130
URI = "http://tv/ch/town/360.m3u8"
Polls = list[tuple[int, bytes]]


def polls(change: Callable[[bytes], bytes] = lambda data: data, seconds: int = 60) -> Polls:
    """A channel asked each second, each list changed."""
    return [(now * 1000, change(live(now))) for now in range(FIRST, FIRST + seconds)]


def rules(seen: Polls) -> set[int]:
    """What is found by one list at a time and by all of them."""
    single = (each.rule for _, data in seen for each in check(data, URI))
    return {*single, *(each.rule for each in check_history(seen, URI))}


def test_a_sound_channel_has_no_findings() -> None:
    assert rules(polls()) == set()


@pytest.mark.parametrize(
    ("change", "only"),
    [
        (lambda data: re.sub(rb"#EXT-X-PROGRAM-DATE-TIME:.*\n", b"", data), 13),
        (lambda data: data.replace(b"Z\n", b"\n"), 13),
        (lambda data: data.replace(b".000Z", b"Z").replace(b".400Z", b"Z").replace(b".920Z", b"Z"), 13),
        (lambda data: data.replace(b"#EXTINF:2.520", b"#EXTINF:1.520"), 14),
    ],
)
def test_dates_of_a_live_list(change: Callable[[bytes], bytes], only: int) -> None:
    found = {each.rule for each in check(change(live(FIRST)), URI)}

    assert found == {only}


def test_a_window_that_is_too_short_is_found_unless_it_is_of_a_delayed_channel() -> None:
    short = text(window(FIRST)[-4:])

    assert {each.rule for each in check(short, URI)} == {12}
    assert check(short, "http://tv/ch/town/shift/1-2/360.m3u8") == []
    assert check(short + b"#EXT-X-ENDLIST\n", "http://tv/ch/town/shift/1-2-3/360.m3u8") == []
    assert {each.rule for each in check(text(window(FIRST)[-2:]), "http://tv/ch/town/shift/1-2/360.m3u8")} == {12}


def test_an_event_list_keeps_its_beginning() -> None:
    def event(now: int, first: int) -> tuple[int, bytes]:
        shown = window(now)[first:]
        return now * 1000, text(shown).replace(b"6\n#EXT-X-MEDIA", b"6\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-MEDIA", 1)

    assert check_history([event(FIRST, 0), event(FIRST, 0)], URI) == []
    assert {each.rule for each in check_history([event(FIRST, 0), event(FIRST, 1)], URI)} == {9}


def ranged(data: bytes, words: bytes) -> bytes:
    return data.replace(b"#EXTINF", b"#EXT-X-DATERANGE:" + words + b"\n#EXTINF", 1)


GOOD = b'ID="p1",CLASS="programme",START-DATE="2026-09-21T10:00:00.000Z",DURATION=60.000'


def test_what_a_date_range_said_it_says_again() -> None:
    longer = GOOD.replace(b"60.000", b"61.000")
    known, more = ((at * 1000, ranged(live(at), words)) for at, words in ((FIRST, GOOD[:-16]), (FIRST + 1, GOOD)))
    other = (FIRST * 1000 + 2000, ranged(live(FIRST + 2), longer))

    assert check_history([known, more], URI) == []
    assert {each.rule for each in check_history([more, other], URI)} == {15}


def test_two_variants_have_the_same_date_ranges() -> None:
    lists = {"a": ranged(live(FIRST), GOOD), "b": ranged(live(FIRST), GOOD.replace(b"60", b"61"))}

    assert {each.rule for each in check_variants({"a": lists["a"], "b": lists["a"]})} == set()
    assert {each.rule for each in check_variants(lists)} == {15}


def renumbered(data: bytes, name: str, change: Callable[[int], int]) -> bytes:
    pattern = f"(#EXT-X-{name}:)([0-9]+)".encode()
    return re.sub(pattern, lambda found: found[1] + str(change(int(found[2]))).encode(), data)


def without_breaks(data: bytes) -> bytes:
    return data.replace(b"#EXT-X-DISCONTINUITY\n", b"")


def msn_restarts(data: bytes) -> bytes:
    """Numbers begin anew with each item: what the first item of the window has passed."""
    return renumbered(data, "MEDIA-SEQUENCE", lambda number: number % 7)


def dsn_left_out(data: bytes) -> bytes:
    return re.sub(rb"#EXT-X-DISCONTINUITY-SEQUENCE:.*\n", b"", data)


def break_on_top(data: bytes) -> bytes:
    return data.replace(b"#EXT-X-PROGRAM", b"#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM", 1)


def top_break_stays(data: bytes) -> bytes:
    """A list that shows the break of its first segment as long as that is an item's first."""
    place = re.search(rb"/00000\.ts", data)
    first = re.search(rb"\n[^#\n]+\.ts", data)
    assert first is not None
    return break_on_top(data) if place and place.start() < first.end() else data


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (without_breaks, {40}),
        (msn_restarts, {41}),
        (break_on_top, {11}),
        (top_break_stays, {11, 40}),
        (lambda data: data.replace(b"DURATION:6", b"DURATION:2"), {4}),
        (dsn_left_out, {10, 40}),
        (lambda data: renumbered(data, "DISCONTINUITY-SEQUENCE", lambda _: 0), {40}),
    ],
)
def test_a_fault_of_a_channel_made_on_purpose_is_found_by_its_rule(
    change: Callable[[bytes], bytes], named: set[int]
) -> None:
    assert named <= rules(polls(change))


def test_a_list_that_stands_still_is_found() -> None:
    """Nothing new after 9 s is a fault; the end of the window then is old, too."""
    still = [(now * 1000, live(FIRST)) for now in range(FIRST, FIRST + 11)]

    assert {(each.rule, each.severity) for each in check_history(still, URI)} == {(42, "E"), (44, "W")}
    assert 42 not in {each.rule for each in check_history(still[:8], URI)}


def test_numbers_that_fall_are_found() -> None:
    fallen = [(FIRST * 1000, live(FIRST)), (FIRST * 1000 + 500, live(FIRST - 6))]

    assert {each.rule for each in check_history(fallen, URI)} == {41, 44}


def test_breaks_that_leave_together_are_told() -> None:
    """Two items between two fetches: no error, but more than old boxes like."""
    found = check_history([(now * 1000, live(now)) for now in (FIRST, FIRST + 60)], URI)

    assert {(each.rule, each.severity) for each in found} == {(41, "W")}


def test_a_channel_that_is_late_or_early_is_told_unless_it_is_meant_to_be() -> None:
    ahead = [(FIRST * 1000, live(FIRST + 18))]

    assert {each.rule for each in check_history(ahead, URI)} == {44}
    assert check_history(ahead, URI, ahead_s=18.0) == []


def test_variants_apart_are_found() -> None:
    """18 s apart: by what they show under one number, and when they show it."""
    other = live(FIRST, 540, late_s=18.0)
    numbered = renumbered(live(FIRST - 18, 540), "MEDIA-SEQUENCE", lambda number: number + 3)

    assert check_variants({"a": live(FIRST), "b": live(FIRST, 540)}) == []
    assert {26, 28} <= {each.rule for each in check_variants({"a": live(FIRST), "b": other})}
    assert {26, 28} <= {each.rule for each in check_variants({"a": live(FIRST), "b": numbered})}
    assert {each.rule for each in check_variants({"a": live(FIRST), "b": live(FIRST - 18, 540)})} == {26}


def test_the_same_number_with_another_film_is_found() -> None:
    odd = live(FIRST, 540).replace(b"/1-1/540/00002.ts", b"/1-1/540/00003.ts")
    assert odd != live(FIRST, 540)

    assert {each.rule for each in check_variants({"a": live(FIRST), "b": odd})} == {28}


def found(evidence: Evidence) -> set[int]:
    return {each.rule for each in examine(evidence)}


def joined(odd: Made, broken: bool) -> Evidence:
    """A film whose second segment comes from elsewhere: with a DISCONTINUITY around it, or without."""
    places, mark = re.compile(rb"(0000[01]\.ts\n)"), rb"\1#EXT-X-DISCONTINUITY\n"
    texts = {name: places.sub(mark, data) for name, data in odd.texts.items()}
    return evolve(odd, texts=texts if broken else odd.texts).evidence()


def test_a_break_in_the_pictures_needs_a_discontinuity() -> None:
    """DISCONTINUITY left out, seen in the bytes: the clock of the next item starts anew."""
    elsewhere = film(first=7200)

    assert found(joined(elsewhere, broken=True)) == set()
    assert found(joined(elsewhere, broken=False)) == {34}


def test_a_break_that_has_come_to_the_top_of_its_list_is_still_one() -> None:
    """The segment behind a break was seen last where it stands first: no tag is above it, its number tells."""
    evidence = joined(film(first=7200), broken=True)
    shots = {
        uri: tuple(evolve(each, entry=evolve(each.entry, breaks=False)) for each in seen)
        for uri, seen in evidence.shots.items()
    }

    assert found(evolve(evidence, shots=shots)) == set()


def test_faults_of_media_made_on_purpose_are_found() -> None:
    gone = Probe("http://tv/0.ts", 404, 0)

    assert found(film(sound=False).evidence()) == {35}
    assert 38 in found(film(rate=4).evidence())
    assert found(evolve(film(), codecs={360: "avc1.640028", 540: "avc1.4d401f"}).evidence()) == {36}
    assert found(Evidence(probes=(gone,))) == {43}


def test_reading_many_lists_stays_quick_enough_for_a_day() -> None:
    """A day of one rung is 14 400 changes; the lists of a minute are read and judged without a quadratic step."""
    seen = check_history(polls(seconds=120), URI)

    assert seen == []
    assert read(live(FIRST)).entries[0].number == window(FIRST)[0].number
