"""What a file holds, told by ffprobe under guards, and whether it may come in (video.md §3.2)."""

import json
from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from vod.errors import Refused
from vod.ffmpeg_args import MAX_PIXELS, MAX_STREAMS

MOST_SECONDS: Final = 6 * 3600
MOST_BYTES: Final = 20 << 30
_SIGNS: Final = (
    ("Number of streams exceeds", "too_many_streams"),
    ("moov atom not found", "truncated"),
    ("exceeds specified max pixel count", "too_large"),
)


@frozen
class Source:
    """A film that may come in. Sizes as displayed: square pixels, turned upright. `seconds` is what the file claims."""

    picture: int
    sound: int | None
    width: int
    height: int
    square: bool
    seconds: float


def refusal(stderr: str, head: bytes) -> Refused:
    """Why ffprobe could not read a file that starts with `head`."""
    for sign, code in _SIGNS:
        # A text that merely is called .mp4 lacks the moov atom too; a film that was cut has at least its brand.
        if sign in stderr and (code != "truncated" or b"ftyp" in head[:64]):
            return Refused(code, stderr.strip()[-200:])
    return Refused("not_media", stderr.strip()[-200:])


def admit(report: bytes, *, most_seconds: float = MOST_SECONDS) -> Source:
    """Read ffprobe's JSON and choose the streams to use; Refused if the film may not come in."""
    found = _parsed(report)
    streams = [stream for stream in found.get("streams", ()) if isinstance(stream, dict)]
    if len(streams) > MAX_STREAMS:
        raise Refused("too_many_streams", f"{len(streams)} streams")
    picture = _first(streams, "video")
    if picture is None:
        raise Refused("no_video" if streams else "not_media")
    _check_picture(picture, found)
    sound = _first(streams, "audio")
    seconds = _number(found.get("format", {}).get("duration")) or _number(picture.get("duration"))
    if seconds > most_seconds:
        raise Refused("too_long", f"{seconds:.0f} s")
    width, height, square = _display(picture)
    return Source(int(picture["index"]), int(sound["index"]) if sound else None, width, height, square, seconds)


def _parsed(report: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(report)
    except ValueError as exc:
        raise Refused("not_media", "unreadable report") from exc
    return found if isinstance(found, dict) else {}


def _first(streams: list[dict[str, Any]], kind: str) -> dict[str, Any] | None:
    """The stream marked as default, else the first. A cover picture is not the film."""
    fitting = [
        stream
        for stream in streams
        if stream.get("codec_type") == kind
        and not stream.get("disposition", {}).get("attached_pic")
        # A sound track that nobody can decode gives silence rather than a refusal.
        and (kind == "video" or stream.get("codec_name"))
    ]
    return max(fitting, key=lambda stream: bool(stream.get("disposition", {}).get("default")), default=None)


def _check_picture(picture: dict[str, Any], found: Mapping[str, Any]) -> None:
    packets = (packet for packet in found.get("packets", ()) if packet.get("stream_index") == picture["index"])
    if any(_side_data(packet, "Encryption info") for packet in packets):
        raise Refused("encrypted")
    if not picture.get("codec_name") or picture["codec_name"] == "unknown":
        raise Refused("unsupported_codec", str(picture.get("codec_tag_string")))
    width, height = int(picture.get("width", 0)), int(picture.get("height", 0))
    if width * height > MAX_PIXELS:
        raise Refused("too_large", f"{width}x{height}")
    if width < 2 or height < 2:
        raise Refused("truncated", "no picture size")


def _display(picture: dict[str, Any]) -> tuple[int, int, bool]:
    """Width and height as shown, and whether pixels must be made square first."""
    width, height = int(picture["width"]), int(picture["height"])
    across, _, down = str(picture.get("sample_aspect_ratio", "1:1")).partition(":")
    stretched = across.isdigit() and down.isdigit() and int(across) > 0 < int(down) and across != down
    if stretched:
        width = width * int(across) // int(down)
    turn = _side_data(picture, "Display Matrix").get("rotation", 0)
    sideways = isinstance(turn, int | float) and round(turn / 90) % 2 == 1
    return (height, width, stretched) if sideways else (width, height, stretched)


def _side_data(owner: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    entries = owner.get("side_data_list", ())
    return next((entry for entry in entries if entry.get("side_data_type") == kind), {})


def _number(text: object) -> float:
    try:
        value = float(str(text))
    except ValueError:
        return 0.0
    return value if 0 < value < 1e9 else 0.0
