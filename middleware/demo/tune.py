"""A tune for a film: plucked strings on the five-tone scale, made by arithmetic, a different one for every seed."""

import sys
import wave
from array import array
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

from attrs import frozen

RATE = 22_050
SCALE = (0, 2, 4, 7, 9)
"""宫商角徵羽 in semitones above the tonic."""
RHYTHMS = ((1, 1, 2), (2, 1, 1), (1, 1, 1, 1), (2, 2), (3, 1), (4,))
"""Lengths of a bar's notes in half beats; each bar has two beats."""
RING_S = 2.2
"""How long a string sounds."""


@frozen
class Note:
    """A pluck at `at` seconds; `pitch` in semitones above A2 (110 Hz), `strength` 0 to 1."""

    at: float
    pitch: int
    strength: float


def write_tune(target: Path, seed: str, seconds: float) -> None:
    """Write a mono WAV file of this length."""
    samples = mixed(melody(seed, seconds), seconds)
    if sys.byteorder == "big":
        samples.byteswap()
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def melody(seed: str, seconds: float) -> tuple[Note, ...]:
    """The notes: a line that walks up and down the scale, over one deep string per bar; it comes to rest at home."""
    dice = Random(seed)  # noqa: S311 - music, no secrets
    tonic, half_beat = dice.choice((3, 5, 7, 8, 10)), dice.choice((0.32, 0.36, 0.4, 0.44))
    bars = int((seconds - 4) / (half_beat * 4))
    notes = [note for bar in _bars(dice, bars) for note in _placed(bar, tonic, half_beat)]
    end = bars * half_beat * 4
    return (*notes, Note(end, tonic, 0.7), Note(end + 0.06, tonic + 12, 0.8), Note(end + 0.12, tonic + 19, 0.6))


def _bars(dice: Random, count: int) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Number, deep step and (length, step) of each bar; every fourth bar repeats the one three before it."""
    step = 7
    past: list[list[tuple[int, int]]] = []
    for number in range(count):
        bar = []
        for length in dice.choice(RHYTHMS):
            step = min(13, max(4, step + dice.choice((-2, -1, -1, 0, 1, 1, 2))))
            bar.append((length, step))
        past.append(past[number - 3] if number % 4 == 3 else bar)
        yield number, dice.choice((0, 0, 3, 4)), past[-1]


def _placed(bar: tuple[int, int, list[tuple[int, int]]], tonic: int, half_beat: float) -> Iterator[Note]:
    number, deep, steps = bar
    at = number * half_beat * 4
    yield Note(at, tonic + SCALE[deep], 0.5)
    for length, step in steps:
        octave, place = divmod(step, len(SCALE))
        yield Note(at, tonic + 12 * octave + SCALE[place], 0.75)
        at += length * half_beat


def mixed(notes: tuple[Note, ...], seconds: float) -> "array[int]":
    """All notes added up as 16-bit samples, the last second fading out."""
    total = int(seconds * RATE)
    sums = [0.0] * (total + int(RING_S * RATE) + RATE)
    for note in notes:
        start, string = int(note.at * RATE), pluck(note.pitch)
        for place, sample in enumerate(string, start):
            sums[place] += sample * note.strength
    loudest = max(map(abs, sums)) or 1.0
    fade = [min(1.0, (total - place) / RATE) for place in range(total)]
    return array("h", [int(sums[place] / loudest * 26_000 * fade[place]) for place in range(total)])


@cache
def pluck(pitch: int) -> tuple[float, ...]:
    """One string by Karplus and Strong's algorithm (Computer Music Journal 7/2, 1983): noise that rings out."""
    period = round(RATE / (110 * 2 ** (pitch / 12)))
    dice = Random(pitch)  # noqa: S311 - the noise of a plucked string
    string = [dice.uniform(-1, 1) for _ in range(period)]
    out = []
    for place in range(int(RING_S * RATE)):
        at = place % period
        out.append(string[at])
        string[at] = 0.4985 * (string[at] + string[(at + 1) % period])
    return tuple(out)
