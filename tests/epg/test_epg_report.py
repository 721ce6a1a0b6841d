"""The report as text, CSV and JSON, and the whole of it for the sample feed, counted apart from the importer."""

import csv
import gzip
import io
import json
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from epg import xmltv
from epg.report import ACTIONS, CODES, REASONS, Finding, Refused, Report, refusal, report_csv, report_json, report_text
from middleware.demo.guide import guide_xmltv
from tests.epg.feeds import AT, read, row

SAMPLE = Path(__file__).parent / "data/feed-dirty.xml.gz"
BAD = row("09:61", "1000", channel="=cmd.evil.cn")


@pytest.fixture
def report() -> Report:
    return read(row("0900", "0930"), BAD).report


def test_the_text_tells_sums_counts_and_rows(report: Report) -> None:
    assert report_text(report).splitlines() == [
        "feed: 2 programmes, 1 kept, 1 quarantined, 0 duplicates, 0 on unknown channels",
        "time            1  a time that cannot be read, or an end not within 24 hours of the start",
        "line 6: time =cmd.evil.cn 09:61 start='09:61' stop='20261122100000 +0800': row not imported",
    ]


def test_csv_has_a_row_per_finding_and_no_formula(report: Report) -> None:
    told = report_csv(report)
    head, line = csv.reader(io.StringIO(told.removeprefix("\ufeff")))

    assert told.startswith("\ufeff")
    assert head == ["code", "line", "channel", "start", "raw", "action", "说明"]
    assert line[:4] == ["time", "6", "'=cmd.evil.cn", "09:61"]
    assert line[5:] == ["quarantined", "时间读不出来，或结束不在开始后的 24 小时之内：隔离，没有导入"]


def test_json_holds_everything(report: Report) -> None:
    told = json.loads(report_json(report))

    assert (told["rows"], told["kept"], told["counts"]) == (2, 1, {"time": 1})
    assert [Finding(**one) for one in told["findings"]] == list(report.findings)


def test_a_refusal_is_a_report_too() -> None:
    told = refusal("省网", Refused("entities", 3, 1))

    assert told.counts == {"refused": 1}
    assert "line 3, column 1: it declares entities" in report_text(told)
    assert "没有导入，原节目单不变" in report_csv(told)


def test_channels_out_of_the_line_up_move_from_kept_to_unmatched(report: Report) -> None:
    told = report.with_unmatched({"a.example.cn": 1})

    assert (told.rows, told.kept, told.quarantined, told.unmatched) == (2, 0, 1, 1)
    assert told.findings[-1] == Finding("unmatched", "unmatched", channel="a.example.cn", raw="1 rows")
    assert report.with_unmatched({}) is report


def test_every_code_is_explained_in_both_languages() -> None:
    for words in (*CODES.values(), *ACTIONS.values(), *REASONS.values()):
        assert words[0].isascii()
        assert not words[1].isascii()


def test_the_sample_feed_is_reported_as_a_second_reader_counts_it() -> None:
    text = gzip.decompress(SAMPLE.read_bytes())
    parsed = xmltv.read(SAMPLE.read_bytes())
    expected = _counted(text)

    assert parsed == xmltv.read(text)
    assert parsed.report.counts == {"no_stop": 66, "duplicate": 5, "overlap": 1}
    assert parsed.report.counts == expected
    assert (parsed.report.rows, parsed.report.kept, parsed.report.quarantined) == (1153, 1148, 0)
    assert [len(parsed.channels), sum(one.open for one in parsed.programmes)] == [6, 1]


def test_the_lines_of_the_sample_report_are_those_of_the_rows() -> None:
    lines = gzip.decompress(SAMPLE.read_bytes()).decode().splitlines()
    findings = xmltv.read(SAMPLE.read_bytes()).report.findings

    for one in findings:
        assert f'start="{one.start}"' in lines[one.line - 1]
        assert f'channel="{one.channel}"' in lines[one.line - 1]
    assert all("stop=" not in lines[one.line - 1] for one in findings if one.code == "no_stop")


def _counted(text: bytes) -> Counter[str]:
    found: Counter[str] = Counter()
    channels = defaultdict(set)
    for one in ET.fromstring(text).iter("programme"):
        key = one.get("start"), one.get("stop"), "".join(one.itertext())
        found["duplicate"] += key in channels[one.get("channel")]
        channels[one.get("channel")].add(key)
    for rows in channels.values():
        ends = None
        for start, stop, _ in sorted(rows, key=lambda row: row[0]):
            found["no_stop"] += stop is None
            found["overlap"] += ends is not None and _at(start) < ends
            ends = _at(stop) if stop else None
    return found


def _at(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M%S %z")


def test_the_feed_of_the_demonstration_is_clean() -> None:
    report = xmltv.read(guide_xmltv(AT)).report

    assert report.counts == {}
    assert report.kept == report.rows > 1000
