"""Confirmed sign-ins, many in one transaction, each with its own outcome; and numbers handed to the cadre."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import attrs
from attrs import frozen

from middleware.domain.entries import Entry
from middleware.domain.errors import BadValue, Busy
from middleware.domain.events import AttendanceMoved, InvitationsWithdrawn
from middleware.domain.registry import Member
from middleware.domain.rollcall import (
    MAX_REVIEWS,
    Accepted,
    Already,
    BadNumber,
    Closed,
    NeedsReview,
    NoRollcall,
    NotOpen,
    Outcome,
    Press,
    Rollcall,
    Sheet,
    Signin,
    box_key,
    decide_all,
    good_key,
    may_finish,
    read_number,
)
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_entry import Box

PASSES = 3
"""How often a batch is decided again after another process wrote a sign-in between our reading and writing."""


@frozen
class SignIn:
    """对，我来报到 was pressed. `key` is form and sequence number of the page, `at` when the request came in.

    With `member` he was picked, with `number` it was typed; with neither the box's entry says who is meant.
    Raises BadValue(key).
    """

    rollcall: int
    box: Box
    key: str
    at: datetime
    member: int | None = None
    number: str = attrs.field(default="", repr=False)

    def __attrs_post_init__(self) -> None:
        if not good_key(self.key):
            raise BadValue("key", "页面已过期，请返回再试一次")


def sign_in_batch(uow: UnitOfWork, commands: Sequence[SignIn]) -> list[Outcome]:
    """Decide and write sign-ins; one outcome per command, in order. Made for `store.batch`."""
    held = uow.rollcalls.hold({command.rollcall for command in commands})
    outcomes: list[Outcome] = [NoRollcall()] * len(commands)
    for rollcall in held.values():
        places = [at for at, command in enumerate(commands) if command.rollcall == rollcall.id]
        decided = _sign_in(uow, rollcall, [commands[at] for at in places])
        for at, outcome in zip(places, decided, strict=True):
            outcomes[at] = outcome
    return outcomes


def answer_to(uow: UnitOfWork, rollcall_id: int, device: int, key: str) -> Outcome | None:
    """What a press with this key was told, for the page after the redirect; None when there was none."""
    whole = box_key(rollcall_id, device, key)
    return uow.signins.answers([whole]).get(whole)


def request_review(uow: UnitOfWork, now: datetime, box: Box, rollcall_id: int, key: str, number: str = "") -> Outcome:
    """Hand a number that nobody has to the cadre: the one given, else the one in the box's entry.

    The same number is kept once. Raises BadValue(key, too_many_reviews).
    """
    press = SignIn(rollcall_id, box, key, now, number=number)
    rollcall = uow.rollcalls.hold([rollcall_id]).get(rollcall_id)
    if rollcall is None:
        return NoRollcall()
    if rollcall.state == "scheduled":
        return NotOpen(rollcall.opens)
    if (before := answer_to(uow, rollcall_id, box.device, key)) is not None:
        return attrs.evolve(before, first=False) if isinstance(before, Accepted | NeedsReview) else before
    entry = uow.entries.get(rollcall_id, box.device)
    typed = read_number(number or (entry.digits if entry else ""))
    if isinstance(typed, BadNumber):
        return typed
    if not rollcall.takes(now) and not may_finish(rollcall, _begun(entry, now), now):
        return Closed(rollcall.closes)
    return _review(uow, rollcall, press, typed)


def _review(uow: UnitOfWork, rollcall: Rollcall, command: SignIn, number: str) -> Outcome:
    key, at, box = _press(command, None, "number").box_key, command.at, command.box
    kept = [one for one in uow.signins.reviews(rollcall.id) if one.device == box.device]
    if len(kept) >= MAX_REVIEWS:
        raise BadValue("too_many_reviews", "这台电视交来核实的号码太多了，请直接联系村干部")
    late = at >= rollcall.late_after
    new = Signin(rollcall.id, None, at, "review", "needs_review", late, True, box.device, box.household, key)
    stored = uow.signins.add_review(new, number, at)
    uow.entries.finish(rollcall.id, [box.device])
    return NeedsReview(stored, first=stored.key == key)


def _sign_in(uow: UnitOfWork, rollcall: Rollcall, commands: Sequence[SignIn]) -> list[Outcome]:
    read = {command.number: read_number(command.number) for command in commands if command.number}
    bad = {text: found for text, found in read.items() if isinstance(found, BadNumber)}
    decided = iter(_decide(uow, rollcall, [command for command in commands if command.number not in bad], read))
    return [bad[command.number] if command.number in bad else next(decided) for command in commands]


def _decide(
    uow: UnitOfWork, rollcall: Rollcall, commands: Sequence[SignIn], read: Mapping[str, str | BadNumber]
) -> list[Outcome]:
    if not commands:
        return []
    entries = uow.entries.of(rollcall.id, {command.box.device for command in commands})
    numbers = {number for number in read.values() if isinstance(number, str)}
    owners = uow.registry.by_phones(numbers) if numbers else {}
    presses = [_resolve(command, read, owners, entries.get(command.box.device)) for command in commands]
    for _ in range(PASSES):
        sheet = _sheet(uow, rollcall, presses, entries)
        outcomes = decide_all(sheet, presses)
        new = [one.signin for one in outcomes if isinstance(one, Accepted | NeedsReview) and one.first]
        if uow.signins.add(new, max(press.at for press in presses)) >= len(new):
            break
    else:
        raise Busy(f"other processes wrote sign-ins of roll-call {rollcall.id} between each reading and writing")
    _keep(uow, sheet, presses, outcomes)
    _tidy(uow, sheet, presses, outcomes, entries)
    return outcomes


def _resolve(
    command: SignIn, read: Mapping[str, str | BadNumber], owners: Mapping[str, Member], entry: Entry | None
) -> Press:
    if command.number:
        owner = owners.get(str(read[command.number]))
        return _press(command, owner.id if owner else None, "number")
    if command.member is not None or entry is None or not entry.alive(command.at):
        return _press(command, command.member, "pick")
    return _press(command, entry.member, entry.way)


def _press(command: SignIn, member: int | None, way: Literal["pick", "number"]) -> Press:
    box = command.box
    return Press(command.rollcall, box.device, box.household, command.key, command.at, way, member)


def _sheet(uow: UnitOfWork, rollcall: Rollcall, presses: Sequence[Press], entries: Mapping[int, Entry]) -> Sheet:
    members = {press.member for press in presses if press.member is not None}
    roll = uow.rollcalls.roll(rollcall.id, members, _homes(presses))
    others = members - roll.keys()
    homes = {member: line.household for member, line in roll.items()}
    standing, answered = uow.signins.known(rollcall.id, members | roll.keys(), [press.box_key for press in presses])
    return Sheet(
        rollcall=rollcall,
        homes={**homes, **(uow.rollcalls.homes(others) if others else {})},
        roll=roll,
        standing=standing,
        answered=answered,
        begun={device: at for press in presses if (at := _begun(entries.get(device := press.device), press.at))},
        unknown={device: entry.unknown for device, entry in entries.items()},
    )


def _begun(entry: Entry | None, at: datetime) -> datetime | None:
    return entry.begun if entry is not None and entry.alive(at) else None


def _keep(uow: UnitOfWork, sheet: Sheet, presses: Sequence[Press], outcomes: Sequence[Outcome]) -> None:
    kept = {
        press.box_key: outcome
        for press, outcome in zip(presses, outcomes, strict=True)
        if not isinstance(outcome, Accepted | Already | NeedsReview)
    }
    uow.signins.keep_answers(sheet.rollcall.id, kept)


def _tidy(
    uow: UnitOfWork, sheet: Sheet, presses: Sequence[Press], outcomes: Sequence[Outcome], entries: Mapping[int, Entry]
) -> None:
    rollcall, at = sheet.rollcall.id, max(press.at for press in presses)
    done = [
        (press.device, outcome.signin.member)
        for press, outcome in zip(presses, outcomes, strict=True)
        if isinstance(outcome, Accepted | Already | NeedsReview)
    ]
    lines = [sheet.roll[member] for _, member in done if member is not None and member in sheet.roll]
    came = {one.household for one in lines if one.household is not None}
    ended = _end(uow, sheet, came, _homes(presses), at)
    _tell(uow, sheet, outcomes, ended)
    if typed := {device for device, _ in done if device in entries and entries[device].digits}:
        uow.entries.finish(rollcall, typed)
    uow.entries.tried(_tries(sheet, presses, entries))


def _end(uow: UnitOfWork, sheet: Sheet, came: set[int], read: set[int], at: datetime) -> tuple[int, ...]:
    """End the invitations of those homes of whom nobody is missing; of the homes in `read` the sheet has all lines."""
    awaited = {one.household for one in sheet.roll.values() if not one.leave and one.member not in sheet.standing}
    ended = uow.invitations.end(sheet.rollcall.id, (came & read) - awaited, at)
    return ended + uow.invitations.end_complete(sheet.rollcall.id, came - read, at)


def _tell(uow: UnitOfWork, sheet: Sheet, outcomes: Sequence[Outcome], ended: tuple[int, ...]) -> None:
    """Write events for the homes whose invitation has ended, and for the others of whom somebody has come now."""
    new = {one.signin.member for one in outcomes if isinstance(one, Accepted | NeedsReview) and one.first}
    homes = {line.household for member in new if member is not None and (line := sheet.roll.get(member))}
    part = tuple(sorted(home for home in homes.difference(ended) if home is not None))
    events = (AttendanceMoved(sheet.rollcall.id, part), InvitationsWithdrawn(sheet.rollcall.id, ended))
    if told := [event for event in events if event.households]:
        uow.outbox.add(*told)


def _homes(presses: Sequence[Press]) -> set[int]:
    return {press.household for press in presses if press.household is not None}


def _tries(sheet: Sheet, presses: Sequence[Press], entries: Mapping[int, Entry]) -> list[Entry]:
    boxes = {press.device: press for press in presses}
    return [
        Entry(sheet.rollcall.id, device, boxes[device].household, boxes[device].at, boxes[device].at, unknown=count)
        for device, count in sheet.unknown.items()
        if count != (entries[device].unknown if device in entries else 0)
    ]
