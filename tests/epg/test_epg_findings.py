"""Every finding of an import: its code, its action, its line, and that no row gets lost on the way."""

import gzip
import io
import lzma
import zipfile
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from epg import xmltv
from epg.model import Channel, Credit, Name
from epg.report import CODES, LISTED
from epg.times import Source
from tests.epg.feeds import feed, local, read, row, told

FIRST = 5
"""Line of the first row of `feed`."""


def test_a_clean_feed_has_nothing_to_report() -> None:
    parsed = read(row("1900", "1930", "南湖新闻"), row("1930", "2000", "天气"))

    assert local(parsed) == ["1900-1930 南湖新闻", "1930-2000 天气"]
    assert parsed.channels == (Channel("a.example.cn", (Name("南湖一套", "zh"),)),)
    assert (parsed.report.rows, parsed.report.kept, parsed.report.counts) == (2, 2, {})


@pytest.mark.parametrize(
    ("bad", "code", "action"),
    [
        (row("20261122096100", "1000"), "time", "quarantined"),
        (row("09:61", "1000"), "time", "quarantined"),
        (row("999912312200", "999912312300"), "time", "quarantined"),
        (row("20261131", "1000"), "time", "quarantined"),
        (row("", "1000"), "time", "quarantined"),
        (row("1000", "0900"), "time", "quarantined"),
        (row("1000", "1000"), "time", "quarantined"),
        (row("0900", "20271122100000 +0800"), "time", "quarantined"),
        (row("00010101000000 +0800", "1000"), "time", "quarantined"),
        (row("20261122100000 +0860", "1100"), "time", "quarantined"),
        (row("1000", "1030", ""), "title", "quarantined"),
        (row("1000", "1030", "　 "), "title", "quarantined"),
        (row("1000", "1030", channel=""), "channel", "quarantined"),
    ],
)
def test_a_row_that_cannot_be_used_is_quarantined_alone(bad: str, code: str, action: str) -> None:
    parsed = read(row("0800", "0900", "早"), bad, row("0900", "0905", "晚"))

    assert local(parsed) == ["0800-0900 早", "0900-0905 晚"]
    assert told(parsed.report) == [(code, action, FIRST + 1)]
    assert (parsed.report.rows, parsed.report.kept, parsed.report.quarantined) == (3, 2, 1)


def test_a_quarantined_row_is_listed_with_its_raw_values() -> None:
    (finding,) = read(row("09:61", "1000")).report.findings

    assert (finding.channel, finding.start) == ("a.example.cn", "09:61")
    assert finding.raw == "start='09:61' stop='20261122100000 +0800'"


@pytest.mark.parametrize(
    ("start", "instant"),
    [
        ("20261122 +0800", datetime(2026, 11, 21, 16, tzinfo=UTC)),
        ("2026112207 +0800", datetime(2026, 11, 21, 23, tzinfo=UTC)),
        ("202611220730 +0800", datetime(2026, 11, 21, 23, 30, tzinfo=UTC)),
        ("20261122073015 +0800", datetime(2026, 11, 21, 23, 30, 15, tzinfo=UTC)),
        ("20261122073015+0800", datetime(2026, 11, 21, 23, 30, 15, tzinfo=UTC)),
        ("20261122073015 +08:00", datetime(2026, 11, 21, 23, 30, 15, tzinfo=UTC)),
        ("20261122073015 -0330", datetime(2026, 11, 22, 11, 0, 15, tzinfo=UTC)),
        ("20261122073015 UTC", datetime(2026, 11, 22, 7, 30, 15, tzinfo=UTC)),
        ("20261122073015Z", datetime(2026, 11, 22, 7, 30, 15, tzinfo=UTC)),
    ],
)
def test_every_prefix_down_to_the_day_and_every_sure_zone_is_read(start: str, instant: datetime) -> None:
    parsed = read(row(start, "20261122200000 +0800"))

    assert [one.start for one in parsed.programmes] == [instant]
    assert parsed.report.counts == {}


