"""Rules 18 and 29-39 of video.md §12: the media bytes of one list.

Each function gives address, line, expected, found.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from vod.check_footage import Footage, Shot, beyond
from vod.check_lists import differ
from vod.check_read import Fault, whole
from vod.check_sps import HIGH
from vod.check_ts import CLOCK, Stream, since

AAC_TICKS: Final = 1024 * CLOCK // 48_000
GOP_TICKS: Final = 2 * CLOCK
HOUR_S: Final = 3600.0
RUN_MOST: Final = 100
"""Segments of a run; those of 0.1 s are no segments."""
_SOUND: Final = (48_000, 2)


def ranges_inside(footage: Footage) -> Iterator[Fault]:
    """18: a BYTERANGE ends inside its file."""
    for entry in footage.playlist.entries:
        size = footage.sizes.get(footage.playlist.address(entry.uri), 0)
        if size and beyond(entry, size):
            yield footage.uri, entry.line, f"a range inside {size} bytes", entry.byterange


def peak_rate(footage: Footage) -> Iterator[Fault]:
    """29: peak of any run of 0.5-1.5 targets: a film's within 10 % of BANDWIDTH, a channel's below 125 %."""
    told, found = whole(footage.said.get("BANDWIDTH", "")), _peak(footage)
    if told <= 0 or not found:
        return
    film = footage.whole and not footage.playlist.aired
    low, high = (told * 0.9, told * 1.1) if film else (0.0, told * (1.25 if footage.playlist.aired else 1.1))
    if not low <= found <= high:
        yield footage.uri, 0, f"BANDWIDTH={told} for the peak", f"{found:.0f} bit/s"


def average_rate(footage: Footage) -> Iterator[Fault]:
    """30: a film's average within 10 % of AVERAGE-BANDWIDTH, a channel's below 110 % over an hour."""
    told, weights = whole(footage.said.get("AVERAGE-BANDWIDTH", "")), footage.weights
    seconds = sum(length for length, _ in weights)
    film = footage.whole and not footage.playlist.aired
    if told <= 0 or not weights or not (film or seconds >= HOUR_S):
        return
    found = sum(size for _, size in weights) * 8 / seconds
    if found > told * 1.1 or (film and found < told * 0.9):
        yield footage.uri, 0, f"AVERAGE-BANDWIDTH={told}", f"{found:.0f} bit/s"


def peak_to_average(footage: Footage) -> Iterator[Fault]:
    """30: the peak is at most twice the average."""
    weights, peak = footage.weights, _peak(footage)
    seconds = sum(length for length, _ in weights)
    if seconds and peak > 2 * (average := sum(size for _, size in weights) * 8 / seconds):
        yield footage.uri, 0, f"a peak up to twice {average:.0f} bit/s", f"{peak:.0f} bit/s"


def _peak(footage: Footage) -> float:
    weights = footage.weights
    least, most = 0.5 * footage.playlist.target, 1.5 * footage.playlist.target
    rates = [
        rate for start in range(len(weights)) for rate in _run_rates(weights[start : start + RUN_MOST], least, most)
    ]
    if rates:
        return max(rates)
    seconds = sum(length for length, _ in weights)
    return sum(size for _, size in weights) * 8 / seconds if seconds else 0.0


def _run_rates(weights: Sequence[tuple[float, int]], least: float, most: float) -> Iterator[float]:
    length, size = 0.0, 0
    for longer, more in weights:
        length, size = length + longer, size + more
        if length > most + 0.001:
            return
        if length >= least:
            yield size * 8 / length


def begins_whole(footage: Footage) -> Iterator[Fault]:
    """31: PAT, PMT, then an IDR with its parameter sets."""
    for shot in footage.shots:
        if encrypted(shot) and shot.fault:
            continue  # rule 39 tells
        if shot.fault or (shot.stream is not None and not shot.stream.pictures):
            yield footage.uri, shot.entry.line, "a segment of MPEG-TS with pictures", shot.fault or "no picture"
    for shot, stream in footage.streams:
        first = stream.pictures[0]
        if stream.order[:2] != ("PAT", "PMT"):
            yield footage.uri, shot.entry.line, "PAT and PMT first", ", ".join(stream.order)
        elif not (first.idr and first.complete):
            found = "no IDR" if not first.idr else "no SPS and PPS"
            yield footage.uri, shot.entry.line, "an IDR with SPS and PPS first", found


def key_distance(footage: Footage) -> Iterator[Fault]:
    """32: IDR at most 2 s and a frame apart, and as much from the end."""
    for shot, stream in footage.streams:
        times = [each.pts for each in stream.pictures if each.idr] + [stream.last + stream.frame]
        longest = max((since(b, a) for a, b in pairwise(times)), default=0)
        if longest > GOP_TICKS + stream.frame:
            yield footage.uri, shot.entry.line, "an IDR every 2 s", f"{longest / CLOCK:.2f} s without one"


def real_length(footage: Footage) -> Iterator[Fault]:
    """33: a segment lasts what EXTINF says, a frame more or less, and so does any row of them."""
    follows = {before.entry.number: two for before, one, _, two in footage.joins() if _adjoin(one, two)}
    goes_on = {after.entry.number for _, _, after, _ in footage.joins()}
    told = real = 0.0
    for shot, stream in footage.streams:
        after = follows.get(shot.entry.number)
        end = after.first if after else stream.last + stream.frame
        length, frame = since(end, stream.first) / CLOCK, stream.frame / CLOCK
        if shot.entry.number not in goes_on:
            told = real = 0.0
        told, real = told + shot.entry.seconds, real + length
        if differ(length, shot.entry.seconds, frame):
            yield footage.uri, shot.entry.line, f"{shot.entry.seconds:.3f} s", f"{length:.3f} s of pictures"
            told = real = 0.0
        elif differ(told, real, frame):
            yield footage.uri, shot.entry.line, f"{told:.3f} s so far", f"{real:.3f} s of pictures"
            told = real = 0.0


def times_run_on(footage: Footage) -> Iterator[Fault]:
    """34: times rise, nothing jumps where no DISCONTINUITY is told, and continuity counters run on."""
    for shot, stream in footage.streams:
        for found in _within(stream):
            yield footage.uri, shot.entry.line, "times that rise and counters that run on", found
    for _, one, after, two in footage.joins():
        for found in _between(one, two):
            yield footage.uri, after.entry.line, "no jump without DISCONTINUITY", found


def _within(stream: Stream) -> Iterator[str]:
    decoded = [each.dts for each in stream.pictures]
    heard = [each.pts for each in stream.sounds]
    for what, times in (("pictures", decoded), ("sound", heard)):
        if any(since(b, a) <= 0 for a, b in pairwise(times)):
            yield f"{what} that go back"
    if any(since(each.pts, each.dts) < 0 for each in stream.pictures):
        yield "pictures shown before they are decoded"
    if stream.slips:
        yield f"{stream.slips} packets missing by their counters"


def _step(one: Stream, two: Stream) -> int:
    return since(two.pictures[0].dts, one.pictures[-1].dts)


def _adjoin(one: Stream, two: Stream) -> bool:
    return 0 < _step(one, two) <= 2 * one.frame


def _between(one: Stream, two: Stream) -> Iterator[str]:
    if not _adjoin(one, two):
        yield f"pictures {_step(one, two) / CLOCK:+.3f} s on"
    if one.sounds and two.sounds and abs(gap := since(two.sounds[0].pts, one.sound_end)) > AAC_TICKS:
        yield f"sound {gap / CLOCK:+.3f} s on"
    for pid in one.counters.keys() & two.counters.keys():
        if two.counters[pid][0] != (one.counters[pid][1] + 1) % 16:
            yield f"counter {one.counters[pid][1]} of PID {pid} followed by {two.counters[pid][0]}"
            return


def sound_throughout(footage: Footage) -> Iterator[Fault]:
    """35: sound from edge to edge, at most two AAC frames off.

    A muxer cuts by the time of decoding, so sound may begin anywhere between that of the first picture and its showing.
    """
    for shot, stream in footage.streams:
        if not stream.sounds:
            yield footage.uri, shot.entry.line, "sound", "none"
            continue
        first, last = stream.pictures[0], stream.pictures[-1]
        begin = _outside(stream.sounds[0].pts, first.dts, stream.first)
        end = _outside(stream.sound_end, last.dts + stream.frame, stream.last + stream.frame)
        for where, off in (("start", begin), ("end", end)):
            if abs(off) > 2 * AAC_TICKS:
                found = f"{off / CLOCK:+.3f} s at the {where}"
                yield footage.uri, shot.entry.line, "sound within two AAC frames of the picture", found


def _outside(time: int, low: int, high: int) -> int:
    """How far a time lies outside a span, with its sign."""
    return min(since(time, low), 0) or max(since(time, high), 0)


def codecs_as_told(footage: Footage) -> Iterator[Fault]:
    """36: CODECS is what the parameter sets and the sound say."""
    told = footage.said.get("CODECS", "").strip('"').lower()
    for shot, stream in footage.streams:
        seen = sorted({each.codec for each in stream.parameters} | {f"mp4a.40.{each.object}" for each in stream.sounds})
        wrong = [codec for codec in seen if told and codec not in told.split(",")]
        if wrong:
            yield footage.uri, shot.entry.line, f"CODECS {told}", ", ".join(wrong)
            return


def modest_pictures(footage: Footage) -> Iterator[Fault]:
    """37: level no higher than needed, at most High, 8 bit, 4:2:0, progressive."""
    for shot, stream in footage.streams:
        for each in stream.parameters:
            needed = each.needed_level(CLOCK / stream.frame)
            odd = [
                words
                for wrong, words in (
                    (each.level > needed, f"level {each.level / 10} where {needed / 10} is enough"),
                    (each.profile > HIGH, f"profile {each.profile}"),
                    (each.bits != 8, f"{each.bits} bit"),
                    (each.chroma != 1, "not 4:2:0"),
                    (not each.progressive, "interlaced"),
                )
                if wrong
            ]
            if odd:
                yield footage.uri, shot.entry.line, "no more than old boxes decode", ", ".join(odd)
                return


def sound_form(footage: Footage) -> Iterator[Fault]:
    """38: AAC at 48 kHz, stereo, throughout."""
    for shot in footage.shots:
        heard = shot.stream.sounds if shot.stream else ()
        odd = next((each for each in heard if (each.rate, each.channels) != _SOUND), None)
        if odd:
            yield footage.uri, shot.entry.line, "48 kHz stereo", f"{odd.rate} Hz, {odd.channels} channels"


def decrypts(footage: Footage) -> Iterator[Fault]:
    """39: an encrypted segment is a transport stream with the key and IV that are stated."""
    for shot in footage.shots:
        if shot.cipher or (shot.fault and encrypted(shot)):
            yield footage.uri, shot.entry.line, "MPEG-TS under the stated key and IV", shot.cipher or shot.fault


def encrypted(shot: Shot) -> bool:
    return bool(shot.entry.key) and "METHOD=NONE" not in shot.entry.key
