"""Packets at a constant rate as datagrams over UDP or RTP, by an absolute plan so that errors do not add up."""

import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Final

from attrs import define, field, frozen

from epg.si.network import Output
from epg.si.packets import PACKET

PER_DATAGRAM: Final = 7
"""Packets of 188 bytes that fit an Ethernet frame."""
LATE_S: Final = 1.0
"""Later than this (the machine slept) the plan begins anew: a burst would overrun the multiplexer."""
_RTP: Final = struct.Struct(">BBHII")
_MP2T: Final = 33  # RFC 3551 table 5
_CLOCK: Final = 90_000


class BadAddress(ValueError):
    """The output has no address that can be sent to; the text says why."""


@frozen
class Target:
    """Where datagrams go."""

    host: str
    port: int
    multicast: bool


def target_of(output: Output) -> Target:
    """Read host:port. Raises BadAddress."""
    host, colon, port = output.address.rpartition(":")
    if not colon or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise BadAddress(f"{output.address!r} is no host:port")
    try:
        numeric = socket.gethostbyname(host)
    except OSError as error:
        raise BadAddress(f"{host!r} cannot be found: {error}") from error
    return Target(numeric, int(port), 224 <= int(numeric.partition(".")[0]) <= 239)


def open_socket(output: Output, target: Target) -> socket.socket:
    """A socket for a unicast or multicast target. Raises BadAddress for an interface that is not there."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        if target.multicast:
            made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, output.ttl)
            if output.interface:
                made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(output.interface))
        made.connect((target.host, target.port))
    except OSError as error:
        made.close()
        raise BadAddress(f"{output.address} cannot be sent to: {error}") from error
    return made


def rtp(sequence: int, at: float, source: int, payload: bytes) -> bytes:
    """RFC 3550 §5.1 and RFC 2250 §2: a header with the 90 kHz time of sending before whole TS packets."""
    return _RTP.pack(0x80, _MP2T, sequence & 0xFFFF, int(at * _CLOCK) & 0xFFFFFFFF, source) + payload


@define
class Sender:
    """Sends what `packets(count)` gives, in a thread of its own, until it is stopped.

    `sent` counts datagrams, `failed` those that the network refused, `restarted` new beginnings of the plan.
    """

    output: Output
    packets: Callable[[int], list[bytes]]
    source: int = 0x4E414E48
    monotonic: Callable[[], float] = time.monotonic
    sent: int = field(default=0, init=False)
    failed: int = field(default=0, init=False)
    restarted: int = field(default=0, init=False)
    _stop: threading.Event = field(factory=threading.Event, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    def start(self) -> None:
        """Open the socket and begin. Raises BadAddress."""
        opened = open_socket(self.output, target_of(self.output))
        self._thread = threading.Thread(target=self._run, args=(opened,), name=f"si {self.output.address}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Send no more; returns when the thread has ended."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self, opened: socket.socket) -> None:
        interval = PER_DATAGRAM * PACKET * 8 / self.output.rate
        begun, number = self.monotonic(), 0
        with opened:
            while not self._stop.is_set():
                wait = begun + number * interval - self.monotonic()
                if wait > 0:
                    self._stop.wait(wait)
                    continue
                if wait < -LATE_S:
                    begun, number = self.monotonic(), 0
                    self.restarted += 1
                self._send(opened)
                number += 1

    def _send(self, opened: socket.socket) -> None:
        payload = b"".join(self.packets(PER_DATAGRAM))
        if self.output.rtp:
            payload = rtp(self.sent, self.monotonic(), self.source, payload)
        try:
            opened.send(payload)
        except OSError:  # nobody listens, or the cable is out: the plan goes on, so that it is right when it is back
            self.failed += 1
        self.sent += 1