@pytest.mark.parametrize("zone", ["", " CST", " BST", " Mars/Base", " cst"])
def test_a_missing_or_unsure_zone_is_the_zone_of_the_source(zone: str) -> None:
    parsed = read(row(f"20261122190000{zone}", f"20261122193000{zone}"), source=Source(zone=ZoneInfo("Asia/Tokyo")))

    assert [one.start for one in parsed.programmes] == [datetime(2026, 11, 22, 10, tzinfo=UTC)]
    assert told(parsed.report) == [("zone", "assumed", FIRST)]


def test_the_shift_of_a_source_moves_all_its_times() -> None:
    parsed = read(row("1900", "1930"), source=Source(shift=timedelta(minutes=-60)))

    assert local(parsed) == ["1800-1830 新闻"]


def test_a_missing_end_is_the_next_start_and_the_last_one_stays_open() -> None:
    parsed = read(row("2000", "", "末"), row("1900", "", "先"), row("1930", "", "后"))

    assert local(parsed) == ["1900-1930 先", "1930-2000 后", "2000-2200 末"]
    assert [one.open for one in parsed.programmes] == [False, False, True]
    assert told(parsed.report) == [
        ("no_stop", "open", FIRST),
        ("no_stop", "closed", FIRST + 1),
        ("no_stop", "closed", FIRST + 2),
    ]


def test_a_missing_end_is_not_filled_over_more_than_a_day() -> None:
    parsed = read(row("1900", "", "先"), row("20261124190000 +0800", "20261124200000 +0800"))

    assert local(parsed) == ["1900-2100 先", "1900-2000 新闻"]
    assert [one.open for one in parsed.programmes] == [True, False]
    assert told(parsed.report)[0] == ("no_stop", "open", FIRST)


def test_exact_duplicates_are_dropped_and_counted() -> None:
    once = row("1900", "1930", inside="<desc>说明</desc>")
    parsed = read(once, once, row("1930", "2000"), once)

    assert local(parsed) == ["1900-1930 新闻", "1930-2000 新闻"]
    assert told(parsed.report) == [("duplicate", "dropped", FIRST + 1), ("duplicate", "dropped", FIRST + 3)]
    assert (parsed.report.rows, parsed.report.kept, parsed.report.duplicates) == (4, 2, 2)


@pytest.mark.parametrize(
    ("policy", "second", "kept", "action"),
    [
        ("cut", "1925", ["1900-1925 甲", "1925-2000 乙"], "cut"),
        ("cut", "1924", ["1900-1930 甲"], "quarantined"),
        ("cut", "1900", ["1900-1930 甲"], "quarantined"),
        ("quarantine", "1929", ["1900-1930 甲"], "quarantined"),
        ("keep", "1910", ["1900-1930 甲", "1910-2000 乙"], "kept"),
        ("keep", "1900", ["1900-1930 甲"], "quarantined"),
    ],
)
def test_an_overlap_follows_the_policy_of_the_source(policy: str, second: str, kept: list[str], action: str) -> None:
    rows = row(second, "2000", "乙"), row("1900", "1930", "甲")
    parsed = read(*rows, source=Source(overlap=policy))

    assert local(parsed) == kept
    assert told(parsed.report)[0] == ("overlap", action, FIRST)
    assert parsed.report.rows == parsed.report.kept + parsed.report.quarantined


def test_parts_of_one_slot_do_not_overlap() -> None:
    parts = [row("1900", "1930", title, more=f' clumpidx="{n}/2"') for n, title in enumerate(["新闻", "天气"])]
    parsed = read(*reversed(parts), row("1930", "2000", "戏曲"))

    assert [(one.title, one.clump) for one in parsed.programmes] == [("新闻", "0/2"), ("天气", "1/2"), ("戏曲", "")]
    assert parsed.report.counts == {}


def test_a_gap_is_listed_when_it_is_longer_than_the_source_allows() -> None:
    rows = row("1900", "1930"), row("1935", "2000"), row("2006", "2030")

    assert told(read(*rows).report) == [("gap", "listed", FIRST + 2)]
    assert told(read(*rows, source=Source(gap=timedelta(hours=1))).report) == []


