"""What the pages of a roll-call are told: who may sign in here, who is about to, and what became of a press."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Literal, cast

import attrs

from middleware.domain.registry import mask_name
from middleware.domain.rollcall import (
    Accepted,
    Already,
    BadNumber,
    Closed,
    NeedsReview,
    NoRollcall,
    NotOpen,
    Outcome,
    Rollcall,
    Signin,
    Unknown,
    good_key,
)
from middleware.portal.facts import Asker, group_words
from middleware.services import rollcall_entry as entry
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_entry import Choice, Choices, Found, LookUp
from middleware.services.rollcall_signin import answer_to
from portal_pages.boards.rollcall import confirm_page, entry_page, pick_page, result_page
from portal_pages.facts import ConfirmFact, MemberFact, ResultFact, ResultKind, RollcallFact, Viewer
from portal_pages.states import Page

TOLD: Final[frozenset[str]] = frozenset({"not_yours", "busy", "no_rollcall"})
"""Results that nothing is stored of: the address of the result page names them as `o`."""
AGAIN: Final = frozenset({"sign", "review", "number"})


def pick(uow: UnitOfWork, asker: Asker, rollcall_id: int) -> Page:
    """您是哪一位, or the number page for a household without members; `asker.refused` tells why not."""
    return _opened(uow, asker, rollcall_id, pick_page)


def number(uow: UnitOfWork, asker: Asker, rollcall_id: int) -> Page:
    """The number page with what was typed before; `asker.refused` tells why not."""
    return _opened(uow, asker, rollcall_id, entry_page)


def _opened(uow: UnitOfWork, asker: Asker, rollcall_id: int, page: Callable[[Viewer, RollcallFact], Page]) -> Page:
    found = entry.choices(uow, asker.seat.household, rollcall_id)
    fact = rollcall_fact(uow, asker, rollcall_id, found)
    if asker.refused is not None:
        return result_page(asker.viewer, fact, outcome_fact(uow, asker, asker.refused))
    return page(asker.viewer, fact)


def confirm(uow: UnitOfWork, asker: Asker, rollcall_id: int) -> Page:
    """Who is about to sign in on this box; what stands against it otherwise."""
    held = entry.pending(uow, asker.now, asker.seat.asking, rollcall_id)
    if not isinstance(held, Found):
        return result(uow, asker, rollcall_id, {})
    found = entry.choices(uow, asker.seat.household, rollcall_id)
    words = ConfirmFact(
        _shown(asker, held.name), held.branch, group_words(held.group_no), held.number, held.masked_phone, held.own
    )
    return confirm_page(asker.viewer, rollcall_fact(uow, asker, rollcall_id, found), words)


def result(uow: UnitOfWork, asker: Asker, rollcall_id: int, query: Mapping[str, str]) -> Page:
    """What became of the press with key `s`, else of what this box holds, else how the roll-call stands.

    `o` names a result that nothing is stored of; `again` what its retry sends.
    """
    found = entry.choices(uow, asker.seat.household, rollcall_id)
    key = query.get("s", "")
    fact = rollcall_fact(uow, asker, rollcall_id, found)
    if query.get("o") in TOLD:
        return result_page(asker.viewer, _retried(fact, key), _told(query))
    answer: LookUp | None = None
    if good_key(key):
        answer = answer_to(uow, rollcall_id, asker.seat.device, key)
    answer = answer or entry.pending(uow, asker.now, asker.seat.asking, rollcall_id) or _standing(found, asker.now)
    if isinstance(answer, Found):
        return confirm(uow, asker, rollcall_id)
    if answer is None:
        return pick_page(asker.viewer, fact)
    return result_page(asker.viewer, fact, outcome_fact(uow, asker, answer))


def rollcall_fact(uow: UnitOfWork, asker: Asker, rollcall_id: int, found: Choices | NoRollcall) -> RollcallFact:
    """A roll-call as this box may know it; one that does not exist has no title."""
    if isinstance(found, NoRollcall):
        return RollcallFact(rollcall_id, "", "", asker.now, asker.now, asker.now, "closed")
    rollcall = found.rollcall
    return RollcallFact(
        rollcall.id,
        rollcall.title,
        rollcall.caller,
        rollcall.opens,
        rollcall.late_after,
        rollcall.closes,
        _state(rollcall, asker.now),
        tuple(_member(asker, one) for one in found.people),
        found.last.masked_phone if found.last else "",
        _shown(asker, found.last.name) if found.last else "",
        entry.draft(uow, asker.now, asker.seat.asking, rollcall_id),
    )


def _state(rollcall: Rollcall, now: datetime) -> Literal["scheduled", "open", "closed"]:
    return "closed" if rollcall.state == "open" and not rollcall.takes(now) else rollcall.state


def _shown(asker: Asker, name: str) -> str:
    """A name as this box may show it: in part while nobody vouches for its card."""
    return mask_name(name) if asker.seat.masked else name


def _member(asker: Asker, choice: Choice) -> MemberFact:
    return MemberFact(
        choice.member,
        _shown(asker, choice.name),
        choice.branch,
        group_words(choice.group_no),
        choice.masked_phone,
        choice.signed_in,
    )


def _standing(found: Choices | NoRollcall, now: datetime) -> Outcome | None:
    if isinstance(found, NoRollcall):
        return found
    rollcall = found.rollcall
    if rollcall.state == "scheduled":
        return NotOpen(rollcall.opens)
    return None if rollcall.takes(now) else Closed(rollcall.closes)


def _told(query: Mapping[str, str]) -> ResultFact:
    kind = query.get("o", "")
    again = query.get("again", "")
    told = ResultFact(cast("ResultKind", kind))
    return attrs.evolve(told, again=again) if again in AGAIN else told  # type: ignore[arg-type]


def _retried(fact: RollcallFact, key: str) -> RollcallFact:
    """With the key of the press that could not be kept: its retry is the same press."""
    return attrs.evolve(fact, seq=key) if good_key(key) else fact


def outcome_fact(uow: UnitOfWork, asker: Asker, outcome: Outcome) -> ResultFact:
    """An outcome in the viewer's terms."""
    match outcome:
        case Accepted(signin) | Already(signin) | NeedsReview(signin):
            return _signed(uow, asker, outcome.code, signin)
        case Unknown(left):
            return ResultFact("unknown", tries=left)
        case BadNumber(_, message):
            return ResultFact("bad_number", words=message)
    return ResultFact(cast("ResultKind", outcome.code))


def _signed(uow: UnitOfWork, asker: Asker, code: str, signin: Signin) -> ResultFact:
    member = uow.registry.member(signin.member) if signin.member is not None else None
    if member is None:
        return ResultFact(cast("ResultKind", code), at=signin.at)
    branch = uow.places.branch(member.branch_id)
    line = uow.rollcalls.roll(signin.rollcall, [member.id]).get(member.id)
    home = line.household if line else member.household_id
    own = home is not None and home == asker.seat.household
    return ResultFact(
        cast("ResultKind", code),
        _shown(asker, member.name) if own else mask_name(member.name),
        own,
        branch.name if branch else "",
        signin.at,
        signin.late,
        signin.elsewhere,
    )
