"""Argument lists for ffprobe and ffmpeg. The only module that imports `ffmpeg`, and only to compile, never to run.

Facts about ffmpeg-python 0.2.0 this obeys (video.md §5): only scalar values, streams mapped by passing them, explicit
splits, options free of order, `file:` in front of every path so that a name like `-y` cannot become an option.
"""

from pathlib import Path
from typing import Any, Final

import ffmpeg
from attrs import frozen

from vod.ladder import AUDIO_KBPS, FPS, GOP_S, LADDER, SEGMENT_S, Rung

MAX_PIXELS: Final = 8_912_896
"""4096 x 2176: what H.264 level 5.1 can hold. Larger pictures are bombs."""
MAX_STREAMS: Final = 16
GUARDS: Final = {
    "protocol_whitelist": "file,pipe",
    "format_whitelist": "mov,matroska,mpegts,mpeg,avi,flv,asf",
    "max_pixels": MAX_PIXELS,
    "max_streams": MAX_STREAMS,
}
"""Input options that keep a playlist or script dressed up as a film from reading files or opening sockets."""
QUIET: Final = ("-hide_banner", "-nostdin", "-v", "error", "-nostats", "-progress", "pipe:1", "-y")


@frozen
class EncodePlan:
    """What to encode: stream indices of the source, output length, `rungs` lowest first.

    `sound` None gives silence. `square` asks for non-square pixels to be made square. Lengths in ms.
    """

    source: Path
    picture: int
    sound: int | None
    square: bool
    length_ms: int
    limit_ms: int
    rungs: tuple[Rung, ...]
    preset: str = "veryfast"


def probe_args(source: Path) -> list[str]:
    """ffprobe: streams, container and the first packets (they tell whether the film is encrypted) as JSON."""
    guards = [text for name, value in GUARDS.items() for text in (f"-{name}", str(value))]
    wanted = ["-show_streams", "-show_format", "-show_packets", "-read_intervals", "%+#4", "-of", "json"]
    return ["-hide_banner", "-v", "error", *guards, *wanted, f"file:{source}"]


def scan_args(source: Path, picture: int, sound: int | None) -> list[str]:
    """Read all packets without decoding, to learn where the film really ends."""
    given = ffmpeg.input(f"file:{source}", **GUARDS)
    streams = [given[str(index)] for index in (picture, sound) if index is not None]
    return _compiled(ffmpeg.output(*streams, "-", format="null", c="copy"))


def encode_args(plan: EncodePlan) -> list[str]:
    """One process for all rungs, so that their cuts align; writes `<rung>/index.m3u8` and segments below its folder.

    Names are relative: a data folder may hold a `%`, which the segment pattern would take for its own.
    """
    given = ffmpeg.input(f"file:{plan.source}", t=_seconds(plan.limit_ms + 1000), **GUARDS)
    pictures = _pictures(given[str(plan.picture)], plan)
    sounds = _sounds(given, plan)
    pairs = [stream for pair in zip(pictures, sounds, strict=True) for stream in pair]
    return _compiled(ffmpeg.output(*pairs, "%v/index.m3u8", **_output_options(plan)))


def samples_args(segment: str, width: int, height: int) -> list[str]:
    """The key frames of a segment in the working folder as small grey pictures on stdout, one after the other."""
    given = ffmpeg.input(f"file:{segment}", format="mpegts", skip_frame="nokey", protocol_whitelist="file")
    grey = given["v"].filter("scale", width, height).filter("format", "gray")
    # No progress report: it would stand between the pictures.
    return [*QUIET[:4], *ffmpeg.output(grey, "pipe:1", format="rawvideo", vsync="passthrough").compile()[1:]]


