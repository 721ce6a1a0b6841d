"""The dialects behind a real site on a clock and a real store, and boxes that speak to it without sockets."""

import re
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from attrs import define, field, frozen
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from epg.times import SHANGHAI
from middleware.domain.accounts import Account
from middleware.domain.channels import Genre
from middleware.domain.devices import Device
from middleware.portal.core.core import Core
from middleware.portal.ctc.authenticator import seal
from middleware.portal.ctc.dialects import Ctc
from middleware.portal.ctc.settings import Settings
from middleware.services.ports import Airing
from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from middleware.storage.uow import SqlUnitOfWork
from middleware.web.edge import Site, make_site
from middleware.web.routes import Routes
from middleware.web.values import text
from tests.wire.ctc_town import channel, programme

NOW = datetime(2026, 11, 25, 12, 30, tzinfo=SHANGHAI)
USER, OTHER, NOBODY = "07630001", "07630002", "07639999"
PASSWORD = "12345678"
STB, MAC = "00100399007068200001ACB1EE000001", "AC:B1:EE:00:00:01"
KEY = b"k" * 32
NAMES = ("南湖新闻", "农科,三农", "戏曲'老调'", "没有节目")
WEEK = 7


@frozen
class Answer:
    """What came back: status, headers in their order, body, and the bytes as they were."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    raw: bytes

    def header(self, name: str) -> str:
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())

    @property
    def text(self) -> str:
        charset = re.search(r"charset=([\w-]+)", self.header("Content-Type"))
        return self.body.decode(charset[1] if charset else "utf-8")

    @property
    def code(self) -> str:
        """The authStatus that a page sets."""
        found = re.search(r"SetConfig\('authStatus','(0x[0-9A-F]+)'\)", self.text)
        return found[1] if found else ""


class Wire(StringTransport):
    """The server's end of a connection."""

    def loseWriteConnection(self) -> None:  # noqa: N802
        self.connected = False

    def abortConnection(self) -> None:  # noqa: N802
        self.connected = False


@define
class Box:
    """A box on the wire: keeps its cookies unless it is one that loses them."""

    site: Site
    user: str = USER
    password: str = PASSWORD
    scheme: str = "des8"
    stb: str = STB
    mac: str = MAC
    client: str = "10.3.7.20"
    keeps: bool = True
    cookies: dict[str, str] = field(factory=dict)

    def send(self, data: bytes) -> bytes:
        """Whatever the server says to these bytes on a connection of its own."""
        channel = self.site.buildProtocol(None)
        assert channel is not None
        wire = Wire(peerAddress=IPv4Address("TCP", self.client, 40_000))
        channel.makeConnection(wire)
        channel.dataReceived(data)
        return wire.value()

    def ask(
        self,
        method: str,
        target: str,
        fields: Mapping[str, str] | bytes = b"",
        version: str = "HTTP/1.1",
        **headers: str,
    ) -> Answer:
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        told = {"Host": "10.1.1.1:33200", **{name.replace("_", "-"): value for name, value in headers.items()}}
        if method == "POST":
            told |= {"Content-Length": str(len(body))}
            told.setdefault("Content-Type", "application/x-www-form-urlencoded")
        if self.cookies:
            told.setdefault("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
        raw = self.send(f"{method} {target} {version}\r\n{head}\r\n".encode() + body)
        return self._read(raw)

    def get(self, target: str, **headers: str) -> Answer:
        return self.ask("GET", target, **headers)

    def post(self, target: str, fields: Mapping[str, str] | bytes = b"", **headers: str) -> Answer:
        return self.ask("POST", target, fields, **headers)

    def _read(self, raw: bytes) -> Answer:
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = tuple((name, value) for name, _, value in (line.partition(": ") for line in lines))
        answer = Answer(int(first.split(" ")[1]), headers, body, raw)
        assert "Transfer-Encoding" not in dict(headers)
        assert answer.header("Content-Length") == str(len(body)) or answer.status in {204, 304}
        for name, value in headers if self.keeps else ():
            if name == "Set-Cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0].strip('"')
        return answer

    # --- dialect A ---

    def token(self, suffix: str = "CTC") -> str:
        page = self.post(f"/EPG/jsp/authLoginHW{suffix}.jsp", {"UserID": self.user, "VIP": ""}).text
        found = re.search(r'EncryptToken = "([0-9A-F]{32})";', page)
        assert found is not None, page
        return found[1]

    def sealed(self, token: str, reserved: str = "", tail: str = "CTC") -> str:
        plain = f"99999${token}${self.user}${self.stb}$10.3.7.20${self.mac}${reserved}${tail}"
        return seal(plain, self.password, self.scheme)

    def fields(self, token: str, **more: str) -> dict[str, str]:
        given = {
            "UserID": self.user, "Lang": "1", "SupportHD": "1", "NetUserID": "undefined",
            "Authenticator": self.sealed(token), "STBType": "EC6108V9", "STBVersion": "V100", "conntype": "dhcp",
            "STBID": self.stb, "templateName": "default", "areaId": "", "userToken": token, "userGroupId": "undefined",
            "productPackageId": "", "mac": self.mac, "UserField": "", "SoftwareVersion": "V100R003", "IsSmartStb": "0",
            "desktopId": "undefined", "stbmaker": "", "VIP": "",
        }  # fmt: skip
        return given | more

    def valid(self, token: str, suffix: str = "CTC", **more: str) -> Answer:
        return self.post(f"/EPG/jsp/ValidAuthenticationHW{suffix}.jsp", self.fields(token, **more))

    def enter(self, suffix: str = "CTC") -> Answer:
        return self.valid(self.token(suffix), suffix)


class CtcTown:
    """A store that works at once, the core, and the dialects on it."""

    def __init__(self, store: Store, **settings: Any) -> None:
        self.store = store
        self.clock = Clock()
        self.clock.advance(NOW.timestamp())
        self._cursor = store.run_sync(lambda uow: uow.outbox.last())
        self.reads: list[str] = []
        self.settings = settings
        self.start()
        store.on_commit(self.dispatch)

    def start(self) -> None:
        """Start a server on the store, as after a crash when there was one before."""
        self.core = Core(self.store, KEY, self.now, self.clock, self.clock.seconds)  # type: ignore[arg-type]
        self.routes = Routes()
        Ctc(self.core, Settings(KEY, **self.settings)).routes(self.routes)
        self.site = make_site(
            self.routes, self.clock, error_page=lambda status: text(f"a friendly page {status}", status)
        )

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.seconds(), UTC)

    def box(self, **more: Any) -> Box:
        return Box(self.site, **more)

    def dispatch(self) -> None:
        for event in self.store.run_sync(lambda uow: uow.outbox.after(self._cursor), write=False):
            self._cursor = event.seq
            self.core.tell(event)

    def device(self, user: str = USER) -> Device:
        return self.store.run_sync(lambda uow: next(one for one in uow.devices.all() if one.iptv_user == user))


