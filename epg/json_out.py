"""The guide as JSON: our own form, and the two that Chinese players ask for (epg.md §9). Values in, bytes out."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from attrs import frozen

from epg.model import Programme
from epg.times import SHANGHAI

DAY: Final = timedelta(days=1)


@frozen
class Shown:
    """A channel as faces show it; addresses are absolute or empty."""

    xmltv_id: str
    name: str
    number: int
    logo: str = ""
    catchup_days: int = 0


@frozen
class Replay:
    """Whether a programme can be seen again: none, ready or expired, and where."""

    state: str = "none"
    link: str = ""


NO_REPLAY: Final = Replay()


def packed(value: object) -> bytes:
    """Compact JSON in UTF-8 with keys in the order given."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def channel(one: Shown) -> dict[str, Any]:
    """A row of /epg/v1/channels."""
    return {
        "id": one.xmltv_id,
        "name": one.name,
        "number": one.number,
        "logo": one.logo,
        "catchup_days": one.catchup_days,
    }


def programme(one: Programme, replay: Replay = NO_REPLAY) -> dict[str, Any]:
    """A programme with epoch seconds and ISO 8601 times of Shanghai."""
    return {
        "uid": one.uid,
        "channel": one.channel,
        "start": int(one.start.timestamp()),
        "stop": int(one.stop.timestamp()),
        "start_iso": iso(one.start),
        "stop_iso": iso(one.stop),
        "title": one.title,
        "sub_title": one.sub_title,
        "desc": one.desc,
        "categories": list(one.categories),
        "episode": one.onscreen or one.episode,
        "rating": one.rating,
        "open": one.open,
        "catchup": {"state": replay.state, "link": replay.link},
    }


def iso(at: datetime) -> str:
    """Such as 2026-11-25T19:00:00+08:00."""
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds")


def diyp(one: Shown, day: date, programmes: Sequence[Programme]) -> dict[str, Any]:
    """What DIYP and 百川 ask for by `?ch=NAME&date=YYYY-MM-DD`; what runs over midnight is cut at 00:00."""
    return {
        "channel_name": one.name,
        "date": day.isoformat(),
        "url": "",
        "icon": one.logo,
        "epg_data": diyp_rows(day, programmes),
    }


def diyp_rows(day: date, programmes: Sequence[Programme]) -> list[dict[str, str]]:
    """The programmes of a day as DIYP has them."""
    return [
        {"start": start, "end": end, "title": found.title, "desc": found.desc}
        for found, start, end in of_day(day, programmes)
    ]


def of_day(day: date, programmes: Sequence[Programme]) -> list[tuple[Programme, str, str]]:
    """The programmes of a Shanghai day with their times as HH:MM, cut at both midnights (00:00 as start and end)."""
    begin = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    end = begin + DAY
    return [
        (one, _clock(max(one.start, begin)), _clock(min(one.stop, end)))
        for one in programmes
        if one.start < end and one.stop > begin
    ]


def _clock(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%H:%M")


def super_live(one: Shown, programmes: Sequence[Programme], now: datetime, live_url: str = "") -> dict[str, Any]:
    """What 超级直播 asks for by `?channel=NAME`."""
    on = next((found for found in programmes if found.start <= now < found.stop), None)
    return {
        one.name: {
            "isLive": on.title if on else "",
            "liveSt": int(on.start.timestamp()) if on else 0,
            "channelName": one.name,
            "lvUrl": live_url,
            "icon": one.logo,
            "program": [live_row(found) for found in programmes],
        }
    }


def live_row(one: Programme) -> Mapping[str, Any]:
    """A programme as 超级直播 has it."""
    return {
        "st": int(one.start.timestamp()),
        "et": int(one.stop.timestamp()),
        "t": one.title,
        "eventId": one.uid,
        "eventType": one.categories[0] if one.categories else "",
        "showTime": _clock(one.start),
        "duration": int((one.stop - one.start).total_seconds()),
    }
