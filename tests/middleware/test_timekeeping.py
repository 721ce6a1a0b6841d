"""The kernel is asked whether anybody keeps its clock."""

import ctypes
from collections.abc import Callable
from typing import Any

import pytest

from middleware.headend import timekeeping


@pytest.mark.parametrize(("state", "kept"), [(0, True), (1, True), (5, False), (-1, None)])
def test_what_the_kernel_says_is_told(monkeypatch: pytest.MonkeyPatch, state: int, kept: bool | None) -> None:
    class Library:
        adjtimex: Callable[[Any], int] = staticmethod(lambda _: state)

    monkeypatch.setattr(ctypes, "CDLL", lambda _: Library)

    assert timekeeping.kept() is kept


def test_this_machine_can_be_asked_and_its_clock_is_left_alone() -> None:
    assert timekeeping.kept() in {True, False, None}


def test_without_such_a_call_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())

    assert timekeeping.kept() is None
