"""Choose and cut the poster: a bright, detailed key frame of the film, or a picture the editor gives."""

from math import fsum
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from vod import ffmpeg_args
from vod.errors import Refused
from vod.runner import Limits, ToolFailed, run

SAMPLE: Final = (64, 36)
DARKEST: Final = 24.0
"""Mean luma at or below this is taken for black."""
MOST_SAMPLES: Final = 4
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
    """Segments to look at: spread over 10 to 90 % of the film, so that no title card or end roll is taken."""
    first, last = count // 10, max(count // 10, count * 9 // 10 - 1)
    picks = min(MOST_SAMPLES, last - first + 1)
    return tuple(first + (last - first) * n // max(1, picks - 1) for n in range(picks))


async def from_film(reactor: Any, work: Path, rung: int, count: int) -> None:
    """Write poster.jpg and shelf.jpg into `work` from the segments of one rung."""
    picks = [f"{rung}/{number:05d}.ts" for number in sampled(count)]
    args = [ffmpeg_args.samples_args(pick, *SAMPLE) for pick in picks]
    looked = [(await run(reactor, "ffmpeg", arg, limits=LIMITS, folder=work)).stdout for arg in args]
    numbered = [(pick, n) for pick, frames in zip(picks, looked, strict=True) for n in range(_count(frames))]
    choice = choose(b"".join(looked))
    pick, number = numbered[choice.number]
    chosen = ffmpeg_args.posters_args(pick, number, kind="mpegts", lift=choice.dark)
    await run(reactor, "ffmpeg", chosen, limits=LIMITS, folder=work)


async def from_picture(reactor: Any, work: Path, picture: Path) -> None:
    """Write them from a JPEG or PNG file, decoded under the same guards and written anew; Refused(not_media)."""
    name, kind = _recognised(picture)
    args = ffmpeg_args.posters_args(name, 0, kind=kind, lift=False)
    try:
        await run(reactor, "ffmpeg", args, limits=LIMITS, folder=work)
    except ToolFailed as exc:
        if exc.reason != "exit":
            raise
        raise Refused("not_media", f"the poster: {exc.stderr[-200:]}") from exc


def _recognised(picture: Path) -> tuple[str, str]:
    """The whole path of a picture and the name of ffmpeg's demuxer for it."""
    with picture.open("rb") as file:
        head = file.read(16)
    kind = next((kind for magic, kind in _KINDS.items() if head.startswith(magic)), None)
    if kind is None or picture.stat().st_size > MOST_PICTURE_BYTES:
        raise Refused("not_media", "the poster is neither JPEG nor PNG, or larger than 16 MiB")
    return str(picture.absolute()), kind


def _count(samples: bytes) -> int:
    return len(samples) // (SAMPLE[0] * SAMPLE[1])


def _spread(frame: bytes, mean: float) -> float:
    return fsum((luma - mean) ** 2 for luma in frame) / len(frame)
