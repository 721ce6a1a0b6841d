"""The guide as XMLTV and M3U: documents joined of rendered days, kept until something of them changes."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from epg import xmltv_out
from epg.model import Programme
from middleware.domain.channels import Channel
from middleware.headend import guide_days, guide_lineup
from middleware.headend.guide_asked import Range
from middleware.headend.guide_bytes import XML, Document, Documents, InThread, document
from middleware.headend.guide_days import Days
from middleware.headend.guide_lineup import Lineup, Sign
from middleware.headend.ports import Storage

M3U: Final = "audio/x-mpegurl; charset=utf-8"
KEPT_DAYS: Final = 10_000
"""Days of channels in memory, packed: about 8 KB each with synopses, 80 MB at most."""
KEPT_FILES: Final = 128 * 2**20
"""Bytes of documents, most of them in gzip."""


class GuideFiles:
    """Makes documents; `in_thread` runs what takes long, so that a rebuild never holds up who else is served."""

    def __init__(self, storage: Storage, now: Callable[[], datetime], in_thread: InThread) -> None:
        self._in_thread = in_thread
        self._now = now
        self._strict = Days(storage, guide_days.started, _strict, KEPT_DAYS)
        self._kodi = Days(storage, guide_days.started, _kodi, KEPT_DAYS)
        self._files = Documents(KEPT_FILES)
        self._changes = 0
        self._at = now()

    @property
    def made(self) -> int:
        """How many documents have been put together."""
        return self._files.made

    @property
    def rendered(self) -> int:
        """How many days of channels have been rendered."""
        return self._strict.rendered + self._kodi.rendered

    def stale(self) -> None:
        """Programmes or channels have changed."""
        self._strict.stale()
        self._kodi.stale()
        self._files.stale()

    async def xmltv(self, lineup: Lineup, channels: Sequence[Channel], wanted: Range) -> Document:
        """The days of some channels; its date is when the guide last changed, whatever the days."""
        key = "xmltv", tuple(one.id for one in channels), wanted.first, wanted.days, wanted.kodi
        return await self._files.get(key, lambda: self._xmltv(lineup, channels, wanted))

    async def _xmltv(self, lineup: Lineup, channels: Sequence[Channel], wanted: Range) -> Document:
        days = [wanted.first + timedelta(days=step) for step in range(wanted.days)]
        source = self._kodi if wanted.kodi else self._strict
        found = await source.of([one.id for one in channels], days)
        changes = self._strict.changes + self._kodi.changes
        if changes != self._changes:
            self._changes, self._at = changes, self._now()
        made: Document = await self._in_thread(lambda: _joined(lineup, channels, days, found, self._at))
        return made

    async def m3u(self, lineup: Lineup, base: str, sign: Sign) -> Document:
        """The channels that can be played by whoever has the list; made anew when signatures change."""
        return await self._files.get(
            ("m3u", base, sign("/ch/any")),
            lambda: self._in_thread(lambda: document(guide_lineup.playlist(lineup, base, sign), M3U)),
        )


def _strict(_day: date, programmes: tuple[Programme, ...]) -> bytes:
    return zlib.compress(xmltv_out.fragment(programmes), 1) if programmes else b""


def _kodi(_day: date, programmes: tuple[Programme, ...]) -> bytes:
    return zlib.compress(xmltv_out.fragment(programmes, kodi=True), 1) if programmes else b""


def _joined(
    lineup: Lineup,
    channels: Sequence[Channel],
    days: Sequence[date],
    found: Mapping[guide_days.Key, bytes],
    at: datetime,
) -> Document:
    wanted = {one.id for one in channels}
    told = [guide_lineup.told(one) for one in lineup.channels if one.id in wanted]
    fragments = {
        one.xmltv_id: [zlib.decompress(part) for day in days if (part := found.get((one.id, day), b""))]
        for one in channels
    }
    return document(xmltv_out.framed(told, fragments, at=at), XML)
