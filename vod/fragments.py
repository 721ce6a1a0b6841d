"""Read fragmented MP4 as far as needed to know that it holds what the segments hold (ISO/IEC 14496-12 §8.8)."""

from collections.abc import Iterator
from typing import Final

_CONTAINERS: Final = frozenset({b"moov", b"trak", b"mdia", b"moof", b"traf"})


def tracks(init: bytes) -> dict[int, str]:
    """Number and kind (`vide`, `soun`) of each track that an init file announces."""
    found, number = {}, 0
    for kind, body in boxes(init):
        if kind == b"tkhd":
            number = int.from_bytes(body[20:24] if body[0] else body[12:16], "big")
        elif kind == b"hdlr":
            found[number] = body[8:12].decode("ascii", "replace")
    return found


def samples(fragment: bytes) -> dict[int, int]:
    """How many samples of each track a media file holds."""
    found: dict[int, int] = {}
    number = 0
    for kind, body in boxes(fragment):
        if kind == b"tfhd":
            number = int.from_bytes(body[4:8], "big")
        elif kind == b"trun":
            found[number] = found.get(number, 0) + int.from_bytes(body[4:8], "big")
    return found


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every box in order, containers before what they hold. Raises ValueError where a length is false."""
    at = 0
    while at < len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if length < 8 or at + length > len(data):
            raise ValueError("a box reaches beyond its file")
        body = data[at + 8 : at + length]
        yield kind, body
        if kind in _CONTAINERS:
            yield from boxes(body)
        at += length
