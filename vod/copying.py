"""Whether a film is packaged as it is, without encoding (video.md §3.4).

The packets of its first minutes tell most; copying is cheap, so the rest is judged by what came out, where every packet
is looked at anyway.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from attrs import frozen

from vod.catalogue import Edition
from vod.ladder import CHANNEL, FULL_HD, GOP_S, SEGMENT_S, Rung
from vod.lengths import tail_lost

HEAD_S: Final = 120
ROUNDS_TO_TARGET_S: Final = SEGMENT_S + 0.5
RUN_S: Final = 1.5 * SEGMENT_S


@frozen
class Packet:
    """One picture as stored: times in seconds, bytes, and whether it is a key frame."""

    pts: float
    dts: float
    size: int
    key: bool


def packets(report: bytes, time_base: float) -> list[Packet]:
    """Read ffprobe's lines, in the order of decoding. Raises ValueError where a packet has no time."""
    return [_packet(line.split(","), time_base) for line in report.decode("ascii").splitlines() if line]


def _packet(fields: Sequence[str], time_base: float) -> Packet:
    pts, dts, size, flags = fields[:4]
    return Packet(int(pts) * time_base, int(dts) * time_base, int(size), "K" in flags)


def rung_of(width: int, height: int) -> Rung | None:
    """The rung whose size a picture has."""
    return next((rung for rung in (*CHANNEL, FULL_HD) if (rung.width, rung.height) == (width, height)), None)


def objection(found: Sequence[Packet], rung: Rung, fps: int) -> str:
    """Why a film that begins with these packets cannot be copied into a rung's segments; empty if it may be."""
    frame = 1 / fps
    if len(found) < 2 or not found[0].key:
        return "no key frame at the start"
    shown = sorted(packet.pts for packet in found)
    if any(abs(after - before - frame) > frame / 4 for before, after in pairwise(shown)):
        return "pictures do not follow each other evenly"
    keys = [packet.pts for packet in found if packet.key]
    end = shown[-1] + frame
    if any(after - before > GOP_S + frame * 1.5 for before, after in pairwise([*keys, end])):
        return "key frames are too far apart"
    if _open(found):
        return "pictures before a key frame need one behind it"
    if max(_segments(keys, end)) >= ROUNDS_TO_TARGET_S:
        return "no key frames where segments must end"
    if _peak(found) > rung.maxrate * 1000:
        return "more bits than the rung may have"
    return ""


def regrets(edition: Edition, rung: Rung, seconds: float) -> str:
    """Why a copy that breaks no rule is not taken all the same; empty if it is. `seconds` is what the file claimed."""
    if edition.renditions[0].peak > rung.cap:
        return "more bits than the rung may have"
    if tail_lost(edition.duration_ms / 1000, seconds):
        return "the tail is lost"
    return ""


def _open(found: Sequence[Packet]) -> bool:
    """Whether a picture is decoded behind a key frame but shown before it (an open group)."""
    newest = found[0].pts
    for packet in found:
        if packet.key:
            newest = packet.pts
        elif packet.pts < newest:
            return True
    return False


def _segments(keys: Sequence[float], end: float) -> list[float]:
    """Lengths of the segments as the muxer cuts them: at the first key frame behind each multiple of 6 s."""
    cuts = [keys[0]]
    for key in keys:
        if key - keys[0] >= len(cuts) * SEGMENT_S - 0.001:
            cuts.append(key)
    return [after - before for before, after in pairwise([*cuts, end])]


def _peak(found: Sequence[Packet]) -> float:
    """Highest rate in bit/s of any 9 s, or of the whole if that is shorter."""
    peak, first, size = 0.0, 0, 0
    for packet in found:
        size += packet.size
        while packet.dts - found[first].dts > RUN_S:
            size -= found[first].size
            first += 1
        peak = max(peak, size * 8 / RUN_S)
    return max(peak, size * 8 / max(1.0, found[-1].dts - found[0].dts)) if first == 0 else peak
