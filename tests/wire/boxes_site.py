"""The trial town behind a real site on a clock, asked by the terminal box's clients without sockets."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from keymap.families import shipped
from middleware.portal.portal import Portal, Settings
from middleware.portal.rest.api import Rest
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from middleware.web.edge import make_site
from middleware.web.routes import Routes
from tests.tools.scripted_portal import walk
from tools.stb.dialects import Client, client
from tools.stb.values import Answer, Ask, Box
from tools.trial_town import Trial
from vod.library import Library

BASE = "http://tv.test:8080"
HERE = "10.0.0.7"


class Wire(StringTransport):
    """The server's end of a connection from one address."""

    def __init__(self, client: str) -> None:
        super().__init__(peerAddress=IPv4Address("TCP", client, 40_000))

    def loseWriteConnection(self) -> None:  # noqa: N802 - Twisted's name
        self.connected = False

    def abortConnection(self) -> None:  # noqa: N802 - Twisted's name
        self.connected = False


class BoxesSite:
    """The portal over the trial town's store, which works at once; events are told to it after each commit."""

    def __init__(self, trial: Trial, now: datetime, **settings: Any) -> None:
        self.trial = trial
        self.store = Store.open(f"sqlite:///{trial.data}/nanhu.db", vault=Vault.load(trial.data))
        self.clock = Clock()
        self.clock.advance(now.timestamp())
        self._cursor = self.store.run_sync(lambda uow: uow.outbox.last())
        self.settings = Settings(**settings)
        self.start()
        self.store.on_commit(self._dispatch)

    def start(self) -> None:
        """Start a server on the store, as after a crash when there was one before."""
        library = Library(Path(self.trial.data))
        library.prepare()
        seconds = self.clock.seconds
        self.portal = Portal(self.store, library, shipped(), b"k" * 32, self.now, self.clock, seconds, self.settings)
        routes = Routes()
        self.portal.routes(routes)
        Rest(self.store, self.now, seconds).routes(routes)
        self.site = make_site(routes, self.clock, error_page=self.portal.error_page, map_error=self.portal.map_error)
        self.site.startFactory()
        try:
            self.portal.start().send(None)
        except StopIteration:
            return
        raise AssertionError("start waits although the store works at once")

    def stop(self) -> None:
        self.portal.stop()
        self.store.close()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.seconds(), UTC)

    def _dispatch(self) -> None:
        for event in self.store.run_sync(lambda uow: uow.outbox.after(self._cursor), write=False):
            self._cursor = event.seq
            self.portal.tell(event)

    def ask(self, ask: Ask, client: str = HERE) -> Answer:
        """One request on a connection of its own."""
        parts = urlsplit(ask.url)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        lines = [f"{ask.method} {target} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in (*ask.headers, ("Content-Length", str(len(ask.body))))]
        channel, wire = self.site.buildProtocol(None), Wire(client)
        assert channel is not None
        channel.makeConnection(wire)
        channel.dataReceived("\r\n".join([*lines, "", ""]).encode() + ask.body)
        self.clock.advance(0)
        head, found, body = wire.value().partition(b"\r\n\r\n")
        assert found, f"{ask.method} {target} was not answered"
        status, *rest = head.decode("latin-1").split("\r\n")
        headers = tuple((name.lower(), value) for name, _, value in (line.partition(": ") for line in rest))
        return Answer(int(status.split(" ")[1]), headers, body, ask.url)

    def client(self, box: Box) -> Client:
        return client(box, lambda _name, _learned: None)

    def run(self, flow: Any, client: str = HERE) -> Any:
        """Drive a flow of a client that stands at an address."""
        return walk(flow, lambda ask: self.ask(ask, client))
