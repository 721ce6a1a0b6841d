"""Fields of a programme that are set by hand: as an editor writes them, and as the guide has them."""

import re
from collections.abc import Mapping
from typing import Any, Final

from epg.model import Credit
from middleware.domain.errors import BadValue

PARTS: Final = {
    "director": "导演", "actor": "演员", "writer": "编剧", "adapter": "改编", "producer": "制片", "composer": "作曲",
    "editor": "剪辑", "presenter": "主持", "commentator": "解说", "guest": "嘉宾",
}  # fmt: skip
"""What people do, as editors call it."""
_NAMES: Final = {words: part for part, words in PARTS.items()}
_MOST: Final = 40
_BETWEEN: Final = re.compile(r"[、,，]+")
_EPISODE: Final = re.compile(r"(?:([1-9][0-9]{0,3})\.)?([1-9][0-9]{0,4})")
_DATE: Final = re.compile(r"[12][0-9]{3}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])?)?")


def pinned(name: str, value: str, limits: Mapping[str, int]) -> Any:
    """A field as it was typed; an empty one is set to nothing. Raises BadValue(pin)."""
    if name not in limits:
        raise BadValue("pin", "这一项不能手工改")
    text = "".join(one for one in value.strip() if one.isprintable() or one == "\n")
    if len(text) > limits[name]:
        raise BadValue("pin", f"不能超过 {limits[name]} 个字")
    read = {"categories": _list, "keywords": _list, "credits": _people, "icon": _icon, "episode": _episode}
    if name == "date" and text and not _DATE.fullmatch(text):
        raise BadValue("pin", "年份要写成 2026，或带月日 20261125")
    return read[name](text) if name in read else text


def written(name: str, value: Any) -> str:
    """The other way: a field as an editor reads and writes it."""
    if name == "credits":
        parts: dict[str, list[str]] = {}
        for one in value:
            parts.setdefault(PARTS.get(one.part, one.part), []).append(one.name)
        return "；".join(f"{part} {'、'.join(names)}" for part, names in parts.items())
    if name == "episode":
        return _episode_words(str(value or ""))
    if isinstance(value, tuple):
        return "、".join(map(str, value))
    return str(value or "")


def _list(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(one.strip() for one in _BETWEEN.split(text) if one.strip()))
    if len(found) > _MOST:
        raise BadValue("pin", f"最多 {_MOST} 个")
    return found


def _people(text: str) -> tuple[Credit, ...]:
    found = []
    for group in re.split(r"[；;\n]+", text):
        if not group.strip():
            continue
        part, _, names = group.strip().partition(" ")
        if part not in _NAMES or not _list(names):
            raise BadValue("pin", f"“{group.strip()[:12]}”读不懂，要写成：导演 王明；演员 李兰、张强")
        found += [Credit(_NAMES[part], name) for name in _list(names)]
    if len(found) > _MOST:
        raise BadValue("pin", f"最多 {_MOST} 个人")
    return tuple(found)


def _icon(text: str) -> str:
    if text and not re.fullmatch(r"https?://[^/\s\"'<>]+/[^\s\"'<>]*", text):
        raise BadValue("pin", "图片要写 http:// 或 https:// 开头的网址")
    return text


def _episode(text: str) -> str:
    """Season and number from 1 as people count, to xmltv_ns, which counts from 0."""
    if not text:
        return ""
    match = _EPISODE.fullmatch(text)
    if match is None:
        raise BadValue("pin", "集数要写成 12，或带季数 1.12")
    season = str(int(match[1]) - 1) if match[1] else ""
    return f"{season}.{int(match[2]) - 1}."


def _episode_words(stored: str) -> str:
    """xmltv_ns as season.number; what says more (`0.12/60.0/1`) keeps its first numbers."""
    season, number, *_ = [*(re.match(r"[0-9]*", part)[0] for part in stored.split(".")), "", ""]  # type: ignore[index]
    if not number:
        return ""
    return f"{int(season) + 1}.{int(number) + 1}" if season else str(int(number) + 1)
