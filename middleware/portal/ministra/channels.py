"""Channels and genres as rows, and lists of them (portal-ministra.md §4 itv, §5)."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from attrs import field, frozen

from middleware.domain.channels import CENSORED_GENRE, Channel, ChannelLink, Genre
from middleware.portal.ministra import words
from middleware.portal.ministra.naming import numbers, unique
from middleware.portal.ministra.wire import Page, Row, Values, dump, envelope, flag, numeral, page, text, whole

UNSORTED: Final = 2_000_000_000
"""The id of a genre for channels without one."""
_LOGO: Final = re.compile(r"[A-Za-z0-9._\-]{1,100}")


@frozen
class Listed:
    """A channel and its row without what differs from box to box."""

    channel: Channel
    row: Row = field(repr=False)

    @property
    def censored(self) -> bool:
        """Whether bulk lists leave it out."""
        return self.channel.censored


@frozen
class Board:
    """A line-up made ready: rows in the order of numbers, and the bytes of each with and without a heart."""

    listed: tuple[Listed, ...]
    genres: tuple[Row, ...]
    bytes_of: Mapping[int, tuple[bytes, bytes]] = field(repr=False)

    @property
    def open(self) -> tuple[Listed, ...]:
        """Channels without a lock."""
        return tuple(one for one in self.listed if not one.censored)

    def find(self, channel_id: int) -> Listed | None:
        """A channel of it."""
        return next((one for one in self.listed if one.channel.id == channel_id), None)

    def bulk(self, favourites: Collection[int] = (), locked: Collection[int] = ()) -> bytes:
        """get_all_channels: the JSON value with all open channels, those in `favourites` with a heart.

        Those that the viewer has `locked` on this box are left out as well: a zapping box asks for no PIN.
        """
        shown = (one.channel.id for one in self.open if one.channel.id not in locked)
        parts = [self.bytes_of[one][one in favourites] for one in shown]
        head = dump(envelope((), len(parts)))
        return head[:-2] + b",".join(parts) + b"]}"


def board(
    channels: Sequence[Channel], genres: Sequence[Genre] = (), links: Mapping[int, Sequence[ChannelLink]] | None = None
) -> Board:
    """A line-up as rows; names, numbers and titles are made unique."""
    links = links or {}
    titles = genre_titles(channels, genres)
    names = unique([(one.name, str(one.number)) for one in channels], words.CHANNEL)
    found = [
        Listed(channel, channel_row(channel, name, number, titles, links.get(channel.id, ())))
        for channel, name, number in zip(channels, names, numbers([one.number for one in channels]), strict=True)
    ]
    found.sort(key=lambda one: int(one.row["number"]))
    made = {one.channel.id: (dump(one.row), dump({**one.row, "fav": 1})) for one in found}
    return Board(tuple(found), tuple(genre_rows(titles, genres)), made)


def genre_of(channel: Channel) -> int:
    """The genre that a channel is listed under."""
    if channel.censored:
        return CENSORED_GENRE
    return channel.genre_id or UNSORTED


def genre_titles(channels: Sequence[Channel], genres: Sequence[Genre]) -> dict[int, str]:
    """Titles of all genres that are there or needed, by id, each title once."""
    known = {one.id: one.title for one in sorted(genres, key=lambda one: (one.position, one.id))}
    for channel in channels:
        wanted = genre_of(channel)
        if wanted not in known:
            known[wanted] = words.CENSORED if wanted == CENSORED_GENRE else words.OTHERS
    marks = [(title, str(genre_id)) for genre_id, title in known.items()]
    titles = unique([(words.ALL, ""), *marks], words.OTHERS)
    return dict(zip(known, titles[1:], strict=True))


def genre_rows(titles: Mapping[int, str], genres: Sequence[Genre]) -> list[Row]:
    """get_genres: all of them behind the one that stands for every channel."""
    known = {one.id: one for one in genres}
    rows = [_genre_row("*", words.ALL, "all", 0, censored=False)]
    for turn, (genre_id, title) in enumerate(titles.items(), 1):
        genre = known.get(genre_id)
        locked = genre_id == CENSORED_GENRE or bool(genre and genre.censored)
        alias = (genre.alias if genre else "") or f"genre{genre_id}"
        rows.append(_genre_row(numeral(genre_id), title, alias, turn, censored=locked))
    return rows


def _genre_row(genre_id: str, title: str, alias: str, turn: int, *, censored: bool) -> Row:
    return {
        "id": genre_id,
        "title": title,
        "alias": alias,
        "number": turn,
        "modified": "",
        "censored": int(censored),
        "active_sub": 1,
    }


def channel_row(
    channel: Channel, name: str, number: int, titles: Mapping[int, str], links: Sequence[ChannelLink] = ()
) -> Row:
    """One channel, about 1 KB; hearts and what is on are filled in by who knows them."""
    genre = genre_of(channel)
    return {
        "id": numeral(channel.id),
        "name": name,
        "number": str(number),
        "tv_genre_id": numeral(genre),
        "cmd": stored_cmd(channel.id),
        "logo": channel.logo if _LOGO.fullmatch(channel.logo) else "",
        "use_http_tmp_link": 1,
        "use_load_balancing": 0,
        "wowza_tmp_link": 0,
        "censored": int(channel.censored),
        "lock": int(channel.censored),
        "open": 1,
        "fav": 0,
        "archive": int(channel.archive_h > 0),
        "enable_tv_archive": int(channel.archive_h > 0),
        "tv_archive_duration": max(0, channel.archive_h),
        "allow_pvr": 0,
        "allow_local_pvr": 0,
        "pvr": 0,
        "xmltv_id": channel.xmltv_id,
        "cur_playing": "",
        "epg": [],
        "cmds": _cmds(channel, links),
        "genres_str": titles.get(genre, ""),
        "mc_cmd": "",
        "hd": int(channel.hd),
        "service_id": "",
        "volume_correction": 0,
        "status": 1,
        "error": "",
    }


def stored_cmd(link_id: int) -> str:
    """The cmd of a link as lists tell it: it opens nothing, only create_link knows what it means."""
    return f"ffmpeg http://localhost/ch/{numeral(link_id)}_"


def _cmds(channel: Channel, links: Sequence[ChannelLink]) -> list[Row]:
    first = _cmd(channel.id, channel.id, 0)
    ordered = sorted(links, key=lambda one: (-one.priority, one.id))
    return [first, *(_cmd(one.id, channel.id, turn) for turn, one in enumerate(ordered, 1))]


def _cmd(link_id: int, channel_id: int, turn: int) -> Row:
    return {
        "id": numeral(link_id),
        "ch_id": numeral(channel_id),
        "priority": turn,
        "url": stored_cmd(link_id),
        "status": 1,
        "use_http_tmp_link": 1,
        "use_load_balancing": 0,
        "wowza_tmp_link": 0,
    }


@frozen
class Personal:
    """What differs from box to box in a list: its favourites in their order, its last channel, and what is on."""

    favourites: tuple[int, ...] = ()
    last: int = 0
    playing: Callable[[int], str] = lambda _channel: ""
    """What is on a channel, as "HH:MM title" in the box's zone."""
    locked: Collection[int] = ()
    """Channels that the viewer has locked on this box."""

    def row(self, one: Listed) -> Row:
        """A channel's row for this box."""
        channel = one.channel.id
        lock = int(one.censored or channel in self.locked)
        on = self.playing(channel)
        return {**one.row, "fav": int(channel in self.favourites), "cur_playing": on, "lock": lock}


