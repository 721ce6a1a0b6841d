"""Service information on the air: what is sent follows the guide and the clock, and counts on after a restart."""

import shutil
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from epg.model import Channel, Name, Programme
from epg.xmltv import read
from epg.xmltv_out import write
from middleware.headend.playout import Playouts
from middleware.services import guide
from middleware.services import service_information as use
from middleware.services.ports import OutboxEvent
from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.epg import section_parser as independent

NOW = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)
CHANNEL = "nhxw.nanhu.cn"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    db_upgrade(f"sqlite:///{tmp_path}/nanhu.db", tmp_path)
    opened = Store.open(f"sqlite:///{tmp_path}/nanhu.db", vault=Vault.load(tmp_path))
    yield opened
    opened.close()
    shutil.rmtree(tmp_path, ignore_errors=True)


class Direct:
    """The store without threads: what a test asks is done when it is asked."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def run(self, fn: Callable[..., object], name: str = "", *, write: bool = True) -> "Deferred[object]":
        return succeed(self._store.run_sync(fn, name, write=write))


class OnTheAir:
    """A running playout, its clock, and the socket that it is heard at."""

    def __init__(self, store: Store) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(5)
        self.store = store
        self.clock = Clock()
        self.clock.advance(NOW.timestamp())
        self.playouts = self.begun()

    def begun(self) -> Playouts:
        def in_thread(work: Callable[[], object]) -> "Deferred[object]":
            return succeed(work())

        return Playouts(Direct(self.store), self.now, self.clock, in_thread)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.seconds(), UTC)

    def start(self) -> None:
        done: list[object] = []
        Deferred.fromCoroutine(self.playouts.start()).addBoth(done.append)
        assert done == [None]

    def heard(self) -> tuple[list[tuple[str, int]], int]:
        """Titles of present and following with the section's version, from 0.8 s of listening."""
        self.socket.setblocking(False)
        try:
            while True:
                self.socket.recv(2048)
        except BlockingIOError:
            pass
        self.socket.settimeout(5)
        until = time.monotonic() + 0.8
        stream = b""
        while time.monotonic() < until:
            stream += self.socket.recv(2048)
        found: dict[int, tuple[str, int]] = {}
        for _, data, _ in independent.reassemble(stream):
            if data[0] == 0x4E:
                _, _, version, number, _, payload = independent.section(data)
                events = independent.events(payload, NOW)
                found[number] = (events[0].title if events else "", version)
        return [found[0], found[1]], len(stream)


@pytest.fixture
def on_the_air(store: Store) -> Iterator[OnTheAir]:
    made = OnTheAir(store)
    port = made.socket.getsockname()[1]
    profile = f"""
name = "rizhao"
onid = 1
network_id = 1
ts_id = 1
[[services]]
channel = "{CHANNEL}"
service_id = 101
ts_id = 1
[cycles]
pf = 0.5
[output]
rate = 1000000
address = "127.0.0.1:{port}"
"""
    publish(store, "一")
    store.run_sync(lambda uow: use.save(uow, NOW, "test", profile, active=True))
    yield made
    made.playouts.stop()
    made.socket.close()


def publish(store: Store, word: str) -> None:
    begin = NOW.replace(minute=0)
    rows = [
        Programme("", CHANNEL, begin + timedelta(hours=n), begin + timedelta(hours=n + 1), f"{word}{n}")
        for n in range(48)
    ]
    parsed = read(write([Channel(CHANNEL, (Name("南湖新闻", "zh"),), 7)], rows, at=NOW))
    store.run_sync(lambda uow: guide.import_guide(uow, NOW, "feed", parsed, create_channels=True))


def test_present_and_following_follow_the_clock_the_guide_and_a_restart(on_the_air: OnTheAir) -> None:
    on_the_air.start()
    pair, size = on_the_air.heard()
    assert pair == [("一0", 0), ("一1", 0)]
    assert size > 0.8 * 0.8 * 1_000_000 / 8

    on_the_air.clock.advance(1800)

    assert on_the_air.heard()[0] == [("一1", 1), ("一2", 1)]
    publish(on_the_air.store, "改")
    on_the_air.playouts.tell(OutboxEvent(1, "ContentChanged", {"noun": "programme"}))
    on_the_air.clock.advance(2)
    assert on_the_air.heard()[0] == [("改1", 2), ("改2", 2)]

    on_the_air.playouts.stop()
    on_the_air.playouts = on_the_air.begun()
    on_the_air.start()
    assert on_the_air.heard()[0] == [("改1", 2), ("改2", 2)]


def test_a_network_that_is_switched_off_or_cannot_be_sent_is_left_out(on_the_air: OnTheAir) -> None:
    on_the_air.start()
    assert set(on_the_air.playouts.on_air) == {"rizhao"}
    stored = on_the_air.store.run_sync(lambda uow: uow.service_information.networks()[0])
    broken = stored.toml.replace('"rizhao"', '"bad"').replace("127.0.0.1", "nowhere.invalid")
    on_the_air.store.run_sync(lambda uow: use.save(uow, NOW, "test", stored.toml, active=False))
    on_the_air.store.run_sync(lambda uow: use.save(uow, NOW, "test", broken, active=True))

    on_the_air.playouts.tell(OutboxEvent(1, "ContentChanged", {"noun": "network"}))
    on_the_air.clock.advance(2)

    assert set(on_the_air.playouts.on_air) == set()
