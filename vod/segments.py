"""Read MPEG-TS segments of our own making: when pictures and sound begin, where key frames stand, which codecs.

Packets: ISO/IEC 13818-1 §2.4.3; parameter sets: ISO/IEC 14496-10 §7.3.2.1; ADTS: ISO/IEC 13818-7 §6.2.
"""

import hashlib
from pathlib import Path
from typing import Final

from attrs import define, frozen

PACKET: Final = 188
VIDEO, AUDIO = 0x1B, 0x0F
"""Stream types of H.264 and of AAC in ADTS (ISO/IEC 13818-1 table 2-34)."""


class BadSegment(ValueError):
    """A segment is not what our encoder writes."""


@frozen
class Segment:
    """One measured segment. Times in 90 kHz ticks; `keys` are the PTS of key frames; `codecs` as RFC 6381."""

    size: int
    sha256: str
    first: int
    last: int
    frames: int
    keys: tuple[int, ...]
    sound_first: int
    codecs: str


@define
class _Reading:
    streams: dict[int, int]
    pictures: list[int]
    keys: list[int]
    sounds: list[int]
    video_codec: str = ""
    audio_codec: str = ""


def measure(path: Path) -> Segment:
    """Read one segment file; BadSegment if it lacks tables, a key frame at its start, or sound."""
    data = path.read_bytes()
    reading = _read(data)
    if not reading.pictures or not reading.sounds or not reading.video_codec or not reading.audio_codec:
        raise BadSegment(f"{path.name}: lacks pictures or sound")
    if reading.keys[:1] != reading.pictures[:1]:
        raise BadSegment(f"{path.name}: does not start with a key frame")
    return Segment(
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        first=reading.pictures[0],
        last=max(reading.pictures),
        frames=len(reading.pictures),
        keys=tuple(reading.keys),
        sound_first=reading.sounds[0],
        codecs=f"{reading.video_codec},{reading.audio_codec}",
    )


def _read(data: bytes) -> _Reading:
    reading = _Reading({}, [], [], [])
    tables: set[int] = {0}
    for at in range(0, len(data), PACKET):
        if data[at] != 0x47:
            raise BadSegment(f"no sync byte at {at}")
        if not data[at + 1] & 0x40:
            continue  # only packets that begin a table or a frame tell anything
        pid = (data[at + 1] & 0x1F) << 8 | data[at + 2]
        start, random_access = _payload(data, at)
        if pid in tables:
            _table(data[start : at + PACKET], pid, tables, reading.streams)
        elif pid in reading.streams:
            _frame(data, start, at, random_access, reading.streams[pid], reading)
    return reading


def _payload(data: bytes, at: int) -> tuple[int, bool]:
    """Where the payload of the packet at `at` starts, and its random-access flag."""
    if data[at + 3] & 0x20 and data[at + 4]:
        return at + 5 + data[at + 4], bool(data[at + 5] & 0x40)
    return at + (5 if data[at + 3] & 0x20 else 4), False


def _table(section: bytes, pid: int, tables: set[int], streams: dict[int, int]) -> None:
    section = section[1 + section[0] :]
    end = 3 + ((section[1] & 0x0F) << 8 | section[2]) - 4
    if pid == 0:
        tables.update((section[n + 2] & 0x1F) << 8 | section[n + 3] for n in range(8, end, 4))
        return
    n = 12 + ((section[10] & 0x0F) << 8 | section[11])
    while n < end:
        streams[(section[n + 1] & 0x1F) << 8 | section[n + 2]] = section[n]
        n += 5 + ((section[n + 3] & 0x0F) << 8 | section[n + 4])


def _frame(data: bytes, start: int, at: int, random_access: bool, kind: int, reading: _Reading) -> None:
    pts = _pts(data, start)
    body = start + 9 + data[start + 8]
    if kind == VIDEO:
        reading.pictures.append(pts)
        if random_access:
            reading.keys.append(pts)
        reading.video_codec = reading.video_codec or _avc(data[body : at + PACKET])
    elif kind == AUDIO:
        reading.sounds.append(pts)
        # Object type = the two bits behind the sync word's byte pair, plus one.
        reading.audio_codec = reading.audio_codec or f"mp4a.40.{(data[body + 2] >> 6) + 1}"


def _pts(data: bytes, start: int) -> int:
    if data[start : start + 3] != b"\0\0\1" or not data[start + 7] & 0x80:
        raise BadSegment("a frame has no time")
    a, b, c, d, e = data[start + 9 : start + 14]
    return (a >> 1 & 7) << 30 | b << 22 | (c >> 1) << 15 | d << 7 | e >> 1


def _avc(head: bytes) -> str:
    """Profile, constraints and level from the sequence parameter set at the front of a key frame."""
    at = head.find(b"\0\0\1\x67")
    return f"avc1.{head[at + 4 : at + 7].hex()}" if at >= 0 else ""
