"""Read MPEG-TS segments of our own making: when pictures and sound begin and end, where key frames lie, what is wrong.

Packets: ISO/IEC 13818-1 §2.4.3; units of H.264: ISO/IEC 14496-10 table 7-1; ADTS: ISO/IEC 13818-7 §6.2.
"""

import hashlib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Final

from attrs import define, field, frozen

from vod import parameter_sets
from vod.parameter_sets import Shape

PACKET: Final = 188
VIDEO, AUDIO = 0x1B, 0x0F
"""Stream types of H.264 and of AAC in ADTS (ISO/IEC 13818-1 table 2-34)."""
IDR, SEI, SPS, PPS = 5, 6, 7, 8
AAC_FRAME: Final = 1920
"""1024 samples at 48 kHz, in ticks of 90 kHz."""
_HEAD_PACKETS: Final = 64
"""Packets of a key frame in which its first slice is looked for: 11 kB behind the parameter sets and messages."""


class BadSegment(ValueError):
    """A segment is not what our encoder writes."""


@frozen
class Segment:
    """One measured segment. Times in 90 kHz ticks; `codecs` as RFC 6381.

    `keys` are the PTS of key frames, `iframes` their offset and length in the file. `sound_end` is where the last AAC
    frame ends. `counters` hold the first and the last continuity counter of each stream. `faults` begin with the
    number of the rule of video.md §12 that is broken. A segment of sound alone has no pictures and no `shape`.
    """

    size: int
    sha256: str
    first: int
    last: int
    frames: int
    keys: tuple[int, ...]
    iframes: tuple[tuple[int, int], ...]
    decoded: tuple[int, int]
    sound_first: int
    sound_end: int
    codecs: str
    shape: Shape | None
    counters: Mapping[int, tuple[int, int]]
    faults: tuple[str, ...]


@define
class _Reading:
    data: bytes
    streams: dict[int, int] = field(factory=dict)
    pictures: list[int] = field(factory=list)
    decoded: list[int] = field(factory=list)
    keys: list[int] = field(factory=list)
    spans: list[tuple[int, int]] = field(factory=list)
    """Packet number of a key frame and of the frame that follows it."""
    sounds: list[int] = field(factory=list)
    heard: bytearray = field(factory=bytearray)
    counters: dict[int, tuple[int, int]] = field(factory=dict)
    shape: Shape | None = None
    faults: list[str] = field(factory=list)


def measure(path: Path, *, pictures: bool = True) -> Segment:
    """Read one segment file; BadSegment if it lacks tables, sound or, where it should have them, pictures."""
    data = path.read_bytes()
    reading = _read(data)
    if not reading.sounds or bool(reading.pictures) is not pictures:
        raise BadSegment(f"{path.name}: lacks pictures or sound")
    if pictures and (reading.shape is None or reading.keys[:1] != reading.pictures[:1]):
        raise BadSegment(f"{path.name}: does not start with a key frame")
    if len({after - before for before, after in pairwise(sorted(reading.pictures))}) > 1:
        reading.faults.append("33: pictures do not follow each other evenly")
    frames, sound_codec = _sound(reading)
    return Segment(
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        first=reading.pictures[0] if pictures else reading.sounds[0],
        last=max(reading.pictures, default=0),
        frames=len(reading.pictures),
        keys=tuple(reading.keys),
        iframes=tuple(_span(reading, *span) for span in reading.spans),
        decoded=(reading.decoded[0], reading.decoded[-1]) if pictures else (0, 0),
        sound_first=reading.sounds[0],
        sound_end=reading.sounds[0] + frames * AAC_FRAME,
        codecs=f"{reading.shape.codec},{sound_codec}" if reading.shape else sound_codec,
        shape=reading.shape,
        counters=reading.counters,
        faults=tuple(dict.fromkeys(reading.faults)),
    )


