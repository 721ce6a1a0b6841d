"""Films that wait, on both databases: their order, their moves, and what a crash or an operator does to them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from middleware.domain.errors import BadValue, NotFound
from middleware.services import jobs as use
from middleware.services.job_ports import IngestJob
from middleware.storage.store import Store
from vod.errors import PackagingFailed, Refused
from vod.jobs import State

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def draft(name: str, **more: Any) -> IngestJob:
    return evolve(IngestJob(0, "here", f"/in/{name}.mp4", f"{name}|1|1", "films", name, NOW, NOW), **more)


def queued(store: Store, *names: str, **more: Any) -> list[IngestJob]:
    return store.run_sync(lambda uow: [use.enqueue(uow, NOW, draft(name, **more)) for name in names])


def claimed(store: Store, count: int = 1) -> tuple[IngestJob, ...]:
    return store.run_sync(lambda uow: use.claim(uow, NOW, "here", count))


def state(store: Store, job: IngestJob) -> tuple[State, int, str]:
    found = store.run_sync(lambda uow: uow.jobs.get(job.id))
    assert found is not None
    return found.state, found.tries, found.code


def test_the_most_urgent_goes_first_then_the_oldest_and_only_once(store: Store) -> None:
    late, urgent = draft("late", priority=2), draft("urgent", priority=9, subtitles=(("zh", "/in/a.srt"),))
    drafts = (draft("a"), draft("b"), late, urgent)
    a, b, _, last = store.run_sync(lambda uow: [use.enqueue(uow, NOW, one) for one in drafts])
    store.run_sync(lambda uow: use.enqueue(uow, NOW, draft("other", node="there")))

    assert [job.id for job in claimed(store, 3)] == [last.id, a.id, b.id]
    assert [job.title for job in claimed(store, 3)] == ["late"]
    assert claimed(store, 3) == ()
    assert store.run_sync(lambda uow: uow.jobs.get(last.id)) == evolve(last, state=State.PROBING, tries=1)
    assert store.run_sync(lambda uow: uow.outbox.waiting())[-1].body["state"] == "probing"


@pytest.mark.parametrize(
    ("odd", "code"),
    [
        ({"title": ""}, "bad_title"),
        ({"column": "none"}, "bad_column"),
        ({"priority": 10}, "priority"),
        ({"subtitles": (("zh", "a"),) * 9}, "subtitles"),
    ],
)
def test_what_cannot_be_a_film_does_not_wait(store: Store, odd: dict[str, Any], code: str) -> None:
    with pytest.raises(BadValue) as caught:
        queued(store, "a", **odd)

    assert caught.value.code == code


def test_one_file_waits_once_and_may_come_again_when_it_changed_or_ended(store: Store) -> None:
    (first,) = queued(store, "a")
    with pytest.raises(BadValue, match="已经在队列里"):
        queued(store, "a")
    queued(store, "a", mark="a|2|2")
    store.run_sync(lambda uow: use.cancel(uow, NOW, "operator", first.id))

    assert len(queued(store, "a")) == 1
    assert store.run_sync(lambda uow: use.seen(uow, "here", "a|1|1"))
    assert not store.run_sync(lambda uow: use.seen(uow, "there", "a|1|1"))


def test_a_job_goes_through_its_states_to_its_film(store: Store) -> None:
    queued(store, "a")
    (job,) = claimed(store)
    for each in (State.ENCODING, State.INDEXING, State.VERIFYING):
        store.run_sync(lambda uow, each=each: use.moved(uow, NOW, job.id, each))
    done = store.run_sync(lambda uow: use.finished(uow, NOW, job.id, 7))

    assert (done.state, done.asset_id) == (State.READY, 7)
    with pytest.raises(use.Cancelled):
        store.run_sync(lambda uow: use.moved(uow, NOW, job.id, State.ENCODING))


def test_a_passing_fault_is_tried_three_times_and_a_lasting_one_once(store: Store) -> None:
    job, other, third = queued(store, "a", "b", "c")
    for _ in range(use.TRIES_MOST):
        assert claimed(store)[0].id == job.id
        store.run_sync(lambda uow: use.ended(uow, NOW, job.id, PackagingFailed("stalled", "60 s"), refused=False))
    assert state(store, job) == (State.FAILED, 3, "stalled")
    claimed(store, 2)
    store.run_sync(lambda uow: use.ended(uow, NOW, other.id, PackagingFailed("disk_full"), refused=False))
    store.run_sync(lambda uow: use.ended(uow, NOW, third.id, Refused("no_video"), refused=True))

    assert state(store, other) == (State.FAILED, 1, "disk_full")
    assert state(store, third) == (State.REFUSED, 1, "no_video")


def test_after_a_crash_a_job_waits_again_and_fails_at_the_third(store: Store) -> None:
    (job,) = queued(store, "a")
    seen = []
    for _ in range(3):
        claimed(store)
        store.run_sync(lambda uow: use.recover(uow, NOW, "there"))
        assert state(store, job)[0] is State.PROBING, "jobs of another server are its own"
        store.run_sync(lambda uow: use.recover(uow, NOW, "here"))
        seen.append(state(store, job))

    assert seen == [(State.QUEUED, 1, ""), (State.QUEUED, 2, ""), (State.FAILED, 3, "crashed")]


def test_a_stop_of_the_server_counts_for_no_try(store: Store) -> None:
    (job,) = queued(store, "a")
    claimed(store)
    store.run_sync(lambda uow: use.released(uow, NOW, job.id))

    assert state(store, job) == (State.QUEUED, 0, "")


def test_a_job_is_cancelled_while_it_waits_or_runs_and_can_be_tried_again(store: Store) -> None:
    waiting, running = queued(store, "a", "b", priority=5)
    claimed(store, 2)
    store.run_sync(lambda uow: use.released(uow, NOW, waiting.id))
    for job in (waiting, running):
        store.run_sync(lambda uow, job=job: use.cancel(uow, NOW, "operator", job.id))
        assert state(store, job)[::2] == (State.FAILED, "cancelled")
    with pytest.raises(use.Cancelled):
        store.run_sync(lambda uow: use.finished(uow, NOW, running.id, 7))
    with pytest.raises(BadValue, match="已经结束"):
        store.run_sync(lambda uow: use.cancel(uow, NOW, "operator", running.id))
    store.run_sync(lambda uow: use.retry(uow, NOW, "operator", running.id))

    assert state(store, running) == (State.QUEUED, 0, "")
    with pytest.raises(BadValue, match="只有失败的"):
        store.run_sync(lambda uow: use.retry(uow, NOW, "operator", running.id))
    with pytest.raises(NotFound):
        store.run_sync(lambda uow: use.retry(uow, NOW, "operator", running.id + 99))


def test_ended_jobs_are_forgotten_after_a_quarter(store: Store) -> None:
    gone, kept = queued(store, "a", "b")
    store.run_sync(lambda uow: use.cancel(uow, NOW, "operator", gone.id))
    store.run_sync(lambda uow: use.prune(uow, NOW + use.KEPT + timedelta(seconds=1)))

    assert [job.id for job in store.run_sync(lambda uow: uow.jobs.newest(9))] == [kept.id]
