"""Programmes found by words, pinyin initials and keypad digits, over days that are rendered already."""

from collections.abc import Iterable, Sequence

from attrs import frozen

from epg.search import Index, index
from middleware.domain.channels import Channel
from middleware.headend.guide_rows import Row

MOST_TITLES, MOST_ROWS = 50, 60
Showing = tuple[Channel, Row]


@frozen
class Titles:
    """Channels by name and showings by title; built in a thread, since pinyin takes its time."""

    channels: Index[Channel]
    titles: Index[tuple[Showing, ...]]

    def parts(self) -> list[object]:
        """All that it holds, for letting it go part by part."""
        return [*self.channels.rows, *self.titles.rows]


def built(channels: Sequence[Channel], rows: Iterable[Showing]) -> Titles:
    """An index of some days."""
    by_title: dict[str, list[Showing]] = {}
    for channel, row in rows:
        by_title.setdefault(row.programme.title, []).append((channel, row))
    return Titles(
        index((one.name, one) for one in channels), index((title, tuple(found)) for title, found in by_title.items())
    )


def found(titles: Titles, query: str, now: int, earliest: dict[int, int]) -> tuple[list[Channel], list[Showing]]:
    """Channels and showings for a query: those to come, and from `earliest` by channel on those that were kept."""
    rows: list[Showing] = []
    for showings in titles.titles.find(query, MOST_TITLES):
        fitting = [one for one in showings if one[1].stop > now or one[1].start >= earliest.get(one[0].id, now)]
        ahead = [one for one in fitting if one[1].stop > now]
        rows += sorted(ahead, key=_when) + sorted((one for one in fitting if one[1].stop <= now), key=_when)
    return list(titles.channels.find(query)), rows[:MOST_ROWS]


def _when(one: Showing) -> tuple[int, int]:
    return one[1].start, one[0].number
