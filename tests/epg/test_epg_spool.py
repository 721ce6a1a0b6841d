"""A feed of any length: what is on disk is what was read, the report is the same, and memory stays."""

import io
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epg import spool, xmltv
from epg.model import CREDITS, Channel, Credit, Name, Programme
from epg.report import Refused, report_text
from epg.settling import Row, programme
from epg.unpack import Limits
from epg.xmltv_out import write

START = datetime(2026, 11, 25, tzinfo=UTC)
FEEDS = sorted((Path(__file__).parent / "data").glob("*.xml*"))


def feed(channels: int, hours: int) -> bytes:
    line_up = [Channel(f"c{n}.cn", (Name(f"台{n}", "zh"),), n + 1) for n in range(channels)]
    rows = [
        Programme(
            "",
            one.xmltv_id,
            START + timedelta(hours=n),
            START + timedelta(hours=n + 1),
            f"节目{n}",
            desc=f"简介{n}" * 40,
        )
        for n in range(hours)
        for one in line_up
    ]
    return write(line_up, rows, at=START)


def same(data: bytes) -> None:
    """Reading whole and reading to disk lead to the same channels, programmes and report."""
    whole, parted = xmltv.read(data), xmltv.spooled(data, spill_at=7)

    assert [one for _, rows in parted.by_channel() for one in rows] == list(whole.programmes)
    assert parted.channels == whole.channels
    assert parted.report == whole.report
    assert [(one, list(rows)) for one, rows in parted.by_channel()] == list(whole.by_channel())
    assert report_text(parted.report) == report_text(whole.report)


@pytest.mark.parametrize("file", FEEDS, ids=lambda one: one.name)
def test_a_dirty_feed_on_disk_is_the_feed_in_memory(file: Path) -> None:
    same(file.read_bytes())


def test_a_long_feed_on_disk_is_the_feed_in_memory() -> None:
    same(feed(4, 30))


def test_a_feed_that_is_refused_in_memory_is_refused_on_disk() -> None:
    for data in (feed(2, 2)[:-20], b"<tv>", b"nothing"):
        with pytest.raises(Refused) as whole:
            xmltv.read(data)
        with pytest.raises(Refused) as parted:
            xmltv.spooled(data)
        assert str(parted.value) == str(whole.value)


def made(second: int, minutes: int, title: str, more: dict[str, Any]) -> Programme:
    start = START + timedelta(seconds=second)
    return Programme("", f"c{second % 3}.cn", start, start + timedelta(minutes=minutes), title, **more)


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9)
PROGRAMMES = st.builds(
    made,
    st.integers(0, 10**9),
    st.integers(1, 1440),
    WORDS,
    st.fixed_dictionaries({}, optional={
        "desc": WORDS, "categories": st.lists(WORDS).map(tuple), "open": st.booleans(), "marks": st.just(("new",)),
        "credits": st.lists(st.builds(Credit, st.sampled_from(CREDITS), WORDS), max_size=3).map(tuple),
    }),
)  # fmt: skip


def as_row(line: int, one: Programme) -> Row:
    told = {name: getattr(one, name) for name in Row._fields if hasattr(one, name)}
    told |= {"start": one.start.timestamp(), "stop": one.stop.timestamp()}
    told["credits"] = tuple((each.part, each.name) for each in one.credits)
    return Row(**told, line=line, told_start="x", told_stop="")


@given(st.lists(PROGRAMMES, max_size=8), st.integers(1, 4))
def test_rows_come_back_from_disk_as_they_were(some: list[Programme], spill_at: int) -> None:
    rows = spool.Rows(spill_at)
    for number, one in enumerate(some):
        rows.add(as_row(number, one))
    found = sorted((row for channel in rows.channels for row in rows.of(channel)), key=lambda row: row.line)

    assert found == [as_row(number, one) for number, one in enumerate(some)]
    assert list(map(programme, found)) == some
    assert rows.count == len(some)


@given(st.lists(PROGRAMMES, max_size=3))
def test_programmes_come_back_from_plain_values_as_they_were(some: list[Programme]) -> None:
    assert [spool.whole(spool.flat(one)) for one in some] == some


def test_values_are_read_again_from_the_beginning() -> None:
    values = spool.Values()
    values.add((1, "甲"))
    first = list(values.all())
    values.add(None)

    assert (first, list(values.all())) == ([(1, "甲")], [(1, "甲"), None])


def test_limits_hold_for_feeds_on_disk() -> None:
    data = feed(5, 3)

    for limits in (Limits(rows=14), Limits(channels=4)):
        with pytest.raises(Refused, match=r"rows|channels"):
            xmltv.spooled(data, limits=limits)
    assert xmltv.spooled(data, limits=Limits(rows=15, channels=5)).report.kept == 15


def held(hours: int) -> int:
    """Bytes of Python objects that stay while a feed of thirty channels is gone through channel by channel."""
    data = io.BytesIO(feed(30, hours))
    tracemalloc.start()
    parted = xmltv.spooled(data, spill_at=200)
    kept = [(len(rows), tracemalloc.get_traced_memory()[0]) for _, rows in parted.by_channel()]
    tracemalloc.stop()
    assert sum(count for count, _ in kept) == 30 * hours
    return max(size for _, size in kept)


def test_what_is_held_grows_by_a_channel_at_a_time_not_with_the_feed() -> None:
    held(20), held(80)  # what is made once and kept for all feeds, such as instants of days, is there now
    short, long = held(20), held(80)

    # The 1,800 rows more would take half a megabyte if they stayed; what else is traced moves by some tens of KB.
    assert long < short + 300_000
