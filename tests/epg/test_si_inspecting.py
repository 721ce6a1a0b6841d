"""A stream looked through: tables, versions, cycles, errors, and whatever bytes come."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from epg.si import sections
from epg.si.inspecting import inspect
from epg.si.packets import NULL, PACKET, Packets

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 25, 12, 0, 10, tzinfo=UTC)


def stream(gap: int) -> list[bytes]:
    """PAT twice in versions 3 and 4, SDT once, the time twice ten seconds apart, nulls between."""
    pat, sdt, times = Packets(sections.PAT_PID), Packets(sections.SDT_PID), Packets(sections.TDT_PID)
    names = sections.sdt(1, 8214, [sections.Listed(101, 1, b"\x15" + "南湖新闻".encode())], actual=True)[0]
    first = sections.pat(1, {101: 257})
    return [
        *pat.of(first.bytes_of(3)), *sdt.of(names.bytes_of(0)), *times.of(sections.tdt(NOW)), *[NULL] * gap,
        *pat.of(first.bytes_of(4)), *times.of(sections.tdt(LATER)),
    ]  # fmt: skip


def test_tables_versions_cycles_services_and_the_rate_by_the_times_in_it() -> None:
    found = inspect(stream(995), NOW)
    by_name = {one.name: one for one in found.tables}

    assert found.packets == 1000
    assert found.rate == (1000 - 3) * PACKET * 8 / 10
    assert by_name["PAT"].versions == (3, 4)
    assert by_name["PAT"].cycle == 998
    assert (by_name["SDT actual"].sections, by_name["SDT actual"].cycle) == (1, 0)
    assert found.services == {101: "南湖新闻"}
    assert (found.bad_crc, found.time) == (0, LATER)
    assert [one.broken for one in found.pids] == [0] * 4


def test_lost_packets_and_broken_sections_are_counted() -> None:
    whole = stream(0)
    broken = bytearray(whole[0])
    broken[20] ^= 1
    pat = Packets(sections.PAT_PID)
    lossy = [one for n in range(4) for one in pat.of(sections.pat(1, {n: 257}).bytes_of(0))]
    found = inspect([bytes(broken), *whole[1:]], NOW)

    assert found.bad_crc == 1
    assert [one.broken for one in inspect([lossy[0], lossy[2], lossy[3]], NOW).pids] == [1]


@given(
    st.lists(st.binary(min_size=PACKET - 1, max_size=PACKET - 1), max_size=6),
    st.sampled_from((0, 0x10, 0x11, 0x12, 0x14)),
)
def test_no_packet_breaks_it(bodies: list[bytes], pid: int) -> None:
    some = [b"G" + bytes((0x40 | pid >> 8, pid & 0xFF, 0x10)) + body[3:] for body in bodies]

    assert inspect(some, NOW).packets == len(bodies)
