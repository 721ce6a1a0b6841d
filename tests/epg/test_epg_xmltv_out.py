"""XMLTV out: valid by the DTD and by xmltv-util, the same bytes each time, and read back as what was written."""

import gzip
import subprocess
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from epg import xmltv, xmltv_out
from epg.model import CREDITS, MARKS, Channel, Credit, Name, Programme
from epg.schedule import day_bounds
from tests.epg.feeds import AT

DTD = Path("/usr/share/xmltv/xmltv.dtd")
START = datetime(2026, 11, 25, 16, 0, tzinfo=UTC)
CHANNELS = (
    Channel("nhxw.nanhu.rizhao.cn", (Name("南湖新闻", "zh"), Name("Nanhu News", "en")), 1, "http://e.cn/1.png"),
    Channel("a-1.b", (Name("甲 & <乙>"),)),
    Channel("empty.nanhu.cn", (Name("没有节目"),)),
)


def _visible(text: str) -> str:
    return " ".join(text.split())


TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufffd\ufffe\uffff"))
LINE = TEXT.map(_visible).filter(bool)
LINES = st.lists(LINE, min_size=1, max_size=3).map("\n".join)
MAYBE = st.one_of(st.just(""), LINE)
SOME = st.lists(LINE, max_size=3, unique=True).map(tuple)
PEOPLE = st.lists(st.builds(Credit, st.sampled_from(CREDITS), LINE), max_size=4, unique=True)


@st.composite
def schedules(draw: st.DrawFn) -> list[Programme]:
    """Programmes of two channels, with holes, none overlapping."""
    found = []
    for channel in ("nhxw.nanhu.rizhao.cn", "a-1.b"):
        start = START
        for length, hole in draw(st.lists(st.tuples(st.integers(1, 86_400), st.integers(0, 900)), max_size=6)):
            stop = start + timedelta(seconds=length)
            found.append(draw(_programmes(channel, start, stop)))
            start = stop + timedelta(seconds=hole)
    return found


def _programmes(channel: str, start: datetime, stop: datetime) -> st.SearchStrategy[Programme]:
    return st.builds(
        Programme,
        uid=st.just(""),
        channel=st.just(channel),
        start=st.just(start),
        stop=st.just(stop),
        title=LINE,
        sub_title=MAYBE,
        desc=st.one_of(st.just(""), LINES),
        lang=st.sampled_from(["zh", "", "en"]),
        categories=SOME,
        keywords=SOME,
        credits=PEOPLE.map(lambda people: tuple(sorted(people, key=lambda one: CREDITS.index(one.part)))),
        date=st.sampled_from(["", "2026", "20261122"]),
        icon=st.sampled_from(["", "http://e.cn/a.png?x=1&y=2"]),
        episode=st.sampled_from(["", "0.12/60.0/1", ".3."]),
        onscreen=MAYBE,
        rating=st.shared(MAYBE, key="rating"),
        rating_system=st.shared(MAYBE, key="rating").map(lambda rating: "CN" if rating else ""),
        marks=st.lists(st.sampled_from(MARKS), unique=True).map(lambda some: tuple(sorted(some, key=MARKS.index))),
    )


@given(schedules(), st.sampled_from(["Asia/Shanghai", "UTC", "America/St_Johns", "Pacific/Chatham"]))
def test_what_is_written_is_read_back(programmes: list[Programme], zone: str) -> None:
    document = xmltv_out.write(CHANNELS, programmes, at=AT, zone=ZoneInfo(zone))
    parsed = xmltv.read(document)
    used = {one.channel for one in programmes}

    assert list(parsed.programmes) == sorted(programmes, key=lambda one: (one.channel, one.start))
    assert {one.xmltv_id: one for one in parsed.channels} == {
        one.xmltv_id: one for one in CHANNELS if one.xmltv_id in used
    }
    assert set(parsed.report.counts) <= {"gap"}
    assert xmltv_out.write(parsed.channels, parsed.programmes, at=AT, zone=ZoneInfo(zone)) == document


@settings(max_examples=25)
@given(schedules())
def test_output_is_valid_by_the_dtd(programmes: list[Programme]) -> None:
    document = etree.fromstring(xmltv_out.write(CHANNELS, programmes, at=AT))
    dtd = etree.DTD(str(DTD))

    assert dtd.validate(document), dtd.error_log