def test_channels_are_settled_apart_and_rows_may_come_in_any_order() -> None:
    rows = [row(f"{hour:02}00", f"{hour + 1:02}00", str(hour), channel=name) for hour in range(20) for name in "ab"]

    assert read(*rows).programmes == read(*reversed(rows)).programmes
    assert read(*rows).report.counts == {}


@pytest.mark.parametrize("number", ["x", "1", "1.2", "1 . 2 . 3 . 4", "..", "1/2/3.."])
def test_an_unreadable_episode_is_dropped_and_the_row_kept(number: str) -> None:
    parsed = read(row("1900", "1930", inside=f'<episode-num system="xmltv_ns">{number}</episode-num>'))

    assert [one.episode for one in parsed.programmes] == [""]
    assert [(one.code, one.action, one.raw) for one in parsed.report.findings] == [("episode", "dropped", number)]


def test_episodes_are_read_with_and_without_a_system() -> None:
    inside = '<episode-num system="xmltv_ns"> 0 . 12/60 . 0/1 </episode-num><episode-num>第13集</episode-num>'
    (programme,) = read(row("1900", "1930", inside=inside)).programmes

    assert (programme.episode, programme.onscreen) == ("0.12/60.0/1", "第13集")


def test_empty_fields_are_dropped_and_the_row_kept() -> None:
    parsed = read(row("1900", "1930", inside="<sub-title> </sub-title><desc/><category></category>"))

    assert [(one.desc, one.sub_title, one.categories) for one in parsed.programmes] == [("", "", ())]
    assert [(one.code, one.action, one.raw) for one in parsed.report.findings] == [
        ("empty", "dropped", "sub-title"),
        ("empty", "dropped", "desc"),
        ("empty", "dropped", "category"),
    ]


def test_control_characters_are_removed_and_told_with_their_line() -> None:
    parsed = read(row("1900", "1930"), row("1930", "2000", "新\x0b\x0c闻\u0085&#8;&#x9F;\ufffd\ufffe·湖"))

    assert [one.title for one in parsed.programmes] == ["新闻", "新闻·湖"]
    assert set(told(parsed.report)) == {("control", "removed", FIRST + 1)}
    assert [one.raw for one in parsed.report.findings][:2] == ["U+000B U+000C", "U+0085"]


def test_html_entities_are_replaced_and_unknown_ones_kept_as_text() -> None:
    parsed = read(
        row("1900", "1930", "caf&eacute;&nbsp;&LT;&amp;&lt;&#39;&#x4e2d;"),
        row("1930", "2000", "&nanhu;<![CDATA[&eacute;]]>"),
    )

    assert [one.title for one in parsed.programmes] == ["café <&<'中", "&nanhu;&eacute;"]
    assert [(one.action, one.line, one.raw) for one in parsed.report.findings] == [
        ("replaced", FIRST, "&eacute;"),
        ("replaced", FIRST, "&nbsp;"),
        ("replaced", FIRST, "&LT;"),
        ("kept", FIRST + 1, "&nanhu;"),
    ]


def test_content_that_is_not_kept_is_counted_by_kind() -> None:
    inside = '<title lang="en">News</title><video><colour>yes</colour></video><star-rating/><icon src="javascript:x"/>'
    parsed = read(row("1900", "1930", inside=inside, more=' showview="12"'))

    assert parsed.report.counts == {"left_out": 5}
    assert [one.raw for one in parsed.report.findings] == [
        "icon × 1",
        "programme@showview × 1",
        "star-rating × 1",
        "title in another language × 1",
        "video × 1",
    ]


def test_the_chinese_text_is_preferred_wherever_it_stands() -> None:
    text = feed(row("1900", "1930", "新闻")).replace(b"<title", b'<title lang="en">News</title><title')
    (programme,) = xmltv.read(text).programmes

    assert (programme.title, programme.lang) == ("新闻", "zh")


