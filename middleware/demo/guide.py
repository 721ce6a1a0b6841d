"""The week on the six channels of the demonstration, as an XMLTV document."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from attrs import fields_dict, frozen

from epg import xmltv_out
from epg.model import Channel, Name, Programme
from middleware.demo.population import read_data
from middleware.domain.places import TOWN_ZONE

DAYS_BACK = 3
DAYS_AHEAD = 9


@frozen
class DemoChannel:
    """A channel; `genre` is the alias of its group, `logo` a file of middleware/demo/pictures/logos."""

    id: str
    number: int
    name: str
    genre: str
    logo: str
    hd: bool


@frozen
class Slot:
    """One programme of a channel; the times have the town's zone."""

    channel: str
    start: datetime
    stop: datetime
    title: str
    synopsis: str


def channels() -> tuple[DemoChannel, ...]:
    """Return the line-up in the order of its numbers."""
    rows = read_data("guide.toml")["channels"]
    return tuple(DemoChannel(*(row[name] for name in fields_dict(DemoChannel))) for row in rows)


def genres() -> tuple[tuple[str, str], ...]:
    """Return alias and title of the groups of channels in their order."""
    return tuple((alias, title) for alias, title in read_data("guide.toml")["genres"])


def film_of(title: str) -> str:
    """The key of the film that the town's channel shows in a programme; empty without one."""
    return next((key for word, key in read_data("guide.toml")["shown"].items() if word in title), "")


def programmes(now: datetime) -> tuple[Slot, ...]:
    """Return all programmes of the days from DAYS_BACK before `now` to DAYS_AHEAD after, by channel, without gaps."""
    today = now.astimezone(TOWN_ZONE).date()
    return tuple(
        slot
        for row in read_data("guide.toml")["channels"]
        for offset in range(-DAYS_BACK, DAYS_AHEAD + 1)
        for slot in _day(row["id"], row["day"].strip().split("\n"), today, offset)
    )


def guide_xmltv(now: datetime) -> bytes:
    """Return the guide around `now` as XMLTV, as a partner's feed would bring it."""
    line_up = [Channel(each.id, (Name(each.name, "zh"),), each.number) for each in channels()]
    slots = [
        Programme("", each.channel, each.start, each.stop, each.title, desc=each.synopsis) for each in programmes(now)
    ]
    return xmltv_out.write(line_up, slots, at=now)


def _day(channel: str, lines: list[str], today: date, offset: int) -> Iterator[Slot]:
    day = today + timedelta(days=offset)
    starts = [datetime.combine(day, time.fromisoformat(line[:5]), TOWN_ZONE) for line in lines]
    stops = [*starts[1:], datetime.combine(day + timedelta(days=1), time(), TOWN_ZONE)]
    for line, start, stop in zip(lines, starts, stops, strict=True):
        _, titles, synopses = line.split(" | ")
        title = _turn(titles, offset).replace("#", f"第 {day.toordinal() % 30 + 1} 集")
        yield Slot(channel, start, stop, title, _turn(synopses, offset))


def _turn(alternatives: str, offset: int) -> str:
    words = alternatives.split(" / ")
    return words[offset % len(words)]
