"""Long work in threads: turns are short and cycles are left alone while any of it is under way, as usual afterwards."""

import gc
import sys
import threading
from collections.abc import Iterator

import pytest

from middleware.headend.long_work import TURN_S, let_go, long_work


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    """What a test sets aside is looked at again."""
    yield
    gc.unfreeze()


def state() -> tuple[float, bool]:
    return round(sys.getswitchinterval(), 6), gc.isenabled()


def test_turns_are_short_and_cycles_left_alone_until_the_last_piece_is_done() -> None:
    usual = state()
    with long_work():
        with long_work():
            inner = state()
        outer = state()

    assert (inner, outer, state()) == ((TURN_S, False), (TURN_S, False), usual)
    assert usual[1]


def test_all_is_as_usual_after_work_that_failed() -> None:
    usual = state()
    with pytest.raises(ValueError, match="work"), long_work():
        raise ValueError("work")

    assert state() == usual


def test_what_is_kept_of_the_work_is_not_looked_at_again() -> None:
    gc.collect()
    before = gc.get_freeze_count()
    with long_work():
        kept = [[number] for number in range(5000)]

    assert gc.get_freeze_count() - before >= len(kept)


def test_what_is_let_go_is_freed_in_another_thread() -> None:
    freed: list[int] = []

    class Thing:
        def __del__(self) -> None:
            freed.append(threading.get_ident())

    let_go([Thing() for _ in range(3)])
    for thread in threading.enumerate():
        if thread.name == "let go":
            thread.join(5)
    let_go([])

    assert len(freed) == 3
    assert threading.get_ident() not in freed
