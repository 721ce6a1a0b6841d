"""The network of the terminal box: drives a flow over kept connections and tells how long each answer took."""

import http.client
import time
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from tools.stb.values import Answer, Ask, Flow, Unreachable, strict

T = TypeVar("T")
LARGEST = 64 * 1024 * 1024


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__


class Line:
    """Connections by host, opened when first needed and used again. `saw` is told of every answer."""

    def __init__(self, timeout: float = 15, saw: Callable[[Ask, Answer, float], None] | None = None) -> None:
        self._timeout = timeout
        self._saw = saw
        self._open: dict[str, http.client.HTTPConnection] = {}

    def run(self, flow: Flow[T]) -> T:
        """Answer what a flow asks until it returns. Raises Unreachable, and whatever the flow raises."""
        steps = strict(flow)
        try:
            ask = next(steps)
            while True:
                ask = steps.send(self.answer(ask))
        except StopIteration as end:
            done: T = end.value
            return done

    def answer(self, ask: Ask) -> Answer:
        """One request; tried again once when a kept connection had been closed meanwhile."""
        begun = time.monotonic()
        parts = urlsplit(ask.url)
        kept = parts.netloc in self._open
        try:
            found = self._once(ask)
        except (http.client.HTTPException, OSError) as error:
            self._close(parts.netloc)
            if not kept:
                raise Unreachable(f"{parts.scheme}://{parts.netloc}: {_why(error)}") from None
            found = self._again(ask)
        if self._saw:
            self._saw(ask, found, time.monotonic() - begun)
        return found

    def close(self) -> None:
        """Hang up everywhere."""
        for host in list(self._open):
            self._close(host)

    def _again(self, ask: Ask) -> Answer:
        parts = urlsplit(ask.url)
        try:
            return self._once(ask)
        except (http.client.HTTPException, OSError) as error:
            self._close(parts.netloc)
            raise Unreachable(f"{parts.scheme}://{parts.netloc}: {_why(error)}") from None

    def _once(self, ask: Ask) -> Answer:
        parts = urlsplit(ask.url)
        peer = self._open.get(parts.netloc) or self._connect(parts.scheme, parts.netloc)
        target = parts.path or "/"
        peer.request(
            ask.method, f"{target}?{parts.query}" if parts.query else target, ask.body or None, dict(ask.headers)
        )
        got = peer.getresponse()
        body = got.read(LARGEST)
        headers = tuple((name.lower(), value) for name, value in got.getheaders())
        if got.will_close:
            self._close(parts.netloc)
        return Answer(got.status, headers, body, ask.url)

    def _connect(self, scheme: str, host: str) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
        peer = self._open[host] = kind(host, timeout=self._timeout)
        return peer

    def _close(self, host: str) -> None:
        peer = self._open.pop(host, None)
        if peer is not None:
            peer.close()
