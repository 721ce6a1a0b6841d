"""Descriptors of the tables we send (EN 300 468 §6.2), and a reader that takes any."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from epg.si import times

SHORT_EVENT, EXTENDED_EVENT, CONTENT, RATING, CRID = 0x4D, 0x4E, 0x54, 0x55, 0x76
NETWORK_NAME, SERVICE_LIST, CABLE, SERVICE, LOCAL_TIME, MULTILINGUAL_SERVICE = 0x40, 0x41, 0x44, 0x48, 0x58, 0x5D
SHORT_ROOM: Final = 250
"""Bytes that name and text of a short_event_descriptor share."""
PIECE: Final = 249
PIECE_COST: Final = 8
"""Bytes of an extended_event_descriptor beside its text."""
MOST_PIECES: Final = 16


def descriptor(tag: int, body: bytes) -> bytes:
    """Tag, length, body; ValueError over 255 bytes."""
    if len(body) > 255:
        raise ValueError("a descriptor has at most 255 bytes")
    return bytes((tag, len(body))) + body


def short_event(language: bytes, name: bytes, text: bytes) -> bytes:
    """§6.2.37: a title and a short text, each with its selector."""
    size = 5 + len(name) + len(text)
    return b"%c%c%b%c%b%c%b" % (SHORT_EVENT, size, language, len(name), name, len(text), text)


def extended_events(language: bytes, parts: Sequence[bytes]) -> bytes:
    """§6.2.15: a long text in numbered pieces, without items."""
    last = len(parts) - 1
    return b"".join(
        b"%c%c%c%b\0%c%b" % (EXTENDED_EVENT, 6 + len(part), number << 4 | last, language, len(part), part)
        for number, part in enumerate(parts)
    )


def content(codes: Sequence[int]) -> bytes:
    """§6.2.9: each code is the two nibbles of table 28."""
    return descriptor(CONTENT, b"".join(bytes((code, 0)) for code in codes))


def parental_rating(age: int, country: bytes = b"CHN") -> bytes:
    """§6.2.28: from 4 to 18 years, sent as age − 3."""
    return descriptor(RATING, country + bytes((min(max(age - 3, 1), 15),)))


def content_identifier(crid: str) -> bytes:
    """TS 102 323 §12.1: the CRID of one programme, carried in the descriptor itself."""
    data = crid.encode()[:250]
    return descriptor(CRID, bytes((0x01 << 2, len(data))) + data)


def service(kind: int, provider: bytes, name: bytes) -> bytes:
    """§6.2.33: service type and names."""
    return descriptor(SERVICE, bytes((kind, len(provider))) + provider + bytes((len(name),)) + name)


def network_name(name: bytes) -> bytes:
    """§6.2.27."""
    return descriptor(NETWORK_NAME, name)


def service_list(services: Sequence[tuple[int, int]]) -> bytes:
    """§6.2.35: service ids with their types."""
    return descriptor(SERVICE_LIST, b"".join(number.to_bytes(2, "big") + bytes((kind,)) for number, kind in services))


def cable_delivery(frequency_hz: int, symbol_rate: int, qam: int) -> bytes:
    """§6.2.13.1: frequency in steps of 100 Hz and symbol rate in steps of 100 symbols/s, both in BCD."""
    modulation = {16: 1, 32: 2, 64: 3, 128: 4, 256: 5}[qam]
    frequency = bytes.fromhex(f"{frequency_hz // 100:08d}")
    symbols = int(f"{symbol_rate // 100:07d}", 16)
    return descriptor(CABLE, frequency + b"\xff\xf2" + bytes((modulation,)) + (symbols << 4 | 0xF).to_bytes(4, "big"))


def local_time_offset(at: datetime, country: bytes = b"CHN", minutes: int = 480) -> bytes:
    """§6.2.20: the offset of one country without summer time; the next change is where none is."""
    offset = bytes.fromhex(f"{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}")
    polarity = 0x02 | (1 if minutes < 0 else 0)
    body = country + bytes((polarity,)) + offset + times.instant(at) + offset
    return descriptor(LOCAL_TIME, body)


def split(loop: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and body of each descriptor of a loop; a broken last one is left out."""
    at = 0
    while at + 2 <= len(loop):
        end = at + 2 + loop[at + 1]
        if end > len(loop):
            return
        yield loop[at], loop[at + 2 : end]
        at = end
