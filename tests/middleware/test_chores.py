"""Chores of each hour: one that fails does not keep the others from being done."""

from twisted.internet.defer import Deferred, fail, succeed

from middleware.chores import do_each
from middleware.domain.errors import StorageError


def test_a_chore_that_fails_is_left_to_the_next_time_and_the_others_are_done(lost_errors: list[str]) -> None:
    done: list[str] = []

    def chore(name: str) -> "Deferred[None]":
        done.append(name)
        return fail({"disk": OSError("full"), "store": StorageError("gone"), "fault": KeyError("x")}[name])

    names = ("disk", "store", "fault")
    chores = [(name, lambda name=name: chore(name)) for name in names]
    ended = Deferred.fromCoroutine(do_each([*chores, ("last", lambda: succeed(done.append("last")))], lambda: True))

    assert (ended.called, done) == (True, ["disk", "store", "fault", "last"])
    assert len(lost_errors) == 1, "what nobody foresaw is logged with its traceback"
    lost_errors.clear()


def test_a_server_that_stops_begins_no_further_chore() -> None:
    done: list[str] = []
    chores = [(name, lambda name=name: succeed(done.append(name))) for name in ("a", "b")]
    Deferred.fromCoroutine(do_each(chores, lambda: not done))

    assert done == ["a"]
