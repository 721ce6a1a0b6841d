"""Feeds for the tests, written by hand and apart from the code that writes XMLTV."""

from datetime import UTC, datetime

from epg import xmltv
from epg.report import Report
from epg.times import SOURCE, Source

AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n<tv>\n'
CHANNEL = '<channel id="a.example.cn"><display-name lang="zh">南湖一套</display-name></channel>\n'


def row(
    start: str, stop: str = "", title: str = "新闻", *, channel: str = "a.example.cn", inside: str = "", more: str = ""
):
    """One programme on one line; times without a zone get +0800."""
    times = f'start="{_zoned(start)}"' + (f' stop="{_zoned(stop)}"' if stop else "")
    return f'<programme {times} channel="{channel}"{more}><title lang="zh">{title}</title>{inside}</programme>\n'


def _zoned(time: str) -> str:
    return f"20261122{time}00 +0800" if len(time) == 4 else time


def feed(*rows: str) -> bytes:
    return (HEAD + CHANNEL + "".join(rows) + "</tv>\n").encode()


def read(*rows: str, source: Source = SOURCE) -> xmltv.Parsed:
    return xmltv.read(feed(*rows), source)


def told(report: Report) -> list[tuple[str, str, int]]:
    """Code, action and line of every finding."""
    return [(one.code, one.action, one.line) for one in report.findings]


def local(parsed: xmltv.Parsed) -> list[str]:
    """Each programme as `HHMM-HHMM title` in Shanghai's time."""
    return [
        f"{one.start.astimezone(SOURCE.zone):%H%M}-{one.stop.astimezone(SOURCE.zone):%H%M} {one.title}"
        for one in parsed.programmes
    ]
