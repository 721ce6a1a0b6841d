"""What a cadre does by hand: mark, take back, decide on reviews, correct after the closing. All of it is audited."""

from datetime import datetime

import attrs
from attrs import frozen

from middleware.domain.attendance import Status, attendance, status
from middleware.domain.errors import BadValue, DomainError, Forbidden, NotFound
from middleware.domain.events import AttendanceMoved, InvitationsWithdrawn
from middleware.domain.registry import Staff
from middleware.domain.rollcall import Expected, Rollcall, Signin
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import Reach, may_review, visible

REASON_LIMIT = 100


@frozen
class Marked:
    """What a mark changed; marking `before` again takes it back."""

    member: int
    before: Status
    after: Status


def mark(
    uow: UnitOfWork, now: datetime, by: Staff | None, rollcall_id: int, member_id: int, to: Status, reason: str = ""
) -> Marked:
    """Say of a member: present, late, leave (with a reason) or absent; after the closing this corrects his record.

    Taking back what the member pressed himself, and every correction, need a reason.
    Raises BadValue(reason, not_open, status), NotFound, Forbidden.
    """
    rollcall, mine = _within(uow, by, rollcall_id)
    line = uow.rollcalls.roll(rollcall_id, [member_id]).get(member_id)
    if line is None:
        raise NotFound("名册里没有这名党员", "not_on_roll")
    if not mine.sees(line.branch):
        raise Forbidden("这名党员不在您的支部")
    signin = uow.signins.standing(rollcall_id, [member_id]).get(member_id)
    before = status(line, signin)
    why = _reason(rollcall, signin, to, reason)
    if before != to or (to == "leave" and why != line.leave):
        _apply(uow, now, _Mark(rollcall_id, mine.actor, to, why), line, signin)
        _note(uow, now, mine.actor, rollcall, member_id, {"from": before, "to": to, "reason": why})
    return Marked(member_id, before, to)


def accept_review(
    uow: UnitOfWork, now: datetime, by: Staff | None, signin_id: int, member_id: int | None = None
) -> Signin:
    """Count a sign-in under review, for the member it names or the one given.

    Raises BadValue(member), NotFound, Forbidden, DomainError(decided, already).
    """
    signin, rollcall, mine = _under_review(uow, by, signin_id)
    member = signin.member if member_id is None else member_id
    line = uow.rollcalls.roll(rollcall.id, [member]).get(member) if member is not None else None
    if line is None or not mine.sees(line.branch):
        raise BadValue("member", "请从名册里选一名党员")
    standing = uow.signins.standing(rollcall.id, [line.member]).get(line.member)
    if standing is not None and standing.id != signin.id:
        raise DomainError("already", "这名党员已经报到，可以驳回这条")
    accepted = attrs.evolve(signin, member=line.member, state="accepted", staff=mine.actor)
    uow.rollcalls.set_leave(rollcall.id, line.member, "")
    uow.signins.save(accepted, now)
    _note(uow, now, mine.actor, rollcall, line.member, {"review": signin_id, "to": "accepted"})
    return accepted


def reject_review(uow: UnitOfWork, now: datetime, by: Staff | None, signin_id: int, reason: str = "") -> Signin:
    """Do not count a sign-in under review; it is kept as rejected. Raises NotFound, Forbidden, DomainError(decided)."""
    signin, rollcall, mine = _under_review(uow, by, signin_id)
    rejected = attrs.evolve(signin, member=None, state="rejected", staff=mine.actor, note=_short(reason))
    uow.signins.save(rejected, now)
    detail = {"review": signin_id, "to": "rejected", "member": signin.member, "reason": rejected.note}
    uow.audit.add(now, mine.actor, "review", "rollcall", rollcall.id, detail)
    _tell_home(uow, rollcall.id, signin.member)
    return rejected


