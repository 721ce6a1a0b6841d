"""Where people belong: villages and community centres, party branches, town offices."""

from typing import Final
from zoneinfo import ZoneInfo

from attrs import frozen

TOWN_ZONE: Final = ZoneInfo("Asia/Shanghai")
"""What clocks in the town show; instants are UTC everywhere inside."""


@frozen
class Village:
    """A village or, with `centre`, one of the community centres that have cameras and two-way video."""

    id: int
    code: str
    name: str
    centre: bool = False


@frozen
class Branch:
    """A party branch; `village_id` is None for branches of offices and firms of the town."""

    id: int
    code: str
    name: str
    village_id: int | None = None


@frozen
class Office:
    """An office of the town; `phone` is its published landline, not personal data."""

    id: int
    code: str
    name: str
    phone: str = ""
