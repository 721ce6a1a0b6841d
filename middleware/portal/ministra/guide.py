"""Programmes as rows: bulk, short, table, day, week (portal-ministra.md §4 epg, §7). Text times are the box's own."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from attrs import frozen

from epg.model import Programme
from middleware.domain.channels import Channel
from middleware.portal.ministra import words
from middleware.portal.ministra.channels import Listed
from middleware.portal.ministra.naming import plain
from middleware.portal.ministra.wire import Page, Row, Values, dump, envelope, numeral, text, whole
from middleware.portal.ministra.zones import STAMP, bounded, epoch, instant
from middleware.services.ports import Airing

PERIODS: Final = (6, 12, 24, 48, 96, 168)
"""Hours that bulk guides are made for: a box gets the next one that is no shorter than it asks for."""
BEFORE: Final = timedelta(days=1)
BEYOND: Final = timedelta(hours=2)
ROWS: Final = 10
WINDOW: Final = timedelta(minutes=90)
MARKS: Final = timedelta(minutes=30)
LONGEST_WINDOW: Final = timedelta(hours=24)
LONGEST_TEXT: Final = 600
"""Characters of a description: the bulk guide of a week must not break clients."""
_WEEKS: Final = 3


@frozen
class View:
    """How rows are made: the zone of their texts, the instant that counts as now, and the reminders of the box."""

    here: tzinfo
    now: datetime
    reminders: Collection[tuple[int, int]] = ()
    """Channel and start (epoch seconds) of what the box wants to be reminded of."""


def period(values: Values) -> int:
    """The hours asked for, 1 to 168, raised to one of PERIODS; five for what is no number."""
    hours = whole(values, "period", 5, 1, PERIODS[-1])
    return next(one for one in PERIODS if one >= hours)


def span(now: datetime, hours: int) -> tuple[datetime, datetime]:
    """What a bulk guide reaches over: a day back, and beyond the period so that nothing running lacks its next."""
    return now - BEFORE, now + timedelta(hours=hours) + BEYOND


def real_id(channel: int, start: datetime) -> str:
    """The name of a showing that reminders and recordings keep."""
    return f"{numeral(channel)}_{int(start.timestamp())}"


def read_real_id(told: str) -> tuple[int, datetime] | None:
    """Channel and start of a real_id; None for anything else."""
    channel, _, start = told.strip().partition("_")
    if not (channel.isascii() and channel.isdigit() and len(channel) < 11 and start.isascii() and start.isdigit()):
        return None
    at = epoch(int(start)) if len(start) < 12 else None
    return (int(channel), at) if at is not None and int(channel) else None


def recorded(programme: Programme, channel: Channel, now: datetime) -> bool:
    """Whether a showing can be watched again: recorded, over, and begun within the depth."""
    depth = timedelta(hours=channel.archive_h)
    return channel.archive_h > 0 and programme.stop < now and programme.start >= now - depth


def event_row(airing: Airing, channel: Channel, view: View) -> Row:
    """One showing of a channel, some 600 bytes."""
    told = airing.programme
    start, stop = told.start.astimezone(view.here), told.stop.astimezone(view.here)
    begins, ends = int(told.start.timestamp()), int(told.stop.timestamp())
    return {
        "id": numeral(airing.id),
        "ch_id": numeral(channel.id),
        "time": f"{start:{STAMP}}",
        "time_to": f"{stop:{STAMP}}",
        "duration": ends - begins,
        "name": plain(told.title) or words.PROGRAMME,
        "descr": (told.desc or told.sub_title)[:LONGEST_TEXT],
        "real_id": f"{numeral(channel.id)}_{begins}",
        "category": ", ".join(told.categories),
        "director": people(told, "director"),
        "actor": people(told, "actor"),
        "start_timestamp": begins,
        "stop_timestamp": ends,
        "t_time": f"{start:%H:%M}",
        "t_time_to": f"{stop:%H:%M}",
        "on_date": f"{start:%Y-%m-%d}",
        "display_duration": ends - begins,
        "larr": 0,
        "rarr": 0,
        "mark_memo": int((channel.id, begins) in view.reminders),
        "mark_rec": 0,
        "rec_id": 0,
        "mark_archive": int(recorded(told, channel, view.now)),
    }


def people(programme: Programme, part: str) -> str:
    """The names of those who have this part."""
    return ", ".join(one.name for one in programme.credits if one.part == part)


def channel_bytes(airings: Iterable[Airing], channel: Channel, view: View) -> bytes:
    """All showings of a channel as the JSON list that bulk guides are joined of."""
    return dump([event_row(one, channel, view) for one in airings])


def bulk(parts: Iterable[tuple[int, bytes]]) -> bytes:
    """get_epg_info: the JSON value from the lists of channels; a channel without showings is left out."""
    inner = b",".join(b'"%s":%s' % (numeral(channel).encode(), rows) for channel, rows in parts if rows != b"[]")
    return b'{"data":{' + inner + b"}}"


def short(airings: Sequence[Airing], channel: Channel, view: View, size: int) -> list[Row]:
    """get_short_epg: what is running and what follows."""
    coming = [one for one in airings if one.programme.stop > view.now]
    return [event_row(one, channel, view) for one in coming[:size]]


def day_list(airings: Sequence[Airing], channel: Channel, view: View, wanted: Page) -> Row:
    """get_simple_data_table: a page of a day; `open` says that a showing is not over."""
    rows = [{**event_row(one, channel, view), "open": int(one.programme.stop > view.now)} for one in wanted.of(airings)]
    return envelope(rows, len(airings), ROWS, wanted.number, wanted.selected)


def running(airings: Sequence[Airing], now: datetime) -> int | None:
    """The place of what is on, else of what comes next; None when all is over."""
    return next((at for at, one in enumerate(airings) if one.programme.stop > now), None)


@frozen
class Window:
    """The stretch of time that a table shows."""

    start: datetime
    stop: datetime


def window(values: Values, view: View) -> Window:
    """What is asked for by text times, else by milliseconds, else the 90 minutes from the last half hour."""
    start = instant(text(values, "from", 20), view.here) or _milliseconds(values, "from_ts") or half_hour(view.now)
    stop = instant(text(values, "to", 20), view.here) or _milliseconds(values, "to_ts") or start + WINDOW
    return Window(start, min(stop, start + LONGEST_WINDOW) if stop > start else start + WINDOW)


def _milliseconds(values: Values, name: str) -> datetime | None:
    told = whole(values, name, 0, 0, 10**15)
    return epoch(told // 1000) if told else None


def half_hour(now: datetime) -> datetime:
    """The half hour that has begun."""
    return bounded(now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)) or now


def table(rows: Sequence[Row], total: int, wanted: Page, shown: Window, view: View) -> Row:
    """get_data_table: the rows of one page of channels under their marks of time."""
    marks = [(shown.start + MARKS * turn).astimezone(view.here) for turn in range(4)]
    return {
        "total_items": total,
        "max_page_items": wanted.size,
        "cur_page": wanted.number,
        "selected_item": wanted.selected,
        "time_marks": [f"{mark:%H:%M}" for mark in marks],
        "from_ts": int(shown.start.timestamp()),
        "to_ts": int(shown.stop.timestamp()),
        "data": [*rows],
    }


def table_row(one: Listed, airings: Iterable[Airing], shown: Window, view: View) -> Row:
    """A channel of a table with what it shows in the window."""
    cells = [
        cell(airing, one.channel, shown, view)
        for airing in airings
        if airing.programme.start < shown.stop and airing.programme.stop > shown.start
    ]
    return {
        "ch_id": one.row["id"],
        "name": one.row["name"],
        "number": one.row["number"],
        "ch_type": "iptv",
        "dvb_id": "",
        "epg_container": 1,
        "epg": cells,
    }


def cell(airing: Airing, channel: Channel, shown: Window, view: View) -> Row:
    """A showing in a table: arrows where it goes beyond the window, and the seconds that are seen of it."""
    told = airing.programme
    first, last = max(told.start, shown.start), min(told.stop, shown.stop)
    return {
        **event_row(airing, channel, view),
        "larr": int(told.start < shown.start),
        "rarr": int(told.stop > shown.stop),
        "display_duration": int((last - first).total_seconds()),
    }


def week(view: View, lang: str) -> list[Row]:
    """get_week: three weeks of days from the Monday of the last one, by the box's calendar."""
    today = view.now.astimezone(view.here).date()
    first = today - timedelta(days=today.weekday() + 7)
    days = [first + timedelta(days=turn) for turn in range(7 * _WEEKS)]
    return [{"f_human": human(one, lang), "f_mysql": one.isoformat(), "today": int(one == today)} for one in days]


def human(one: date, lang: str) -> str:
    """A day as viewers say it."""
    if lang == "en":
        return f"{one:%a %d %b}"
    return f"{one.month}月{one.day}日 {words.TODAY_DAYS[one.weekday()]}"


def kept(airings: Iterable[Airing], channel: Channel, now: datetime) -> list[Row]:
    """get_all_program_for_ch: what can be watched again."""
    return [
        {
            "start_timestamp": int(one.programme.start.timestamp()),
            "stop_timestamp": int(one.programme.stop.timestamp()),
            "name": plain(one.programme.title) or words.PROGRAMME,
        }
        for one in airings
        if recorded(one.programme, channel, now)
    ]


def playing(airing: Airing | None, here: tzinfo) -> str:
    """What is on, as lists of channels say it."""
    if airing is None:
        return ""
    return f"{airing.programme.start.astimezone(here):%H:%M} {airing.programme.title}"
