"""Films sent in parts: begun, finished into the queue of films, given up; each is written into the audit log.

The bytes lie with the server that took them (`Uploads`); here is what the store hears of it.
"""

from collections.abc import Awaitable, Collection, Mapping
from datetime import datetime
from typing import Protocol

from attrs import frozen

from middleware.domain.uploads import KEPT, Upload
from middleware.services import jobs
from middleware.services.assets import AssetDraft, check_draft
from middleware.services.job_ports import IngestJob
from middleware.services.ports import UnitOfWork


@frozen
class Kept:
    """An upload as far as it has come: its parts that are safe on disk, and how many bytes those hold."""

    upload: Upload
    there: Collection[int]
    received: int


class Uploads(Protocol):
    """Where parts are kept. What is not of `owner` is not there: NotFound(no_upload).

    All but `of` end in StorageError when the disk or the store cannot do it now, and in Busy when too many wait.
    """

    def of(self, owner: str, ids: Collection[str]) -> tuple[Kept, ...]: ...

    def begin(self, upload: Upload) -> Awaitable[Upload]: ...

    def put(self, owner: str, upload_id: str, number: int, body: bytes) -> Awaitable[str]: ...

    def put_subtitles(self, owner: str, upload_id: str, language: str, body: bytes) -> Awaitable[None]: ...

    def put_poster(self, owner: str, upload_id: str, body: bytes) -> Awaitable[None]: ...

    def finish(self, owner: str, upload_id: str) -> Awaitable[int]: ...

    def cancel(self, owner: str, ids: Collection[str]) -> Awaitable[None]: ...


def draft_of(upload: Upload) -> AssetDraft:
    """What the film will be called and where it will stand. Raises BadValue(bad_title, bad_column, …)."""
    return check_draft(AssetDraft(upload.column, upload.title, upload.short_title, upload.synopsis))


def begun(uow: UnitOfWork, now: datetime, upload: Upload) -> None:
    """Write down that somebody sends a film."""
    told = {"title": upload.title, "column": upload.column, "bytes": upload.size}
    uow.audit.add(now, upload.owner, "begin", "upload", upload.id, told)


def queued(uow: UnitOfWork, now: datetime, upload: Upload, job: IngestJob) -> int:
    """Let the film wait for its turn; the number of its job, also when it was queued before and nobody knew.

    Raises BadValue as `jobs.enqueue` does.
    """
    before = uow.jobs.by_mark(job.node, job.mark)
    if before is not None:
        return before.id
    made = jobs.enqueue(uow, now, job)
    told = {"title": made.title, "column": made.column, "upload": upload.id}
    uow.audit.add(now, upload.owner, "enqueue", "job", made.id, told)
    return made.id


def jobs_of(uow: UnitOfWork, node: str, marks: Mapping[str, str]) -> dict[str, int]:
    """The jobs of files by their marks, under the same keys; only of those that have one."""
    found = {key: uow.jobs.by_mark(node, mark) for key, mark in marks.items()}
    return {key: job.id for key, job in found.items() if job is not None}


def gone(uow: UnitOfWork, now: datetime, actor: str, upload: Upload) -> None:
    """Write down that an upload was given up, by whom it was sent or because nobody went on with it."""
    uow.audit.add(now, actor, "cancel", "upload", upload.id, {"title": upload.title, "column": upload.column})


def wanted(uow: UnitOfWork, now: datetime, upload: Upload) -> bool:
    """Whether a finished upload's file may still be needed: its job is open, or ended within the day."""
    job = uow.jobs.get(upload.job)
    return job is not None and (job.state in jobs.OPEN or now - job.changed_at < KEPT)
