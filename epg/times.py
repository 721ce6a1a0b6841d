"""XMLTV times as instants and back: any prefix of YYYYMMDDhhmmss down to the day, numeric or named zones."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final, Literal
from zoneinfo import ZoneInfo

from attrs import define, field, frozen

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
ZONES: Final[Mapping[str, timedelta]] = {
    "UTC": timedelta(0),
    "GMT": timedelta(0),
    "UT": timedelta(0),
    "Z": timedelta(0),
    "HKT": timedelta(hours=8),
    "SGT": timedelta(hours=8),
    "JST": timedelta(hours=9),
    "KST": timedelta(hours=9),
}
"""Names that mean one offset everywhere. CST does not: it is Chicago's winter and China's year."""

_TIME = re.compile(
    r"\s*([0-9]{4})([0-9]{2})([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})([0-9]{2})?)?)?"
    r"(?:\s*([+-])([0-9]{2}):?([0-9]{2})|\s*([A-Za-z][A-Za-z_/+-]{0,39}))?\s*"
)
_CACHED: Final = 65_536


@frozen
class Source:
    """How one partner's feed is read.

    `zone` decides where the feed names no zone or one that means nothing certain; `shift` is added to all times. An
    overlap is `cut` (the earlier programme ends up to 5 minutes earlier, else the later row is quarantined),
    `quarantine`d or `keep`-ed. Holes longer than `gap` are listed.
    """

    name: str = "feed"
    zone: tzinfo = SHANGHAI
    zones: Mapping[str, timedelta] = ZONES
    shift: timedelta = timedelta(0)
    overlap: Literal["cut", "keep", "quarantine"] = "cut"
    gap: timedelta = timedelta(minutes=5)


SOURCE: Final = Source()
"""A feed of which nothing is known but that it is from here."""


@define
class TimeReader:
    """Reads the times of one feed; the same text is read once."""

    source: Source
    _known: dict[str, tuple[datetime, bool]] = field(factory=dict)

    def read(self, raw: str) -> tuple[datetime, bool]:
        """The instant in UTC, and whether its zone had to be assumed; ValueError when it cannot be read."""
        found = self._known.get(raw)
        if found is None:
            if len(self._known) >= _CACHED:
                self._known.clear()
            found = self._known[raw] = self._parsed(raw)
        return found

    def _parsed(self, raw: str) -> tuple[datetime, bool]:
        match = _TIME.fullmatch(raw)
        if match is None:
            raise ValueError(raw)
        year, month, day, hour, minute, second, sign, hours, minutes, name = match.groups()
        zone, assumed = self._zone(sign, hours, minutes, name)
        at = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=zone)
        try:
            return at.astimezone(UTC) + self.source.shift, assumed
        except OverflowError as error:
            raise ValueError(raw) from error

    def _zone(self, sign: str | None, hours: str, minutes: str, name: str | None) -> tuple[tzinfo, bool]:
        if sign:
            if int(minutes) > 59:
                raise ValueError("an offset has minutes below 60")
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            return timezone(-offset if sign == "-" else offset), False
        known = self.source.zones.get((name or "").upper())
        return (self.source.zone, True) if known is None else (timezone(known), False)


@define
class TimeWriter:
    """Writes times with the numeric offset of a zone; the same instant is written once."""

    zone: tzinfo = SHANGHAI
    _known: dict[datetime, str] = field(factory=dict)

    def text(self, at: datetime) -> str:
        """Such as `20261122190000 +0800`."""
        found = self._known.get(at)
        if found is None:
            if len(self._known) >= _CACHED:
                self._known.clear()
            found = self._known[at] = at.astimezone(self.zone).strftime("%Y%m%d%H%M%S %z")
        return found
