"""Films that wait to be packaged: video_jobs."""

from typing import Any, Final

from middleware.portal.rest.fields import Field
from middleware.portal.rest.operations import DONE, MOMENT, TEXT, WHOLE, Call, Operation, Resource, listed, record
from middleware.portal.rest.wire import Refused, moment_text
from middleware.services import jobs as use
from middleware.services.job_ports import IngestJob
from middleware.services.ports import UnitOfWork

LISTED: Final = 200
"""Without identifiers the newest so many are told."""
_JOB: Final = record(
    id=TEXT,
    title=TEXT,
    column=TEXT,
    state=TEXT,
    progress={"type": "number", "minimum": 0, "maximum": 1},
    priority=WHOLE,
    tries=WHOLE,
    film=TEXT,
    code=TEXT,
    reason=TEXT,
    created=MOMENT,
    changed=MOMENT,
)


def jobs(uow: UnitOfWork, call: Call) -> list[dict[str, Any]]:
    """Jobs with these ids, or the newest. Raises Refused."""
    named = {one: found for one in call.ids if _number(one) and (found := uow.jobs.get(int(one)))}
    if len(named) < len(call.ids):
        raise Refused("Job not found" if len(call.ids) == 1 else "One or more identifiers are incorrect")
    return [_row(one, call.progress.get(one.id)) for one in named.values() or uow.jobs.newest(LISTED)]


def update_jobs(uow: UnitOfWork, call: Call) -> bool:
    """Try again, or change how urgent they are. Raises Refused, DomainError."""
    if not (call.given.get("retry") or call.has("priority")):
        raise Refused("retry or priority required")
    for number in _numbers(call):
        if call.given.get("retry"):
            use.retry(uow, call.now, call.actor, number)
        if call.has("priority"):
            use.prioritise(uow, call.now, call.actor, number, call.given["priority"])
    return True


def cancel_jobs(uow: UnitOfWork, call: Call) -> bool:
    """End jobs that wait or are worked on. Raises Refused, DomainError."""
    for number in _numbers(call):
        use.cancel(uow, call.now, call.actor, number)
    return True


def _numbers(call: Call) -> list[int]:
    if not all(map(_number, call.ids)):
        raise Refused("Job not found")
    return [int(one) for one in call.ids]


def _number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 18


def _row(one: IngestJob, progress: float | None) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "title": one.title,
        "column": one.column,
        "state": one.state.value,
        "progress": round(progress, 3) if progress is not None else float(one.state == "ready"),
        "priority": one.priority,
        "tries": one.tries,
        "film": str(one.asset_id) if one.asset_id else "",
        "code": one.code,
        "reason": use.REASONS.get(one.code, ""),
        "created": moment_text(one.created_at),
        "changed": moment_text(one.changed_at),
    }


JOBS: Final = Resource(
    "video_jobs",
    "Films that wait to be packaged, are worked on, or have ended",
    (
        Operation("listJobs", "GET", "Read how far films are", "any", "read", jobs, listed(_JOB)),
        Operation(
            "updateJobs",
            "PUT",
            "Let jobs that failed wait again, or change how urgent they are",
            "some",
            "write",
            update_jobs,
            DONE,
            (
                Field("retry", "wait again", "flag"),
                Field("priority", "0 to 9, the highest goes first", "number", most=use.PRIORITY_MOST),
            ),
        ),
        Operation("cancelJobs", "DELETE", "End jobs; nothing of them is kept", "some", "write", cancel_jobs, DONE),
    ),
)
