"""Words on a television: how wide they are, where they are cut, which characters a box can draw.

The server truncates because `text-overflow` is not dependable and hides what is lost (tv-pages §11). Widths are an
estimate that holds for every font: a full-width character counts its size, digits and Latin 0.6 of it; labels keep
12 % of slack because the usual box font widens mixed lines by 3–9 %.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

SLACK: Final = 1.12
NARROW: Final = 0.6
TINY: Final = 70
"""Below this width (px) a label shows two characters and no dots."""
DOTS: Final = "…"
EXTRAS: Final = frozenset("·–—…￥〇\u3000")
"""Characters outside Python's gb2312 codec that the usual box fonts were seen to draw."""

_ENCLOSED = re.compile("[\u2460-\u249b\u3220-\u3229]")
"""Circled and bracketed numbers: in GB 2312, yet missing or illegible in many box fonts; folded to plain ones."""
_HOLE = re.compile("\ue000(\\w+)\ue001")
_HOLE_WIDTH: Final[dict[str, str]] = {"clock": "23:59", "date": "12月30日 星期六", "left": "99:59"}
_NO_START: Final = frozenset("，。、；：？！）》”’…%％")
_NO_END: Final = frozenset("（《“‘")
_OPEN_END: Final = "（《“‘，、：；·— "
"""What a cut must not leave before its dots."""
_WORD = re.compile(r"[0-9A-Za-z.,:%+\-–*@/]+|.", re.DOTALL)
_MEASURE = re.compile(r"[0-9A-Za-z.,:%+\-–*@/]+(?: [\u4e00-\u9fff])?|.", re.DOTALL)
"""A figure with its unit, such as `28 日`, or any other word."""
_CARRIED_AT_MOST: Final = 3


def hole(name: str) -> str:
    """Words to be filled in after the page was rendered: clock, date, left, seq, now, since."""
    return f"\ue000{name}\ue001"


def unfilled(words: str) -> str:
    """The words with each hole as wide as what it may hold."""
    return _HOLE.sub(lambda m: _HOLE_WIDTH.get(m[1], ""), words)


@lru_cache(maxsize=4096)
def _char_width(char: str) -> float:
    return NARROW if char < "\u0250" and char != "·" else 1.0


def width(words: str, size: float) -> float:
    """Estimated width in px at `size` px, without slack."""
    words = unfilled(words) if "\ue000" in words else words
    return size * sum(map(_char_width, words))


def fits(words: str, size: float, w: float) -> bool:
    """Whether the words keep the slack in a box of `w` px."""
    return width(words, size) * SLACK <= w + 0.5


def box(words: str, size: float) -> int:
    """The width in px of the smallest box that holds the words with slack."""
    return int(width(words, size) * SLACK) + 1


@lru_cache(maxsize=8192)
def drawable(char: str) -> bool:
    """Whether every box can be expected to draw the character (GB 2312 and the tested extras)."""
    if char in EXTRAS:
        return True
    if _ENCLOSED.match(char):
        return False
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return char.isprintable()


@lru_cache(maxsize=8192)
def rare(char: str) -> bool:
    """Whether the character is a Chinese one outside GB 2312: a name may have it, so it stays."""
    return not drawable(char) and unicodedata.name(char, "").startswith("CJK UNIFIED IDEOGRAPH")


def forbidden_characters(words: str) -> tuple[str, ...]:
    """Characters that may not stand on a page: emoji, circled numbers, dingbats, controls."""
    return tuple(sorted({c for c in _HOLE.sub("", words) if not drawable(c) and not rare(c)}))


@lru_cache(maxsize=8192)
def _plain_char(char: str) -> str:
    if drawable(char) or rare(char):
        return char
    if char.isspace():
        return " "
    folded = unicodedata.normalize("NFKD", char)
    return "".join(c for c in folded if drawable(c) or rare(c)) if folded != char else ""


def plain(words: str) -> str:
    """The words as a box can draw them: compatibility forms folded, everything that cannot be drawn left out."""
    if words.isascii() and words.isprintable():
        return words
    return "".join(map(_plain_char, words))


def cut(words: str, size: float, w: float) -> str:
    """The words cut to fit a box of `w` px, ending with … where something was lost; never cut a number or a name."""
    words = plain(words)
    if fits(words, size, w):
        return words
    dotted = _head(words, size, w - size * SLACK).rstrip(_OPEN_END) + DOTS
    return dotted if w >= TINY and fits(dotted, size, w) else _head(words[:2], size, w)


def _head(words: str, size: float, w: float) -> str:
    room, taken = (w + 0.5) / SLACK, ""
    for token in _WORD.findall(words):
        room -= width(token, size)
        if room < 0:
            return taken or token[:1]
        taken += token
    return taken


def lines(words: str, size: float, w: float, limit: int = 0) -> tuple[str, ...]:
    """The words broken into lines of at most `w` px, slack kept; with `limit` the last line is cut with ….

    No line starts with a closing mark or ends with an opening one, numbers stay whole and with their unit, and a
    paragraph does not end with a line of a single character, marks behind it aside.
    """
    out = [line for paragraph in words.splitlines() for line in _broken(plain(paragraph).strip(), size, w)]
    if limit and len(out) > limit:
        out = [*out[: limit - 1], cut(out[limit - 1] + out[limit] + DOTS * 2, size, w)]
    return tuple(out)


def _broken(words: str, size: float, w: float) -> list[str]:
    out: list[list[str]] = []
    line: list[str] = []
    for token in _tokens(words, size, w):
        if line and not fits("".join(line) + token, size, w):
            line = _next_line(out, line, token, size, w)
        else:
            line.append(token)
    rest = "".join(line).strip()
    if out and rest and len(rest.rstrip("".join(_NO_START))) <= 1:
        line = _next_line(out, out.pop(), rest, size, w, carried=1)
    return [whole for each in (*out, line) if (whole := "".join(each).strip())]


def _tokens(words: str, size: float, w: float) -> Iterator[str]:
    """Characters, with numbers and Latin words kept whole, and with their unit, unless they alone exceed the line."""
    for measure in _MEASURE.findall(words):
        for token in [measure] if fits(measure, size, w) else _WORD.findall(measure):
            yield from [token] if fits(token, size, w) else token


def _next_line(out: list[list[str]], line: list[str], token: str, size: float, w: float, carried: int = 0) -> list[str]:
    """Put `line` into `out`; what must go on in the next line with `token` so that no mark stands at a wrong side."""
    for count in range(carried, min(_CARRIED_AT_MOST, len(line) - 1) + 1):
        at = len(line) - count
        following = [*line[at:], token]
        if _may_break(line[at - 1], following) and fits("".join(following), size, w):
            out.append(line[:at])
            return following
    out.append(line)
    return [token]


def _may_break(before: str, following: Sequence[str]) -> bool:
    first = next((token for token in following if token.strip()), " ")
    return before[-1] not in _NO_END and first[0] not in _NO_START


def money(words: str) -> str:
    """A figure with thousands separators; anything that is not a plain number stays as it is."""
    if re.fullmatch(r"-?\d{4,}(\.\d+)?", words):
        whole, dot, part = words.partition(".")
        return f"{int(whole):,}{dot}{part}"
    return words
