"""What a box is, what it asks and is answered, what it learns, and why it may stop."""

import zlib
from collections.abc import Callable, Generator
from datetime import datetime
from typing import TypeVar

from attrs import frozen

T = TypeVar("T")
Tell = Callable[[str, str], None]
"""Told the name of each step of a chain and, in one line, what it brought."""


class Refused(Exception):
    """The portal turned the box away, or answered what no box could use; the message is one English line."""


class Unreachable(Exception):
    """There is no answer: the message says from where and why."""


@frozen
class Box:
    """Who the box is and where it turns to. `portal` is an address such as http://10.0.0.1:8080."""

    portal: str
    dialect: str
    mac: str = "00:1A:79:00:00:01"
    serial: str = ""
    user: str = ""
    password: str = ""
    card: str = ""
    scheme: str = "auto"
    salt: str = "99991231"
    zone: str = "Asia/Shanghai"
    suffix: str = "CTC"
    device_id: str = ""
    udpxy: str = ""


def slot_of(box: Box) -> float:
    """When a box polls whose portal does not say: seconds behind the minute, even over many boxes."""
    return 60.0 + zlib.crc32(f"{box.mac}{box.serial}{box.card}{box.user}".encode()) % 60


@frozen
class Ask:
    """One request; `url` is absolute."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@frozen
class Answer:
    """One response; names of `headers` are lower-case. `url` is what was asked."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    url: str = ""

    def header(self, name: str) -> str:
        """The first header of this name, or nothing."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def text(self) -> str:
        """The body as its content type says, UTF-8 when that names no charset."""
        charset = self.header("content-type").lower().partition("charset=")[2].strip(' "') or "utf-8"
        try:
            return self.body.decode(charset, "replace")
        except LookupError:
            raise Refused(f"{self.url}: answers in an unknown charset {charset!r}") from None


Flow = Generator[Ask, Answer, T]


def strict(flow: Flow[T]) -> Flow[T]:
    """The same flow; an answer of another shape than boxes read is a refusal, told with what was missed."""
    try:
        return (yield from flow)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Refused(f"an answer that no box can use: {type(error).__name__} {error}") from error


@frozen
class Channel:
    """A row of the line-up. `address` is what the box would be given to play: a cmd, or one or more URLs."""

    id: str
    number: str
    name: str
    address: str = ""


@frozen
class Programme:
    """One programme of the guide."""

    start: datetime
    stop: datetime
    title: str


@frozen
class Event:
    """What the portal wants of the box: its kind, words or parameter, and whether it asks to be confirmed."""

    id: str
    kind: str
    words: str
    confirm: bool
