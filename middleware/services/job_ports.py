"""What use-cases ask of storage for films that wait to be packaged."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from attrs import frozen

from vod.jobs import State


@frozen
class IngestJob:
    """A film on its way into the video centre: where its file lies, what an editor says of it, and how far it is.

    `node` is the server that can read the file, `mark` tells this content of the file from a later one. `subtitles`
    are language and path. The job with the highest `priority` goes first. `code` and `detail` say why it ended.
    `discard` has the file removed once the film is there.
    """

    id: int
    node: str
    source: str
    mark: str
    column: str
    title: str
    created_at: datetime
    changed_at: datetime
    short_title: str = ""
    synopsis: str = ""
    poster: str = ""
    subtitles: tuple[tuple[str, str], ...] = ()
    priority: int = 5
    state: State = State.QUEUED
    tries: int = 0
    code: str = ""
    detail: str = ""
    asset_id: int | None = None
    discard: bool = False


class Jobs(Protocol):
    """Films that wait, are worked on, or have ended."""

    def add(self, job: IngestJob) -> IngestJob: ...

    def get(self, job_id: int) -> IngestJob | None: ...

    def by_mark(self, node: str, mark: str) -> IngestJob | None: ...

    def waiting(self, node: str, limit: int) -> tuple[IngestJob, ...]: ...

    def count_waiting(self, node: str) -> int: ...

    def in_states(self, node: str, states: Collection[State]) -> tuple[IngestJob, ...]: ...

    def newest(self, limit: int) -> tuple[IngestJob, ...]: ...

    def change(self, job: IngestJob, expected: Collection[State]) -> bool: ...

    def prune(self, before: datetime) -> int: ...
