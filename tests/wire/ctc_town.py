"""Channels and programmes for the tests of the dialects, nasty ones among them."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st

from epg.model import Programme
from epg.times import SHANGHAI
from middleware.domain.channels import Channel
from middleware.portal.ctc.slots import Slot

NASTY = [
    "南湖新闻",
    "a,b",
    'say "hi"',
    "it's",
    "a=b",
    "x;y",
    "tail')",
    "')</script><script>alert(1)</script>",
    "\\",
    "back\\'slash",
    "a\nb\r\nc",
    "\u2028line\u2029",
    "𠮷野家",
    "\x00\x1f",
    " ",
    "　　",
    "é♥한",
    "&amp;&lt;",
    "x" * 60,
    "频" * 80,
    "${x}`",
    "?",
]
names = st.one_of(st.sampled_from(NASTY), st.text(min_size=0, max_size=70))
multicasts = st.sampled_from(
    ["", "igmp://239.76.1.1:5140", "udp://@239.1.1.1:1", "rtp://239.1.1.9:5000", "239.9.9.9:1", "x,y=\"'"]
)
shifts = st.sampled_from(
    [
        "",
        "rtsp://10.0.0.1/PLTV/1/224/801.smil",
        "rtsp://h/x.smil?rrsip=&zoneoffset=480&accountinfo=,a,\"'b c",
        "http://x/y",
    ]
)
logos = st.sampled_from(["", "nh.png", "台,标'.png"])


def channel(number: int, name: str = "南湖新闻", multicast: str = "igmp://239.76.1.1:5140", **more: object) -> Channel:
    return Channel(800 + number, f"c{number}.nanhu.cn", number, name, multicast=multicast, **more)  # type: ignore[arg-type]


@st.composite
def line_ups(draw: st.DrawFn, most: int = 12) -> list[Channel]:
    count = draw(st.integers(0, most))
    return [
        channel(
            number,
            draw(names),
            draw(multicasts),
            timeshift_url=draw(shifts),
            logo=draw(logos),
            hd=draw(st.booleans()),
            censored=draw(st.booleans()),
            archive_h=draw(st.integers(0, 300)),
        )
        for number in range(1, count + 1)
    ]


DAY = date(2026, 11, 25)


@st.composite
def schedules(draw: st.DrawFn) -> list[Slot]:
    """A channel's programmes of ten days around DAY, without overlaps, some over midnight, some with holes between."""
    at = datetime.combine(DAY - timedelta(days=8), time(draw(st.integers(0, 23)), draw(st.integers(0, 59))), SHANGHAI)
    slots: list[Slot] = []
    for number in range(draw(st.integers(0, 60))):
        at += timedelta(minutes=draw(st.sampled_from([0, 0, 0, 5, 90, 1440])))
        stop = at + timedelta(minutes=draw(st.integers(1, 600)))
        slots.append(Slot(number + 1, draw(names.filter(bool)), at, stop))
        at = stop
    return slots


def programme(channel_id: str, start: datetime, stop: datetime, title: str) -> Programme:
    return Programme(f"{channel_id}{start:%d%H%M}", channel_id, start.astimezone(UTC), stop.astimezone(UTC), title)
