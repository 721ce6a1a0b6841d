"""A MAG box, Kodi and the tools as they call the API, against a town without sockets."""

import gzip
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from attrs import define, evolve, field

from middleware.domain.channels import Channel, Genre
from middleware.domain.events import ContentChanged
from middleware.portal.dialects import DialectSettings
from middleware.storage.uow import SqlUnitOfWork
from tests.portal.portal_town import PortalTown, Wire

CANONICAL = "/stalker_portal/server/load.php"
OFFERED = "0123456789ABCDEF0123456789ABCDEF"


@define
class Reply:
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> bytes:
        return gzip.decompress(self.raw) if self.headers.get("content-encoding") == "gzip" else self.raw

    @property
    def js(self) -> Any:
        assert self.status == 200, self
        assert self.headers["content-type"] == "application/json", self
        told = json.loads(self.body)
        assert (set(told), told["text"]) == ({"js", "text"}, ""), told
        return told["js"]


@define
class Box:
    """One client; `bearer` is what it sends, None for nothing."""

    town: PortalTown
    mac: str = "00:1A:79:00:00:01"
    zone: str = "Asia/Shanghai"
    lang: str = "zh"
    bearer: str | None = None
    path: str = CANONICAL
    agent: dict[str, str] = field(factory=dict)

    def raw(self, target: str | bytes, method: str = "GET", body: bytes = b"", **headers: str) -> Reply:
        """Send exactly this; the answer as bytes."""
        channel = self.town.site.buildProtocol(None)
        assert channel is not None
        wire = Wire()
        channel.makeConnection(wire)
        there = target if isinstance(target, bytes) else target.encode()
        head = {"Host": "tv.test:8080", "Content-Length": str(len(body)), **self.agent, **headers}
        lines = b"".join(f"{name.replace('_', '-')}: {value}\r\n".encode() for name, value in head.items())
        channel.dataReceived(b"%s %s HTTP/1.1\r\n%s\r\n%s" % (method.encode(), there, lines, body))
        self.town.clock.advance(0)
        raw = wire.value()
        assert raw, f"{there!r} was not answered"
        first, _, rest = raw.partition(b"\r\n\r\n")
        status, *told = first.decode("latin-1").split("\r\n")
        pairs = (line.split(": ", 1) for line in told)
        return Reply(int(status.split(" ")[1]), {name.lower(): value for name, value in pairs}, rest)

    @property
    def head(self) -> dict[str, str]:
        cookie = f"mac={quote(self.mac, safe='')}; stb_lang={self.lang}; timezone={quote(self.zone, safe='')}"
        bearer = {} if self.bearer is None else {"Authorization": f"Bearer {self.bearer}"}
        return {"Cookie": cookie, **bearer}

    def get(self, kind: str, action: str, **fields: object) -> Reply:
        pairs = {"type": kind, "action": action, **fields, "JsHttpRequest": "1-xml"}
        query = "&".join(f"{name}={quote(str(value))}" for name, value in pairs.items())
        return self.raw(f"{self.path}?{query}", **self.head)

    def post(self, kind: str, action: str, **fields: object) -> Reply:
        pairs = {"type": kind, "action": action, **fields}
        body = "&".join(f"{name}={quote(str(value))}" for name, value in pairs.items()).encode()
        head = {**self.head, "Content-Type": "application/x-www-form-urlencoded"}
        return self.raw(f"{self.path}?JsHttpRequest=1-xml", "POST", body, **head)

    def js(self, kind: str, action: str, **fields: object) -> Any:
        return self.get(kind, action, **fields).js

    def handshake(self) -> Any:
        told = self.js("stb", "handshake", token=self.bearer or "", prehash=0)
        self.bearer = told["token"]
        return told

    def profile(self, **fields: object) -> Any:
        known = {"stb_type": "MAG250", "sn": "0000000000000", "ver": "a: b; c", "hd": 1}
        return self.js("stb", "get_profile", **{**known, **fields})

    def boot(self, **fields: object) -> "Box":
        self.handshake()
        assert self.profile(**fields)["status"] == 0
        return self


def stock(uow: SqlUnitOfWork) -> dict[str, int]:
    """A line-up with what can happen to one: a genre, a locked channel, one that is recorded, a further link."""
    uow.guide.put_genre(Genre(3, "新闻", "news", 1))
    uow.guide.put_genre(Genre(10, "夜间", "night", 2, censored=True))
    first, second = uow.guide.channels()[:2]
    uow.guide.save_channel(_with(first, url="http://10.0.0.1/a.m3u8", genre_id=3, logo="nhxw.png", hd=True))
    kept = {"archive_h": 72, "archive_url": "http://10.0.0.1/k/{start}-{stop}.m3u8"}
    uow.guide.save_channel(_with(second, url="http://10.0.0.1/b.m3u8", genre_id=3, **kept))
    late = uow.guide.add_channel(Channel(0, "late.nanhu.test", 9, "午夜剧场", "http://10.0.0.1/c.m3u8", censored=True))
    link = uow.guide.add_link(first.id, "http://10.0.0.2/a.m3u8", 5)
    return {"first": first.id, "kept": second.id, "late": late.id, "link": link.id}


def _with(channel: Channel, **new: Any) -> Channel:
    return evolve(channel, **new)


def stocked(make: Callable[..., PortalTown], **sections: Any) -> tuple[PortalTown, dict[str, int]]:
    """A town with that line-up; `sections` are those of the settings file."""
    town = make(dialects=DialectSettings(**sections))
    ids = town.write(stock)
    town.write(lambda uow: uow.outbox.add(ContentChanged("channel")))
    return town, ids
