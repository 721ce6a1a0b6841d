"""Films that wait to be packaged: queue, claim, move on, end, cancel, try again, and go on after a crash.

Progress is published by who works, not stored: a move of state is one transaction (video.md §3.1).
"""

from datetime import datetime, timedelta
from typing import Final

from attrs import evolve

from middleware.domain.errors import BadValue, NotFound
from middleware.domain.events import JobsMoved
from middleware.services.assets import AssetDraft, check_draft
from middleware.services.job_ports import IngestJob
from middleware.services.ports import UnitOfWork
from vod.errors import FAILURES, REFUSALS, VodError
from vod.jobs import RUNNING, State, move

TRIES_MOST: Final = 3
PRIORITY_MOST: Final = 9
WAITING_MOST: Final = 5000
SUBTITLES_MOST: Final = 8
KEPT: Final = timedelta(days=90)
"""Ended jobs are listed this long; a file of the watch folder is known for as long."""
OPEN: Final = RUNNING | {State.QUEUED}
PASSING: Final = frozenset({"stalled", "time_limit", "encode_failed"})
"""Faults that another try may not meet: a tool that hung, ballooned or crashed."""
CANCELLED: Final = "cancelled"
CRASHED: Final = "crashed"
REASONS: Final = {
    CANCELLED: "已经取消，没有添加。",
    CRASHED: "服务器在处理这个视频时多次中断，已经放弃，请联系管理员。",
    **FAILURES,
    **REFUSALS,
}
"""Why a job ended: a sentence for editors by its stable code."""


class Cancelled(Exception):
    """The job was cancelled meanwhile: nothing of it may be kept."""


def draft_of(job: IngestJob) -> AssetDraft:
    """What the film will be called and where it will stand."""
    return AssetDraft(job.column, job.title, job.short_title, job.synopsis)


def enqueue(uow: UnitOfWork, now: datetime, job: IngestJob) -> IngestJob:
    """Let a film wait for its turn.

    Raises BadValue: bad_column, bad_title, …; priority; subtitles; job_waits for a file that is queued or worked on
    already; jobs_full.
    """
    draft = check_draft(draft_of(job))
    if not 0 <= job.priority <= PRIORITY_MOST:
        raise BadValue("priority", f"优先级是 0 到 {PRIORITY_MOST}")
    if len(job.subtitles) > SUBTITLES_MOST:
        raise BadValue("subtitles", f"一部片子最多有 {SUBTITLES_MOST} 种字幕")
    same = uow.jobs.by_mark(job.node, job.mark)
    if same is not None and same.state in OPEN:
        raise BadValue("job_waits", "这个文件已经在队列里了")
    if uow.jobs.count_waiting(job.node) >= WAITING_MOST:
        raise BadValue("jobs_full", "等待处理的视频太多了，请稍后再添加")
    worded = evolve(job, title=draft.title, short_title=draft.short_title, state=State.QUEUED)
    return _told(uow, uow.jobs.add(evolve(worded, created_at=now, changed_at=now)))


def claim(uow: UnitOfWork, now: datetime, node: str, count: int) -> tuple[IngestJob, ...]:
    """Take up to so many waiting films, the most urgent and then the oldest first; a try is counted."""
    claimed = []
    for job in uow.jobs.waiting(node, count):
        taken = evolve(
            job, state=move(job.state, State.PROBING), tries=job.tries + 1, code="", detail="", changed_at=now
        )
        if uow.jobs.change(taken, {State.QUEUED}):
            claimed.append(_told(uow, taken))
    return tuple(claimed)


def moved(uow: UnitOfWork, now: datetime, job_id: int, state: State) -> None:
    """Write down how far a job is. Raises Cancelled."""
    job = _running(uow, job_id)
    if job.state is not state:
        _change(uow, evolve(job, state=move(job.state, state), changed_at=now))


def check_running(uow: UnitOfWork, job_id: int) -> None:
    """Whether a film may still be registered. Raises Cancelled."""
    _running(uow, job_id)


def finished(uow: UnitOfWork, now: datetime, job_id: int, asset_id: int) -> IngestJob:
    """The film is in the library; in the transaction that puts it there. Raises Cancelled."""
    return _change(uow, evolve(_running(uow, job_id), state=State.READY, asset_id=asset_id, changed_at=now))


