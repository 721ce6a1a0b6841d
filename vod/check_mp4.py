"""The checker's own reading of fragmented MP4 (ISO/IEC 14496-12, -14, -15), into the values of transport streams."""

from collections.abc import Iterator
from struct import error as BoxBroken  # noqa: N812 what it means here: a box that ends too early
from struct import unpack_from
from typing import Final

from attrs import define, field, frozen

from vod.check_sps import BadParameters, Parameters, parameters
from vod.check_ts import CLOCK, BadStream, Picture, Sound, Stream

_NOT_SYNC: Final = 0x10000
"""sample_is_non_sync_sample (ISO/IEC 14496-12 §8.8.3.1)."""
SAMPLES_MOST: Final = 100_000
_HEAD: Final = {b"avc1": 78, b"avc3": 78, b"mp4a": 28}
"""Bytes of a sample entry before its boxes."""


@define
class _Track:
    """What the header says of one track. `shift` is taken from times: the edit list's start, in its own clock."""

    kind: bytes = b""
    scale: int = CLOCK
    shift: int = 0
    duration: int = 0
    flags: int = 0
    codec: Parameters | None = None
    complete: bool = False
    rate: int = 0
    channels: int = 0
    object: int = 0


@frozen
class _Sample:
    """One sample: times in its track's clock."""

    dts: int
    pts: int
    sync: bool


@define
class _Reading:
    tracks: dict[int, _Track]
    pictures: list[Picture] = field(factory=list)
    sounds: list[Sound] = field(factory=list)
    samples: int = 0


def fragment(init: bytes, data: bytes) -> Stream:
    """Read one segment with the header that its MAP names. Raises BadStream."""
    try:
        reading = _Reading(_tracks(init))
        first = [kind for kind, _, _ in _boxes(data, 0, len(data))]
        for _, start, end in _found(data, 0, len(data), b"moof"):
            for _, begin, stop in _found(data, start, end, b"traf"):
                _run(data, begin, stop, reading)
    except (IndexError, KeyError, ValueError, BadParameters, BoxBroken) as exc:
        raise BadStream(str(exc) or "it breaks off") from exc
    codecs = tuple(track.codec for track in reading.tracks.values() if track.codec is not None)
    order = ("PAT", "PMT") if first[:1] in ([b"styp"], [b"moof"], [b"sidx"]) else tuple(map(str, first))
    return Stream(order, tuple(reading.pictures), tuple(reading.sounds), codecs, {}, 0)


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Type, begin of the content and end of each box."""
    while start + 8 <= end:
        size, kind = unpack_from(">I4s", data, start)
        head = 8
        if size == 1:
            size, head = unpack_from(">Q", data, start + 8)[0], 16
        stop = end if size == 0 else start + size
        if stop > end or stop < start + head:
            raise BadStream(f"box {kind!r} is larger than what it lies in")
        yield kind, start + head, stop
        start = stop


def _found(data: bytes, start: int, end: int, *path: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Boxes at a path below a place."""
    for kind, begin, stop in _boxes(data, start, end):
        if kind == path[0]:
            if len(path) == 1:
                yield kind, begin, stop
            else:
                yield from _found(data, begin, stop, *path[1:])


def _tracks(init: bytes) -> dict[int, _Track]:
    tracks: dict[int, _Track] = {}
    scale = next((_scale(init, begin) for _, begin, _ in _found(init, 0, len(init), b"moov", b"mvhd")), CLOCK)
    for _, start, end in _found(init, 0, len(init), b"moov", b"trak"):
        number, track = _track(init, start, end, scale)
        tracks[number] = track
    for _, start, _ in _found(init, 0, len(init), b"moov", b"mvex", b"trex"):
        number, _, duration, _, flags = unpack_from(">5I", init, start + 4)
        if number in tracks:
            tracks[number].duration, tracks[number].flags = duration, flags
    if not tracks:
        raise BadStream("its MAP has no tracks")
    return tracks


def _scale(data: bytes, start: int) -> int:
    """Ticks per second of an mvhd or mdhd."""
    return max(1, int(unpack_from(">I", data, start + (20 if data[start] else 12))[0]))


def _track(init: bytes, start: int, end: int, movie_scale: int) -> tuple[int, _Track]:
    track, number = _Track(), 0
    for _, begin, _ in _found(init, start, end, b"tkhd"):
        number = unpack_from(">I", init, begin + (20 if init[begin] else 12))[0]
    for _, begin, _ in _found(init, start, end, b"mdia", b"hdlr"):
        track.kind = init[begin + 8 : begin + 12]
    for _, begin, _ in _found(init, start, end, b"mdia", b"mdhd"):
        track.scale = _scale(init, begin)
    for _, begin, _ in _found(init, start, end, b"edts", b"elst"):
        track.shift = _shift(init, begin, movie_scale, track.scale)
    for _, begin, stop in _found(init, start, end, b"mdia", b"minf", b"stbl", b"stsd"):
        for kind, inner, last in _boxes(init, begin + 8, stop):
            if kind in _HEAD:
                _entry(init, inner, last, kind, track)
    return number, track


