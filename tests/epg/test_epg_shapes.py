"""Rows read by their shape and by the parser: the same programmes and the same report, whatever is in them."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epg import xmltv
from epg.report import Refused, report_text
from epg.times import Source
from epg.unpack import LIMITS, Limits
from epg.xmltv_rows import RowReader
from tests.epg.feeds import CHANNEL, HEAD, feed, row

FEEDS = sorted((Path(__file__).parent / "data").glob("*.xml*"))
KEEP = Source(overlap="keep")
CHILDREN = (
    '<title lang="zh">{}</title>',
    "<title>{}</title>",
    '<title lang="en">{}</title>',
    '<sub-title lang="zh">{}</sub-title>',
    "<desc>{}</desc>",
    '<desc lang="de">{}</desc>',
    "<credits><actor>{}</actor><director>乙</director><actor role='x'>丙</actor></credits>",
    "<credits>\n<presenter>{}</presenter>\n<actor>{}</actor><stunts>丁</stunts></credits>",
    "<date>{}</date>",
    "<date>2026</date>",
    '<category lang="zh">{}</category>',
    "<keyword>{}</keyword>",
    '<icon src="http://a.cn/{}.png" />',
    '<icon src="http://a.cn/1.png"/>',
    '<icon src="" />',
    '<icon src="http://a.cn/2.png" width="3"/>',
    '<episode-num system="xmltv_ns">{}</episode-num>',
    '<episode-num system="xmltv_ns">0 . 3/9 . </episode-num>',
    "<episode-num>{}</episode-num>",
    '<episode-num system="dd">{}</episode-num>',
    '<rating system="CN"><value>{}</value></rating>',
    '<rating><value>{}</value><icon src="http://a.cn/3.png"/></rating>',
    "<new/>",
    "<premiere>{}</premiere>",
    '<previously-shown start="2020" />',
    "<last-chance></last-chance>",
    '<length units="minutes">{}</length>',
    "<video><aspect>{}</aspect></video>",
    '<x:y xmlns:x="a">{}</x:y>',
    "<title><b>{}</b></title>",
    "{}",
)
BITS = ("新闻", "a", " ", "\n", "　", "&amp;", "&lt;", "&#39;", "&eacute;", "&x", ">", "]]>", "\r\n", "\u2028", "é")
BITS += (
    "<![CDATA[甲<乙]]>",
    "<!-- </programme> -->",
    "<?p </programme>?>",
    "<",
    "&",
    "\x08",
    "0.1.",
    "第3集",
    "'",
    '"',
)
USUAL = st.sampled_from(["新闻", "山海情", "天气 预报", "甲 &amp; 乙", "2026", "0.1."])
TEXTS = st.lists(st.sampled_from(BITS), max_size=4).map("".join)
BEGINS = (
    '<programme start="{}" stop="{}" channel="a.example.cn">',
    '<programme channel="a.example.cn" start="{}" stop="{}">',
    '<programme start="{}" channel="c &amp; d" clumpidx="0/2">',
    '<programme start="{}" stop="{}" channel=" b.cn " catchup-id="7 &gt;">',
    "<programme start='{}' stop='{}' channel='a.example.cn'>",
    '<programme\n  start="{}" stop="{}"\n  channel="a.example.cn" >',
    '<programme start="{}" stop="{}" stop="" channel="a.example.cn">',
    '<programme stop="{1}" start="{0}">',
)
BETWEEN = (
    "\n",
    "",
    "\n  ",
    "<!-- <programme> -->",
    "<?p?>",
    CHANNEL,
    "x",
    "<g><programme/></g>",
    "<programme />",
    "\r\n",
)
TIMES = ("2026112219{}00 +0800", "2026112219{}", "2026112219{}00 CST", "2026112219:{}", "0001010100{}", "9999123123{}")


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """Feeds of a few shapes that come again, with one thing or nothing about them that is odd now and then."""
    odd = draw(st.sampled_from(["nothing", "elements", "texts", "begins", "between", "times"]))
    children = CHILDREN[:28] if odd != "elements" else CHILDREN
    shape = st.lists(st.sampled_from(children), max_size=5).map(lambda rest: [CHILDREN[0], *rest])
    shapes = draw(st.lists(shape, min_size=1, max_size=2))
    begin = draw(st.sampled_from(BEGINS if odd == "begins" else BEGINS[:2]))
    between = draw(st.sampled_from(BETWEEN if odd == "between" else BETWEEN[:3]))
    texts = USUAL if odd != "texts" else st.one_of(USUAL, USUAL, USUAL, TEXTS)
    indent = draw(st.sampled_from(["", "\n    "]))
    rows = []
    for number in range(draw(st.integers(6, 14))):
        inside = indent.join(part.replace("{}", draw(texts)) for part in shapes[number % len(shapes)])
        time = draw(st.sampled_from(TIMES)) if odd == "times" else TIMES[0]
        rows.append(begin.format(time.format(10 + number), time.format(11 + number)) + inside + "</programme>")
    return (HEAD + CHANNEL + between.join(["", *rows, ""]) + "</tv>").encode()


def outcome(data: bytes, source: Source, limits: Limits, *, shaped: bool) -> object:
    try:
        parsed = xmltv.read(data, source, limits, shaped=shaped)
    except Refused as error:
        return str(error)
    return parsed, report_text(parsed.report)


def same(data: bytes, source: Source = KEEP, limits: Limits = LIMITS) -> None:
    assert outcome(data, source, limits, shaped=True) == outcome(data, source, limits, shaped=False)


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The elements that the parser had to be asked for."""
    seen: list[object] = []
    read = RowReader.row
    monkeypatch.setattr(
        RowReader, "row", lambda self, element: seen.append(element.get("start")) or read(self, element)
    )
    return seen