def settle(uow: SqlUnitOfWork) -> None:
    """Two boxes with passwords, one of them with an account; four channels, one without programmes."""
    now = NOW.astimezone(UTC)
    account = uow.accounts.add(Account(0, "63001", "", "王秀兰"))
    for user, account_id in ((USER, None), (OTHER, account.id)):
        device = uow.devices.add(Device(0, iptv_user=user, state="active", account_id=account_id), now)
        uow.devices.set_iptv_password(device.id, PASSWORD if user == USER else "87654321")
    genre = uow.guide.put_genre(Genre(0, "新闻"))
    for number, name in enumerate(NAMES, 1):
        shift = f"rtsp://10.0.0.9/PLTV/1/224/{number}.smil?rrsip=&accountinfo=,x" if number == 1 else ""
        kept = uow.guide.add_channel(
            channel(
                number, name, f"igmp://239.76.1.{number}:5140", timeshift_url=shift, genre_id=genre.id, logo="nh.png"
            )
        )
        if number < len(NAMES):
            uow.guide.write([Airing(0, kept.id, "test", one) for one in programmes(kept.xmltv_id)], (), ())


def programmes(xmltv_id: str) -> list[Any]:
    """Ten days of three programmes, the last of each over midnight."""
    midnight = NOW.replace(hour=0, minute=0) - timedelta(days=8)
    out = []
    for day in range(11):
        start = midnight + timedelta(days=day)
        for title, begin, end in (("晨光;播报", 2, 12), ("茶乡纪事", 12, 22.5), ("乡村大舞台", 22.5, 26)):
            shown = f"{title} {start:%m-%d}"
            out.append(programme(xmltv_id, start + timedelta(hours=begin), start + timedelta(hours=end), shown))
    return out


def make_store(folder: Path) -> None:
    """The database of such a town, to be copied."""
    db_upgrade(f"sqlite:///{folder}/nanhu.db", folder)
    store = Store.open(f"sqlite:///{folder}/nanhu.db", vault=Vault.load(folder))
    store.run_sync(settle)
    store.close()


def open_store(template: Path, folder: Path) -> Store:
    """A store of its own, copied from the one made."""
    shutil.copytree(template, folder)
    return Store.open(f"sqlite:///{folder}/nanhu.db", vault=Vault.load(folder))
