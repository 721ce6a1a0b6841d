"""Argument lists for ffprobe and ffmpeg. The only module that imports `ffmpeg`, and only to compile, never to run.

Facts about ffmpeg-python 0.2.0 this obeys (video.md §5): only scalar values, streams mapped by passing them, explicit
splits, options free of order, `file:` in front of every path so that a name like `-y` cannot become an option.
"""

from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import ffmpeg
from attrs import evolve, frozen

from vod.ladder import AUDIO_KBPS, FPS, FRAME_MS, GOP_S, LADDER, SEGMENT_S, Rung
from vod.sprites import ACROSS, CELL, DOWN, EVERY_S

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

    `sound` None gives silence, `length_ms` 0 has no end. `square` asks for non-square pixels to be made square. Lengths
    in ms. `transfer` names the curve of a picture with high dynamic range, which is then mapped to that of ordinary
    sets. `voices` are stream indices of further sounds by the key of their track.
    """

    source: Path
    picture: int
    sound: int | None
    square: bool
    length_ms: int
    limit_ms: int
    rungs: tuple[Rung, ...]
    preset: str = "veryfast"
    fps: int = FPS
    transfer: str = ""
    voices: tuple[tuple[str, int], ...] = ()


def probe_args(source: Path) -> list[str]:
    """ffprobe: streams, container and the first packets (they tell whether the film is encrypted) as JSON."""
    guards = [text for name, value in GUARDS.items() for text in (f"-{name}", str(value))]
    wanted = ["-show_streams", "-show_format", "-show_packets", "-read_intervals", "%+#4", "-of", "json"]
    return ["-hide_banner", "-v", "error", *guards, *wanted, f"file:{source}"]


def scan_args(source: Path, picture: int, sound: int | None, limit_ms: int) -> list[str]:
    """Read all packets without decoding, to learn where the film really ends; not much beyond the limit."""
    given = ffmpeg.input(f"file:{source}", t=_seconds(limit_ms + 1000), **GUARDS)
    streams = [given[str(index)] for index in (picture, sound) if index is not None]
    return _compiled(ffmpeg.output(*streams, "-", format="null", c="copy"))


def packets_args(source: Path, picture: int, seconds: int) -> list[str]:
    """ffprobe: time, size and flags of the picture's packets up to there, a line each: may it be copied?"""
    guards = [text for name, value in GUARDS.items() for text in (f"-{name}", str(value))]
    wanted = ["-select_streams", str(picture), "-show_entries", "packet=pts,dts,size,flags", "-of", "csv=p=0"]
    up_to = ["-read_intervals", f"%+{seconds}"]
    return ["-hide_banner", "-v", "error", *guards, *wanted, *up_to, f"file:{source}"]


def copy_args(source: Path, picture: int, sound: int, height: int) -> list[str]:
    """The streams as they are, cut into the segments of one rung."""
    given = ffmpeg.input(f"file:{source}", **GUARDS)
    streams = [given[str(picture)], given[str(sound)]]
    options = {"c": "copy", "var_stream_map": f"v:0,a:0,name:{height}"} | _CLEAN | _SEGMENTS
    return _compiled(ffmpeg.output(*streams, "%v/index.m3u8", **options))


def sprites_args(rung: int, sheets: int, sample: tuple[int, int]) -> list[str]:
    """Sheets of small pictures, one per 10 s, from the key frames of a finished rung in the working folder.

    All key frames come on stdout besides, grey and small, one after the other, for the choice of posters.
    """
    options = {"format": "hls", "protocol_whitelist": "file", "skip_frame": "nokey"}
    both = ffmpeg.input(f"file:{rung}/index.m3u8", **options)["v"].filter_multi_output("split", 2)
    cells = (
        both[0]
        .filter("setpts", "PTS-STARTPTS")  # the sound begins a little before, and times count from it
        .filter("fps", f"1/{EVERY_S}", round="up")
        .filter("scale", *CELL)
        .filter("tile", f"{ACROSS}x{DOWN}")
    )
    sheet = {"frames:v": sheets, "format": "image2", "start_number": 0, "q:v": 5, "pix_fmt": "yuvj420p"}
    grey = both[1].filter("scale", *sample).filter("format", "gray")
    outputs = [
        ffmpeg.output(cells, "sprites/%d.jpg", map_metadata=-1, **sheet),
        ffmpeg.output(grey, "pipe:1", format="rawvideo", fps_mode="passthrough"),
    ]
    # No progress report: it would stand between the pictures.
    return [*QUIET[:4], "-y", *ffmpeg.merge_outputs(*outputs).compile()[1:]]


