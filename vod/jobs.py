"""States of a packaging job and of the film it makes, and the moves between them (video.md §3.1)."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a job stands, or the film that came of it; stored and told by these words."""

    UPLOADED = "uploaded"
    QUEUED = "queued"
    PROBING = "probing"
    REFUSED = "refused"
    COPYING = "copying"
    ENCODING = "encoding"
    INDEXING = "indexing"
    VERIFYING = "verifying"
    FAILED = "failed"
    READY = "ready"
    WITHDRAWN = "withdrawn"
    PURGED = "purged"


RUNNING: Final = frozenset({State.PROBING, State.COPYING, State.ENCODING, State.INDEXING, State.VERIFYING})
"""States a crash can interrupt."""

MOVES: Final[dict[State, frozenset[State]]] = {
    State.UPLOADED: frozenset({State.PROBING}),
    State.QUEUED: frozenset({State.PROBING}),
    State.PROBING: frozenset({State.REFUSED, State.COPYING, State.ENCODING, State.FAILED, State.QUEUED}),
    # What was copied but breaks a rule after all is encoded, and may be found to be no film then.
    State.COPYING: frozenset({State.INDEXING, State.ENCODING, State.REFUSED, State.FAILED, State.QUEUED}),
    State.ENCODING: frozenset({State.INDEXING, State.REFUSED, State.FAILED, State.QUEUED}),
    State.INDEXING: frozenset({State.VERIFYING, State.ENCODING, State.REFUSED, State.FAILED, State.QUEUED}),
    State.VERIFYING: frozenset({State.READY, State.FAILED, State.QUEUED}),
    State.READY: frozenset({State.WITHDRAWN}),
    # What was thrown away can be had back as long as its files are there.
    State.WITHDRAWN: frozenset({State.READY, State.PURGED}),
    State.REFUSED: frozenset(),
    # A recording with gaps is no film, but stays as long as catch-up may ask for it.
    State.FAILED: frozenset({State.PURGED}),
    State.PURGED: frozenset(),
}


class IllegalMove(ValueError):
    """A state may not follow another; a fault of the program, never of a file."""


def move(now: State, then: State) -> State:
    """Return `then`, or raise IllegalMove if it may not follow `now`."""
    if then not in MOVES[now]:
        raise IllegalMove(f"{now} -> {then}")
    return then
