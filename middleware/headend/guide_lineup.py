"""The line-up as faces show it: channels by id, number and any name that epg.matching takes for theirs."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote, urlsplit

from attrs import frozen

from epg import m3u, model
from epg.json_out import Shown
from epg.matching import Matcher, Told
from middleware.domain.channels import Channel
from middleware.services.ports import UnitOfWork
from middleware.services.sources import matcher_of

_OWN: Final = re.compile(
    r"/(?:v/[1-9][0-9]{0,8}-[1-9][0-9]{0,8}|ch/[A-Za-z0-9][A-Za-z0-9._-]{0,127}(?:/[\w{}-]+)?)/master\.m3u8", re.ASCII
)
Sign = Callable[[str], str]
"""Makes of the path of a film or channel of ours the one by which it opens."""
_PLACES: Final = (("{start}", "{utc}"), ("{stop}", "{utcend}"))
"""What our own archive addresses are filled in with, and what M3U calls it; {duration} is the same."""
LONGEST_NAME: Final = 80


@frozen
class Lineup:
    """The channels in their order; `groups` are titles of genres by id."""

    channels: tuple[Channel, ...]
    matcher: Matcher
    groups: Mapping[int, str]

    def find(self, name: str) -> Channel | None:
        """The channel that a client means by an id, a number or a name; what fits several fits none."""
        name = name.strip()[:LONGEST_NAME]
        for one in self.channels:
            if name in {one.xmltv_id, str(one.number)}:
                return one
        number = self.matcher.match(Told(name, (name,))).channel if name else None
        return next((one for one in self.channels if one.id == number), None)


def read(uow: UnitOfWork) -> Lineup:
    """The line-up as it is stored."""
    matcher, channels = matcher_of(uow, "")
    return Lineup(tuple(channels.values()), matcher, {one.id: one.title for one in uow.guide.genres()})


def unsigned(path: str) -> str:
    """A path as it is, where nobody opens it."""
    return path


def address(url: str, base: str, sign: Sign = unsigned) -> str:
    """An address that players can open: a film or channel of ours made absolute, or http(s); else empty."""
    if _OWN.fullmatch(url):
        return base + sign(url) if base else ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""


def shown(one: Channel, base: str) -> Shown:
    """A channel as JSON shows it."""
    logo = f"{base}/logos/{quote(one.logo)}" if one.logo and base else ""
    days = math.ceil(one.archive_h / 24) if address(one.archive_url, base) else 0
    return Shown(one.xmltv_id, one.name, one.number, logo, days)


def told(one: Channel) -> model.Channel:
    """A channel as XMLTV has it."""
    return model.Channel(one.xmltv_id, (model.Name(one.name, "zh"),), one.number)


def playlist(lineup: Lineup, base: str, sign: Sign) -> bytes:
    """The channels that play without more ado as M3U: those behind the parents' PIN, and multicast, are left out."""
    guide = (f"{base}/epg.xml.gz",) if base else ()
    may = [one for one in lineup.channels if not one.censored and address(one.url, base)]
    return m3u.write(m3u.Playlist(tuple(_entry(one, lineup, base, sign) for one in may), guide))


def _entry(one: Channel, lineup: Lineup, base: str, sign: Sign) -> m3u.Entry:
    about = shown(one, base)
    group = lineup.groups.get(one.genre_id or 0, "")
    archive = address(one.archive_url, base, sign) if one.archive_h else ""
    kept = archive and "{start}" in archive
    for ours, theirs in _PLACES:
        archive = archive.replace(ours, theirs)
    return m3u.Entry(
        one.name,
        address(one.url, base, sign),
        one.xmltv_id,
        one.number,
        about.logo,
        (group,) if group else (),
        catchup="default" if kept else "",
        source=archive if kept else "",
        days=about.catchup_days if kept else 0,
        radio=one.radio,
    )
