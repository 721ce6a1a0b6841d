"""Attendance: what a closed roll-call says of each member, and the figures per branch."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from attrs import frozen

from middleware.domain.rollcall import Expected, Signin

Status = Literal["present", "late", "leave", "absent"]
STATUSES: tuple[Status, ...] = ("present", "late", "leave", "absent")


@frozen
class Attendance:
    """A member's record of one roll-call; `at` is the sign-in, None for leave and absence."""

    rollcall: int
    member: int
    branch: int
    status: Status
    at: datetime | None = None
    note: str = ""


@frozen
class Tally:
    """Head counts: present (in time), late, leave and absent add up to expected."""

    expected: int = 0
    present: int = 0
    late: int = 0
    leave: int = 0
    absent: int = 0

    @property
    def attended(self) -> int:
        """Everyone who came, late or not."""
        return self.present + self.late

    @property
    def rate(self) -> float:
        """Attended by expected, 0 to 1; leave does not count as attended, an empty roll counts 0."""
        return self.attended / self.expected if self.expected else 0.0


@frozen
class RollLine:
    """One line of the roll with what has become of it, as the cadre reads it; `signin` is the standing one."""

    expected: Expected
    name: str
    signin: Signin | None = None

    @property
    def status(self) -> Status:
        return status(self.expected, self.signin)


def status(expected: Expected, signin: Signin | None) -> Status:
    """Return what one line of the roll amounts to; a sign-in under review does not count yet."""
    if signin is not None and signin.state == "accepted":
        return "late" if signin.late else "present"
    return "leave" if expected.leave else "absent"


def attendance(rollcall: int, roll: Iterable[Expected], standing: Mapping[int, Signin]) -> tuple[Attendance, ...]:
    """Compute every member's record at closing; `standing` holds the sign-ins by member."""
    return tuple(_record(rollcall, expected, standing.get(expected.member)) for expected in roll)


def _record(rollcall: int, expected: Expected, signin: Signin | None) -> Attendance:
    now = status(expected, signin)
    came = signin is not None and now in {"present", "late"}
    note = expected.leave if now == "leave" else ""
    return Attendance(rollcall, expected.member, expected.branch, now, signin.at if signin and came else None, note)


def tally(records: Iterable[Attendance]) -> Tally:
    """Count records into one line of figures."""
    counts = dict.fromkeys(STATUSES, 0)
    for record in records:
        counts[record.status] += 1
    return Tally(expected=sum(counts.values()), **counts)


def by_branch(records: Iterable[Attendance]) -> dict[int, Tally]:
    """Count records per branch id, in the order in which the branches first appear."""
    groups: dict[int, list[Attendance]] = {}
    for record in records:
        groups.setdefault(record.branch, []).append(record)
    return {branch: tally(group) for branch, group in groups.items()}
