"""Service information as epg.md §14 asks: whole networks as sets, midnight, dates, raw and local networks."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from epg.si import eit, times
from epg.si.carousel import load
from epg.si.eit import Event
from epg.si.network import Output, Service
from epg.si.packets import Packets
from epg.si.reading import EitReader, ServiceKey, read_stream
from epg.si.tables import Built, build, turns, with_time
from epg.si.text import Coding, coded
from tests.epg import section_parser as independent
from tests.epg.si_network import MIDNIGHT, NOW, TEXTS, hourly, network, style

MANY = tuple(Service(f"c{n}.tv", n, 1 + n // 60, f"频道{n}") for n in range(1, 101))


def packed(built: Built, *, dense: bool) -> bytes:
    """All EIT sections as one stream."""
    packer = Packets(0x12, dense=dense)
    every = [data for one in built.services.values() for rows in one.sent.values() for data in rows]
    return b"".join(p for data in every for p in packer.of(data, more=True)) + b"".join(packer.flush())


@pytest.mark.parametrize(("charset", "dense"), [("auto", False), ("utf8", True)])
def test_a_hundred_services_over_eight_days_are_read_back_as_the_same_set(charset: str, dense: bool) -> None:
    net = network(services=MANY, style=style(charset), past="day")
    told = {one.channel: hourly(8 * 24, title=f"{one.name}的节目 · ", desc=f"{one.name}简介。" * 5) for one in MANY}
    stream = packed(build(net, told, NOW), dense=dense)

    found: dict[int, set[tuple[object, ...]]] = {}
    for pid, data, _ in independent.reassemble(stream):
        table, service, _, _, _, payload = independent.section(data)
        assert pid == 0x12
        if table >= 0x50:
            for one in independent.events(payload, NOW):
                row = one.event_id, one.start, one.seconds, one.title, one.short, one.long
                found.setdefault(service, set()).add(row)

    assert found == {
        one.service_id: {(e.event_id, e.start, e.seconds, e.title, e.sub_title, e.desc) for e in told[one.channel]}
        for one in MANY
    }


def test_at_00_00_utc_everything_is_there_under_its_new_number_and_nothing_twice() -> None:
    net = network(horizon_days=8)
    events = hourly(9 * 24)
    one_second_before = MIDNIGHT + timedelta(days=1) - timedelta(seconds=1)
    before = with_time(build(net, {net.services[0].channel: events}, NOW), one_second_before)
    midnight = one_second_before + timedelta(seconds=1)

    after = build(net, {net.services[0].channel: events}, midnight, with_time(before, midnight))

    told = []
    for rows in after.services[net.services[0].channel].sent.values():
        for data in rows:
            table, *_, payload = independent.section(data)
            told += [one for one in independent.events(payload, midnight) if table >= 0x50]
    assert [one.event_id for one in sorted(told, key=lambda one: one.start)] == list(range(25, 9 * 24 + 1))
    first = min(told, key=lambda one: one.start)
    assert first.start == midnight
    assert (before.begin, after.begin) == (MIDNIGHT, midnight)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2099, 12, 31)))
def test_instants_round_trip_with_the_clock_as_reference_over_the_wrap_of_2038(at: datetime) -> None:
    aware = at.replace(microsecond=0, tzinfo=UTC)

    for near in (aware - timedelta(days=300), aware + timedelta(days=300)):
        assert times.read_instant(times.instant(aware), near) == aware


def test_hours_of_bcd_that_are_none_are_refused_and_undefined_is_none() -> None:
    assert times.read_instant(times.UNDEFINED, NOW) is None
    for bad in ("e0a1240061", "e0a1246100", "e0a12400a0"):
        with pytest.raises(ValueError, match=r"BCD|below 60"):
            times.read_instant(bytes.fromhex(bad), NOW)


@given(text=TEXTS)
def test_every_charset_policy_sends_what_its_table_can_hold(text: str) -> None:
    found = coded(text, Coding("auto"), 250)
    if found.data[:1] == b"\x13":
        found.data[1:].decode("gb2312")
    elif found.data:
        assert found.data[0] == 0x15
        whole = independent.decode(coded(text, Coding("auto"), 10**6).data).replace("\n", " ")
        with pytest.raises(UnicodeEncodeError):
            whole.encode("gb2312")


def test_titles_with_a_long_dash_go_out_as_gb2312_only_when_folded() -> None:
    plain, folded = coded("——今日·南湖", Coding("auto"), 99), coded("——今日·南湖", Coding("auto", fold=True), 99)

    assert (plain.data[:1], folded.data[:1]) == (b"\x15", b"\x13")
    assert folded.data[1:5] == bytes.fromhex("a1aaa1aa")
    assert independent.decode(folded.data) == "——今日·南湖"


def test_a_raw_gbk_network_on_local_time_comes_in_as_it_went_out() -> None:
    net = network(style=style("raw-gbk"), offset_min=480, past="day", read_as="gbk")
    programme = Event(1, NOW + timedelta(hours=8), 3600, "镕基喆𠮷", "副题", "简介")
    stream = packed(build(net, {net.services[0].channel: [programme]}, NOW), dense=False)

    reader = EitReader(NOW, "gbk", shift=net.shift)
    (found,) = read_stream(stream, reader).events[ServiceKey(net.onid, 1, 101)]

    assert (found.start, found.title, found.short, found.long) == (NOW, "镕基喆〓", "副题", "简介")
    assert coded("𠮷", Coding("raw-gbk"), 99).replaced


def test_a_rate_that_is_too_small_is_told_and_present_following_keeps_its_pace() -> None:
    net = network(services=MANY, output=Output(rate=1_500_000))
    built = build(net, {one.channel: hourly(8 * 24, desc="湖" * 120) for one in MANY}, NOW)
    found = load(turns(built, lambda: NOW), net.output.rate)

    assert found.wanted > net.output.rate
    assert set(found.stretched) <= {1, 2, 3, 4, 5}
    assert found.stretched
    assert found.cycles[0] <= 30


def test_an_event_of_no_length_or_beyond_a_day_does_not_break_the_tables() -> None:
    odd = [
        Event(1, NOW, 0, "零"),
        Event(2, NOW + timedelta(minutes=1), 400_000, "很长"),
        evolve(hourly(1)[0], event_id=3),
    ]

    for one in odd:
        data, _ = eit.event_bytes(one, style(), "full", 0)
        assert independent.events(b"\0" * 6 + data, NOW)[0].seconds == min(one.seconds, 359_999)
