"""Whether a time server keeps the clock of this machine: starts, as-run and every list of a channel depend on it."""

import ctypes
from typing import Final

_TIMEX: Final = 512
"""Bytes, more than struct timex has on any Linux; all zero, it asks and sets nothing."""
_TIME_ERROR: Final = 5


def kept() -> bool | None:
    """What the kernel says (adjtimex(2): TIME_ERROR is a clock that nobody keeps); None where it cannot be asked."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX))
    except (AttributeError, OSError):  # no Linux
        return None
    return None if state < 0 else state != _TIME_ERROR