def reveal_number(uow: UnitOfWork, now: datetime, by: Staff | None, signin_id: int) -> str:
    """Show a number under review in full, to call back; the view itself is audited. Raises NotFound, Forbidden."""
    signin = uow.signins.get(signin_id)
    if signin is None:
        raise NotFound("没有这条记录", "no_review")
    _, mine = visible(uow, by, signin.rollcall)
    if not may_review(uow, mine, signin):
        raise Forbidden("这条记录不归您核实")
    number = uow.signins.numbers([signin_id]).get(signin_id, "")
    if not number and signin.member is not None:
        number = uow.registry.phone(signin.member)
    uow.audit.add(now, mine.actor, "reveal", "signin", signin_id, {"rollcall": signin.rollcall})
    return number


def _within(uow: UnitOfWork, by: Staff | None, rollcall_id: int) -> tuple[Rollcall, Reach]:
    _, mine = visible(uow, by, rollcall_id)
    rollcall = uow.rollcalls.hold([rollcall_id])[rollcall_id]
    if rollcall.state == "scheduled":
        raise BadValue("not_open", "点名还没有开始")
    return rollcall, mine


def _reason(rollcall: Rollcall, signin: Signin | None, to: Status, reason: str) -> str:
    if to not in {"present", "late", "leave", "absent"}:
        raise BadValue("status", "只能记为到会、迟到、请假或缺席")
    why = _short(reason)
    own = signin is not None and signin.way != "cadre" and to in {"leave", "absent"}
    if not why and (to == "leave" or own or rollcall.state == "closed"):
        raise BadValue("reason", "请写明原因")
    return why


def _short(reason: str) -> str:
    text = " ".join(reason.split())
    if len(text) > REASON_LIMIT:
        raise BadValue("reason", f"原因不超过 {REASON_LIMIT} 个字")
    return text


@frozen
class _Mark:
    rollcall: int
    actor: str
    to: Status
    why: str


def _apply(uow: UnitOfWork, now: datetime, mark: _Mark, line: Expected, signin: Signin | None) -> None:
    if mark.to in {"present", "late"}:
        base = signin or Signin(mark.rollcall, line.member, now, "cadre")
        come = attrs.evolve(base, state="accepted", late=mark.to == "late", staff=mark.actor, note=mark.why)
        uow.signins.save(come, now)
    elif signin is not None:
        # Struck, not deleted: box, time and way of what was pressed stay on record.
        uow.signins.save(attrs.evolve(signin, member=None, state="rejected", staff=mark.actor, note=mark.why), now)
    uow.rollcalls.set_leave(mark.rollcall, line.member, mark.why if mark.to == "leave" else "")


def _note(
    uow: UnitOfWork, now: datetime, actor: str, rollcall: Rollcall, member: int, detail: dict[str, object]
) -> None:
    corrected = rollcall.state == "closed"
    uow.audit.add(now, actor, "correct" if corrected else "mark", "rollcall", rollcall.id, {"member": member, **detail})
    line = uow.rollcalls.roll(rollcall.id, [member])[member]
    if corrected:
        standing = uow.signins.standing(rollcall.id, [member])
        uow.rollcalls.write_attendance(attendance(rollcall.id, [line], standing))
    elif line.household is not None:
        home = (line.household,)
        ended = uow.invitations.end_complete(rollcall.id, home, now)
        uow.outbox.add((InvitationsWithdrawn if ended else AttendanceMoved)(rollcall.id, home))


def _tell_home(uow: UnitOfWork, rollcall_id: int, member: int | None) -> None:
    line = uow.rollcalls.roll(rollcall_id, [member]).get(member) if member is not None else None
    if line is not None and line.household is not None:
        uow.outbox.add(AttendanceMoved(rollcall_id, (line.household,)))


def _under_review(uow: UnitOfWork, by: Staff | None, signin_id: int) -> tuple[Signin, Rollcall, Reach]:
    signin = uow.signins.get(signin_id)
    if signin is None:
        raise NotFound("没有这条记录", "no_review")
    rollcall, mine = _within(uow, by, signin.rollcall)
    if not may_review(uow, mine, signin):
        raise Forbidden("这条记录不归您核实")
    if signin.state != "needs_review":
        raise DomainError("decided", "这条已经处理过了")
    return signin, rollcall, mine
