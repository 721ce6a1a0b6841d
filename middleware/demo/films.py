"""Films of the demonstration: slow looks at our own pictures, with captions and a tune, packaged as any film is."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from attrs import evolve, frozen
from twisted.internet.threads import deferToThreadPool

from middleware.demo.population import read_data
from middleware.demo.tune import write_tune
from middleware.services.assets import CHANNEL, AssetDraft
from vod import ffmpeg_args
from vod.catalogue import Asset, Package
from vod.errors import PackagingFailed
from vod.ffmpeg_args import FADE_S, SCENE_S, Scene
from vod.ladder import LADDER, Rung
from vod.library import Library
from vod.packaging import Settings, ingest
from vod.runner import Limits, ToolFailed, run

DRAWING = 0.25
"""Part of the work that drawing a film is; the rest is packaging it."""
SHORTER_S = 0.1
"""The tune ends before the picture, so that the film's length is a whole number of segments."""
LIMITS = Limits(seconds=600, cpu_s=1200, file_size=1 << 30)

Register = Callable[[AssetDraft, Package, timedelta], Awaitable[Asset]]
"""Stores a film as one that was added this long ago."""


@frozen
class Shot:
    """One scene: a picture of middleware/demo/pictures without its ending, the move of the view, the caption."""

    picture: str
    move: str
    caption: str


@frozen
class Film:
    key: str
    column: str
    title: str
    synopsis: str
    poster: str
    shots: tuple[Shot, ...]
    age: timedelta
    height: int
    """Lines of the picture; each rung below is packaged too."""
    episode: tuple[str, int, int] | None = None
    """Key of the series it belongs to, season and number."""
    exact_s: int = 0
    """Length of a part of the channel that has one scene, in seconds."""

    @property
    def draft(self) -> AssetDraft:
        return AssetDraft(self.column, self.title, synopsis=self.synopsis, origin=f"demo:{self.key}")

    @property
    def seconds(self) -> float:
        return self.exact_s or len(self.shots) * (SCENE_S - FADE_S) + FADE_S


def films() -> tuple[Film, ...]:
    """Every film of the demonstration, in the order of the shelf."""
    return tuple(map(_film, read_data("films.toml")["films"]))


def parts() -> tuple[Film, ...]:
    """What the town's channel shows between the films: idents, a slate, a filler."""
    return tuple(map(_film, read_data("films.toml")["parts"]))


def origins() -> frozenset[str]:
    """The sources of all that `make_films` makes."""
    return frozenset(f"demo:{film.key}" for film in (*films(), *parts()))


def _film(row: Mapping[str, Any]) -> Film:
    return Film(
        key=row["key"],
        column=row.get("column", CHANNEL),
        title=row["title"],
        synopsis=row.get("synopsis", ""),
        poster=row.get("poster", "art/full"),
        shots=tuple(Shot(*scene) for scene in row["scenes"]),
        age=timedelta(days=row["days"]),
        height=row.get("height", 540),
        episode=tuple(row["episode"]) if "episode" in row else None,
        exact_s=row.get("seconds", 0),
    )


def series() -> dict[str, tuple[str, str, int]]:
    """Title, synopsis and year of the series, by the key that films name."""
    return {key: (row["title"], row["synopsis"], row["year"]) for key, row in read_data("films.toml")["series"].items()}


async def make_films(
    reactor: Any,
    library: Library,
    have: Collection[str],
    register: Register,
    *,
    settings: Settings,
    progress: Callable[[str, float], None],
) -> int:
    """Make the films whose origin is not among `have`; returns how many. `progress` gets a title and 0 to 1 of all.

    Raises PackagingFailed.
    """
    first, *others = films()  # the parts early: with them and one film the channel can go on the air
    wanted = [film for film in (first, *parts(), *others) if film.draft.origin not in have]
    for number, film in enumerate(wanted):

        def note(part: float, film: Film = film, number: int = number) -> None:
            progress(film.title, (number + part) / len(wanted))

        await _make(reactor, library, film, register, settings, note)
    return len(wanted)


async def _make(
    reactor: Any, library: Library, film: Film, register: Register, settings: Settings, note: Callable[[float], None]
) -> None:
    # Our drawings are so plain that a faster preset looks the same; eight films must not take all morning.
    quick = evolve(settings, channel=True, exact_ms=film.exact_s * 1000)
    quick = evolve(quick, preset="superfast") if settings.preset != "ultrafast" else quick
    with library.job() as folder:
        await _draw(reactor, folder, film, lambda part: note(DRAWING * part))
        await ingest(
            reactor,
            folder / "film.mp4",
            library,
            lambda package: register(film.draft, package, film.age),
            settings=quick,
            poster=folder / "poster.png",
            progress=lambda step: note(DRAWING + (1 - DRAWING) * step.fraction),
        )


async def _draw(reactor: Any, folder: Path, film: Film, note: Callable[[float], None]) -> None:
    """Write film.mp4 and poster.png into the folder."""
    pool = reactor.getThreadPool()
    await deferToThreadPool(reactor, pool, write_tune, folder / "tune.wav", film.key, film.seconds - SHORTER_S)
    for number, shot in enumerate(film.shots):
        (folder / f"caption{number}.txt").write_text(shot.caption, encoding="utf-8")
    with as_file(files("middleware.demo") / "pictures") as pictures:
        scenes = tuple(
            Scene(
                _file(pictures, shot.picture),
                _enlarge(shot.picture),
                f"caption{number}.txt",
                shot.move,
                film.exact_s,
            )
            for number, shot in enumerate(film.shots)
        )
        poster = ffmpeg_args.enlarged_args(_file(pictures, film.poster), _enlarge(film.poster), "poster.png")
        drawing = ffmpeg_args.slideshow_args(scenes, _rung(film.height), "tune.wav", "film.mp4")
        try:
            await run(reactor, "ffmpeg", poster, limits=LIMITS, folder=folder)
            await run(reactor, "ffmpeg", drawing, limits=LIMITS, folder=folder, progress=_fraction(film, note))
        except ToolFailed as exc:
            raise _failure(exc) from exc


def _fraction(film: Film, note: Callable[[float], None]) -> Callable[[int], None]:
    return lambda microseconds: note(min(1.0, microseconds / 1e6 / film.seconds))


def _file(pictures: Path, name: str) -> Path:
    return pictures / f"{name}.jpg"


def _rung(height: int) -> Rung:
    return next(rung for rung in LADDER if rung.height == height)


def _enlarge(name: str) -> int:
    """How much a drawing must grow: all but the lake scene are as small as the pages show them."""
    return 1 if name == "art/full" else 4


def _failure(exc: ToolFailed) -> PackagingFailed:
    if exc.reason == "missing":
        return PackagingFailed("tool_missing", exc.stderr)
    if "font" in exc.stderr.lower():
        return PackagingFailed("encode_failed", "no Chinese font; on Debian type: sudo apt-get install fonts-noto-cjk")
    return PackagingFailed("encode_failed", str(exc))