def posters_args(picture: str, number: int, *, kind: str, lift: bool) -> list[str]:
    """`poster.jpg` and `shelf.jpg` from key frame `number` of a file in the working folder or from a picture.

    `kind` is the name of ffmpeg's demuxer: mpegts, jpeg_pipe or png_pipe. `lift` brightens a picture that is all dark.
    """
    options: dict[str, Any] = {"format": kind, "protocol_whitelist": "file", "max_pixels": MAX_PIXELS}
    frame = ffmpeg.input(f"file:{picture}", **options, **({"skip_frame": "nokey"} if kind == "mpegts" else {}))["v"]
    frame = frame.filter("select", f"eq(n,{number})").filter("scale", "trunc(iw*sar/2)*2", "ih").filter("setsar", 1)
    if lift:
        frame = frame.filter("format", "yuv420p").filter("lutyuv", y="40+val*0.8")
    both = frame.filter_multi_output("split", 2)
    outputs = [
        ffmpeg.output(_filled(both[0], 640, 360), "file:poster.jpg", **_JPEG, **{"q:v": 4}),
        ffmpeg.output(_filled(both[1], 258, 145), "file:shelf.jpg", **_JPEG, **{"q:v": 4}),
    ]
    return _compiled(ffmpeg.merge_outputs(*outputs))


_JPEG: Final = {"frames:v": 1, "format": "image2", "update": 1, "map_metadata": -1, "pix_fmt": "yuvj420p"}


@frozen
class Scene:
    """A drawn picture on which the view wanders; `caption` names a text file in the working folder.

    `enlarge` is 2, 3 or 4 for small drawings, whose edges are redrawn sharp, and 1 for pictures as large as the view.
    """

    picture: Path
    enlarge: int
    caption: str
    move: str


SCENE_S, FADE_S = 21.0, 1.5
ROOM: Final = (526, 296)
"""By how many pixels the picture is larger than the view: one frame's step for each of the 525 frames, and 16:9."""
WAYS: Final = {
    "right": ("n", "148"),
    "left": ("526-n", "148"),
    "down": ("n", "n/2"),
    "up": ("526-n", "296-n/2"),
}
"""Left and top edge of the view in frame n: one pixel per frame is slow, and smooth without sub-pixel arithmetic."""


def slideshow_args(scenes: tuple[Scene, ...], view: Rung, sound: str, target: str) -> list[str]:
    """Scenes of 21 s that fade into each other, with a sound file of the working folder, as an MP4 for packaging."""
    shown = [_scene(scene, view) for scene in scenes]
    film = shown[0]
    for number, following in enumerate(shown[1:], start=1):
        offset = number * (SCENE_S - FADE_S)
        film = ffmpeg.filter([film, following], "xfade", transition="fade", duration=FADE_S, offset=offset)
    options = {"c:v": "libx264", "preset": "ultrafast", "crf": 16, "c:a": "aac", "b:a": "128k"}
    return _compiled(ffmpeg.output(film, ffmpeg.input(f"file:{sound}")["a"], f"file:{target}", format="mp4", **options))


def enlarged_args(picture: Path, enlarge: int, target: str) -> list[str]:
    """The drawing redrawn large, as PNG in the working folder."""
    still = _sharp(picture, enlarge).filter("scale", LADDER[-1].width, LADDER[-1].height, flags="lanczos")
    return _compiled(ffmpeg.output(still, f"file:{target}", **{"frames:v": 1, "format": "image2", "update": 1}))


def _sharp(picture: Path, enlarge: int) -> Any:
    still = ffmpeg.input(f"file:{picture}", format="jpeg_pipe", protocol_whitelist="file")["v"]
    if enlarge == 1:
        return still
    return still.filter("bilateral", sigmaS=3, sigmaR=0.06).filter("xbr", enlarge)


def _scene(scene: Scene, view: Rung) -> Any:
    x, y = WAYS[scene.move]
    wandering = (
        _sharp(scene.picture, scene.enlarge)
        .filter("scale", view.width + ROOM[0], view.height + ROOM[1], flags="lanczos")
        .filter("format", "yuv444p")  # with halved colour the view could only move by two pixels
        .filter("loop", loop=-1, size=1)
        .filter("fps", FPS)
        .filter("setpts", f"N/({FPS}*TB)")
        .filter("trim", duration=SCENE_S)
        .filter("crop", view.width, view.height, x, y)
        .filter("format", "yuv420p")
    )
    return wandering.filter(
        "drawtext",
        font="Noto Sans CJK SC",
        textfile=scene.caption,
        expansion="none",
        fontsize=view.height // 17,
        fontcolor="white",
        x="w/20",
        y="h-h/6",
        box=1,
        boxcolor="black@0.5",
        boxborderw=view.height // 40,
        alpha=f"clip(min(t-1,{SCENE_S - 1}-t),0,1)",
    )


