"""The checker's own reading of MPEG-TS: order of tables, times of pictures and sounds, parameter sets, counters.

Packets and tables: ISO/IEC 13818-1 §2.4.3 and §2.4.4; NAL units: ISO/IEC 14496-10 §7.3.1; ADTS: ISO/IEC 13818-7 §6.2.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from attrs import define, field, frozen

from vod.check_sps import BadParameters, Parameters, parameters

PACKET: Final = 188
CLOCK: Final = 90_000
_WRAP: Final = 1 << 33
_VIDEO, _AUDIO = 0x1B, 0x0F
_START = re.compile(rb"\x00\x00\x01")
RATES: Final = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


class BadStream(ValueError):
    """The bytes are no transport stream that can be read."""


@frozen
class Picture:
    """One coded picture: times in 90 kHz ticks; whether it is an IDR, and comes with its parameter sets."""

    pts: int
    dts: int
    idr: bool
    complete: bool


@frozen
class Sound:
    """The AAC frames of one PES packet. `object` is the audio object type of RFC 6381."""

    pts: int
    frames: int
    rate: int
    channels: int
    object: int


@frozen
class Stream:
    """One segment as read. `order` has PAT, PMT, V and A by first appearance; counters by PID: first and last."""

    order: tuple[str, ...]
    pictures: tuple[Picture, ...]
    sounds: tuple[Sound, ...]
    parameters: tuple[Parameters, ...]
    counters: dict[int, tuple[int, int]]
    slips: int

    @property
    def first(self) -> int:
        return min(each.pts for each in self.pictures)

    @property
    def last(self) -> int:
        return max(each.pts for each in self.pictures)

    @property
    def frame(self) -> int:
        """The shortest step between pictures, in ticks; 40 ms where there is but one."""
        times = sorted(each.pts for each in self.pictures)
        return min((b - a for a, b in pairwise(times) if b > a), default=3600)

    @property
    def sound_end(self) -> int:
        last = self.sounds[-1]
        return last.pts + last.frames * 1024 * CLOCK // last.rate


@define
class _Reading:
    tables: set[int] = field(factory=lambda: {0})
    streams: dict[int, int] = field(factory=dict)
    order: list[str] = field(factory=list)
    units: dict[int, bytearray] = field(factory=dict)
    pictures: list[Picture] = field(factory=list)
    sounds: list[Sound] = field(factory=list)
    sets: dict[bytes, Parameters] = field(factory=dict)
    counters: dict[int, tuple[int, int]] = field(factory=dict)
    slips: int = 0


def since(later: int, earlier: int) -> int:
    """Ticks from one time to another on the clock of 33 bits, negative when it is earlier."""
    return (later - earlier + _WRAP // 2) % _WRAP - _WRAP // 2


def stream(data: bytes) -> Stream:
    """Read one segment. Raises BadStream."""
    reading = _Reading()
    try:
        for at in range(0, len(data), PACKET):
            _packet(data[at : at + PACKET], at, reading)
        for pid in list(reading.units):
            _flush(pid, reading)
    except (IndexError, BadParameters) as exc:
        raise BadStream(str(exc) or "it breaks off") from exc
    return Stream(
        order=tuple(reading.order),
        pictures=tuple(reading.pictures),
        sounds=tuple(reading.sounds),
        parameters=tuple(reading.sets.values()),
        counters=reading.counters,
        slips=reading.slips,
    )


def _packet(packet: bytes, at: int, reading: _Reading) -> None:
    if len(packet) < PACKET or packet[0] != 0x47:
        raise BadStream(f"no sync byte at {at}" if packet[:1] != b"\x47" else "the last packet is cut")
    pid = (packet[1] & 0x1F) << 8 | packet[2]
    adaptation, payload = packet[3] & 0x20, packet[3] & 0x10
    start = 5 + packet[4] if adaptation else 4
    if not payload or pid == 0x1FFF:
        return
    _count(pid, packet[3] & 0x0F, bool(adaptation and packet[4] and packet[5] & 0x80), reading)
    begins = bool(packet[1] & 0x40)
    if pid in reading.tables:
        if begins:
            _table(packet[start:], pid, reading)
    elif pid in reading.streams:
        _part(packet[start:], pid, begins, reading)


def _count(pid: int, counter: int, announced: bool, reading: _Reading) -> None:
    first, last = reading.counters.get(pid, (counter, (counter - 1) % 16))
    if counter != (last + 1) % 16 and not announced:
        reading.slips += 1
    reading.counters[pid] = (first, counter)


def _table(data: bytes, pid: int, reading: _Reading) -> None:
    section = data[1 + data[0] :]
    end = min(len(section), 3 + ((section[1] & 0x0F) << 8 | section[2]) - 4)
    _note("PAT" if pid == 0 else "PMT", reading)
    if pid == 0:
        reading.tables.update((section[n + 2] & 0x1F) << 8 | section[n + 3] for n in range(8, end - 3, 4))
        return
    at = 12 + ((section[10] & 0x0F) << 8 | section[11])
    while at + 4 < end:
        reading.streams[(section[at + 1] & 0x1F) << 8 | section[at + 2]] = section[at]
        at += 5 + ((section[at + 3] & 0x0F) << 8 | section[at + 4])


def _note(what: str, reading: _Reading) -> None:
    if what not in reading.order:
        reading.order.append(what)


def _part(payload: bytes, pid: int, begins: bool, reading: _Reading) -> None:
    kind = reading.streams[pid]
    if kind not in {_VIDEO, _AUDIO}:
        return
    _note("V" if kind == _VIDEO else "A", reading)
    if begins:
        _flush(pid, reading)
        reading.units[pid] = bytearray(payload)
    elif pid in reading.units:
        reading.units[pid] += payload


def _flush(pid: int, reading: _Reading) -> None:
    unit = bytes(reading.units.pop(pid, b""))
    if not unit:
        return
    if unit[:3] != b"\0\0\1" or not unit[7] & 0x80:
        raise BadStream("a picture or sound has no time")
    pts = _time(unit[9:14])
    dts = _time(unit[14:19]) if unit[7] & 0x40 else pts
    body = unit[9 + unit[8] :]
    if reading.streams[pid] == _VIDEO:
        reading.pictures.append(_picture(body, pts, dts, reading))
    else:
        reading.sounds.append(_sound(body, pts))


def _time(five: bytes) -> int:
    a, b, c, d, e = five
    return (a >> 1 & 7) << 30 | b << 22 | (c >> 1) << 15 | d << 7 | e >> 1


def _picture(body: bytes, pts: int, dts: int, reading: _Reading) -> Picture:
    kinds = []
    for unit in _nal_units(body):
        kinds.append(unit[0] & 0x1F)
        if kinds[-1] == 7 and unit not in reading.sets:
            reading.sets[unit] = parameters(unit)
    idr = 5 in kinds
    before = kinds[: kinds.index(5)] if idr else []
    return Picture(pts, dts, idr, {7, 8} <= set(before))


def _nal_units(body: bytes) -> Iterator[bytes]:
    """Each unit; of pictures only the first bytes, which is all that is looked at."""
    starts = [found.end() for found in _START.finditer(body)]
    for begin, end in zip(starts, [*(start - 3 for start in starts[1:]), len(body)], strict=True):
        if end > begin:
            kind = body[begin] & 0x1F
            yield body[begin:end].rstrip(b"\0") if kind == 7 else body[begin : begin + 1]


def _sound(body: bytes, pts: int) -> Sound:
    at, frames = 0, 0
    if len(body) < 7 or body[0] != 0xFF or body[1] & 0xF0 != 0xF0:
        raise BadStream("sound is not AAC in ADTS")
    while at + 7 <= len(body) and body[at] == 0xFF and body[at + 1] & 0xF0 == 0xF0:
        frames += 1
        at += max(7, (body[at + 3] & 3) << 11 | body[at + 4] << 3 | body[at + 5] >> 5)
    rate = (body[2] >> 2) & 0x0F
    if rate >= len(RATES):
        raise BadStream("sound has no known rate")
    return Sound(pts, frames, RATES[rate], (body[2] & 1) << 2 | body[3] >> 6, (body[2] >> 6) + 1)
