"""Tiny transport streams and the evidence of a film made of them: every rule can be broken alone, without ffmpeg."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from attrs import evolve, field, frozen

from vod.check import Evidence
from vod.check_footage import Shot, shot
from vod.check_read import Entry, Playlist, read

AAC, FRAME = 1920, 3600
SIZES = {360: (40, 23, 30), 540: (60, 34, 31)}
"""Macroblocks across and down, level × 10, by rung."""


def sps(rung: int, *, level: int = 0, deep: bool = False, progressive: bool = True) -> bytes:
    """A sequence parameter set as NAL unit: Main, or High 10 with 9 bits when `deep`; picture order type 2."""
    wide, high, usual = SIZES[rung]
    depth = [ue(1), ue(1), ue(1), "00"] if deep else []
    size = [ue(wide - 1), ue(high // (1 if progressive else 2) - 1), "1" if progressive else "00"]
    bits = "".join([ue(0), *depth, ue(0), ue(2), ue(1), "0", *size, "1001"])
    bits += "0" * (-len(bits) % 8)
    head = bytes([0x67, 110 if deep else 77, 0x40, level or usual])
    return head + int(bits, 2).to_bytes(len(bits) // 8, "big")


def ue(value: int) -> str:
    digits = f"{value + 1:b}"
    return "0" * (len(digits) - 1) + digits


@frozen
class Cut:
    """One segment: where its pictures begin on the 90 kHz clock, and what is odd about it."""

    first: int = 7200
    frames: int = 150
    keys: tuple[int, ...] = (0, 50, 100)
    unit: bytes = sps(360)
    pps: bool = True
    pictures: bool = True
    sound: bool = True
    sound_late: int = 0
    channels: int = 2
    rate: int = 3
    pat_first: bool = True
    packets: int = 1200
    slip: bool = False
    back: bool = False

    @property
    def ticks(self) -> int:
        return self.frames * FRAME


class Muxer:
    """Writes segments after each other: continuity counters run on."""

    def __init__(self) -> None:
        self._counters: dict[int, int] = {}

    def segment(self, cut: Cut) -> bytes:
        tables = [self._packet(0, b"\0" + _section(0, b"\0\1\xf0\0")), self._packet(0x1000, b"\0" + _section(2, _PMT))]
        parts = [*(tables if cut.pat_first else reversed(tables)), *(self._pictures(cut) if cut.pictures else ())]
        if cut.sound:
            parts += self._sounds(cut)
        null = b"\x47\x1f\xff\x10" + bytes(184)
        return b"".join(parts) + null * max(0, cut.packets - len(parts))

    def _pictures(self, cut: Cut) -> list[bytes]:
        packets = []
        for number in range(cut.frames):
            pts = cut.first + number * FRAME - (2 * FRAME if cut.back and number == 7 else 0)
            sets = b"\0\0\1" + cut.unit + (b"\0\0\1\x68\xee" if cut.pps else b"")
            body = sets + b"\0\0\1\x65\x88" if number in cut.keys else b"\0\0\1\x41\x9a"
            if cut.slip and number == 9:
                self._counters[0x100] += 1
            packets.append(self._packet(0x100, b"\0\0\1\xe0\0\0\x80\x80\x05" + _time(pts) + body))
        return packets

    def _sounds(self, cut: Cut) -> list[bytes]:
        """Frames of sound on their own grid, ten to a packet; the grid passes over cuts as a muxer's does."""
        start, end = (-(-at // AAC) * AAC for at in (cut.first, cut.first + cut.ticks))
        count = (end - start) // AAC
        head = bytes(
            [0xFF, 0xF1, 0x40 | cut.rate << 2 | cut.channels >> 2, (cut.channels & 3) << 6, 0, 7 << 5 | 0x1F, 0xFC]
        )
        packets = []
        for at in range(0, count, 10):
            pes = b"\0\0\1\xc0\0\0\x80\x80\x05" + _time(start + cut.sound_late + at * AAC)
            packets.append(self._packet(0x101, pes + head * min(10, count - at)))
        return packets

    def _packet(self, pid: int, payload: bytes) -> bytes:
        counter = self._counters.get(pid, -1) + 1
        self._counters[pid] = counter
        stuffing = 184 - len(payload)
        adaptation = b"" if not stuffing else bytes([stuffing - 1]) + (b"\0" + b"\xff" * (stuffing - 2))[: stuffing - 1]
        flags = 0x30 if stuffing else 0x10
        return bytes([0x47, 0x40 | pid >> 8, pid & 0xFF, flags | counter % 16]) + adaptation + payload


def _section(table: int, body: bytes) -> bytes:
    length = 5 + len(body) + 4
    return bytes([table, 0xB0 | length >> 8, length & 0xFF, 0, 1, 0xC1, 0, 0]) + body + bytes(4)


_PMT = b"\xe1\0\xf0\0" + b"\x1b\xe1\0\xf0\0" + b"\x0f\xe1\1\xf0\0"


def _time(ticks: int) -> bytes:
    return bytes(
        [
            0x21 | (ticks >> 30 & 7) << 1,
            ticks >> 22 & 0xFF,
            (ticks >> 14 & 0xFE) | 1,
            ticks >> 7 & 0xFF,
            (ticks << 1 & 0xFE) | 1,
        ]
    )


@frozen
class Made:
    """A film's evidence before it is examined: texts and cuts that a test may change."""

    texts: Mapping[str, bytes]
    cuts: Mapping[int, Sequence[Cut]]
    codecs: Mapping[int, str] = field(factory=lambda: {360: "avc1.4d401e", 540: "avc1.4d401f"})
    rates: float = 1.0
    averages: float = 1.0

    def evidence(self) -> Evidence:
        """Fetch it: the master's rates are measured on the cuts."""
        shots: dict[str, tuple[Shot, ...]] = {}
        lists: list[Playlist] = []
        for rung, cuts in self.cuts.items():
            muxer = Muxer()
            playlist = read(self.texts[f"{rung}.m3u8"], f"http://tv/v/1-1/{rung}.m3u8")
            shots[playlist.uri] = tuple(
                shot(entry, playlist.address(entry.uri), muxer.segment(cut))
                for entry, cut in zip(playlist.entries, cuts, strict=True)
            )
            lists.append(playlist)
        return Evidence(read(self._master(), "http://tv/v/1-1/master.m3u8"), (tuple(lists),), shots)

    def _master(self) -> bytes:
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-INDEPENDENT-SEGMENTS"]
        for rung in sorted(self.cuts, key=lambda rung: rung != 540):
            sizes = [(cut.frames / 25, cut.packets * 188 * 8) for cut in self.cuts[rung]]
            runs = [*sizes, *((a + c, b + d) for (a, b), (c, d) in pairwise(sizes))]
            peak = max(size / seconds for seconds, size in runs if 3 <= seconds <= 9)
            average = sum(size for _, size in sizes) / sum(seconds for seconds, _ in sizes)
            rates = f"BANDWIDTH={peak * self.rates:.0f},AVERAGE-BANDWIDTH={average * self.averages:.0f}"
            size = f"RESOLUTION={rung * 16 // 9}x{rung},FRAME-RATE=25.000"
            lines += [f'#EXT-X-STREAM-INF:{rates},CODECS="{self.codecs[rung]},mp4a.40.2",{size}', f"{rung}.m3u8"]
        return "\n".join([*lines, ""]).encode()


def film(**odd: object) -> Made:
    """Two rungs of 6 s, 6 s and 2 s; `odd` is what is wrong with the second segment of both."""
    texts = {f"{rung}.m3u8": media_text(rung) for rung in (360, 540)}
    cuts = {}
    for rung in (360, 540):
        lengths, at, made = (150, 150, 50), 7200, []
        for number, frames in enumerate(lengths):
            keys = tuple(range(0, frames, 50))
            cut = Cut(at, frames, keys, sps(rung), packets=frames * 8)
            made.append(evolve(cut, **odd) if number == 1 else cut)
            at += frames * FRAME
        cuts[rung] = made
    return Made(texts, cuts)


def media_text(rung: int) -> bytes:
    body = "".join(f"#EXTINF:{s},\n../../s/1-1/{rung}/{n:05d}.ts\n" for n, s in enumerate(("6.000", "6.000", "2.000")))
    return (
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n"
        f"#EXT-X-INDEPENDENT-SEGMENTS\n{body}#EXT-X-ENDLIST\n"
    ).encode()


def entry(uri: str, seconds: float = 6.0, **more: object) -> Entry:
    return evolve(Entry(0, 1, uri, seconds, 0, breaks=False), **more)
