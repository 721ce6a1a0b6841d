"""The part of the server that writes channels: by the clock, one server at a time, whatever befalls the database."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import define, field
from twisted.internet import defer
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import LogLevel, capturedLogs

from middleware.domain.errors import Unreachable
from middleware.headend.channel import Channels
from middleware.services import ledger, ledger_pool
from middleware.services.ledger_pool import Air
from middleware.services.ports import OutboxEvent
from middleware.storage.store import Store
from tests.contract.channel_town import CHANNEL, NOW, approve, item, settle
from vod.jobs import State
from vod.ledger import Row
from vod.publishing import HORIZON_MS


@define
class Server:
    """A server on a shared store and clock; `down` is a database that does not answer, `slow_s` one that takes long."""

    store: Store
    clock: Clock
    name: str = "a"
    down: bool = False
    slow_s: float = 0.0
    held: list[Callable[[], None]] | None = None
    """Answers of transactions that are done but not told yet."""
    channels: Channels = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.channels = Channels(self, self.now, self.clock, self.name)

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.clock.seconds())

    def run(self, fn: Callable[[Any], Any], name: str = "", *, write: bool = True) -> "Deferred[Any]":
        if self.down:
            return defer.fail(Unreachable("the database server does not answer"))
        if self.slow_s and write:
            before = self.now
            calls = iter([0.0, self.slow_s])
            self.channels._now = lambda: before() + timedelta(seconds=next(calls, self.slow_s))
            try:
                return self.store.run(fn, name, write=write)
            finally:
                self.channels._now = before
        done = self.store.run(fn, name, write=write)
        if self.held is None or not write:
            return done
        told: Deferred[Any] = Deferred()
        self.held.append(lambda: done.chainDeferred(told))
        return told


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(store: Store, clock: Clock) -> Server:
    films = settle(store)
    approve(store, item("a", 0, 60, films["bridge"], kind="fixed"), item("live", 60, 120, kind="fixed"))
    made = Server(store, clock)
    made.channels.start()
    return made


def rows(store: Store) -> tuple[Row, ...]:
    return store.run_sync(lambda uow: uow.ledger.rows(CHANNEL))


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def reach(server: Server) -> int:
    """How many ms the rows reach ahead."""
    known = server.store.run_sync(lambda uow: ledger.effective(uow, CHANNEL, ms(server.now())))
    return known.end_ms - ms(server.now())


def let(clock: Clock, seconds: int) -> None:
    clock.pump([1.0] * seconds)


def test_a_channel_is_written_and_gets_its_address(server: Server) -> None:
    (channel,) = server.store.run_sync(lambda uow: uow.guide.channels())

    assert channel.url == f"/ch/{CHANNEL}/master.m3u8"
    assert reach(server) >= HORIZON_MS
    assert server.channels.fence(CHANNEL) > 0
    assert server.channels.fence("another") == 0


def test_the_horizon_moves_with_the_clock(server: Server, clock: Clock) -> None:
    for _ in range(2):
        let(clock, 300)

        assert reach(server) >= HORIZON_MS - 10_000


def test_an_approved_change_is_on_air_without_waiting(server: Server, clock: Clock) -> None:
    count = len(rows(server.store))
    approve(server.store, item("b", 2, 60, kind="fixed"), revision=2)
    server.channels.tell(OutboxEvent(1, "ContentChanged", {"noun": "plan"}))
    let(clock, 2)

    assert {row.programme_uid for row in rows(server.store)[count:]} >= {"b"}


def test_a_change_that_is_heard_of_while_rows_are_written_is_not_left_for_a_minute(
    server: Server, clock: Clock
) -> None:
    changed = OutboxEvent(1, "ContentChanged", {"noun": "plan"})
    server.held = held = []
    server.channels.tell(changed)
    let(clock, 2)
    approve(server.store, item("b", 2, 60, kind="fixed"), revision=2)
    server.channels.tell(changed)
    let(clock, 2)
    server.held = None
    for tell in held:
        tell()
    let(clock, 1)

    assert "b" in {row.programme_uid for row in rows(server.store)}


def test_of_two_servers_one_writes_and_the_other_takes_over_when_it_dies(server: Server, clock: Clock) -> None:
    other = Server(server.store, clock, "b")
    other.channels.start()
    let(clock, 60)
    assert (server.channels.fence(CHANNEL) > 0, other.channels.fence(CHANNEL)) == (True, 0)
    before = len(rows(server.store))

    server.down = True
    let(clock, 20)
    assert (server.channels.fence(CHANNEL), other.channels.fence(CHANNEL) > 0) == (0, True)
    server.down = False
    let(clock, 300)

    assert server.channels.fence(CHANNEL) == 0
    assert len(rows(server.store)) > before
    assert [row.seq for row in rows(server.store)] == list(range(1, len(rows(server.store)) + 1))


def test_a_server_that_stops_lets_the_next_one_have_the_channel_at_once(server: Server, clock: Clock) -> None:
    Deferred.fromCoroutine(server.channels.stop())
    other = Server(server.store, clock, "b")
    other.channels.start()

    assert (server.channels.fence(CHANNEL), other.channels.fence(CHANNEL) > 0) == (0, True)


def test_a_database_that_is_gone_for_half_a_minute_is_told_once_and_leaves_no_hole(
    server: Server, clock: Clock
) -> None:
    with capturedLogs() as events:
        server.down = True
        let(clock, 30)
        server.down = False
        let(clock, 20)

    errors = [event for event in events if event["log_level"] >= LogLevel.error]
    assert len(errors) == 1
    assert reach(server) >= HORIZON_MS - 10_000


def test_rows_whose_transaction_took_too_long_are_not_kept(server: Server, clock: Clock) -> None:
    count = len(rows(server.store))
    server.slow_s = 1.5
    with capturedLogs() as events:
        let(clock, 120)
    assert len(rows(server.store)) == count
    assert [event["log_format"] for event in events if event["log_level"] is LogLevel.error] == [
        "rows of channel {channel} cannot be written: {why}"
    ]

    server.slow_s = 0.0
    let(clock, 20)
    assert len(rows(server.store)) > count


def test_what_is_wrong_is_told_once(server: Server, clock: Clock) -> None:
    films = {one.title: one.id for one in server.store.run_sync(lambda uow: uow.assets.all())}
    with capturedLogs() as events:
        server.store.run_sync(lambda uow: uow.assets.set_state(films["ident 3"], State.WITHDRAWN, NOW))
        let(clock, 200)

    assert [event["fault"] for event in events if "fault" in event] == ["there is no ident of 3 s"]


def test_a_channel_that_no_longer_plays_out_has_no_address_of_ours(server: Server, clock: Clock) -> None:
    server.store.run_sync(lambda uow: ledger_pool.put_air(uow, NOW, "operator", CHANNEL, Air()))
    let(clock, 20)
    (channel,) = server.store.run_sync(lambda uow: uow.guide.channels())

    assert (channel.url, server.channels.names) == ("", ())
