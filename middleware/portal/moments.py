"""What a page says about the present moment, made once a second and not once a page."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from attrs import define, field, frozen

from middleware.portal.render import RenderedPage
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
    """The present moment by the second; `seconds` is the same clock as `now`, read more cheaply."""

    now: Callable[[], datetime]
    seconds: Callable[[], float]
    _last: Moment = field(default=Moment(datetime.min, -1, "", ""), init=False)  # noqa: DTZ901 never shown
    _filled: dict[int, tuple[RenderedPage, RenderedPage]] = field(factory=dict, init=False)

    def present(self) -> Moment:
        """The moment of this second; the same object until the second is over."""
        epoch = int(self.seconds())
        if self._last.epoch != epoch:
            now = self.now()
            here = local(now)
            date = _SHOWN.format(here, WEEKDAYS[here.weekday()])
            self._last = Moment(now, epoch, f"{here:%H:%M}", date)
            self._filled = {}
        return self._last

    def filled(self, page: RenderedPage) -> RenderedPage:
        """The page with what it says of this second, made once for all who ask for it within the second."""
        moment = self.present()
        known = self._filled.get(id(page))
        if known is not None and known[0] is page:
            return known[1]
        filled = page.partly(clock=moment.clock, date=moment.date, now=moment.epoch)
        self._filled[id(page)] = (page, filled)
        return filled


def countdown(closes: datetime | None, now: datetime) -> str:
    """Minutes and seconds to a moment, such as 12:05; empty without one."""
    if closes is None:
        return ""
    left = max(0, int((closes - now).total_seconds()))
    return f"{left // 60:02}:{left % 60:02}"
