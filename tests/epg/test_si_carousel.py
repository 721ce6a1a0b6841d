"""The carousel: cycles, the 25 ms between sections of one sub-table, continuity, and what gives way when it is full."""

from collections import defaultdict
from datetime import timedelta
from itertools import pairwise

import attrs
import pytest

from epg.si.carousel import Carousel, Turn, load
from epg.si.eit import Event
from epg.si.network import Output
from epg.si.tables import Built, build, turns, with_service, with_time
from tests.epg import section_parser as independent
from tests.epg.si_network import MIDNIGHT, NOW, hourly, network

RATE = 2_000_000
PACKET_S = 188 * 8 / RATE


def built(days: int = 8, desc: str = "一段不短的简介，说说今天有什么") -> Built:
    net = network(horizon_days=days)
    return build(net, {one.channel: hourly(24 * days, desc=desc) for one in net.services}, NOW)


def sent(carousel: Carousel, seconds: float) -> list[tuple[int, bytes, float]]:
    """PID, section and the time of its last byte."""
    stream = b"".join(carousel.packets(round(seconds / PACKET_S)))
    assert len(stream) % 188 == 0
    return [(pid, data, (number + 1) * PACKET_S) for pid, data, number in independent.reassemble(stream)]


def of_sub_tables(rows: list[tuple[int, bytes, float]]) -> dict[object, list[tuple[int, float, int]]]:
    """By sub-table: section number, time of the last byte, packets of the section."""
    found = defaultdict(list)
    for pid, data, at in rows:
        if data[0] in {0x70, 0x73}:
            found[pid, data[0]].append((0, at, 1))
        else:
            owner = data[8:12] if 0x4E <= data[0] < 0x70 else b""
            found[pid, data[0], data[3:5], owner].append((data[6], at, -(-(len(data) + 1) // 184)))
    return found


@pytest.mark.parametrize("dense", [False, True])
def test_everything_comes_within_its_cycle_and_25_ms_apart(dense: bool) -> None:
    carousel = Carousel(RATE, dense)
    carousel.replace(turns(built(), lambda: NOW))

    rows = of_sub_tables(sent(carousel, 65))

    assert len(rows) == len(turns(built(), lambda: NOW))
    limits = {0x00: 0.5, 0x40: 10, 0x42: 2, 0x46: 10, 0x4E: 2, 0x4F: 10, 0x50: 10, 0x51: 10, 0x60: 10, 0x61: 10}
    for key, times in rows.items():
        by_number = defaultdict(list)
        for number, at, _ in times:
            by_number[number].append(at)
        for ats in by_number.values():
            worst = max(after - before for before, after in pairwise(ats))
            assert worst <= limits.get(key[1], 30) * 1.02
        for (_, before, _), (_, after, packets) in pairwise(times):
            assert after - (packets + dense) * PACKET_S - before >= 0.025 - (1 + dense) * PACKET_S


def test_the_rate_is_kept_by_null_packets_and_no_section_is_broken() -> None:
    carousel = Carousel(RATE)
    carousel.replace(turns(built(1), lambda: NOW))

    stream = b"".join(carousel.packets(20_000))

    assert len(stream) == 20_000 * 188
    assert stream.count(bytes((0x47, 0x1F, 0xFF))) > 10_000
    assert {data[0] for _, data, _ in independent.reassemble(stream)} >= {0x00, 0x40, 0x42, 0x4E, 0x50, 0x70, 0x73}


def test_when_the_rate_is_short_later_days_wait_first_and_present_following_never() -> None:
    every = turns(built(16, "湖" * 300), lambda: NOW)
    need = load(every, 10**9).wanted

    tight = load(every, int(need * 0.7))

    assert 0 not in tight.stretched
    assert set(tight.stretched) <= {5, 4, 3, 2, 1}
    assert tight.stretched[5] > 1
    assert tight.stretched.get(2, 1.0) == 1.0
    carousel = Carousel(int(need * 0.7))
    carousel.replace(every)
    times = defaultdict(list)
    for count in range(round(20 * carousel.rate / 1504)):
        (packet,) = carousel.packets(1)
        if packet[1] & 0x40 and packet[5] == 0x4E:
            times[packet[8:10], packet[11]].append(count * 1504 / carousel.rate)
    assert len(times) == 4
    assert max(b - a for ats in times.values() for a, b in pairwise(ats)) <= 2.05


def test_new_present_and_following_are_out_within_two_seconds_of_the_change() -> None:
    carousel = Carousel(RATE)
    first = built()
    carousel.replace(turns(first, lambda: NOW))
    sent(carousel, 3.3)

    carousel.replace(turns(with_time(first, NOW + timedelta(minutes=30)), lambda: NOW))

    told = {}
    for pid, data, at in sent_again(carousel, 2.0):
        if data[0] == 0x4E and data[6] == 0:
            payload = independent.section(data)[5]
            told.setdefault(data[3:5], (at, independent.events(payload, NOW)[0].start))
            assert pid == 0x12
    assert [start for _, start in told.values()] == [MIDNIGHT + timedelta(hours=13)] * 2


def sent_again(carousel: Carousel, seconds: float) -> list[tuple[int, bytes, float]]:
    """Sections from a carousel that is running: continuity goes on from where it was."""
    return sent(carousel, seconds)


def test_continuity_goes_on_over_a_change_of_tables() -> None:
    carousel = Carousel(RATE)
    one = built()
    carousel.replace(turns(one, lambda: NOW))
    stream = b"".join(carousel.packets(5000))
    net = network()
    other = with_service(one, net.services[0], (Event(9, NOW, 60, "插播"),), NOW)
    carousel.replace(turns(other, lambda: NOW))
    stream += b"".join(carousel.packets(5000))

    independent.reassemble(stream)  # asserts the counters of every PID


def test_the_time_is_that_of_sending() -> None:
    now = [NOW]
    carousel = Carousel(RATE)
    carousel.replace([turn for turn in turns(built(1), lambda: now[0]) if turn.pid == 0x14])
    first = sent(carousel, 1)
    now[0] = NOW + timedelta(seconds=30)
    later = sent(carousel, 30)

    assert [data[5:8].hex() for _, data, _ in first[:1]] == ["123000"]
    assert {data[5:8].hex() for _, data, _ in later} == {"123030"}


def test_an_output_can_be_written_as_a_table_of_settings() -> None:
    net = network(output=Output(near_days=4))
    made = build(net, {one.channel: hourly(200) for one in net.services}, NOW)

    cycles = {turn.key[1]: turn.cycle_s for turn in turns(made, lambda: NOW)}

    assert (cycles[0x50], cycles[0x51]) == (10, 30)


def test_a_turn_without_sections_is_not_on_the_carousel() -> None:
    carousel = Carousel(RATE)
    carousel.replace([Turn((1, 2, 3, 0), 1, (), 1.0)])

    assert {packet[1:3] for packet in carousel.packets(50)} == {b"\x1f\xff"}
    assert attrs.asdict(load([], RATE))["wanted"] == 0
