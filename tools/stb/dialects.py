"""The dialects by name, and what every client of them can do."""

from collections.abc import Callable, Mapping
from typing import Protocol

from tools.stb.cable import Cable
from tools.stb.ctc_a import CtcA
from tools.stb.ctc_b import CtcB
from tools.stb.ctc_c import CtcC
from tools.stb.ministra import Ministra
from tools.stb.values import Box, Channel, Event, Flow, Programme, Tell


class Client(Protocol):
    """A box that speaks one dialect; every method but `home` is a flow that raises Refused."""

    watchdog_s: int
    timeslot: float

    def login(self) -> Flow[None]: ...

    def channels(self) -> Flow[list[Channel]]: ...

    def now(self, channels: list[Channel]) -> Flow[dict[str, list[Programme]]]: ...

    def guide(self, channel: Channel) -> Flow[list[Programme]]: ...

    def stream(self, channel: Channel) -> Flow[str]: ...

    def film(self, number: str) -> Flow[str]: ...

    def events(self) -> Flow[list[Event]]: ...

    def confirm(self, event: Event) -> Flow[None]: ...

    def boot(self) -> Flow[None]: ...

    def poll(self) -> Flow[None]: ...

    def home(self) -> str: ...


DIALECTS: Mapping[str, Callable[[Box, Tell], Client]] = {
    "ministra": Ministra,
    "ctc-a": CtcA,
    "ctc-b": CtcB,
    "ctc-c": CtcC,
    "cable": Cable,
}


def client(box: Box, tell: Tell) -> Client:
    """A client for the box's dialect."""
    return DIALECTS[box.dialect](box, tell)