def fragments_args(rung: int) -> list[str]:
    """The same pictures and sound in the second container: `f<rung>/init.mp4` and `f<rung>/<nnnnn>.m4s`."""
    given = ffmpeg.input(f"file:{rung}/index.m3u8", format="hls", protocol_whitelist="file")
    segments = {
        "hls_segment_type": "fmp4",
        "hls_fmp4_init_filename": "init.mp4",
        "hls_segment_filename": f"f{rung}/%05d.m4s",
    }
    options = {"c": "copy", "bsf:a": "aac_adtstoasc"} | _CLEAN | _SEGMENTS | segments
    return _compiled(ffmpeg.output(given["v"], given["a"], f"f{rung}/index.m3u8", **options))


def encode_args(plan: EncodePlan) -> list[str]:
    """One process for all rungs, so that their cuts align; writes `<rung>/index.m3u8` and segments below its folder.

    Names are relative: a data folder may hold a `%`, which the segment pattern would take for its own.
    """
    given = ffmpeg.input(f"file:{plan.source}", t=_seconds(plan.limit_ms + 1000), **GUARDS)
    pictures = _pictures(given[str(plan.picture)], plan)
    sounds = _sounds(given, plan)
    pairs = [stream for pair in zip(pictures, sounds, strict=True) for stream in pair]
    # Cut by its own clock, a sound that lasts a frame longer than the film would end in a segment of that frame.
    shorter = evolve(plan, length_ms=plan.length_ms - FRAME_MS)
    voices = [_levelled(given[str(index)], shorter) for _, index in plan.voices]
    return _compiled(ffmpeg.output(*pairs, *voices, "%v/index.m3u8", **_output_options(plan)))


@frozen
class Still:
    """One picture of a file: key frame `number`; `lift` brightens one that is all dark. `mark` stands in the names."""

    picture: str
    number: int
    lift: bool = False
    mark: str = ""


def posters_args(stills: tuple[Still, ...], kind: str) -> list[str]:
    """`poster<mark>.jpg` and `shelf<mark>.jpg` of each, from files in the working folder or from a picture.

    `kind` is the name of ffmpeg's demuxer: mpegts, jpeg_pipe or png_pipe.
    """
    return _compiled(ffmpeg.merge_outputs(*(output for still in stills for output in _poster(still, kind))))


def _poster(still: Still, kind: str) -> list[Any]:
    options: dict[str, Any] = {"format": kind, "protocol_whitelist": "file", "max_pixels": MAX_PIXELS}
    if kind == "mpegts":
        options["skip_frame"] = "nokey"
    frame = ffmpeg.input(f"file:{still.picture}", **options)["v"].filter("select", f"eq(n,{still.number})")
    frame = frame.filter("scale", "trunc(iw*sar/2)*2", "ih").filter("setsar", 1)
    if still.lift:
        frame = frame.filter("format", "yuv420p").filter("lutyuv", y="40+val*0.8")
    both = frame.filter_multi_output("split", 2)
    return [
        ffmpeg.output(_filled(both[0], 640, 360), f"file:poster{still.mark}.jpg", **_JPEG, **{"q:v": 4}),
        ffmpeg.output(_filled(both[1], 258, 145), f"file:shelf{still.mark}.jpg", **_JPEG, **{"q:v": 4}),
    ]


_JPEG: Final = {"frames:v": 1, "format": "image2", "update": 1, "map_metadata": -1, "pix_fmt": "yuvj420p"}


@frozen
class Scene:
    """A drawn picture on which the view wanders; `caption` names a text file in the working folder.

    `enlarge` is 2, 3 or 4 for small drawings, whose edges are redrawn sharp, and 1 for pictures as large as the view.
    A scene of its own may have another length than 21 s; one of less than 6 s shows its caption all the time.
    """

    picture: Path
    enlarge: int
    caption: str
    move: str
    seconds: float = 0.0


