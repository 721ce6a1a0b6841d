"""Films that wait to be packaged, in the database: one row each."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from attrs import asdict, evolve
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, delete, func, insert, select, update

from middleware.services.job_ports import IngestJob
from middleware.storage.job_tables import ingest_jobs
from vod.jobs import RUNNING, State

_MOVING = ("priority", "state", "tries", "code", "detail", "asset_id", "changed_at")
"""What changes after a job was queued."""


class SqlJobs:
    """The `Jobs` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, job: IngestJob) -> IngestJob:
        """Write a new job; its id is given by the database."""
        values = asdict(job) | {"state": job.state.value, "subtitles": [list(each) for each in job.subtitles]}
        del values["id"]
        statement = insert(ingest_jobs).values(values).returning(ingest_jobs.c.id)
        return evolve(job, id=self._connection.execute(statement).scalar_one())

    def get(self, job_id: int) -> IngestJob | None:
        """One job."""
        return next(iter(self._many(select(ingest_jobs).where(ingest_jobs.c.id == job_id))), None)

    def by_mark(self, node: str, mark: str) -> IngestJob | None:
        """The newest job of a file as it is now."""
        same = select(ingest_jobs).where(ingest_jobs.c.node == node, ingest_jobs.c.mark == mark)
        return next(iter(self._many(same.order_by(ingest_jobs.c.id.desc()).limit(1))), None)

    def waiting(self, node: str, limit: int) -> tuple[IngestJob, ...]:
        """Queued jobs of a server, the most urgent and then the oldest first."""
        queued = select(ingest_jobs).where(*_queued(node))
        return self._many(queued.order_by(ingest_jobs.c.priority.desc(), ingest_jobs.c.id).limit(limit))

    def count_waiting(self, node: str) -> int:
        """How many jobs of a server are queued."""
        return int(self._connection.execute(select(func.count()).where(*_queued(node))).scalar_one())

    def in_states(self, node: str, states: Collection[State]) -> tuple[IngestJob, ...]:
        """Jobs of a server in some states, by id."""
        among = ingest_jobs.c.state.in_([state.value for state in states])
        return self._many(select(ingest_jobs).where(ingest_jobs.c.node == node, among).order_by(ingest_jobs.c.id))

    def newest(self, limit: int) -> tuple[IngestJob, ...]:
        """Jobs of all servers, newest first."""
        return self._many(select(ingest_jobs).order_by(ingest_jobs.c.id.desc()).limit(limit))

    def change(self, job: IngestJob, expected: Collection[State]) -> bool:
        """Write how far a job is, if it still is in one of the expected states."""
        values = {name: getattr(job, name) for name in _MOVING} | {"state": job.state.value}
        among = ingest_jobs.c.state.in_([state.value for state in expected])
        statement = update(ingest_jobs).where(ingest_jobs.c.id == job.id, among).values(values)
        return self._connection.execute(statement).rowcount == 1

    def prune(self, before: datetime) -> int:
        """Delete jobs that ended before an instant."""
        still = [state.value for state in (*RUNNING, State.QUEUED)]
        old = delete(ingest_jobs).where(ingest_jobs.c.changed_at < before, ingest_jobs.c.state.not_in(still))
        return self._connection.execute(old).rowcount

    def _many(self, query: Select[Any]) -> tuple[IngestJob, ...]:
        return tuple(map(_job, self._connection.execute(query).mappings()))


def _queued(node: str) -> tuple[ColumnElement[bool], ...]:
    return ingest_jobs.c.node == node, ingest_jobs.c.state == State.QUEUED.value


def _job(row: RowMapping) -> IngestJob:
    values = dict(row) | {"state": State(row["state"])}
    return IngestJob(**values | {"subtitles": tuple((each[0], each[1]) for each in row["subtitles"])})
