"""What a box is in the middle of: the digits typed or the member picked, held by the server until confirmed."""

from datetime import datetime
from typing import Literal

import attrs
from attrs import frozen

from middleware.domain.errors import BadValue
from middleware.domain.registry import PHONE_DIGITS
from middleware.domain.rollcall import DRAFT_LIFE


@frozen
class Entry:
    """One per box and roll-call. `digits` are sealed in storage and go when the sign-in is made or the draft is old."""

    rollcall: int
    device: int
    household: int | None
    begun: datetime
    touched: datetime
    digits: str = ""
    member: int | None = None
    way: Literal["pick", "number"] = "number"
    unknown: int = 0
    """Unknown numbers tried so far."""

    def alive(self, now: datetime) -> bool:
        """Whether somebody is still at it: touched within the life of a draft."""
        return now - self.touched <= DRAFT_LIFE

    def draft(self, now: datetime) -> str:
        """The digits to offer again on this box."""
        return self.digits if self.alive(now) else ""


def begun(entry: Entry | None, rollcall: int, device: int, household: int | None, now: datetime) -> Entry:
    """Return the entry after its form was opened: a stale one starts anew but keeps its count of unknown numbers."""
    if entry is None:
        return Entry(rollcall, device, household, now, now)
    if not entry.alive(now):
        return Entry(rollcall, device, household, now, now, unknown=entry.unknown)
    return attrs.evolve(entry, household=household, touched=now)


def good_draft(digits: str) -> str:
    """Return the digits of a draft, 0 to 11. Raises BadValue(draft)."""
    if len(digits) > PHONE_DIGITS or not (digits == "" or (digits.isascii() and digits.isdigit())):
        raise BadValue("draft", "草稿只能是 0 到 11 位数字")
    return digits