def _read(data: bytes) -> _Reading:
    reading = _Reading(data)
    if len(data) % PACKET or data[::PACKET].count(0x47) * PACKET != len(data):
        raise BadSegment("no sync byte where a packet begins")
    tables: set[int] = {0}
    for number, (high, low, control) in enumerate(zip(data[1::PACKET], data[2::PACKET], data[3::PACKET], strict=True)):
        pid = (high & 0x1F) << 8 | low
        if control & 0x10:
            _count(reading, pid, control & 0x0F)
        kind = reading.streams.get(pid)
        if kind == AUDIO:
            _hear(reading, number, bool(high & 0x40))
        elif high & 0x40:  # of the others only packets that begin a table or a frame tell anything
            if kind == VIDEO:
                _picture(reading, number)
            elif pid in tables:
                _table(reading, number, pid, tables)
    _close(reading, len(data) // PACKET)
    return reading


def _count(reading: _Reading, pid: int, counter: int) -> None:
    first, last = reading.counters.get(pid, (counter, counter - 1 & 15))
    if counter != last + 1 & 15:
        reading.faults.append(f"34: a packet of stream {pid} is missing")
    reading.counters[pid] = first, counter


def _payload(data: bytes, at: int) -> int:
    """Where the payload of the packet at `at` starts."""
    return at + (5 + data[at + 4] if data[at + 3] & 0x20 else 4)


def _table(reading: _Reading, number: int, pid: int, tables: set[int]) -> None:
    at = number * PACKET
    section = reading.data[_payload(reading.data, at) : at + PACKET]
    section = section[1 + section[0] :]
    end = 3 + ((section[1] & 0x0F) << 8 | section[2]) - 4
    if pid == 0:
        tables.update((section[n + 2] & 0x1F) << 8 | section[n + 3] for n in range(8, end, 4))
        return
    n = 12 + ((section[10] & 0x0F) << 8 | section[11])
    while n < end:
        reading.streams[(section[n + 1] & 0x1F) << 8 | section[n + 2]] = section[n]
        n += 5 + ((section[n + 3] & 0x0F) << 8 | section[n + 4])


def _picture(reading: _Reading, number: int) -> None:
    data, at = reading.data, number * PACKET
    start = _payload(data, at)
    pts, dts = _times(data, start)
    if reading.decoded and dts <= reading.decoded[-1]:
        reading.faults.append("34: times of decoding do not rise")
    _close(reading, number)
    reading.pictures.append(pts)
    reading.decoded.append(dts)
    if data[at + 3] & 0x20 and data[at + 4] and data[at + 5] & 0x40:
        reading.keys.append(pts)
        reading.spans.append((number, -1))
        _look(reading, number)


def _close(reading: _Reading, number: int) -> None:
    """Note where the frame before packet `number` ends, if it was a key frame."""
    if reading.spans and reading.spans[-1][1] < 0:
        reading.spans[-1] = reading.spans[-1][0], number


def _span(reading: _Reading, first: int, following: int) -> tuple[int, int]:
    """Offset and length in bytes of a key frame: up to its own last packet, not those of the sound behind it."""
    data, last = reading.data, following - 1
    own = data[first * PACKET + 1] & 0x1F, data[first * PACKET + 2]
    while (data[last * PACKET + 1] & 0x1F, data[last * PACKET + 2]) != own:
        last -= 1
    return first * PACKET, (last + 1 - first) * PACKET


def _look(reading: _Reading, number: int) -> None:
    """A key frame must be a picture from which decoding can begin, with its parameter sets before it (rule 31)."""
    kinds = []
    for kind, unit in _units(_head(reading.data, number)):
        kinds.append(kind)
        if kind == SPS:
            reading.shape = parameter_sets.read(unit)
        elif kind in {1, IDR}:
            break
    if not {SPS, PPS} <= set(kinds) or kinds[-1] != IDR:
        reading.faults.append("31: a key frame is no IDR picture with its parameter sets")


def _head(data: bytes, number: int) -> bytes:
    own, head = data[number * PACKET + 1 : number * PACKET + 3], bytearray()
    for at in range(number * PACKET, min(len(data), (number + _HEAD_PACKETS) * PACKET), PACKET):
        begins = data[at + 1] & 0x40
        if data[at + 2] == own[1] and data[at + 1] & 0x1F == own[0] & 0x1F:
            if begins and head:
                break
            start = _payload(data, at)
            head += data[start + 9 + data[start + 8] if begins else start : at + PACKET]
    return bytes(head)


def _units(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and bytes of each unit behind a start code; the last may be cut short."""
    for unit in stream.split(b"\0\0\1")[1:]:
        if unit:
            yield unit[0] & 0x1F, unit


def _hear(reading: _Reading, number: int, begins: bool) -> None:
    data, at = reading.data, number * PACKET
    start = _payload(data, at)
    if begins:
        reading.sounds.append(_times(data, start)[0])
        start += 9 + data[start + 8]
    reading.heard += data[start : at + PACKET]


def _sound(reading: _Reading) -> tuple[int, str]:
    """How many AAC frames there are, and the codec; every one must be LC, 48 kHz, stereo (rule 38)."""
    heard, at, count, codec = reading.heard, 0, 0, ""
    while at + 7 <= len(heard):
        if heard[at] != 0xFF or heard[at + 1] & 0xF6 != 0xF0:
            raise BadSegment("the sound is no AAC in ADTS")
        # Object type less one, index of the rate (3 = 48 kHz), first bit of the channels; the other two follow.
        if (heard[at + 2] & 0xFD, heard[at + 3] >> 6) != (0x4C, 2):
            reading.faults.append("38: the sound is not AAC-LC at 48 kHz in stereo")
        codec = codec or f"mp4a.40.{(heard[at + 2] >> 6) + 1}"
        at += max(7, (heard[at + 3] & 3) << 11 | heard[at + 4] << 3 | heard[at + 5] >> 5)
        count += 1
    if at != len(heard):
        reading.faults.append("35: the last frame of the sound is cut")
    return count, codec


def _times(data: bytes, start: int) -> tuple[int, int]:
    """PTS and DTS of the frame whose header starts there."""
    if data[start : start + 3] != b"\0\0\1" or not data[start + 7] & 0x80:
        raise BadSegment("a frame has no time")
    pts = _time(data, start + 9)
    return pts, _time(data, start + 14) if data[start + 7] & 0x40 else pts


def _time(data: bytes, at: int) -> int:
    a, b, c, d, e = data[at : at + 5]
    return (a >> 1 & 7) << 30 | b << 22 | (c >> 1) << 15 | d << 7 | e >> 1
