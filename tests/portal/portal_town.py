"""A small town behind a real site on a clock, and its televisions without sockets."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from attrs import define, field, frozen
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from epg.model import Programme
from keymap.families import shipped
from middleware.domain.articles import Article, Paragraph, Picture, Table
from middleware.domain.channels import Channel
from middleware.domain.devices import Device
from middleware.domain.registry import HouseholdDraft, MemberDraft
from middleware.domain.rollcall import Rollcall
from middleware.portal.portal import Portal, Settings
from middleware.services import assets, rollcall
from middleware.services.assets import AssetDraft
from middleware.services.ports import Airing
from middleware.services.rollcall import Opening
from middleware.storage.store import Store
from middleware.storage.uow import SqlUnitOfWork
from middleware.web.edge import Site, make_site
from middleware.web.routes import Routes
from vod.catalogue import Edition, Package, Rendition
from vod.library import Library

NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
WANG, ZHANG, LIU, ZHAO = "王秀兰", "张福田", "刘建国", "赵美玲"
PHONES = {WANG: "13806336021", ZHANG: "13806336022", LIU: "13806336023", ZHAO: "13806336024"}
NOBODY = "13906330001"
MACS = {"01001": "00:1A:79:00:00:01", "01002": "00:1A:79:00:00:02", "02001": "00:1A:79:00:00:03"}
EDITION = Edition(
    (540_000, 540_000),
    (
        Rendition(360, 640, 360, 25_000, "avc1.4d401e,mp4a.40.2", 800_000, 700_000, 7200, (6, 3), ("a", "b")),
        Rendition(540, 960, 540, 25_000, "avc1.4d401f,mp4a.40.2", 1_800_000, 1_600_000, 7200, (9, 8), ("c", "d")),
    ),
)


@frozen
class Answer:
    status: int
    headers: dict[str, str]
    body: str

    @property
    def to(self) -> str:
        return self.headers["location"]

    @property
    def leads(self) -> str:
        """Where to, without the token that a box carries until its cookie has come back."""
        return re.sub(r"^/t/[^/]+", "", self.to)


class Wire(StringTransport):
    """The server's end of a connection."""

    def loseWriteConnection(self) -> None:  # noqa: N802
        self.connected = False

    def abortConnection(self) -> None:  # noqa: N802
        self.connected = False