@given(documents())
def test_both_ways_lead_to_the_same(data: bytes) -> None:
    same(data)


WHOLE = feed(*(row(f"{n}", f"{n + 1}", f"新闻{n}", inside="<desc>a\n b</desc><new/>") for n in range(1000, 1040)))
BREAKS = [
    b"<",
    b">",
    b"&",
    b'"',
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"-->",
    b"\xff",
    b"</tv>",
    b"<programme>",
    b"</programme>",
]


@given(st.lists(st.tuples(st.integers(100, 5000), st.integers(0, 30), st.sampled_from(BREAKS)), max_size=3))
def test_both_ways_lead_to_the_same_wherever_a_feed_is_broken(edits: list[tuple[int, int, bytes]]) -> None:
    broken = WHOLE
    for at, cut, put in edits:
        broken = broken[:at] + put + broken[at + cut :]

    same(broken)


@pytest.mark.parametrize("file", FEEDS, ids=lambda one: one.name)
def test_a_dirty_feed_is_the_same_both_ways(file: Path) -> None:
    same(file.read_bytes())
    same(file.read_bytes(), Source())


def test_the_parser_is_asked_for_the_first_rows_of_a_shape_only(parsed: list[object]) -> None:
    rows = [row(f"{n}", f"{n + 1}", f"新闻 &amp; {n}", inside="<desc>湖</desc><new/>") for n in range(1000, 1050)]
    icons = [row(f"{n}", f"{n + 1}", inside=f'<icon src="http://a.cn/{n}.png"/>') for n in range(1100, 1150)]

    assert xmltv.read(feed(*rows, *icons), KEEP).report.kept == 100
    assert len(parsed) <= 4


def test_a_row_that_is_odd_is_read_by_the_parser_and_the_next_is_not(parsed: list[object]) -> None:
    rows = [row(f"{n}", f"{n + 1}", f"新闻{n}") for n in range(1000, 1050)]
    rows[20] = row("1020", "1021", "<![CDATA[甲<乙]]>")
    rows[30] = "<!-- <programme></programme> -->" + row("1030", "1031", "丙")

    assert [one.title for one in xmltv.read(feed(*rows), KEEP).programmes][20:31:10] == ["甲<乙", "丙"]
    assert {one[8:12] for one in parsed} >= {"1020", "1030"}
    assert len(parsed) <= 6


def test_lines_are_right_behind_rows_that_the_parser_never_saw() -> None:
    rows = [row(f"{n}", f"{n + 1}", f"新闻{n}", inside="\n<desc>a\nb</desc>\n") for n in range(1000, 1050)]
    wrong = row("0961", "1930")
    lines = "".join((HEAD, CHANNEL, *rows)).count("\n") + 1
    findings = xmltv.read(feed(*rows, wrong), KEEP).report.findings

    assert [(one.code, one.line) for one in findings] == [("time", lines)]
    with pytest.raises(Refused, match=f"line {lines}, column"):
        xmltv.read(feed(*rows).removesuffix(b"</tv>\n") + b"<x", KEEP)


def test_attributes_that_a_document_type_gives_are_not_missed() -> None:
    declared = '<!DOCTYPE tv [<!ATTLIST programme clumpidx CDATA "0/2">]>'
    data = feed(*(row(f"{n}", f"{n + 1}") for n in range(1000, 1010))).decode()
    data = data.replace('<!DOCTYPE tv SYSTEM "xmltv.dtd">', declared)

    assert {one.clump for one in xmltv.read(data.encode(), KEEP).programmes} == {"0/2"}
    same(data.encode())


@pytest.mark.parametrize("limits", [Limits(rows=20), Limits(text=100), Limits(row=3000), Limits(channels=2)], ids=str)
def test_limits_refuse_the_same_both_ways(limits: Limits) -> None:
    rows = [
        row(f"{n}", f"{n + 1}", channel=f"c{n % 5}", inside=f"<desc>{'湖' * (n - 1000) * 3}</desc>")
        for n in range(1000, 1050)
    ]

    same(feed(*rows), limits=limits)
    same(gzip.compress(feed(*rows)), limits=limits)


def test_what_is_known_of_shapes_and_values_stays_bounded() -> None:
    names = [f"<x{n}>{'y' * 50}</x{n}>" for n in range(3000)]
    rows = [
        row(f"{1000 + n % 600}", "2300", f"题{n}", channel=f"c{n % 7}", inside=one * 2) for n, one in enumerate(names)
    ]

    same(feed(*rows))
