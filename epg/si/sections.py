"""Sections of the tables beside EIT: PAT, NIT, SDT, TDT and TOT; and the frame that all share (EN 300 468 §5)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import frozen

from epg.si import descriptors, times
from epg.si.crc import crc

PAT_PID, NIT_PID, SDT_PID, EIT_PID, TDT_PID = 0x00, 0x10, 0x11, 0x12, 0x14
PAT, NIT_ACTUAL, SDT_ACTUAL, SDT_OTHER, TDT, TOT = 0x00, 0x40, 0x42, 0x46, 0x70, 0x73
MOST: Final = 1024
"""Bytes of a section; those of the EIT may have 4,096."""

SubTable = tuple[int, int, int, int]
"""PID, table_id, table_id_extension and owner: what shares a version in strict receivers, and the 25 ms rule."""


@frozen
class Section:
    """A section without its version and CRC: `head` and `body` are what stands before and after the version byte.

    `key` names its sub-table (PID, table_id, extension, and for EIT ts_id and onid), `number` its place in it.
    """

    pid: int
    table_id: int
    extension: int
    number: int
    last: int
    body: bytes
    syntax: int = 0xF000
    owner: int = 0

    @property
    def sub_table(self) -> "SubTable":
        return self.pid, self.table_id, self.extension, self.owner

    def bytes_of(self, version: int) -> bytes:
        """The whole section as it is sent, in this version (0…31), currently valid."""
        size = len(self.body) + 9
        head = b"%c%b%b%c%c%c" % (
            self.table_id,
            (self.syntax | size).to_bytes(2, "big"),
            self.extension.to_bytes(2, "big"),
            0xC1 | version << 1,
            self.number,
            self.last,
        )
        whole = head + self.body
        return whole + crc(whole)


def pat(ts_id: int, programmes: Mapping[int, int]) -> Section:
    """ISO/IEC 13818-1 §2.4.4.3: programme number to PID of its PMT; 0 is the NIT."""
    body = b"".join(number.to_bytes(2, "big") + (0xE000 | pid).to_bytes(2, "big") for number, pid in programmes.items())
    return Section(PAT_PID, PAT, ts_id, 0, 0, body, 0xB000)


@frozen
class Stream:
    """A transport stream, its services (id, type), and how it is tuned to on cable (Hz, symbols/s, QAM)."""

    ts_id: int
    onid: int
    services: tuple[tuple[int, int], ...]
    cable: tuple[int, int, int] | None = None


def nit(network_id: int, name: bytes, streams: Sequence[Stream]) -> tuple[Section, ...]:
    """§5.2.1: the network's name and its streams, in as many sections as they need."""
    loop = descriptors.network_name(name) if name else b""
    head = _loop(loop)
    groups = packed([_stream(one) for one in streams], MOST - 12 - len(head) - 2)
    last = len(groups) - 1
    return tuple(
        Section(NIT_PID, NIT_ACTUAL, network_id, number, last, head + _loop(b"".join(group)))
        for number, group in enumerate(groups)
    )


def _stream(stream: Stream) -> bytes:
    services = [descriptors.service_list(stream.services[at : at + 80]) for at in range(0, len(stream.services), 80)]
    cable = descriptors.cable_delivery(*stream.cable) if stream.cable else b""
    return stream.ts_id.to_bytes(2, "big") + stream.onid.to_bytes(2, "big") + _loop(cable + b"".join(services))


@frozen
class Listed:
    """A service as the SDT names it; `running` by table 6, 4 = on the air."""

    service_id: int
    kind: int
    name: bytes
    provider: bytes = b""
    running: int = 4


def sdt(ts_id: int, onid: int, services: Sequence[Listed], *, actual: bool) -> tuple[Section, ...]:
    """§5.2.3: names of services; both EIT flags are set, else boxes do not look for an EIT."""
    groups = packed([_listed(one) for one in services], MOST - 15)
    table, last, head = SDT_ACTUAL if actual else SDT_OTHER, len(groups) - 1, onid.to_bytes(2, "big") + b"\xff"
    return tuple(
        Section(SDT_PID, table, ts_id, number, last, head + b"".join(group)) for number, group in enumerate(groups)
    )


def _listed(one: Listed) -> bytes:
    loop = descriptors.service(one.kind, one.provider, one.name)
    return one.service_id.to_bytes(2, "big") + b"\xff" + (one.running << 13 | len(loop)).to_bytes(2, "big") + loop


def tdt(at: datetime) -> bytes:
    """§5.2.5: the time, whole and without CRC."""
    return bytes((TDT, 0x70, 5)) + times.instant(at)


def tot(at: datetime, country: bytes = b"CHN", minutes: int = 480) -> bytes:
    """§5.2.6: the time and the local offset, whole, with CRC."""
    loop = _loop(descriptors.local_time_offset(at, country, minutes))
    whole = bytes((TOT, 0x70, 5 + len(loop) + 4)) + times.instant(at) + loop
    return whole + crc(whole)


def packed(items: Sequence[bytes], room: int) -> list[list[bytes]]:
    """Items in order, in as few groups of at most `room` bytes as they need; one empty group for none."""
    groups: list[list[bytes]] = [[]]
    size = 0
    for item in items:
        if size + len(item) > room and groups[-1]:
            groups.append([])
            size = 0
        groups[-1].append(item)
        size += len(item)
    return groups


def _loop(data: bytes) -> bytes:
    return (0xF000 | len(data)).to_bytes(2, "big") + data
