"""GET /k: codes of remotes that no table knows, counted for the integrator, so that tables grow without a release."""

from collections.abc import Callable
from typing import Final

from twisted.logger import Logger

from keymap.model import HOOKS
from keymap.unknown import TEACH_AFTER, Tally, Unknown, report
from middleware.portal import pages
from middleware.portal.limits import Buckets
from middleware.portal.profiles import Profiles
from middleware.portal.seats import Seats
from middleware.web.values import Request, Response

_NOTHING: Final = Response(204)
_TOLD_AT: Final = frozenset({1, 10, 100, 1000, 10_000})
"""Counts of one code at which a line is logged."""


class UnknownKeys:
    """The tally of unknown codes; `strangers` are the boxes that should be led to the teach-in."""

    _log = Logger()

    def __init__(self, profiles: Profiles, seats: Seats, seconds: Callable[[], float]) -> None:
        self._profiles = profiles
        self._seats = seats
        self._senders = Buckets(seconds, rate=1, burst=20)
        self._everybody = Buckets(seconds, rate=50, burst=200)
        self._of_box: dict[int, int] = {}
        self.tally = Tally()

    def report(self, request: Request) -> Response:
        """Count a code; whatever else is sent is passed over in silence."""
        seat = self._seats.at_hand(request)
        sender = seat.device if seat else request.client
        code = pages.number(request.query.get("code", ""), 5)
        hook = request.query.get("hook", "")
        family = self._profiles.families.get(request.query.get("profile", ""))
        if code is None or family is None or hook not in HOOKS:
            return _NOTHING
        if not (self._senders.take(sender) and self._everybody.take("all")):
            return _NOTHING
        self.tally, new = report(self.tally, family, code, hook)
        if new:
            self._note(seat.device if seat else None, family.name, code, hook)
        return _NOTHING

    def wants_teaching(self, device: int) -> bool:
        """Whether a box has sent so many unknown codes that its remote should be learnt; asked once per box."""
        if self._of_box.get(device, 0) < TEACH_AFTER:
            return False
        self._of_box[device] = -1_000_000
        return True

    def _note(self, device: int | None, family: str, code: int, hook: str) -> None:
        if device is not None:
            self._of_box[device] = self._of_box.get(device, 0) + 1
        count = self.tally.counts.get(Unknown(family, code, hook), 0)
        if count in _TOLD_AT:
            self._log.info(
                "unknown key code {code} by {hook} in family {family}: {count} times",
                code=code, hook=hook, family=family, count=count,
            )  # fmt: skip
