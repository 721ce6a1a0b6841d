"""Streams of other head-ends: files and datagrams, read until every segment is there."""

import socket
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from epg.si.network import Network
from epg.si.packets import PACKET, SYNC
from epg.si.reading import EitReader, Found, read_sections, read_stream

MOST_BYTES: Final = 512 * 1024 * 1024
_LOOK_EVERY: Final = 2000
"""Packets between looks whether everything is there."""


def received(origin: str, profile: Network, now: datetime, longest: timedelta) -> Found:
    """The events of a .ts or .bin file, or of udp://host:port. Raises ValueError, OSError."""
    reader = EitReader(now, profile.read_as, shift=profile.shift)
    if origin.startswith("udp://"):
        return _listened(origin.removeprefix("udp://").lstrip("@"), reader, longest, profile.output.interface)
    path = Path(origin)
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"larger than {MOST_BYTES >> 20} MB")
    data = path.read_bytes()
    return read_sections(data, reader) if path.suffix == ".bin" else read_stream(data, reader)


def _listened(address: str, reader: EitReader, longest: timedelta, interface: str) -> Found:
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError("the address is udp://host:port")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        numeric = socket.gethostbyname(host) if host else "0.0.0.0"  # noqa: S104 (what the operator asked for)
        multicast = 224 <= int(numeric.partition(".")[0]) <= 239
        opened.bind((numeric, int(port)))
        if multicast:
            member = socket.inet_aton(numeric) + socket.inet_aton(interface or "0.0.0.0")  # noqa: S104
            opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        _until_complete(opened, reader, longest)
    return reader.found()


def _until_complete(opened: socket.socket, reader: EitReader, longest: timedelta) -> None:
    end = time.monotonic() + longest.total_seconds()
    seen = 0
    while (left := end - time.monotonic()) > 0:
        opened.settimeout(min(left, 1.0))
        try:
            data = opened.recv(65_536)
        except TimeoutError:
            continue
        for packet in _packets(data):
            reader.packet(packet)
            seen += 1
            if seen % _LOOK_EVERY == 0 and reader.complete:
                return


def _packets(data: bytes) -> list[bytes]:
    """The packets of a datagram, behind an RTP header if it has one."""
    if data[:1] != bytes((SYNC,)) and len(data) > 12 and data[0] >> 6 == 2:
        data = data[12 + 4 * (data[0] & 15) :]
    return [data[at : at + PACKET] for at in range(0, len(data) - PACKET + 1, PACKET)]