def test_all_fields_are_read() -> None:
    inside = """<sub-title>第 3 集</sub-title><desc>
        一行。
        二行。</desc>
        <credits><guest>王芳</guest><director>李明</director></credits><date>2026</date><category>戏曲</category>
        <category>地方</category><keyword>茂腔</keyword><icon src="https://e.cn/a.png"/><previously-shown/><new/>
        <rating system="CN"><value>普</value></rating>"""
    (one,) = read(row("1900", "1930", inside=inside)).programmes

    assert (one.sub_title, one.desc, one.date, one.icon) == ("第 3 集", "一行。\n二行。", "2026", "https://e.cn/a.png")
    assert one.credits == (Credit("director", "李明"), Credit("guest", "王芳"))
    assert (one.categories, one.keywords, one.marks) == (("戏曲", "地方"), ("茂腔",), ("previously-shown", "new"))
    assert (one.rating, one.rating_system) == ("普", "CN")


def test_a_channel_name_of_digits_is_its_number() -> None:
    text = feed().replace(b"</channel>", b"<display-name>12</display-name></channel><channel/>")
    parsed = xmltv.read(text)

    assert (parsed.channels[0].number, parsed.channels[0].name) == (12, "南湖一套")
    assert told(parsed.report) == [("channel", "dropped", 4)]


def _zipped(text: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readme.txt", "x")
        archive.writestr("guide/guide.xml", text)
    return out.getvalue()


@pytest.mark.parametrize(
    "packing",
    [
        gzip.compress,
        lzma.compress,
        _zipped,
        lambda text: gzip.compress(text[:100]) + gzip.compress(text[100:]),
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: b"\n \n" + text,
        lambda text: text.decode().encode("utf-16"),
        lambda text: text.replace(b'encoding="UTF-8"', b"").decode().encode("utf-16-be"),
        lambda text: text.replace(b"\n", b"\r\n"),
    ],
    ids=["gz", "xz", "zip", "gz of two members", "BOM", "space first", "UTF-16", "UTF-16 without BOM", "CRLF"],
)
def test_packed_and_odd_files_are_read_like_the_plain_one(packing) -> None:
    text = feed(row("1900", "1930", "南湖新闻"), row("1930", "2000", "天气"))

    assert xmltv.read(packing(text)).programmes == xmltv.read(text).programmes


def test_lines_are_those_of_the_file_although_it_begins_with_blank_ones() -> None:
    parsed = xmltv.read(b"\n\n" + feed(row("09:61", "1000"), row("1000", "1100", "a\x01")))

    assert told(parsed.report) == [("time", "quarantined", FIRST + 2), ("control", "removed", FIRST + 3)]


@pytest.mark.parametrize("declared", ["gb2312", "GBK", "gb18030"])
def test_gb2312_is_read_as_its_superset(declared: str) -> None:
    text = feed(row("1900", "1930", "朱镕基与喆·𠮷")).decode().replace("UTF-8", declared).encode("gb18030")

    assert [one.title for one in xmltv.read(text).programmes] == ["朱镕基与喆·𠮷"]


def test_a_charset_is_read_whole_where_pieces_are_cut() -> None:
    rows = [
        row(f"{n // 60:02}{n % 60:02}", f"{(n + 1) // 60:02}{(n + 1) % 60:02}", f"{'镇' * 300}{n}") for n in range(1000)
    ]
    text = feed(*rows).decode().replace("UTF-8", "GBK").encode("gbk")

    assert xmltv.read(text).programmes == read(*rows).programmes


def test_counts_are_whole_although_the_list_is_cut() -> None:
    report = read(*[row("09:61", "1000") for _ in range(LISTED + 7)]).report

    assert report.counts == {"time": LISTED + 7}
    assert len(report.findings) == LISTED
    assert report.quarantined == LISTED + 7


def test_every_row_is_accounted_for_in_a_feed_of_all_faults() -> None:
    once = row("1200", "1230", "重复")
    rows = [
        once,
        once,
        row("09:61", "1000"),
        row("1300", "1330", ""),
        row("1300", "1400"),
        row("1310", "1330"),
        row("1500"),
    ]
    report = read(*rows, row("1600", "1630", channel="")).report

    assert report.rows == report.kept + report.quarantined + report.duplicates == 8
    assert set(report.counts) <= set(CODES)