SCENE_S, FADE_S, BRIEF_S = 21.0, 1.5, 6.0
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
    seconds = scene.seconds or SCENE_S
    wandering = (
        _sharp(scene.picture, scene.enlarge)
        .filter("scale", view.width + ROOM[0], view.height + ROOM[1], flags="lanczos")
        .filter("format", "yuv444p")  # with halved colour the view could only move by two pixels
        .filter("loop", loop=-1, size=1)
        .filter("fps", FPS)
        .filter("setpts", f"N/({FPS}*TB)")
        .filter("trim", duration=seconds)
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
        alpha=1 if 0 < scene.seconds < BRIEF_S else f"clip(min(t-1,{seconds - 1}-t),0,1)",
    )


def _filled(stream: Any, width: int, height: int) -> Any:
    """Cover the rectangle; what juts out is cut, so no bars stand on the shelf."""
    size = {"w": width, "h": height, "force_original_aspect_ratio": "increase", "flags": "lanczos"}
    return stream.filter("scale", **size).filter("crop", width, height, exact=1)


def _pictures(source: Any, plan: EncodePlan) -> list[Any]:
    top = plan.rungs[-1]
    fit = {"w": top.width, "h": top.height, "force_original_aspect_ratio": "decrease", "force_divisible_by": 2}
    # Each field becomes a picture of its own only where there is room for 50 a second.
    fields = {"mode": "send_field"} if plan.fps > FPS else {}
    stream = source.filter("yadif", deint="interlaced", **fields).filter("fps", fps=plan.fps, start_time=0)
    if plan.square:
        stream = stream.filter("scale", "trunc(iw*sar/2)*2", "ih")
    stream = stream.filter("scale", **fit)
    if plan.transfer:
        stream = _tone_mapped(stream, plan.transfer)
    stream = stream.filter("pad", top.width, top.height, -1, -1).filter("setsar", 1).filter("format", "yuv420p")
    if plan.length_ms:
        stream = stream.filter("tpad", stop_mode="clone", stop=-1).filter("trim", duration=_seconds(plan.length_ms))
    copies = stream.filter_multi_output("split", len(plan.rungs))
    lower = [copies[n].filter("scale", rung.width, rung.height) for n, rung in enumerate(plan.rungs[:-1])]
    return [*lower, copies[len(lower)]]


def _tone_mapped(stream: Any, transfer: str) -> Any:
    """From BT.2020 with a curve of high dynamic range to BT.709; said aloud, for files often do not say it all."""
    given = {"tin": transfer, "pin": "bt2020", "min": "bt2020nc", "rin": "tv"}
    return (
        stream.filter("zscale", t="linear", npl=100, **given)
        .filter("format", "gbrpf32le")
        .filter("zscale", p="bt709")
        .filter("tonemap", tonemap="hable", desat=0)
        .filter("zscale", t="bt709", m="bt709", r="tv")
    )


def _sounds(given: Any, plan: EncodePlan) -> list[Any]:
    if plan.sound is None:
        stream = ffmpeg.input("anullsrc=r=48000:cl=stereo", format="lavfi")["a"]
        stream = stream.filter("atrim", duration=_seconds(plan.length_ms)) if plan.length_ms else stream
    else:
        stream = _levelled(given[str(plan.sound)], plan)
    copies = stream.filter_multi_output("asplit", len(plan.rungs))
    return [copies[n] for n in range(len(plan.rungs))]


def _levelled(sound: Any, plan: EncodePlan) -> Any:
    levelled = (
        sound.filter("aformat", channel_layouts="stereo")
        .filter("loudnorm", I=-23, TP=-2, LRA=11)
        # loudnorm works at 192 kHz and leaves it so; hence the resampler stands behind it.
        .filter("aresample", 48000, **{"async": 1, "first_pts": 0})
    )
    if not plan.length_ms:
        return levelled
    return levelled.filter("apad").filter("atrim", duration=_seconds(plan.length_ms))


_CLEAN: Final = {"map_metadata": -1, "map_chapters": -1, "sn": None, "dn": None}
_SEGMENTS: Final = {
    "muxdelay": 0,
    "muxpreload": 0,
    "format": "hls",
    "hls_time": SEGMENT_S,
    "hls_playlist_type": "vod",
    "hls_segment_type": "mpegts",
    "hls_flags": "independent_segments",
    "hls_segment_filename": "%v/%05d.ts",
}


