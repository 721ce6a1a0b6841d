"""Tables of a network: only what changed is packed again and counted on; ids stay; profiles tell all their faults."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epg.model import Programme
from epg.si import ids
from epg.si.eit import Event
from epg.si.network import BadNetwork, parse
from epg.si.packets import Packets
from epg.si.reading import EitReader, Found, ServiceKey, read_sections, read_stream
from epg.si.tables import Built, build, events_of, next_change, turns, with_service, with_time
from tests.epg import section_parser as independent
from tests.epg.si_network import MIDNIGHT, NOW, hourly, network, schedules

NET = network()
NEWS = NET.services[0]


def built(known: Built | None = None, **changes: object) -> Built:
    net = network(**changes)
    return build(net, {one.channel: hourly(24 * 8) for one in net.services}, NOW, known)


def versions(made: Built) -> dict[tuple[int, int], int]:
    """Version by table and section number of the first service."""
    every = [data for rows in made.services[NEWS.channel].sent.values() for data in rows]
    return {(data[0], data[6]): independent.section(data)[2] for data in every}


def test_an_edit_packs_one_segment_again_and_counts_its_version_alone() -> None:
    before = built()
    events = list(hourly(24 * 8))
    events[40] = attrs.evolve(events[40], title="临时改动")

    after = with_service(before, NEWS, events, NOW)

    old, new = before.services[NEWS.channel], after.services[NEWS.channel]
    changed = [number for number, part in new.parts.items() if part is not old.parts.get(number)]
    assert changed == [40 // 3]
    counted = {place for place, version in versions(after).items() if version != versions(before)[place]}
    assert counted == {(0x50, 8 * (40 // 3))}
    assert after.services["rz.tv"] is before.services["rz.tv"]


def test_by_sub_table_all_sections_count_together() -> None:
    before = built(scope="sub_table")
    events = [*hourly(24 * 8)[:-1]]

    after = with_service(before, NEWS, events, NOW)

    tables = {table: version for (table, _), version in versions(after).items()}
    assert (tables[0x50], tables[0x51]) == (0, 1)
    assert len({version for (table, _), version in versions(after).items() if table == 0x51}) == 1


def test_nothing_changed_is_sent_as_before_also_after_a_restart() -> None:
    before = built()

    assert {name: one.sent for name, one in built(before).services.items()} == {
        name: one.sent for name, one in before.services.items()
    }


def test_when_an_event_starts_only_present_and_following_change() -> None:
    before = built()

    after = with_time(before, NOW + timedelta(minutes=30))

    counted = {place for place, version in versions(after).items() if version != versions(before)[place]}
    assert counted == {(0x4E, 0), (0x4E, 1)}


def test_finished_events_leave_with_their_segment_at_once_or_at_the_days_end() -> None:
    counts = {}
    for past in ("segment", "at_once", "day"):
        parts = built(past=past).services[NEWS.channel].parts
        counts[past] = min(event.event_id for part in parts.values() for event in part.events)

    assert counts == {"segment": 13, "at_once": 13, "day": 1}
    later = with_time(built(), NOW + timedelta(hours=1, minutes=45)).services[NEWS.channel].parts
    assert min(event.event_id for part in later.values() for event in part.events) == 13


def test_at_midnight_utc_all_is_renumbered_and_still_right() -> None:
    before = built()

    after = with_time(before, MIDNIGHT + timedelta(days=1))

    sections = [independent.section(data) for rows in after.services[NEWS.channel].sent.values() for data in rows]
    told = [one for row in sections if row[0] >= 0x50 for one in independent.events(row[5], NOW)]
    assert sorted(one.event_id for one in told) == list(range(25, 24 * 8 + 1))
    assert {row[3] // 8 for row in sections if row[0] == 0x50} == set(range(32))


def test_the_next_change_is_a_start_an_end_or_the_end_of_a_segment() -> None:
    assert next_change(built(), NOW) == NOW.replace(hour=13, minute=0)
    empty = build(NET, {}, NOW)
    assert next_change(empty, NOW) == NOW.replace(hour=15, minute=0)


def test_local_time_shifts_every_instant() -> None:
    net = network(offset_min=480)
    at = datetime(2026, 11, 25, 13, tzinfo=UTC)
    programme = Programme("u1", "c", at, at + timedelta(hours=1), "节目")

    (event,) = events_of([programme], {"u1": 5}, net)

    assert event.start == at + timedelta(hours=8)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(-40, 20)), max_size=60),
    st.lists(st.tuples(st.integers(0, 40), st.integers(-40, 20)), max_size=60),
)
def test_ids_stay_with_their_programme_and_are_not_given_again_for_30_days(
    first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    def rows(some: list[tuple[int, int]]) -> list[tuple[str, datetime]]:
        return [(f"u{uid}", NOW + timedelta(days=days)) for uid, days in some]

    one = ids.give(ids.Ids({}), rows(first), NOW)
    two = ids.give(one, rows(second), NOW + timedelta(days=1))

    for uid, given_id in two.given.items():
        if uid in one.given and one.given[uid].until > NOW - timedelta(days=29):
            assert given_id.event_id == one.given[uid].event_id
    every = [found.event_id for found in two.given.values()]
    assert len(every) == len(set(every))
    assert all(1 <= number <= 0xFFFE for number in every)


def test_ids_go_round_and_run_out_with_words() -> None:
    full = ids.Ids({f"u{n}": ids.Given(n, NOW) for n in range(1, 0xFFFE)}, 0xFFFE - 1)

    last = ids.give(full, [("new", NOW)], NOW)

    assert last.given["new"].event_id == 0xFFFE
    with pytest.raises(ids.NoIdLeft):
        ids.give(last, [("more", NOW)], NOW)
    freed = ids.give(last, [("more", NOW)], NOW + timedelta(days=31))
    assert freed.given["more"].event_id == 1


PROFILE = """
name = "rizhao"
title = "日照有线"
onid = 0x2016
network_id = 0x3001
ts_id = 1
[[services]]
channel = "nhxw.nanhu.cn"
service_id = 101
ts_id = 1
name = "南湖新闻"
[text]
charset = "raw-gbk"
depths = [[3, "full"], [8, "short"]]
[output]
address = "239.76.9.1:1234"
rate = 3000000
[cable]
frequency_hz = 314000000
"""


def test_a_profile_is_read_with_its_defaults() -> None:
    found = parse(PROFILE)

    assert (found.onid, found.style.coding.charset, found.style.depths) == (
        0x2016,
        "raw-gbk",
        ((3, "full"), (8, "short")),
    )
    assert (found.output.rate, found.cycles.pf, found.cable) == (3_000_000, 2.0, (314_000_000, 6_875_000, 64))


def test_every_fault_of_a_profile_is_listed_with_its_path() -> None:
    text = (
        PROFILE.replace("onid = 0x2016", "onid = 70000")
        .replace('"raw-gbk"', '"klingon"')
        .replace("rate = 3000000", 'rate = "fast"')
    )
    text = text.replace("service_id = 101", "service_id = 0").replace("depths", "dephts") + "[cycles]\npf = 9000\n"

    with pytest.raises(BadNetwork) as caught:
        parse(text)

    paths = {fault.path for fault in caught.value.faults}
    assert paths == {"onid", "text.charset", "text.dephts", "output.rate", "services[0].service_id", "cycles.pf"}


def test_what_is_no_toml_or_has_no_services_is_refused_with_words() -> None:
    for text in ("name = ", "", "services = 3"):
        with pytest.raises(BadNetwork):
            parse(text)


@given(events=schedules())
def test_what_is_sent_is_read_in_again(events: tuple[Event, ...]) -> None:
    told = [event for event in events if event.start < MIDNIGHT + timedelta(days=60)]
    net = network(horizon_days=64, past="day")
    made = build(net, {NEWS.channel: told}, NOW)
    dropped = set(made.services[NEWS.channel].dropped)
    packer = Packets(0x12, dense=True)
    sections = [data for one in made.services.values() for rows in one.sent.values() for data in rows]
    stream = b"".join(packet for data in sections for packet in packer.of(data, more=True)) + b"".join(packer.flush())

    for found in (read_stream(stream, EitReader(NOW)), read_sections(b"".join(sections), EitReader(NOW))):
        mine = found.events.get(ServiceKey(net.onid, 1, 101), ())
        assert {one.event_id: (one.start, one.seconds) for one in mine} == {
            one.event_id: (one.start, one.seconds) for one in told if one.event_id not in dropped
        }
        assert (found.complete, found.bad_crc, found.lost) == (True, 0, 0)


def test_a_stream_with_holes_is_not_complete_and_broken_sections_are_counted() -> None:
    made = built()
    sections = [data for rows in made.services[NEWS.channel].sent.values() for data in rows]
    broken = sections[20][:40] + bytes((sections[20][40] ^ 1,)) + sections[20][41:]

    found = read_sections(b"".join([*sections[:20], broken, *sections[21:]]), EitReader(NOW))

    assert (found.complete, found.bad_crc) == (False, 1)


def test_other_streams_are_read_only_on_wish() -> None:
    made = built()
    sections = b"".join(data for one in made.services.values() for rows in one.sent.values() for data in rows)

    def services(found: Found) -> set[int]:
        return {key.service_id for key in found.events}

    assert services(read_sections(sections, EitReader(NOW))) == {101, 102, 201}
    assert services(read_sections(sections, EitReader(NOW, other=False))) == {101, 102}
    assert services(read_sections(sections, EitReader(NOW, actual=False))) == {201}


def test_hostile_bytes_are_refused_or_passed_over() -> None:
    reader = EitReader(NOW)
    for data in (b"\x4e\xf0\x05\x00", b"\x50" * 500, b"\xff" * 18, bytes(range(256)) * 8):
        reader.section(data)
    assert reader.found().events == {}
    with pytest.raises(ValueError, match="no transport stream"):
        read_stream(b"<?xml version='1.0'?>" * 100, reader)


def test_a_receivers_tables_are_all_there() -> None:
    made = built()

    found = {turn.key[:2] for turn in turns(made, lambda: NOW)}

    assert found == {(0, 0), (0x10, 0x40), (0x11, 0x42), (0x11, 0x46), (0x14, 0x70), (0x14, 0x73)} | {
        (0x12, table) for table in (0x4E, 0x4F, 0x50, 0x51, 0x60, 0x61)
    }