@define
class TV:
    """A set with a box: keeps its cookies and follows redirects when told to."""

    site: Site
    cookies: dict[str, str] = field(factory=dict)
    wire: Wire = field(factory=Wire)
    client: str = "10.3.7.20"
    keeps: bool = True
    """Whether the box sends its cookies back."""

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None, **headers: str) -> Answer | None:
        """Send one request on a connection of its own; None when it is parked."""
        channel = self.site.buildProtocol(None)
        assert channel is not None
        self.wire = Wire(peerAddress=IPv4Address("TCP", self.client, 40_000))
        channel.makeConnection(self.wire)
        body = urlencode(fields or {}).encode() if method == "POST" else b""
        lines = [f"{method} {path} HTTP/1.1", "Host: tv.test", f"Content-Length: {len(body)}"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if body:
            lines.append("Content-Type: application/x-www-form-urlencoded")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        channel.dataReceived("\r\n".join([*lines, "", ""]).encode() + body)
        return self.told()

    def told(self) -> Answer | None:
        """What the last connection has got."""
        raw = self.wire.value()
        return self._read(raw) if raw else None

    def get(self, path: str, **headers: str) -> Answer:
        answer = self.ask("GET", path, **headers)
        assert answer is not None, f"{path} was not answered"
        return answer

    def post(self, path: str, fields: dict[str, str] | None = None, **headers: str) -> Answer:
        answer = self.ask("POST", path, fields, **headers)
        assert answer is not None, f"{path} was not answered"
        return answer

    def page(self, page_id: str) -> Answer:
        return self.get(f"/p/{page_id}")

    def follow(self, answer: Answer) -> Answer:
        assert answer.status == 302, answer
        return self.get(answer.to)

    def _read(self, raw: bytes) -> Answer:
        head, _, body = raw.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            name, value = line.split(": ", 1)
            if name.lower() == "set-cookie":
                self._keep(value)
            headers[name.lower()] = value
        return Answer(int(status.split(" ")[1]), headers, body.decode())

    def _keep(self, cookie: str) -> None:
        name, _, value = cookie.partition(";")[0].partition("=")
        if not self.keeps:
            return
        if "Max-Age=0" in cookie:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value


class PortalTown:
    """The portal over a store that works at once, its outbox told to it after each commit.

    `ids` are those of the town that `settled` has written to the store and the folder.
    """

    def __init__(self, store: Store, folder: Path, ids: "Ids", **settings: Any) -> None:
        self.store = store
        self.clock = Clock()
        self.clock.advance(NOW.timestamp())
        self.library = Library(folder)
        self.library.prepare()
        self.ids = ids
        self.transactions: list[tuple[str, bool]] = []
        self.routes = Routes()
        self._cursor = store.run_sync(lambda uow: uow.outbox.last())
        self.settings = Settings(**settings)
        self.portal, self.site = self.start()
        store.on_commit(self.dispatch)

    def start(self) -> tuple[Portal, Site]:
        """Start a server on the store, as after a crash when there was one before."""
        portal = Portal(
            _Watched(self.store, self.transactions),  # type: ignore[arg-type]
            self.library,
            shipped(),
            b"k" * 32,
            self.now,
            self.clock,
            self.clock.seconds,
            self.settings,
        )
        routes = Routes()
        portal.routes(routes)
        self.portal = portal
        self.site = make_site(routes, self.clock, error_page=portal.error_page, map_error=portal.map_error)
        self.site.startFactory()
        coroutine = portal.start()
        try:
            coroutine.send(None)
        except StopIteration:
            return portal, self.site
        raise AssertionError("start waits although the store works at once")

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.seconds(), UTC)

    def wait(self, seconds: float) -> None:
        """Let time pass in steps of a quarter second."""
        self.clock.pump([0.25] * int(seconds * 4))

    def dispatch(self) -> None:
        """Tell the portal what was written."""
        for event in self.store.run_sync(lambda uow: uow.outbox.after(self._cursor), write=False):
            self._cursor = event.seq
            self.portal.tell(event)

    def tv(self, home: str = "01001", family: str = "") -> TV:
        """A switched-on set of a household."""
        tv = TV(self.site)
        answer = tv.get(f"/portal?mac={MACS[home]}" + (f"&family={family}" if family else "") + "&asked=1")
        assert (answer.status, answer.leads) == (302, "/p/home")
        return tv

    def write(self, fn: Callable[[SqlUnitOfWork], Any]) -> Any:
        return self.store.run_sync(fn)

    def open_rollcall(self, minutes: int = 30) -> Rollcall:
        opening = Opening("主题党日", "town", minutes=minutes, caller="镇党委")
        opened: Rollcall = self.store.run_sync(lambda uow: rollcall.open_rollcall(uow, self.now(), None, opening))
        self.clock.advance(0)
        return opened


@frozen
class _Watched:
    """The store, noting each transaction by name and whether it wrote."""

    store: Store
    transactions: list[tuple[str, bool]]

    def run(self, fn: Any, name: str = "", *, write: bool = True) -> Any:
        self.transactions.append((name, write))
        return self.store.run(fn, name, write=write)

    def batch(self, decide: Any, name: str = "batch", *, limit: int = 20_000) -> Any:
        def counted(uow: Any, commands: Any) -> Any:
            self.transactions.append((name, True))
            return decide(uow, commands)

        return self.store.batch(counted, name, limit=limit)


@frozen
class Ids:
    homes: dict[str, int]
    members: dict[str, int]
    boxes: dict[str, int]
    articles: list[int]
    profile: int
    secret: int
    """An article of the other village."""
    channels: list[int]
    airing: int
    films: list[int]