def ordered_list(line_up: Board, values: Values, personal: Personal) -> Row:
    """get_ordered_list: one page of a genre, of the favourites, or of all."""
    chosen = in_order(selected(line_up, values, personal), text(values, "sortby", 20), personal)
    wanted = _page(chosen, values, personal)
    rows = [personal.row(one) for one in wanted.of(chosen)]
    return envelope(rows, len(chosen), wanted.size, wanted.number, wanted.selected)


def selected(line_up: Board, values: Values, personal: Personal) -> list[Listed]:
    """The channels that a list is asked for; locked ones only by their genre."""
    genre = text(values, "genre", 20) or "*"
    if genre == "*":
        found = [one for one in line_up.listed if not one.censored]
    else:
        found = [one for one in line_up.listed if one.row["tv_genre_id"] == genre]
    if flag(values, "fav"):
        found = [one for one in found if one.channel.id in personal.favourites]
    return [one for one in found if one.channel.hd] if flag(values, "hd") else found


def in_order(found: Sequence[Listed], sortby: str, personal: Personal) -> list[Listed]:
    """By number, by name, or as the favourites stand."""
    if sortby == "name":
        return sorted(found, key=lambda one: (one.row["name"].casefold(), int(one.row["number"])))
    if sortby == "fav":
        place = {channel: at for at, channel in enumerate(personal.favourites)}
        return sorted(found, key=lambda one: place.get(one.channel.id, len(place)))
    return [*found]


def _page(chosen: Sequence[Listed], values: Values, personal: Personal) -> Page:
    asked = whole(values, "from_ch_id")
    current = asked or personal.last
    at = next((place for place, one in enumerate(chosen) if one.channel.id == current), None)
    if asked and at is not None and "p" not in values:
        return page({"p": "0"}, at)
    return page(values, at)


def favourite_list(line_up: Board, personal: Personal) -> Row:
    """get_all_fav_channels: all favourites in the box's own order."""
    known = {one.channel.id: one for one in line_up.listed}
    return envelope([personal.row(known[one]) for one in personal.favourites if one in known])


def favourite_ids(line_up: Board, personal: Personal) -> list[str]:
    """get_fav_ids: the favourites that the box may see."""
    known = {one.channel.id for one in line_up.listed}
    return [numeral(one) for one in personal.favourites if one in known]
