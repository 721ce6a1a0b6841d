"""event_id of programmes: 16 bits that stay with a programme through edits, moves and re-imports (epg.md §2)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

KEPT_FOR: Final = timedelta(days=30)
"""An id is not given to another programme until so long after the old one ended."""
LAST: Final = 0xFFFE
"""0 and 0xFFFF are not used."""


@frozen
class Given:
    """An id that a programme has; `until` is the end of the programme."""

    event_id: int
    until: datetime


class NoIdLeft(Exception):
    """All 65,534 ids of a service are held by programmes of the last 30 days and of the future."""


@frozen
class Ids:
    """The ids of one service: by uid, and the one that was given last."""

    given: Mapping[str, Given]
    last: int = 0


def give(ids: Ids, programmes: Iterable[tuple[str, datetime]], now: datetime) -> Ids:
    """Ids for all of these (uid, end): those that have one keep it, the others get the next that is free.

    Raises NoIdLeft. Ids of programmes that ended more than 30 days ago are free again.
    """
    kept = {uid: one for uid, one in ids.given.items() if one.until + KEPT_FOR > now}
    taken = {one.event_id for one in kept.values()}
    last = ids.last
    for uid, until in programmes:
        known = kept.get(uid)
        if known is None:
            last = _free(last, taken)
            taken.add(last)
            known = Given(last, until)
        kept[uid] = known if known.until == until else Given(known.event_id, until)
    return Ids(kept, last)


def _free(last: int, taken: set[int]) -> int:
    if len(taken) >= LAST:
        raise NoIdLeft
    while True:
        last = last % LAST + 1
        if last not in taken:
            return last
