"""What a page says about the present moment, made once a second and not once a page."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from attrs import define, field, frozen

from portal_pages.dates import local
from portal_pages.text_zh import WEEKDAYS

_SHOWN: Final = "{0.month}月{0.day}日 {1}"


@frozen
class Moment:
    """An instant with the words that the header shows of it, in the town's time."""

    now: datetime
    epoch: int
    clock: str
    date: str


@define
class Moments:
    """The present moment by the second."""

    now: Callable[[], datetime]
    _last: Moment | None = field(default=None, init=False)

    def present(self) -> Moment:
        """The moment of this second; the same object until the second is over."""
        now = self.now()
        epoch = int(now.timestamp())
        if self._last is None or self._last.epoch != epoch:
            here = local(now)
            date = _SHOWN.format(here, WEEKDAYS[here.weekday()])
            self._last = Moment(now, epoch, f"{here:%H:%M}", date)
        return self._last


def countdown(closes: datetime | None, now: datetime) -> str:
    """Minutes and seconds to a moment, such as 12:05; empty without one."""
    if closes is None:
        return ""
    left = max(0, int((closes - now).total_seconds()))
    return f"{left // 60:02}:{left % 60:02}"
