"""Programmes as JSON that is ready to be put together: of each the bytes in our form and in those of players."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Final

from attrs import evolve, frozen

from epg import json_out
from epg.catchup import Cut, fill
from epg.json_out import NO_REPLAY, Replay, Shown, packed
from epg.model import Programme
from middleware.domain.channels import Channel

_CATCH_UP: Final = "catchup"


@frozen
class Row:
    """A programme: times in epoch seconds, `own` bytes up to where catch-up follows, `live` those of 超级直播."""

    uid: str
    start: int
    stop: int
    programme: Programme
    own: bytes
    live: bytes


@frozen
class ChannelDay:
    """The programmes on a channel in a day, in order, and the list of them that DIYP takes."""

    rows: tuple[Row, ...]
    diyp: bytes


def channel_day(day: date, programmes: tuple[Programme, ...]) -> ChannelDay:
    """Render the programmes of a day."""
    return ChannelDay(tuple(map(row, programmes)), packed(json_out.diyp_rows(day, programmes)))


def row(one: Programme) -> Row:
    """Render one programme; of the synopsis only bytes are kept, what is kept of it otherwise is short."""
    told = json_out.programme(one)
    told.pop(_CATCH_UP)
    live = packed(json_out.live_row(one))
    short = evolve(one, desc="", credits=(), keywords=())
    return Row(one.uid, told["start"], told["stop"], short, packed(told)[:-1] + b',"catchup":', live)


def whole(one: Row, replay: Replay = NO_REPLAY) -> bytes:
    """A programme in our form."""
    return one.own + packed({"state": replay.state, "link": replay.link}) + b"}"


def replay_of(channel: Channel, one: Row, now: datetime, link: Callable[[str], str]) -> Replay:
    """Whether a programme can be seen again now, and where; `link` makes an address absolute, or empty."""
    at = int(now.timestamp())
    template = link(channel.archive_url)
    if not channel.archive_h or not template or one.start > at:
        return NO_REPLAY
    if one.start < at - channel.archive_h * 3600:
        return Replay("expired")
    if one.stop > at:
        return NO_REPLAY
    return Replay("ready", fill(template, Cut(one.programme.start, one.programme.stop, now)))


def joined(parts: Iterable[bytes]) -> bytes:
    """A JSON list of what is JSON already."""
    return b"[" + b",".join(parts) + b"]"


def within(days: Iterable[ChannelDay], start: int, stop: int) -> list[Row]:
    """Those of some days in a row that touch [start, stop) in epoch seconds; one over midnight comes once."""
    rows = {one.uid: one for day in days for one in day.rows if one.start < stop and one.stop > start}
    return list(rows.values())


def diyp(one: Shown, day: date, found: ChannelDay) -> bytes:
    """DIYP and 百川: a channel's day."""
    told = json_out.diyp(one, day, ())
    told.pop("epg_data")
    return packed(told)[:-1] + b',"epg_data":' + found.diyp + b"}"


def super_live(one: Shown, rows: Sequence[Row], now: datetime) -> bytes:
    """超级直播: what is on, and a channel's day."""
    on = [each.programme for each in rows if each.programme.start <= now < each.programme.stop]
    told = json_out.super_live(one, on, now)
    told[one.name].pop("program")
    return packed(told)[:-2] + b',"program":' + joined(each.live for each in rows) + b"}}"