def _output_options(plan: EncodePlan) -> dict[str, Any]:
    options: dict[str, Any] = {
        "c:v": "libx264",
        "preset": plan.preset,
        "g": GOP_S * plan.fps,
        "keyint_min": GOP_S * plan.fps,
        "sc_threshold": 0,
        "flags": "+cgop",
        "force_key_frames": f"expr:gte(t,n_forced*{GOP_S})",
        "c:a": "aac",
        "b:a": f"{AUDIO_KBPS}k",
        "ac": 2,
        "ar": 48000,
        "var_stream_map": " ".join(_variants(plan)),
    }
    options |= _CLEAN | _SEGMENTS
    for n, rung in enumerate(plan.rungs):
        options |= {
            f"b:v:{n}": f"{rung.kbps}k",
            f"maxrate:v:{n}": f"{rung.maxrate}k",
            f"bufsize:v:{n}": f"{_bufsize(rung, plan.length_ms)}k",
            f"profile:v:{n}": rung.profile,
            f"level:v:{n}": rung.level_at(plan.fps),
        }
    return options


def _bufsize(rung: Rung, length_ms: int) -> int:
    """What may be spent at once: less in films of a few seconds, which else would be all burst, far above the rate."""
    return min(rung.bufsize, rung.maxrate * length_ms // 4000) if length_ms else rung.bufsize


def _variants(plan: EncodePlan) -> list[str]:
    pairs = [f"v:{n},a:{n},name:{rung.height}" for n, rung in enumerate(plan.rungs)]
    return [*pairs, *(f"a:{n},name:sound-{key}" for n, (key, _) in enumerate(plan.voices, start=len(pairs)))]


def _seconds(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03d}"


def _compiled(stream: Any) -> list[str]:
    return [*QUIET, *stream.compile()[1:]]


RELAYED: Final = {
    "protocol_whitelist": "http,https,tcp,tls,crypto,udp,rtp,rtmp,rtmps,srt",
    "max_pixels": MAX_PIXELS,
    "max_streams": 64,
    "rw_timeout": 5_000_000,
    "analyzeduration": 3_000_000,
}
"""Input options for a source that the operator named: it may lead to other servers, never to a file or a device."""


def source_args(address: str) -> list[str]:
    """ffprobe: the streams of a source that is sent at this moment, as JSON."""
    where, options = _source(address)
    guards = [text for name, value in options.items() for text in (f"-{name}", str(value))]
    return ["-hide_banner", "-v", "error", *guards, "-show_streams", "-show_format", "-of", "json", where]


def _source(address: str) -> tuple[str, dict[str, Any]]:
    """What to open, and its input options. At the host 0.0.0.0 or [::] nobody can be called: there we are called.

    So a live session comes in by SRT or RTMP from an encoder that has only our address (live.md §1).
    """
    parts = urlsplit(address)
    if parts.hostname not in ("0.0.0.0", "::") or parts.scheme not in ("rtmp", "srt"):  # noqa: S104 told apart, not bound
        return address, RELAYED
    if parts.scheme == "rtmp":
        return address, {**RELAYED, "listen": 1}
    return parts._replace(query="&".join(filter(None, (parts.query, "mode=listener")))).geturl(), RELAYED


def relay_args(address: str, plan: EncodePlan, first: int) -> list[str]:
    """Encode a source without an end into all rungs; segment number `first` is the first, each appears by rename.

    Of `plan` the source and the lengths mean nothing here. The playlists are short: they are not what is played.
    """
    where, options = _source(address)
    given = ffmpeg.input(where, fflags="+genpts+discardcorrupt", **options)
    pictures, sounds = _pictures(given[str(plan.picture)], plan), _sounds(given, plan)
    pairs = [stream for pair in zip(pictures, sounds, strict=True) for stream in pair]
    options = _output_options(plan) | {
        "hls_flags": "independent_segments+temp_file",
        "hls_list_size": 5,
        "start_number": first,
        "shortest": None,
    }
    del options["hls_playlist_type"]
    return _compiled(ffmpeg.output(*pairs, "%v/index.m3u8", **options))


def glimpse_args(segment: str, width: int, height: int) -> list[str]:
    """The key frames of a segment in the working folder as small grey pictures on stdout, one after the other."""
    given = ffmpeg.input(f"file:{segment}", format="mpegts", skip_frame="nokey", protocol_whitelist="file")
    grey = given["v"].filter("scale", width, height).filter("format", "gray")
    # No progress report: it would stand between the pictures.
    return [*QUIET[:4], *ffmpeg.output(grey, "pipe:1", format="rawvideo", vsync="passthrough").compile()[1:]]
