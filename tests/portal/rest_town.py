"""The REST interface over a small town on a real store: no socket, a clock that tests turn."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from attrs import define, frozen
from twisted.internet.task import Clock

from middleware.domain.box_logs import Presence
from middleware.domain.channels import Channel
from middleware.domain.devices import Device
from middleware.domain.packages import Grant, Package
from middleware.domain.registry import HouseholdDraft
from middleware.portal.rest.api import Rest
from middleware.services import jobs, operators
from middleware.services.job_ports import IngestJob
from middleware.storage.store import Store
from middleware.storage.uow import SqlUnitOfWork
from middleware.web.edge import make_site
from middleware.web.routes import Routes
from middleware.web.values import text
from tests.portal.portal_town import Wire

NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
MAC, OTHER, NEW = "00:1A:79:00:00:01", "00:1A:79:00:00:02", "00:1A:79:00:00:09"


@frozen
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        return json.loads(self.body)

    @property
    def results(self) -> Any:
        assert self.told["status"] == "OK", self.told
        return self.told["results"]

    @property
    def error(self) -> str:
        assert self.told == {"status": "ERROR", "error": self.told["error"], "results": None}
        return str(self.told["error"])


@define
class RestTown:
    """The store, the site and a login `boss` with every right."""

    store: Store
    site: Any
    clock: Clock
    secret: str = ""
    login: str = "boss"

    @classmethod
    def over(cls, store: Store) -> "RestTown":
        clock, routes = Clock(), Routes()
        town = cls(store, make_site(routes, clock, error_page=lambda status: text(f"page for {status}", status)), clock)
        town.secret = store.run_sync(settle)
        Rest(store, town.now, clock.seconds).routes(routes)
        return town

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.clock.seconds())

    def call(self, verb: str, path: str, root: str = "/stalker_portal/api", **fields: object) -> Answer:
        """Call as billing does."""
        return self.ask(verb, f"{root}/{quote(path, safe='/:,')}", fields, basic(self.login, self.secret))

    def ask(
        self,
        verb: str,
        path: str,
        fields: dict[str, object] | None = None,
        shown: str = "",
        octets: bytes = b"",
        **more: str,
    ) -> Answer:
        body = urlencode(fields).encode() if fields else octets
        channel = self.site.buildProtocol(None)
        wire = Wire()
        channel.makeConnection(wire)
        lines = [f"{verb} {path} HTTP/1.1", "Host: town", f"Content-Length: {len(body)}"]
        if fields:
            lines.append("Content-Type: application/x-www-form-urlencoded")
        if shown:
            lines.append(f"Authorization: {shown}")
        lines += [f"{name}: {value}" for name, value in more.items()]
        channel.dataReceived("\r\n".join([*lines, "", ""]).encode() + body)
        return read_answer(wire.value())

    def do(self, fn: Any) -> Any:
        return self.store.run_sync(fn)

    def box(self, mac: str) -> Device:
        return next(one for one in self.do(lambda uow: uow.devices.all()) if one.mac == mac)


def basic(login: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{login}:{secret}".encode()).decode()


def read_answer(raw: bytes) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    pairs = dict(line.lower().partition(": ")[::2] for line in lines)
    return Answer(int(status.split(" ")[1]), pairs, body)


def settle(uow: SqlUnitOfWork) -> str:
    """A village, a home, two active boxes and a waiting one, two channels, a package of a tariff; the boss's secret."""
    village = uow.places.add_village("v1", "湖西村")
    uow.registry.add_households([HouseholdDraft("H1", village.id, "湖西村 1 号")])
    home = uow.registry.households()[0]
    box = uow.devices.add(Device(0, mac=MAC, serial="S-1", household_id=home.id, state="active", model="MAG254"), NOW)
    uow.devices.add(Device(0, mac=OTHER, state="active"), NOW)
    uow.devices.add(Device(0, mac="00:1A:79:00:00:03"), NOW)
    uow.box_logs.put_presence([Presence(box.id, NOW - timedelta(seconds=60), "10.1.2.3", 1)])
    news = uow.guide.add_channel(Channel(0, "cctv1", 1, "央视一套", "http://10.0.0.1/1.m3u8", hd=True))
    uow.guide.add_channel(Channel(0, "lake", 7, "南湖频道"))
    package = uow.packages.add(Package(0, "basic", "基本套餐", channels=(news.id,)))
    tariff = uow.packages.add_tariff("gold", "金卡")
    uow.packages.grant(Grant(package.id, "tariff", str(tariff.id)))
    uow.packages.grant(Grant(package.id, "village", str(village.id)))
    jobs.enqueue(uow, NOW, IngestJob(0, "elsewhere", "/in/红船.mp4", "红船|1|1", "films", "红船", NOW, NOW))
    return operators.make(uow, NOW, "test", "boss")[1]
