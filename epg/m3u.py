"""Channel lists as M3U: written as strictly as readers need them, read as loosely as they come (epg.md §9)."""

import re
from collections.abc import Iterable, Sequence
from typing import Final, Literal

from attrs import field, frozen

Catchup = Literal["", "default", "append", "shift", "flussonic", "xc", "vod"]
MOST_BYTES: Final = 5 * 1024 * 1024
MOST_ENTRIES: Final = 20_000
_ATTRIBUTE: Final = re.compile(r'([a-zA-Z0-9_-]+)\s*=\s*(?:"([^"]*)"|([^\s",]+))')
_MODES: Final[dict[str, Catchup]] = {
    "default": "default",
    "append": "append",
    "shift": "shift",
    "timeshift": "shift",
    "flussonic": "flussonic",
    "flussonic-hls": "flussonic",
    "flussonic-ts": "flussonic",
    "fs": "flussonic",
    "xc": "xc",
    "vod": "vod",
}


@frozen
class Entry:
    """A channel of a list. `groups` are its group-titles, `shift_h` moves its guide, `days` of catch-up are kept."""

    name: str
    url: str
    tvg_id: str = ""
    number: int | None = None
    logo: str = ""
    groups: tuple[str, ...] = ()
    radio: bool = False
    catchup: Catchup = ""
    source: str = ""
    days: int = 0
    shift_h: float = 0.0
    provider: str = ""


@frozen
class Playlist:
    """Channels in order, and the addresses of their guide."""

    entries: tuple[Entry, ...]
    guides: tuple[str, ...] = ()


@frozen
class Read:
    """What a list had; `passed_over` are line numbers of addresses without a channel and of what is no address."""

    playlist: Playlist
    passed_over: tuple[int, ...] = field(factory=tuple)


def write(playlist: Playlist) -> bytes:
    """The list in UTF-8; quotes, line ends and commas cannot be in what readers look for, so they are replaced."""
    guide = ",".join(playlist.guides)
    head = f'#EXTM3U x-tvg-url="{_quoted(guide)}" url-tvg="{_quoted(guide)}"' if guide else "#EXTM3U"
    return "\n".join([head, *(line for one in playlist.entries for line in _lines(one)), ""]).encode()


def _lines(entry: Entry) -> tuple[str, str]:
    values = {
        "tvg-id": entry.tvg_id,
        "tvg-name": _line(entry.name).replace(" ", "_"),
        "tvg-logo": entry.logo,
        "tvg-chno": str(entry.number) if entry.number is not None else "",
        "tvg-shift": f"{entry.shift_h:g}" if entry.shift_h else "",
        "group-title": ";".join(one.replace(";", "；") for one in entry.groups),
        "radio": "true" if entry.radio else "",
        "provider": entry.provider,
        "catchup": entry.catchup,
        "catchup-source": entry.source if entry.catchup else "",
        "catchup-days": str(entry.days) if entry.catchup and entry.days else "",
        "tvg-rec": str(entry.days) if entry.catchup and entry.days else "",
    }
    told = " ".join(f'{name}="{_quoted(value)}"' for name, value in values.items() if value)
    return f"#EXTINF:-1 {told},{_quoted(entry.name).replace(',', '，')}", _line(entry.url)


def _quoted(text: str) -> str:
    return _line(text).replace('"', "'")


def _line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f\u2028\u2029]+", " ", text).strip()


def read(data: bytes) -> Read:
    """The channels of a list in UTF-8 or GB18030. Raises ValueError for what is no list, or a larger one than 5 MB."""
    if len(data) > MOST_BYTES:
        raise ValueError("the list is larger than 5 MB")
    text = _text(data)
    if not text.lstrip().startswith("#EXTM3U"):
        raise ValueError("the first line of a channel list is #EXTM3U")
    lines = text.lstrip().splitlines()
    entries: list[Entry] = []
    passed: list[int] = []
    told: dict[str, str] = {}
    name = ""
    for number, raw in enumerate(lines[1:], 2):
        line = raw.strip()
        if line.startswith("#EXTINF"):
            told, name = _told(line)
        elif line.upper().startswith("#EXTGRP:"):
            told.setdefault("group-title", line[8:].strip())
        elif line and not line.startswith("#"):
            if name and "://" in line and len(entries) < MOST_ENTRIES:
                entries.append(_entry(name, line, told))
            else:
                passed.append(number)
            told, name = {}, ""
    return Read(Playlist(tuple(entries), _guides(lines[0])), tuple(passed))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def _told(line: str) -> tuple[dict[str, str], str]:
    """The attributes of a line, lower-case, and the name: what follows the comma after the last quote."""
    head, comma, name = line.partition(",") if '"' not in line else _after_quotes(line)
    return {one[1].lower(): one[2] or one[3] or "" for one in _ATTRIBUTE.finditer(head)}, name.strip() if comma else ""


def _after_quotes(line: str) -> tuple[str, str, str]:
    at = line.rfind('"') + 1
    rest, comma, name = line[at:].partition(",")
    return line[:at] + rest, comma, name


def _entry(name: str, url: str, told: dict[str, str]) -> Entry:
    mode = _MODES.get(told.get("catchup", told.get("catchup-type", "")).lower(), "")
    days = told.get("catchup-days") or told.get("tvg-rec") or told.get("timeshift") or "0"
    number = told.get("tvg-chno") or told.get("ch-number") or ""
    return Entry(
        name,
        url,
        told.get("tvg-id", ""),
        int(number) if number.isdigit() and len(number) < 6 else None,
        told.get("tvg-logo", ""),
        tuple(one.strip() for one in told.get("group-title", "").split(";") if one.strip()),
        told.get("radio", "").lower() == "true",
        mode,
        told.get("catchup-source", ""),
        int(days) if days.isdigit() and len(days) < 4 else 0,
        _hours(told.get("tvg-shift", "")),
        told.get("provider", ""),
    )


def _hours(text: str) -> float:
    return float(text) if re.fullmatch(r"[+-]?[0-9]{1,2}(\.[0-9]{1,2})?", text) else 0.0


def _guides(line: str) -> tuple[str, ...]:
    told = {one[1].lower(): one[2] or one[3] or "" for one in _ATTRIBUTE.finditer(line)}
    found: Iterable[str] = (told.get("x-tvg-url") or told.get("url-tvg") or "").split(",")
    return tuple(one.strip() for one in found if one.strip())


def groups(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The groups of a list in the order in which they first appear."""
    return tuple(dict.fromkeys(group for entry in entries for group in entry.groups))
