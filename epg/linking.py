"""Which fed programme is which stored one, so that a programme keeps its uid through re-imports and small moves."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from attrs import frozen

from epg.model import MOVED_AT_MOST, Programme, title_key, with_uid


@frozen
class Linked:
    """Of one channel: pairs of stored and fed (with the stored uid), fed ones that are new, stored ones left over."""

    same: tuple[tuple[Programme, Programme], ...]
    new: tuple[Programme, ...]
    other: tuple[Programme, ...]


def link(stored: Sequence[Programme], fed: Sequence[Programme]) -> Linked:
    """Pair by equal start and title, then by like title and the nearest start within 30 minutes."""
    exact = {(one.start, one.title, one.clump): one for one in stored}
    pairs = [(exact.get((one.start, one.title, one.clump)), one) for one in fed]
    same = [(old, new) for old, new in pairs if old is not None]
    used = {old.uid for old, _ in same}
    left = [one for one in stored if one.uid not in used]
    moved = _nearest(left, [one for old, one in pairs if old is None])
    same += moved
    used |= {old.uid for old, _ in moved}
    starts = {(new.start, new.clump) for _, new in same}
    return Linked(
        tuple((old, with_uid(new, old.uid)) for old, new in same),
        tuple(one for one in fed if (one.start, one.clump) not in starts),
        tuple(one for one in stored if one.uid not in used),
    )


def _nearest(stored: Iterable[Programme], fed: Iterable[Programme]) -> list[tuple[Programme, Programme]]:
    titled: defaultdict[str, list[Programme]] = defaultdict(list)
    for one in stored:
        titled[title_key(one.title)].append(one)
    pairs = [
        (distance, new.start, old.start, old.uid, old, new)
        for new in fed
        for old in titled.get(title_key(new.title), ())
        if (distance := abs(new.start - old.start)) <= MOVED_AT_MOST
    ]
    return _greedy(sorted(pairs, key=lambda pair: pair[:4]))


def _greedy(
    pairs: Iterable[tuple[timedelta, object, object, str, Programme, Programme]],
) -> list[tuple[Programme, Programme]]:
    chosen, old_taken, new_taken = [], set(), set()
    for *_, old, new in pairs:
        if old.uid not in old_taken and (new.start, new.clump) not in new_taken:
            chosen.append((old, new))
            old_taken.add(old.uid)
            new_taken.add((new.start, new.clump))
    return chosen
