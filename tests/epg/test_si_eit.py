"""EIT: an independently written parser reads back what was scheduled, whatever it was."""

import unicodedata
from collections import defaultdict
from datetime import datetime, timedelta

import attrs
import pytest
from hypothesis import given

from epg.si import eit
from epg.si.crc import crc
from epg.si.eit import Event, Of, Style, present_following, schedule, segments
from epg.si.text import Coding, coded
from tests.epg import section_parser as independent
from tests.epg.si_network import MIDNIGHT, NOW, TEXTS, hourly, schedules, style

OF = Of(101, 1, 0x2016)


def read_back(events: tuple[Event, ...], how: Style, days: int = 64) -> dict[int, independent.Told]:
    """The schedule as the independent parser finds it, with the rules of TS 101 211 §4.1.4 checked on the way."""
    parts = segments(events, MIDNIGHT, how, days=days)
    sections = [one.bytes_of(3) for one in schedule(OF, parts)]
    told: dict[int, independent.Told] = {}
    tables = defaultdict(dict)
    for data in sections:
        table, extension, version, number, last, payload = independent.section(data)
        assert (extension, version) == (101, 3)
        assert len(data) <= 4096
        tables[table][number] = (last, payload)
        for one in independent.events(payload, NOW):
            assert one.event_id not in told, "an event stands once"
            place = (one.start - MIDNIGHT) // timedelta(hours=3)
            assert (table - 0x50, number // 8) == (place // 32, place % 32)
            assert one.running == 0
            told[one.event_id] = one
    last_table = max(tables)
    for table in range(0x50, last_table + 1):
        rows = tables[table]
        assert {last for last, _ in rows.values()} == {max(rows)}
        assert {payload[5] for _, payload in rows.values()} == {last_table}
        assert table == last_table or max(rows) // 8 == 31
        for first in range(0, max(rows) + 1, 8):
            segment = [number for number in rows if number // 8 == first // 8]
            end = rows[first][1][4]
            assert segment == list(range(first, end + 1)), "a segment is contiguous and present"
    return told


@pytest.mark.parametrize("charset", ["auto", "utf8", "utf16"])
@given(events=schedules())
def test_an_independent_parser_reads_back_the_schedule(charset: str, events: tuple[Event, ...]) -> None:
    told = read_back(events, style(charset))

    wanted = {one.event_id: one for one in events if one.start < MIDNIGHT + timedelta(days=64)}
    parts = segments(events, MIDNIGHT, style(charset))
    dropped = {number for part in parts.values() for number in part.dropped}
    cut = {number for part in parts.values() for number in part.shortened}
    assert set(told) == set(wanted) - dropped
    for number, one in told.items():
        assert (one.start, one.seconds) == (wanted[number].start, wanted[number].seconds)
        whole = sent(wanted[number].title)
        assert whole.startswith(sent(one.title))
        assert number in cut or sent(one.title) == whole
        assert number in cut or sent(one.long) == sent(wanted[number].desc)


def sent(text: str) -> str:
    """What of a text can be sent, without spaces and line ends."""
    gone = {"Cc", "Cs", "Zs", "Zl", "Zp"}
    return "".join(
        one for one in text
        if unicodedata.category(one) not in gone and one not in "\ufffd\ufffe\uffff" and not "\ue080" <= one <= "\ue09f"
    )  # fmt: skip


def test_sixty_four_days_fill_all_sixteen_tables_and_what_lies_beyond_is_left_out() -> None:
    told = read_back(hourly(65 * 24), style())

    assert set(told) == set(range(1, 64 * 24 + 1))


def test_an_empty_schedule_is_one_empty_section_of_18_bytes() -> None:
    (section,) = schedule(OF, {})

    assert (len(section.bytes_of(0)), section.bytes_of(0)[2]) == (18, 15)


def test_an_event_over_midnight_stands_in_the_segment_of_its_start() -> None:
    late = Event(7, MIDNIGHT + timedelta(hours=23, minutes=30), 7200, "夜间")

    parts = segments((late,), MIDNIGHT, style())

    assert list(parts) == [7]


def test_a_full_segment_shortens_the_longest_texts_first_and_tells_which() -> None:
    long = hourly(3, desc="湖" * 2000)
    short = Event(9, MIDNIGHT + timedelta(minutes=1), 60, "短讯", "", "只有一句话")
    crowd = tuple(
        attrs.evolve(long[0], event_id=20 + number, start=MIDNIGHT + timedelta(minutes=2 + number), seconds=60)
        for number in range(40)
    )

    made = eit.segment((short, *crowd), style(), "full")

    assert len(made.loops) == 8
    assert made.dropped == ()
    assert set(made.shortened) == {one.event_id for one in crowd}
    told = read_back((short, *crowd), style())
    assert told[9].long == "只有一句话"
    assert min(len(told[one.event_id].long) for one in crowd) > 200


def test_a_segment_that_nothing_can_fit_lists_what_it_left_out() -> None:
    crowd = tuple(Event(number, MIDNIGHT + timedelta(seconds=10 * number), 10, "一" * 60) for number in range(1, 1000))

    made = eit.segment(crowd, style(), "full")

    assert len(made.loops) == 8
    kept = sum(eit.count_events(loop) for loop in made.loops)
    assert made.dropped == tuple(range(kept + 1, 1000))
    assert kept > 500


def test_depth_by_day_tells_less_of_later_days() -> None:
    how = style(depths=((1, "full"), (2, "short")))

    told = read_back(hourly(72, desc="全部内容"), how)

    assert [(told[n].long, told[n].short) for n in (1, 25, 49)] == [("全部内容", "第几集"), ("", "第几集"), ("", "")]


def test_present_and_following_are_always_two_sections() -> None:
    events = (hourly(1, begin=NOW - timedelta(minutes=30))[0], hourly(2, begin=NOW + timedelta(days=3))[1])

    for at, expected in (
        (NOW - timedelta(hours=2), [[], [(1, 1)]]),
        (NOW, [[(1, 4)], [(2, 1)]]),
        (NOW + timedelta(hours=2), [[], [(2, 1)]]),
        (NOW + timedelta(days=5), [[], []]),
    ):
        pair = [independent.section(one.bytes_of(0)) for one in present_following(OF, events, at, style())]

        assert [(table, number, last) for table, _, _, number, last, _ in pair] == [(0x4E, 0, 1), (0x4E, 1, 1)]
        assert [[(one.event_id, one.running) for one in independent.events(row[5], NOW)] for row in pair] == expected


def test_dates_beyond_2038_are_read_right() -> None:
    far = datetime.fromisoformat("2038-06-01T10:00:00+00:00")
    event = Event(1, far, 1800, "将来")

    first, _ = present_following(OF, (event,), far, style())

    (told,) = independent.events(independent.section(first.bytes_of(0))[5], far)
    assert told.start == far


def test_the_crc_has_the_check_value_of_the_standard() -> None:
    assert crc(b"123456789").hex() == "0376e6e7"


@given(text=TEXTS)
def test_no_cut_splits_a_character_in_any_charset(text: str) -> None:
    for charset in ("auto", "utf8", "utf16", "raw-gbk"):
        for limit in (3, 4, 5, 8, 40, 250):
            found = coded(text, Coding(charset), limit)
            assert len(found.data) <= limit
            independent.decode(found.data)
