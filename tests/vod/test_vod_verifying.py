"""Each rule on media finds the fault that breaks just it: on real segments, and on what was measured of them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from vod.index import index, seg_ticks
from vod.ladder import LADDER
from vod.parameter_sets import Shape
from vod.segments import PACKET, BadSegment, Segment, measure
from vod.verifying import faults, sound_faults

RUNGS = LADDER[:2]
FRAME = 3600
Film = list[list[Segment]]


def _measured(work: Path) -> Film:
    return [[measure(path) for path in sorted((work / str(rung.height)).iterdir())] for rung in RUNGS]


def _told(film: Film, work: Path, *, whole: bool = False) -> list[str]:
    edition = evolve(index(work, RUNGS), seg_ticks=seg_ticks(film[0]))
    return list(faults(film, RUNGS, edition, whole=whole))


def _shape(segment: Segment, **changes: object) -> Segment:
    assert segment.shape is not None
    return evolve(segment, shape=evolve(segment.shape, **changes))


def _all(change: Callable[[Segment], Segment]) -> Callable[[Film], Film]:
    return lambda film: [film[0], [change(segment) for segment in film[1]]]


def _one(change: Callable[[Segment], Segment]) -> Callable[[Film], Film]:
    return lambda film: [film[0], [film[1][0], change(film[1][1]), film[1][2]]]


BROKEN: dict[str, Callable[[Film], Film]] = {
    "26: the rungs are cut": _one(lambda one: evolve(one, first=one.first + FRAME, frames=one.frames - 1)),
    "31: no parameter sets": _all(lambda one: evolve(one, shape=None)),
    "32: key frames too far": _one(lambda one: evolve(one, keys=one.keys[:1])),
    "34: frames are missing": _one(lambda one: evolve(one, frames=one.frames - 1)),
    "34: the sound jumps": _one(lambda one: evolve(one, sound_first=one.sound_first + 3000)),
    "34: times of decoding": _one(lambda one: evolve(one, decoded=(0, one.decoded[1]))),
    "34: continuity": _one(lambda one: evolve(one, counters={**one.counters, 256: (5, 9)})),
    "35: sound and picture begin": _one(lambda one: evolve(one, sound_first=one.sound_first + 9000)),
    "35: sound and picture end": _one(lambda one: evolve(one, sound_end=one.sound_end - 9000)),
    "36: codecs change": _one(lambda one: evolve(one, codecs="avc1.4d401f,mp4a.40.2")),
    "36: 640x368": _all(lambda one: _shape(one, height=368)),
    "37: level 31": _all(lambda one: _shape(one, level=31)),
    "37: not progressive": _all(lambda one: _shape(one, progressive=False)),
    "38: the sound": _one(lambda one: evolve(one, faults=("38: the sound is not AAC-LC at 48 kHz in stereo",))),
}


def test_a_fault_is_told_by_its_rule_and_sound_films_have_none(work: Path) -> None:
    film = _measured(work)

    told = {begin: _told(change(film), work) for begin, change in BROKEN.items()}

    assert _told(film, work) == []
    assert {begin for begin, found in told.items() if not any(one.startswith(begin) for one in found)} == set()
    deep = _told(_all(lambda one: _shape(one, depth=10, profile=110))(film), work)
    assert deep == ["37: not progressive 4:2:0 of 8 bits up to High"]
    assert _told(film, work, whole=True) == ["33: a segment does not last 6 s"]
    quick = index(work, RUNGS)
    loud = evolve(quick, renditions=tuple(evolve(each, peak=each.peak * 9) for each in quick.renditions))
    assert [one[:3] for one in faults(film, RUNGS, loud, whole=True)] == ["33:", "29:", "29:"]


def _packets(data: bytes, pid: int) -> list[int]:
    return [at for at in range(0, len(data), PACKET) if (data[at + 1] & 0x1F) << 8 | data[at + 2] == pid]


def test_bytes_that_break_a_rule_are_seen(work: Path, tmp_path: Path) -> None:
    data = (work / "360/00001.ts").read_bytes()
    video, audio = _packets(data, 0x100), _packets(data, 0x101)
    idr = data.index(b"\0\0\1\x65")
    header = data.index(b"\xff\xf1", audio[0])

    def told(*changes: tuple[int, int], lost: int = -1) -> tuple[str, ...]:
        broken = bytearray(data)
        for at, byte in changes:
            broken[at] = byte
        kept = broken if lost < 0 else broken[:lost] + broken[lost + PACKET :]
        (tmp_path / "x.ts").write_bytes(kept)
        return tuple(fault[:3] for fault in measure(tmp_path / "x.ts").faults)

    assert told() == ()
    assert told(lost=video[40]) == ("34:",)
    assert told((idr + 3, 0x61)) == ("31:",)
    assert told((header + 2, data[header + 2] & ~0x3C | 4 << 2)) == ("38:",), "44.1 kHz"
    assert told((header + 3, data[header + 3] & 0x3F | 0x40)) == ("38:",), "mono"
    with pytest.raises(BadSegment, match="no AAC"):
        told((header, 0))
    with pytest.raises(BadSegment, match="no time"):
        told((video[0] + data[video[0] + 4] + 5, 9))


def test_a_sound_must_cover_the_film(work: Path) -> None:
    edition = index(work, RUNGS)
    film = _measured(work)[1]

    assert list(sound_faults(film, edition)) == []
    assert list(sound_faults([], edition)) == ["35: a sound has no segments"]
    assert list(sound_faults(film[:2], edition)) == ["35: a sound does not cover the film"]
    assert any(fault.startswith("34") for fault in sound_faults([film[0], film[2]], edition))


def test_a_shape_is_written_as_codecs_are() -> None:
    assert Shape(100, 0, 40, 1, 8, 1920, 1080, progressive=True).codec == "avc1.640028"
