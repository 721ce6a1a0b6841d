"""Choose and cut posters: bright, detailed key frames of the film to choose from, or a picture the editor gives."""

from collections.abc import Sequence
from math import fsum
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from vod import ffmpeg_args
from vod.errors import Refused
from vod.library import CANDIDATES, PICTURES
from vod.runner import Limits, ToolFailed, run

SAMPLE: Final = (64, 36)
DARKEST: Final = 24.0
"""Mean luma at or below this is taken for black."""
MOST_SAMPLES: Final = 60
MOST_PICTURE_BYTES: Final = 16 << 20
LIMITS: Final = Limits(seconds=60, cpu_s=60, file_size=64 << 20)
_KINDS: Final = {b"\xff\xd8\xff": "jpeg_pipe", b"\x89PNG\r\n\x1a\n": "png_pipe"}


@frozen
class Choice:
    """Key frame `number` of the sampled ones; `dark` when even that is nearly black."""

    number: int
    dark: bool


def choose(samples: bytes) -> Choice:
    """The sample with most contrast among those that are not black; the first of equals, else the brightest."""
    size = SAMPLE[0] * SAMPLE[1]
    frames = [samples[at : at + size] for at in range(0, len(samples) - size + 1, size)]
    means = [sum(frame) / size for frame in frames]
    bright = [n for n, mean in enumerate(means) if mean > DARKEST + 8]
    if not bright:
        return Choice(max(range(len(frames)), key=means.__getitem__, default=0), dark=True)
    return Choice(max(bright, key=lambda n: round(_spread(frames[n], means[n]))), dark=False)


def sampled(count: int) -> tuple[int, ...]:
    """Key frames to look at: spread over 10 to 90 % of the film, so that no title card or end roll is taken."""
    first, last = count // 10, max(count // 10, count * 9 // 10 - 1)
    picks = min(MOST_SAMPLES, last - first + 1)
    return tuple(first + (last - first) * n // max(1, picks - 1) for n in range(picks))


def candidates(samples: bytes) -> tuple[Choice, ...]:
    """The best key frame of each third of a film whose key frames these are, the one to take first."""
    size = SAMPLE[0] * SAMPLE[1]
    wanted = sampled(len(samples) // size)
    parts = [part for n in range(CANDIDATES) if (part := wanted[len(wanted) * n // 3 : len(wanted) * (n + 1) // 3])]
    frames = {number: samples[number * size : (number + 1) * size] for number in wanted}
    best = [(part, choose(b"".join(frames[number] for number in part))) for part in parts]
    choices = [Choice(part[choice.number], choice.dark) for part, choice in best]
    first = choices[choose(b"".join(frames[choice.number] for choice in choices)).number]
    return (first, *(choice for choice in choices if choice is not first))


async def from_film(reactor: Any, work: Path, samples: bytes, places: Sequence[tuple[str, int]]) -> None:
    """Write the candidates into `work`, and the first of them as poster.jpg and shelf.jpg.

    `samples` are all key frames, grey and small; `places` tell of each its segment's file and its number there.
    """
    chosen = candidates(samples[: len(places) * SAMPLE[0] * SAMPLE[1]])
    stills = tuple(
        ffmpeg_args.Still(*places[choice.number], lift=choice.dark, mark=f"-{n}") for n, choice in enumerate(chosen, 1)
    )
    await run(reactor, "ffmpeg", ffmpeg_args.posters_args(stills, "mpegts"), limits=LIMITS, folder=work)
    for name in PICTURES:
        (work / name).write_bytes((work / name.replace(".", "-1.")).read_bytes())


async def from_picture(reactor: Any, work: Path, picture: Path) -> None:
    """Write them from a JPEG or PNG file, decoded under the same guards and written anew; Refused(not_media)."""
    name, kind = _recognised(picture)
    args = ffmpeg_args.posters_args((ffmpeg_args.Still(name, 0),), kind)
    try:
        await run(reactor, "ffmpeg", args, limits=LIMITS, folder=work)
    except ToolFailed as exc:
        if exc.reason != "exit":
            raise
        raise Refused("not_media", f"the poster: {exc.stderr[-200:]}") from exc


def recognised(head: bytes) -> str:
    """The name of ffmpeg's demuxer for a picture that begins so; empty for what is none."""
    return next((kind for magic, kind in _KINDS.items() if head.startswith(magic)), "")


def _recognised(picture: Path) -> tuple[str, str]:
    """The whole path of a picture and the name of ffmpeg's demuxer for it."""
    with picture.open("rb") as file:
        head = file.read(16)
    kind = recognised(head)
    if not kind or picture.stat().st_size > MOST_PICTURE_BYTES:
        raise Refused("not_media", "the poster is neither JPEG nor PNG, or larger than 16 MiB")
    return str(picture.absolute()), kind


def _spread(frame: bytes, mean: float) -> float:
    return fsum((luma - mean) ** 2 for luma in frame) / len(frame)
