"""The invitation of a household to a roll-call: its states, who may move it where, and what the television is told."""

from datetime import datetime, timedelta
from typing import Literal

import attrs
from attrs import frozen

from middleware.domain.rollcall import Rollcall

State = Literal["queued", "offered", "seen", "accepted", "dismissed", "expired"]
Report = Literal["offered", "seen", "accepted", "dismissed"]

LIVE: tuple[State, ...] = ("queued", "offered", "seen")
"""States in which a box that has not confirmed the event id may still be shown it."""

MAX_ATTEMPTS = 2
"""稍后再说 is asked once more, never a third time."""

AGAIN_AFTER = timedelta(minutes=5)
"""Pause between a dismissal and the second invitation: long enough not to nag, short in a window of 15 minutes."""

_RANK: dict[State, int] = {"queued": 0, "offered": 1, "seen": 2, "dismissed": 3, "accepted": 4, "expired": 5}


@frozen
class Invitation:
    """One row of the invitation outbox. `event` rises per household: a box shows each event id at most once."""

    rollcall: int
    household: int
    state: State
    event: int
    attempts: int
    changed: datetime


@frozen
class Payload:
    """What the overlay shows. `target` is the page that OK opens, `closes` what its clock counts down to."""

    event: int
    rollcall: int
    title: str
    target: str
    closes: datetime


def event_id(now: datetime, last: int = 0) -> int:
    """Return an event id: epoch milliseconds, but above the household's last one even if the clock was set back."""
    return max(int(now.timestamp() * 1000), last + 1)


def move(invitation: Invitation, report: Report, now: datetime) -> Invitation:
    """Return the invitation after a box's report; late, repeated and impossible reports leave it as it is."""
    if _RANK[report] <= _RANK[invitation.state]:
        return invitation
    return attrs.evolve(invitation, state=report, changed=now)


def again(invitation: Invitation, now: datetime) -> Invitation:
    """Return the second invitation when it is due, else the same one."""
    due = invitation.state == "dismissed" and invitation.attempts < MAX_ATTEMPTS
    if not due or now < invitation.changed + AGAIN_AFTER:
        return invitation
    event = event_id(now, invitation.event)
    return attrs.evolve(invitation, state="queued", attempts=invitation.attempts + 1, event=event, changed=now)


def payload(invitation: Invitation, rollcall: Rollcall) -> Payload:
    """Return what a television is told; no name and no number is in it, the living room is shared."""
    return Payload(
        event=invitation.event,
        rollcall=rollcall.id,
        title=f"{rollcall.caller}正在点名",
        target=f"rc-{rollcall.id}",
        closes=rollcall.closes,
    )