def _filled(stream: Any, width: int, height: int) -> Any:
    """Cover the rectangle; what juts out is cut, so no bars stand on the shelf."""
    size = {"w": width, "h": height, "force_original_aspect_ratio": "increase", "flags": "lanczos"}
    return stream.filter("scale", **size).filter("crop", width, height, exact=1)


def _pictures(source: Any, plan: EncodePlan) -> list[Any]:
    top = plan.rungs[-1]
    fit = {"w": top.width, "h": top.height, "force_original_aspect_ratio": "decrease", "force_divisible_by": 2}
    stream = source.filter("yadif", deint="interlaced").filter("fps", fps=FPS, start_time=0)
    if plan.square:
        stream = stream.filter("scale", "trunc(iw*sar/2)*2", "ih")
    stream = (
        stream.filter("scale", **fit)
        .filter("pad", top.width, top.height, -1, -1)
        .filter("setsar", 1)
        .filter("format", "yuv420p")
        .filter("tpad", stop_mode="clone", stop=-1)
        .filter("trim", duration=_seconds(plan.length_ms))
    )
    copies = stream.filter_multi_output("split", len(plan.rungs))
    lower = [copies[n].filter("scale", rung.width, rung.height) for n, rung in enumerate(plan.rungs[:-1])]
    return [*lower, copies[len(lower)]]


def _sounds(given: Any, plan: EncodePlan) -> list[Any]:
    length = _seconds(plan.length_ms)
    if plan.sound is None:
        stream = ffmpeg.input("anullsrc=r=48000:cl=stereo", format="lavfi")["a"].filter("atrim", duration=length)
    else:
        stream = (
            given[str(plan.sound)]
            .filter("aformat", channel_layouts="stereo")
            .filter("loudnorm", I=-23, TP=-2, LRA=11)
            # loudnorm works at 192 kHz and leaves it so; hence the resampler stands behind it.
            .filter("aresample", 48000, **{"async": 1, "first_pts": 0})
            .filter("apad")
            .filter("atrim", duration=length)
        )
    copies = stream.filter_multi_output("asplit", len(plan.rungs))
    return [copies[n] for n in range(len(plan.rungs))]


def _output_options(plan: EncodePlan) -> dict[str, Any]:
    options: dict[str, Any] = {
        "c:v": "libx264",
        "preset": plan.preset,
        "profile:v": "main",
        "g": GOP_S * FPS,
        "keyint_min": GOP_S * FPS,
        "sc_threshold": 0,
        "flags": "+cgop",
        "force_key_frames": f"expr:gte(t,n_forced*{GOP_S})",
        "c:a": "aac",
        "b:a": f"{AUDIO_KBPS}k",
        "ac": 2,
        "ar": 48000,
        "map_metadata": -1,
        "map_chapters": -1,
        "sn": None,
        "dn": None,
        "muxdelay": 0,
        "muxpreload": 0,
        "format": "hls",
        "hls_time": SEGMENT_S,
        "hls_playlist_type": "vod",
        "hls_segment_type": "mpegts",
        "hls_flags": "independent_segments",
        "hls_segment_filename": "%v/%05d.ts",
        "var_stream_map": " ".join(f"v:{n},a:{n},name:{rung.height}" for n, rung in enumerate(plan.rungs)),
    }
    for n, rung in enumerate(plan.rungs):
        options |= {
            f"b:v:{n}": f"{rung.kbps}k",
            f"maxrate:v:{n}": f"{rung.maxrate}k",
            f"bufsize:v:{n}": f"{rung.bufsize}k",
            f"level:v:{n}": rung.level,
        }
    return options


def _seconds(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03d}"


def _compiled(stream: Any) -> list[str]:
    return [*QUIET, *stream.compile()[1:]]