def settled(store: Store, folder: Path) -> Ids:
    """Write the town to an empty store and its films to a folder; what is where."""
    library = Library(folder)
    library.prepare()
    return store.run_sync(lambda uow: settle(uow, library, folder))


def settle(uow: SqlUnitOfWork, library: Library, folder: Path) -> Ids:
    """Two villages, three households with a box each, articles in every shape, two channels and three films."""
    villages = {code: uow.places.add_village(code, name).id for code, name in (("v01", "南湖村"), ("v02", "石桥村"))}
    branches = {
        code: uow.places.add_branch(code, name, villages[village]).id
        for code, name, village in (("b01", "南湖村党支部", "v01"), ("b02", "石桥村党支部", "v02"))
    }
    where = (("01001", "v01"), ("01002", "v01"), ("02001", "v02"))
    uow.registry.add_households([HouseholdDraft(code, villages[village], f"{code} 号") for code, village in where])
    homes = {home.code: home.id for home in uow.registry.households()}
    people = (
        ("m1", WANG, "b01", "01001"),
        ("m2", ZHANG, "b01", "01001"),
        ("m3", LIU, "b01", "01002"),
        ("m4", ZHAO, "b02", "02001"),
    )
    uow.registry.add_members(
        [
            MemberDraft(code, name, branches[branch], 3, homes[home], phone=PHONES[name])
            for code, name, branch, home in people
        ]
    )
    boxes = {
        code: uow.devices.add(Device(0, mac=mac, household_id=homes[code], state="active"), NOW).id
        for code, mac in MACS.items()
    }
    texts = [uow.articles.add(_article(number)).id for number in range(9)]
    profile = uow.articles.add(_profile()).id
    secret = uow.articles.add(_article(99, villages["v02"])).id
    channels = [
        uow.guide.add_channel(Channel(0, f"c{n}.nanhu.test", n, name, f"/live/{n}.m3u8", "", n)).id
        for n, name in ((1, "今日南湖"), (2, "山东卫视"))
    ]
    uow.guide.write([_airing(channel, hour) for channel in channels for hour in range(-3, 9)], [], [])
    airing = uow.guide.between(NOW, NOW + timedelta(minutes=1))[0].id
    films = [_film(uow, library, folder, number) for number in range(3)]
    members = {one.name: one.id for one in uow.registry.members()}
    return Ids(homes, members, boxes, texts, profile, secret, channels, airing, films)


def _article(number: int, village: int | None = None) -> Article:
    blocks = (
        *(Paragraph("南湖村党支部本月收到党费一千二百元，支出六百元，余额已公布。" * 3) for _ in range(6)),
        Table(("项目", "金额"), (("收入", "1,200.00"), ("合计", "1,200.00")), frozenset({1}), total=True),
    )
    at = NOW - timedelta(hours=7 * number)
    return Article(0, "notices", f"关于第 {number} 号公示的通知", f"公示{number}", "镇党委", village, at, blocks=blocks)


def _profile() -> Article:
    portrait = Picture("/demo/pictures/lake.jpg", 248, 310)
    text = (Paragraph("三十年守着村里的渠。"),)
    return Article(0, "members", "老支书周大爷", "周大爷", "组织办", None, NOW, blocks=text, portrait=portrait)


def _airing(channel: int, hour: int) -> Airing:
    start = NOW.replace(minute=0) + timedelta(hours=hour)
    told = Programme(f"u{channel}-{hour}", "c", start, start + timedelta(hours=1), "南湖播报", desc="镇里的新闻。")
    return Airing(0, channel, "test", told)


def _film(uow: SqlUnitOfWork, library: Library, folder: Path, number: int) -> int:
    work = folder / f"film{number}"
    (work / "360").mkdir(parents=True)
    (work / "360" / "00000.ts").write_bytes(b"G" * 188)
    (work / "poster.jpg").write_bytes(b"poster")
    draft = AssetDraft("style", f"湖上新桥第{number}集", origin=f"test/{number}")
    return assets.add_asset(
        uow, NOW, draft, Package(work, EDITION), lambda asset, rev: library.publish(work, asset, rev)
    ).id
