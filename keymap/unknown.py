"""Codes that no table knows, counted for the integrator, so that tables can grow without a release."""

from collections.abc import Mapping

import attrs
from attrs import frozen

from keymap.families import resolve
from keymap.model import HOOKS, Family

MAX_KINDS = 500
"""Different (family, code, hook) kept; a hostile page could send any number."""

TEACH_AFTER = 3
"""So many unknown codes from a fresh device lead to the teach-in."""

MAX_COUNT = 1_000_000
MAX_CODE = 99_999
"""Key codes have 16 bits; MAG modifiers add up to 3,000."""


@frozen
class Unknown:
    """One unknown code: the family its box was taken for, the code, the hook it came by."""

    profile: str
    code: int
    hook: str


@frozen
class Tally:
    """How often each unknown code was seen; `dropped` counts those that found no room."""

    counts: Mapping[Unknown, int] = attrs.field(factory=dict)
    dropped: int = 0

    def ranked(self) -> list[tuple[Unknown, int]]:
        """The most frequent first."""
        return sorted(self.counts.items(), key=lambda item: (-item[1], item[0].profile, item[0].code))


def report(tally: Tally, family: Family, code: int, hook: str) -> tuple[Tally, bool]:
    """Count a code that a page did not know; also tell whether it really is unknown.

    A page knows only keys with a token. Volume, power and rarer keys are in the family all the same: they are not
    counted, nor do they speak for a teach-in. Codes and hooks that cannot be are ignored.
    """
    if hook not in HOOKS or not 0 <= code <= MAX_CODE or resolve(family, code, hook=hook) is not None:
        return tally, False
    seen = Unknown(family.name, code, hook)
    if seen not in tally.counts and len(tally.counts) >= MAX_KINDS:
        return attrs.evolve(tally, dropped=min(tally.dropped + 1, MAX_COUNT)), True
    count = min(tally.counts.get(seen, 0) + 1, MAX_COUNT)
    return attrs.evolve(tally, counts={**tally.counts, seen: count}), True