def ended(uow: UnitOfWork, now: datetime, job_id: int, fault: VodError, *, refused: bool) -> IngestJob:
    """A try has failed: the job waits again if another try may help, else it ends. Raises Cancelled."""
    job = _running(uow, job_id)
    again = not refused and fault.code in PASSING and job.tries < TRIES_MOST
    state = State.QUEUED if again else State.REFUSED if refused else State.FAILED
    return _change(uow, evolve(job, state=state, code=fault.code, detail=fault.detail[-500:], changed_at=now))


def released(uow: UnitOfWork, now: datetime, job_id: int) -> None:
    """The server stops: the job waits again, and this try does not count."""
    job = uow.jobs.get(job_id)
    if job is not None and job.state in RUNNING:
        _change(uow, evolve(job, state=State.QUEUED, tries=max(0, job.tries - 1), changed_at=now))


def recover(uow: UnitOfWork, now: datetime, node: str) -> tuple[IngestJob, ...]:
    """After a crash: what was worked on waits again, or fails when that has happened three times."""
    found = []
    for job in uow.jobs.in_states(node, RUNNING):
        lost = job.tries >= TRIES_MOST
        code = CRASHED if lost else ""
        back = evolve(job, state=State.FAILED if lost else State.QUEUED, code=code, detail="", changed_at=now)
        found.append(_change(uow, back))
    return tuple(found)


def cancel(uow: UnitOfWork, now: datetime, actor: str, job_id: int) -> IngestJob:
    """End a job that waits or is worked on; who works on it learns of it. Raises NotFound, BadValue(job_ended)."""
    job = _known(uow, job_id)
    gone = evolve(job, state=State.FAILED, code=CANCELLED, detail="", changed_at=now)
    if not uow.jobs.change(gone, OPEN):
        raise BadValue("job_ended", "这个任务已经结束了")
    return _ordered(uow, actor, "cancel", gone)


def retry(uow: UnitOfWork, now: datetime, actor: str, job_id: int) -> IngestJob:
    """Let a job that has failed or was refused wait again. Raises NotFound, BadValue(job_open)."""
    job = _known(uow, job_id)
    again = evolve(job, state=State.QUEUED, tries=0, code="", detail="", changed_at=now)
    if not uow.jobs.change(again, {State.FAILED, State.REFUSED}):
        raise BadValue("job_open", "只有失败的任务可以重试")
    return _ordered(uow, actor, "retry", again)


def prioritise(uow: UnitOfWork, now: datetime, actor: str, job_id: int, priority: int) -> IngestJob:
    """Let a job that waits go earlier or later. Raises NotFound, BadValue(priority, job_ended)."""
    if not 0 <= priority <= PRIORITY_MOST:
        raise BadValue("priority", f"优先级是 0 到 {PRIORITY_MOST}")
    job = _known(uow, job_id)
    moved_up = evolve(job, priority=priority, changed_at=now)
    if job.state is not State.QUEUED or not uow.jobs.change(moved_up, {State.QUEUED}):
        raise BadValue("job_ended", "这个任务已经不在等待了")
    return _ordered(uow, actor, "hurry", moved_up)


def seen(uow: UnitOfWork, node: str, mark: str) -> bool:
    """Whether this content of a file was taken before, however that ended."""
    return uow.jobs.by_mark(node, mark) is not None


def to_discard(uow: UnitOfWork, node: str) -> tuple[IngestJob, ...]:
    """Jobs that are done and whose files should be gone."""
    return tuple(job for job in uow.jobs.in_states(node, {State.READY}) if job.discard)


def prune(uow: UnitOfWork, now: datetime) -> int:
    """Forget jobs that ended long ago."""
    return uow.jobs.prune(now - KEPT)


def _running(uow: UnitOfWork, job_id: int) -> IngestJob:
    job = uow.jobs.get(job_id)
    if job is None or job.state not in RUNNING:
        raise Cancelled
    return job


def _known(uow: UnitOfWork, job_id: int) -> IngestJob:
    job = uow.jobs.get(job_id)
    if job is None:
        raise NotFound("没有这个任务", "no_job")
    return job


def _ordered(uow: UnitOfWork, actor: str, verb: str, job: IngestJob) -> IngestJob:
    uow.audit.add(job.changed_at, actor, verb, "job", job.id, {"title": job.title, "priority": job.priority})
    return _told(uow, job)


def _change(uow: UnitOfWork, job: IngestJob) -> IngestJob:
    if not uow.jobs.change(job, RUNNING):
        raise Cancelled
    return _told(uow, job)


def _told(uow: UnitOfWork, job: IngestJob) -> IngestJob:
    uow.outbox.add(JobsMoved(job.id, job.state.value))
    return job
