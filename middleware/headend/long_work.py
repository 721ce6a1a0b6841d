"""Long work in threads that leaves the reactor its turns: for others to be answered while a guide is made anew."""

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

TURN_S: Final = 0.00005
"""How long a thread may keep the interpreter meanwhile. A request takes it back after each system call, so that with
the usual ten times as much a rebuild of the guide made the p99 of all other requests some ten times what it was."""

_lock = threading.Lock()
_under_way: list[tuple[float, bool]] = []
"""The usual turn and whether garbage was collected, once for each piece of work that is under way."""


@contextmanager
def long_work() -> Iterator[None]:
    """Around work in a thread that makes very many objects, of which most are gone afterwards.

    The interpreter changes hands sooner. Cycles are not looked for meanwhile: that would be done in whichever thread
    makes the next object, the reactor's too, and would take it 80 ms. What is kept of the work is set aside, as
    `garbage` does with what lives long.
    """
    with _lock:
        _under_way.append(_under_way[0] if _under_way else (sys.getswitchinterval(), gc.isenabled()))
        sys.setswitchinterval(TURN_S)
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            turn, collected = _under_way.pop()
            if not _under_way:
                sys.setswitchinterval(turn)
                gc.freeze()
                if collected:
                    gc.enable()


def let_go(things: list[Any]) -> None:
    """Free what nobody else holds any more one by one in a thread of its own: at once it would take the reactor 40 ms.

    Whoever calls must not hold them either when this returns.
    """
    if things:
        threading.Thread(target=_let_go, args=(things,), name="let go", daemon=True).start()


def _let_go(things: list[Any]) -> None:
    while things:
        things.pop()
