"""The collector of cyclic garbage, kept to short pauses (scale.md G9).

A full collection looks at everything that lives, and tens of thousands of sessions are tenths of a second during which
nobody is answered. So the survivors of a collection that took long are set aside, and looked at again once a day.
"""

import gc
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

EVERY: Final = timedelta(seconds=5)
"""Between two collections: a town that comes back after a power cut makes 3 ms of work for them in this time."""
LONG_S: Final = 0.004
QUIET_HOUR: Final = 20
"""UTC; 4 o'clock in the morning in Nanhu."""


class Garbage:
    """Collects now and then. `seconds` is CPU time of this thread; `now` tells when the quiet hour is."""

    def __init__(self, now: Callable[[], datetime], seconds: Callable[[], float] = time.thread_time) -> None:
        self._now = now
        self._seconds = seconds
        self._looked = now().date()

    def begin(self) -> None:
        """What is alive now lives for ever: the collector need not look at it again."""
        gc.collect()
        gc.freeze()

    def collect(self) -> None:
        """Collect; set aside what survived if that took long, and take everything back in the quiet hour.

        Not while long work in a thread, which has switched the collector off, has very much alive for a moment.
        """
        if not gc.isenabled():
            return
        now = self._now()
        if now.hour == QUIET_HOUR and now.date() != self._looked:
            self._looked = now.date()
            gc.unfreeze()
        begun = self._seconds()
        gc.collect()
        if self._seconds() - begun > LONG_S:
            gc.freeze()
