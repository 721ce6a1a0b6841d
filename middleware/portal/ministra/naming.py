"""Names and numbers that must be unique in a list (§2): doubles are told apart, always the same way."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

_ODD: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
"""What no client shows, and what is no character at all."""


def plain(words: str) -> str:
    """A text in one line, without control characters and without blanks around it."""
    return " ".join(_ODD.sub(" ", words).split())


def unique(names: Iterable[tuple[str, str]], empty: str) -> list[str]:
    """Names made non-empty and different; each comes with a mark that is put behind a double, such as its number.

    The first of several keeps its name. Differences of blanks and case do not count: clients compare loosely.
    """
    taken: set[str] = set()
    found: list[str] = []
    for name, mark in names:
        words = plain(name) or f"{empty} {mark}"
        turn, wanted = 1, words
        while wanted.casefold() in taken:
            wanted = f"{words} ({mark})" if turn == 1 else f"{words} ({mark}-{turn})"
            turn += 1
        taken.add(wanted.casefold())
        found.append(wanted)
    return found


def numbers(wanted: Sequence[int]) -> list[int]:
    """Channel numbers from 1, each once: a double, or none at all, gets the first number above all others."""
    taken: set[int] = set()
    free = max((*wanted, 0)) + 1
    found: list[int] = []
    for number in wanted:
        if number >= 1 and number not in taken:
            taken.add(number)
            found.append(number)
        else:
            found.append(free)
            free += 1
    return found