ANY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@settings(max_examples=30)
@given(ANY, ANY)
def test_any_text_gives_a_document_that_parsers_take(title: str, desc: str) -> None:
    one = Programme("", "a-1.b", START, START + timedelta(hours=1), f"题{title}", desc=desc, sub_title=title)
    parsed = xmltv.read(xmltv_out.write(CHANNELS, [one], at=AT))

    assert [row.title[:1] for row in parsed.programmes] == ["题"]
    assert set(parsed.report.counts) <= {"empty"}


def week() -> list[Programme]:
    """Two channels, seven days, every programme 50 minutes: many cross midnight."""
    length = timedelta(minutes=50)
    return [
        Programme(
            "",
            channel,
            START + n * length,
            START + (n + 1) * length,
            f"节目 {n} & <{channel}>",
            desc="一\n二",
            categories=("新闻",),
        )
        for channel in ("nhxw.nanhu.rizhao.cn", "a-1.b")
        for n in range(200)
    ]


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return f"{done.returncode} {done.stdout}{done.stderr}"


def test_xmltv_util_finds_nothing_to_say(tmp_path: Path) -> None:
    ours, sorted_ = tmp_path / "ours.xml", tmp_path / "sorted.xml"
    ours.write_bytes(xmltv_out.write(CHANNELS, reversed(week()), at=AT))

    assert _run("tv_validate_file", "--dtd-file", str(DTD), str(ours)) == "0 Validated ok.\n"
    assert _run("tv_sort", "--by-channel", "--duplicate-error", "--output", str(sorted_), str(ours)) == "0 "
    order = [[one.attrib for one in etree.parse(path).iter("programme")] for path in (ours, sorted_)]
    assert order[0] == order[1]


def test_the_same_guide_gives_the_same_bytes_in_whatever_order_it_comes() -> None:
    document = xmltv_out.write(CHANNELS, week(), at=AT)

    assert xmltv_out.write(reversed(CHANNELS), reversed(week()), at=AT) == document
    assert gzip.decompress(xmltv_out.packed(document)) == document
    assert xmltv_out.packed(document) == xmltv_out.packed(document)


def test_day_files_add_up_to_the_long_file() -> None:
    def rows(programmes: list[Programme]) -> tuple[str, set[bytes]]:
        root = etree.fromstring(xmltv_out.write(CHANNELS, programmes, at=AT))
        return str(root.attrib), {etree.tostring(one, with_tail=False) for one in root}

    days = [day_bounds(date(2026, 11, 26) + timedelta(days=n)) for n in range(8)]
    files = [rows([one for one in week() if first <= one.start < last]) for first, last in days]
    root, whole = rows(week())

    assert {root for root, _ in files} == {root}
    assert set.union(*(found for _, found in files)) == whole
    assert sum(len(found) for _, found in files) == len(whole) + 2 * 6  # channels stand in each of the seven files


def test_only_numeric_offsets_of_the_zone_are_written() -> None:
    one = Programme("", "a-1.b", START, START.astimezone(timezone(timedelta(hours=9))) + timedelta(hours=1), "题")

    assert b'start="20261126000000 +0800" stop="20261126010000 +0800"' in xmltv_out.write(CHANNELS, [one], at=AT)


def test_what_cannot_stand_in_a_guide_is_left_out_or_refused() -> None:
    known = Programme("", "a-1.b", START, START + timedelta(hours=1), "题")
    document = xmltv_out.write(
        CHANNELS, [known, evolve(known, start=known.stop, stop=known.stop + timedelta(hours=2), open=True)], at=AT
    )

    assert document.count(b"<programme") == 1
    assert document.count(b"<channel") == 1
    for name in ("unknown.nanhu.cn", "nodot", '"><script.x'):
        with pytest.raises(ValueError, match="not"):
            xmltv_out.write((*CHANNELS, Channel('"><script.x', ())), [evolve(known, channel=name)], at=AT)


def test_marks_and_parts_that_the_dtd_does_not_have_are_not_written() -> None:
    strange = Programme(
        "", "a-1.b", START, START + timedelta(hours=1), "题", marks=("evil/><x",), credits=(Credit("x", "人"),)
    )
    document = etree.fromstring(xmltv_out.write(CHANNELS, [strange], at=AT))

    assert etree.DTD(str(DTD)).validate(document)
    assert document.find("programme/x") is None
