"""Sections in transport stream packets (ISO/IEC 13818-1 §2.4), and out of them again."""

from collections.abc import Iterator
from typing import Final

from attrs import define, field

PACKET: Final = 188
SYNC: Final = 0x47
NULL_PID: Final = 0x1FFF
NULL: Final = bytes((SYNC, 0x1F, 0xFF, 0x10)) + b"\xff" * 184
_PAYLOAD: Final = 184


@define
class Packets:
    """Packs the sections of one PID and keeps its continuity counter.

    `dense` lets a section begin right after the one before (§2.4.4.2); else each begins its own packet, which more
    decoders frame rightly.
    """

    pid: int
    dense: bool = False
    counter: int = 0
    _payload: bytes = field(default=b"", init=False)
    _starts: bool = field(default=False, init=False)

    def of(self, section: bytes, *, more: bool = False) -> list[bytes]:
        """The packets that this section fills; the last one waits for what follows when there is `more` and `dense`."""
        out = self.flush() if not self._starts and len(self._payload) >= _PAYLOAD - 1 else []
        if not self._starts:  # a packet has one pointer, to the first section that begins in it
            self._payload = bytes((len(self._payload),)) + self._payload
            self._starts = True
        self._payload += section
        while len(self._payload) >= _PAYLOAD:
            out.append(self._packet())
        return out if more and self.dense else out + self.flush()

    def flush(self) -> list[bytes]:
        """What waits, filled up with stuffing."""
        return [self._packet()] if self._payload else []

    def _packet(self) -> bytes:
        start = 0x40 if self._starts else 0
        head = bytes((SYNC, start | self.pid >> 8, self.pid & 0xFF, 0x10 | self.counter))
        part, self._payload = self._payload[:_PAYLOAD], self._payload[_PAYLOAD:]
        self.counter = (self.counter + 1) % 16
        self._starts = False
        return head + part.ljust(_PAYLOAD, b"\xff")


@define
class Sections:
    """Puts the sections of one PID together again; what is lost or broken is left out and counted."""

    pid: int
    lost: int = 0
    _counter: int = field(default=-1, init=False)
    _data: bytes | None = field(default=None, init=False)

    def take(self, packet: bytes) -> list[bytes]:
        """The sections that end in this packet of 188 bytes; those of other PIDs are none of ours."""
        if packet[0] != SYNC or (packet[1] & 0x1F) << 8 | packet[2] != self.pid or not packet[3] & 0x10:
            return []
        counter = packet[3] & 0x0F
        if counter == self._counter:  # a packet may be sent twice
            return []
        if self._counter >= 0 and counter != (self._counter + 1) % 16:
            self._drop()
        self._counter = counter
        payload = packet[5 + packet[4] :] if packet[3] & 0x20 else packet[4:]
        return self._taken(payload, starts=bool(packet[1] & 0x40))

    def _taken(self, payload: bytes, *, starts: bool) -> list[bytes]:
        if not starts:
            if self._data is None:
                return []
            self._data += payload
            return self._cut()
        pointer, rest = payload[0] if payload else 0, payload[1:]
        done = []
        if self._data is not None:
            self._data += rest[:pointer]
            done = self._cut()
            if self._data:
                self._drop()
        self._data = rest[pointer:]
        return done + self._cut()

    def _cut(self) -> list[bytes]:
        """Whole sections from the front of what is there; stuffing ends a packet."""
        out: list[bytes] = []
        while self._data and self._data[0] != 0xFF and len(self._data) >= 3:
            end = 3 + ((self._data[1] & 0x0F) << 8 | self._data[2])
            if len(self._data) < end:
                return out
            out.append(self._data[:end])
            self._data = self._data[end:]
        if not self._data or self._data[0] == 0xFF:
            self._data = None
        return out

    def _drop(self) -> None:
        self.lost += self._data is not None
        self._data = None


def packets(data: bytes) -> Iterator[bytes]:
    """The packets of a stream, from the first place where three sync bytes stand 188 apart; ValueError without one."""
    for at in range(min(len(data), 2 * PACKET)):
        if (
            all(data[at + PACKET * k : at + PACKET * k + 1] in {b"G", b""} for k in range(3))
            and data[at : at + 1] == b"G"
        ):
            for start in range(at, len(data) - PACKET + 1, PACKET):
                yield data[start : start + PACKET]
            return
    raise ValueError("no transport stream: there is no sync byte 0x47 every 188 bytes")