def _shift(init: bytes, begin: int, movie_scale: int, scale: int) -> int:
    """What an edit list takes from times: where the first piece begins, less the emptiness before it."""
    wide = init[begin] == 1
    empty = 0
    for n in range(unpack_from(">I", init, begin + 4)[0]):
        length, time = unpack_from(">Qq" if wide else ">Ii", init, begin + 8 + n * (20 if wide else 12))
        if time >= 0:
            return int(time) - empty * scale // movie_scale
        empty += length
    return 0


def _entry(init: bytes, start: int, end: int, kind: bytes, track: _Track) -> None:
    if kind == b"mp4a":
        track.channels = unpack_from(">H", init, start + 16)[0]
        track.rate = unpack_from(">I", init, start + 24)[0] >> 16
    for name, begin, stop in _boxes(init, start + _HEAD[kind], end):
        if name == b"avcC":
            length = unpack_from(">H", init, begin + 6)[0]
            track.codec = parameters(init[begin + 8 : begin + 8 + length])
            track.complete = stop > begin + 9 + length and init[begin + 8 + length] > 0
        elif name == b"esds":
            at = init.find(b"\x05", begin + 4 + 20, stop)  # DecoderSpecificInfo stands behind the fixed 20 bytes
            while at >= 0 and init[at + 1] == 0x80:
                at += 1  # lengths may be padded to four bytes
            track.object = init[at + 2] >> 3 if at >= 0 else 0


def _run(data: bytes, start: int, end: int, reading: _Reading) -> None:
    (_, head, _), *_ = _found(data, start, end, b"tfhd")
    flags = unpack_from(">I", data, head)[0] & 0xFFFFFF
    track = reading.tracks[unpack_from(">I", data, head + 4)[0]]
    at, defaults = head + 8, {0x8: track.duration, 0x20: track.flags}
    for flag, size in ((0x1, 8), (0x2, 4), (0x8, 4), (0x10, 4), (0x20, 4)):
        if flags & flag:
            if flag in defaults:
                defaults[flag] = unpack_from(">I", data, at)[0]
            at += size
    (_, time, _), *_ = _found(data, start, end, b"tfdt")
    dts = unpack_from(">Q" if data[time] else ">I", data, time + 4)[0] - track.shift
    for _, begin, _ in _found(data, start, end, b"trun"):
        reading.samples += unpack_from(">I", data, begin + 4)[0]
        if reading.samples > SAMPLES_MOST:
            raise BadStream(f"{reading.samples} samples in a segment")
        samples = list(_samples(data, begin, dts, defaults[0x8], defaults[0x20]))
        _keep(samples, track, reading)
        dts = samples[-1].dts + defaults[0x8] if samples else dts


def _samples(data: bytes, begin: int, dts: int, duration: int, flags: int) -> Iterator[_Sample]:
    said, count = unpack_from(">II", data, begin)
    version, said = said >> 24, said & 0xFFFFFF
    at = begin + 8 + (4 if said & 0x1 else 0)
    first = unpack_from(">I", data, at)[0] if said & 0x4 else None
    at += 4 if said & 0x4 else 0
    for n in range(count):
        length, marks, later = duration, first if first is not None and n == 0 else flags, 0
        for flag in (0x100, 0x200, 0x400, 0x800):
            if said & flag:
                value = unpack_from(">i" if flag == 0x800 and version else ">I", data, at)[0]
                at += 4
                length = value if flag == 0x100 else length
                marks = value if flag == 0x400 else marks
                later = value if flag == 0x800 else later
        yield _Sample(dts, dts + later, not marks & _NOT_SYNC)
        dts += length


def _keep(samples: list[_Sample], track: _Track, reading: _Reading) -> None:
    if track.kind == b"vide":
        reading.pictures += [
            Picture(_ticks(one.pts, track), _ticks(one.dts, track), one.sync, one.sync and track.complete)
            for one in samples
        ]
    elif track.kind == b"soun" and samples:
        reading.sounds.append(
            Sound(_ticks(samples[0].pts, track), len(samples), track.rate, track.channels, track.object)
        )


def _ticks(time: int, track: _Track) -> int:
    return time * CLOCK // track.scale
