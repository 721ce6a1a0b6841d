"""A small network, and schedules of any shape, for the tests of service information."""

from datetime import UTC, datetime, timedelta

import attrs
from hypothesis import strategies as st

from epg.si.eit import Event, Style
from epg.si.network import Network, Service
from epg.si.text import Coding

NOW = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)
MIDNIGHT = NOW.replace(hour=0, minute=0)


def network(**changes: object) -> Network:
    """Two services on our stream and one on another."""
    services = (
        Service("nhxw.nanhu.cn", 101, 1, "南湖新闻", "南湖", 1, 0x101),
        Service("cctv1.national", 102, 1, "中央一套"),
        Service("rz.tv", 201, 2, "日照综合"),
    )
    made = Network("rizhao", 0x2016, 0x3001, 1, services, title="日照有线", style=style())
    return attrs.evolve(made, **changes)


def style(charset: str = "auto", **rest: object) -> Style:
    return Style(Coding(charset), **rest)


def hourly(hours: int, *, begin: datetime = MIDNIGHT, title: str = "南湖新闻联播", desc: str = "") -> tuple[Event, ...]:
    """Programmes of an hour each, one after the other."""
    return tuple(
        Event(number + 1, begin + timedelta(hours=number), 3600, f"{title}{number}", "第几集", desc)
        for number in range(hours)
    )


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=400) | st.text(
    "南湖新闻镕喆·—〇Aa1 \n", max_size=1500
)


@st.composite
def schedules(draw: st.DrawFn) -> tuple[Event, ...]:
    """Events in order: back to back or with holes, over midnight, very short (many to a segment) or days apart."""
    at = MIDNIGHT + timedelta(minutes=draw(st.integers(0, 3 * 1440)))
    out = []
    count = draw(st.integers(0, 25))
    crowded = draw(st.booleans())
    for number in range(count):
        minutes = draw(st.integers(1, 6)) if crowded else draw(st.integers(1, 1440))
        title = draw(TEXTS.filter(lambda text: text.strip()))
        out.append(Event(number + 1, at, minutes * 60, title, draw(TEXTS), draw(TEXTS)))
        at += timedelta(minutes=minutes + draw(st.sampled_from([0, 0, 0, 7, 3000])))
    return tuple(out)
