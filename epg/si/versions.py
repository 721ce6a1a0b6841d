"""Version numbers of sections: one more when the content changed, the same when it did not (epg.md §8.3)."""

import hashlib
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Literal

from attrs import frozen

from epg.si.sections import Section, SubTable

Scope = Literal["segment", "sub_table"]
Place = tuple[SubTable, int]
"""A sub-table and the number of a section in it."""


@frozen
class Version:
    """What was sent last in one place: its version and a digest of its content."""

    version: int
    digest: bytes


def place(section: Section) -> Place:
    """Where a section stands."""
    return section.sub_table, section.number


def versions(sections: Iterable[Section], known: Mapping[Place, Version], scope: Scope) -> dict[Place, Version]:
    """The versions of these sections, counted on from those that were sent before; new places begin at 0.

    By `segment` each section counts for itself; by `sub_table` all sections of one count together, also when one of
    them has gone.
    """
    if scope == "segment":
        return {place(one): _next(digest(one), known.get(place(one))) for one in sections}
    out: dict[Place, Version] = {}
    for sub_table, group in groupby(sorted(sections, key=lambda one: one.sub_table), key=lambda one: one.sub_table):
        out |= _together(sub_table, list(group), known)
    return out


def _together(sub_table: SubTable, group: list[Section], known: Mapping[Place, Version]) -> dict[Place, Version]:
    digests = {place(one): digest(one) for one in group}
    before = {at: known[at] for number in range(256) if (at := (sub_table, number)) in known}
    same = {at: one.digest for at, one in before.items()} == digests
    last = next(iter(before.values())).version if before else -1
    version = last if same else (last + 1) % 32
    return {at: Version(version, found) for at, found in digests.items()}


def digest(section: Section) -> bytes:
    """A fingerprint of all of a section but its version."""
    return hashlib.blake2b(bytes((section.last,)) + section.body, digest_size=12).digest()


def _next(found: bytes, before: Version | None) -> Version:
    if before is None:
        return Version(0, found)
    return before if before.digest == found else Version((before.version + 1) % 32, found)
