"""What a file holds, told by ffprobe under guards, and whether it may come in (video.md §3.2)."""

import json
from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from vod.catalogue import FIRST_SOUND
from vod.errors import Refused
from vod.ffmpeg_args import MAX_PIXELS, MAX_STREAMS
from vod.ladder import RATES

MOST_SECONDS: Final = 6 * 3600
MOST_BYTES: Final = 20 << 30
_SIGNS: Final = (
    ("Number of streams exceeds", "too_many_streams"),
    ("moov atom not found", "truncated"),
    ("exceeds specified max pixel count", "too_large"),
)


_HDR: Final = frozenset({"smpte2084", "arib-std-b67"})
"""Curves of high dynamic range: PQ and HLG (ITU-R BT.2100)."""
MOST_VOICES: Final = 3


@frozen
class Voice:
    """A further sound: its stream index, the key of its track, its language and its name for viewers."""

    index: int
    key: str
    language: str
    title: str


@frozen
class Source:
    """A film that may come in. Sizes as displayed: square pixels, turned upright. `seconds` is what the file claims.

    `transfer` names a curve of high dynamic range, else it is empty. `fps` is the rate in which the streams could be
    packaged as they are, as far as their heads tell; 0 if they cannot. `time_base` is the picture's, in seconds.
    """

    picture: int
    sound: int | None
    width: int
    height: int
    square: bool
    seconds: float
    transfer: str = ""
    voices: tuple[Voice, ...] = ()
    fps: int = 0
    time_base: float = 0.0


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
    transfer = str(picture.get("color_transfer", ""))
    return Source(
        picture=int(picture["index"]),
        sound=int(sound["index"]) if sound else None,
        width=width,
        height=height,
        square=square,
        seconds=seconds,
        transfer=transfer if transfer in _HDR else "",
        voices=_voices(streams, sound),
        fps=_rate_as_it_is(picture, sound),
        time_base=_ratio(picture.get("time_base")),
    )


def _voices(streams: list[dict[str, Any]], sound: dict[str, Any] | None) -> tuple[Voice, ...]:
    """The sounds besides the first, each with a key of its own."""
    others = [one for one in streams if one.get("codec_type") == "audio" and one.get("codec_name") and one is not sound]
    voices: list[Voice] = []
    for one in others[:MOST_VOICES]:
        tags = one.get("tags", {}) if isinstance(one.get("tags"), dict) else {}
        language = _LANGUAGES.get(str(tags.get("language", "")).lower(), "und")
        same = sum(voice.language == language for voice in voices)
        key = f"{language}-{same + 1}" if same else language
        title = _printable(str(tags.get("title", ""))) or _NAMES.get(language, "其他语言")
        taken = {FIRST_SOUND, *(voice.title for voice in voices)}
        voices.append(Voice(int(one["index"]), key, language, _unlike(title, taken)))
    return tuple(voices)


_LANGUAGES: Final = {
    **dict.fromkeys(("zh", "chi", "zho", "cmn"), "zh"),
    **dict.fromkeys(("en", "eng"), "en"),
    **{code: code for code in ("yue", "wuu", "nan", "hak", "gan", "hsn")},
}
"""Languages of ISO 639-2, as containers say them, as RFC 5646 writes them."""
_NAMES: Final = {"zh": "普通话", "en": "英语", "yue": "粤语", "wuu": "吴语", "nan": "闽南语", "hak": "客家话"}


def _unlike(title: str, taken: set[str]) -> str:
    """The name with a number behind it where another has it (RFC 8216 §4.3.4.1.1)."""
    numbered = (f"{title} {number}" for number in range(2, len(taken) + 3))
    return title if title not in taken else next(name for name in numbered if name not in taken)


def _printable(title: str) -> str:
    """A name as it may stand in a playlist: no quotes, no line ends, 20 characters."""
    return "".join(char for char in title if char.isprintable() and char != '"').strip()[:20]


def _rate_as_it_is(picture: Mapping[str, Any], sound: Mapping[str, Any] | None) -> int:
    """25 or 50 where the heads of both streams say what old boxes decode, else 0; the packets have the last word."""
    rate = _ratio(picture.get("avg_frame_rate"))
    plain = (
        picture.get("codec_name") == "h264"
        and picture.get("profile") in _PROFILES
        and 0 < int(picture.get("level", 0)) <= HIGHEST_LEVEL
        and picture.get("pix_fmt") == "yuv420p"
        and picture.get("field_order") == "progressive"
        and picture.get("sample_aspect_ratio", "1:1") in {"1:1", "0:1"}
        and not _side_data(picture, "Display Matrix")
        and rate == _ratio(picture.get("r_frame_rate"))
    )
    heard = sound is not None and (
        (sound.get("codec_name"), sound.get("profile"), str(sound.get("sample_rate")), sound.get("channels"))
        == ("aac", "LC", "48000", 2)
    )
    return round(rate) if plain and heard and rate in RATES else 0


_PROFILES: Final = frozenset({"Constrained Baseline", "Main", "High"})
HIGHEST_LEVEL: Final = 41


def _ratio(text: object) -> float:
    over, _, under = str(text).partition("/")
    return int(over) / int(under) if over.isdigit() and under.isdigit() and int(under) else 0.0


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
