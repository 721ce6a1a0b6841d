"""Text of DVB tables (EN 300 468 annex A): the character table of a field, and cutting without splitting characters."""

import codecs
import re
from typing import Final, Literal

from attrs import frozen

Charset = Literal["auto", "utf8", "utf16", "raw-gbk"]

_UTF16, _GB2312, _UTF8 = b"\x11", b"\x13", b"\x15"
_BREAK: Final = "\ue08a"
"""A new line in the two-byte tables and UTF-8 (annex A.1); never 0x0A (TSDuck #1239)."""
_LINES: Final = re.compile(r"\s*[\r\n\u2028\u2029]\s*")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd\ufffe\uffff\ue080-\ue09f]")
_FOLDED: Final = {0x00B7: 0x30FB, 0x2014: 0x2015}
"""· and — by the characters that GB2312 has for them (A1A4, A1AA)."""
_TABLES: Final = {
    0x11: "utf-16-be",
    0x12: "euc-kr",
    0x13: "gb18030",
    0x14: "big5",
    0x15: "utf-8",
    **{number: f"iso8859-{number + 4}" for number in (*range(0x01, 0x08), *range(0x09, 0x0C))},
}
"""Selectors that are read; 0x13 by GB18030, so that A1A4 and A1AA and what lies beyond GB2312 are right."""


def _geta(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "〓" * (error.end - error.start), error.end


codecs.register_error("geta", _geta)


@frozen
class Coding:
    """How one network's texts are sent. `fold` sends · and — within GB2312."""

    charset: Charset = "auto"
    fold: bool = False


@frozen
class Coded:
    """A field as bytes: selector and text, empty for no text. `cut` and `replaced` tell what was lost."""

    data: bytes
    cut: bool = False
    replaced: bool = False


NOTHING: Final = Coded(b"")


def coded(text: str, coding: Coding, limit: int) -> Coded:
    """A text of at most `limit` bytes with its selector; a character is never split."""
    if not text or limit < 3:
        return Coded(b"", cut=bool(text))
    selector, codec, plain, data = _table(text, coding)
    room = limit - len(selector)
    kept = data if len(data) <= room else whole(data, codec, room)
    replaced = codec == "gbk" and "〓" in data.decode(codec) and "〓" not in plain
    return Coded(selector + kept if kept else b"", len(kept) < len(data), replaced)


def pieces(text: str, coding: Coding, size: int, room: int, *, cost: int, most: int) -> tuple[tuple[bytes, ...], bool]:
    """A long text as at most `most` pieces of up to `size` bytes, each with its selector; and whether its end was cut.

    Together, with `cost` bytes for each, they have at most `room` bytes.
    """
    if not text:
        return (), False
    selector, codec, _, data = _table(text, coding)
    out: list[bytes] = []
    while data and len(out) < most:
        part = whole(data, codec, min(size, room - cost) - len(selector))
        if not part:
            break
        out.append(selector + part)
        data = data[len(part) :]
        room -= cost + len(selector) + len(part)
    return tuple(out), bool(data)


def whole(data: bytes, codec: str, room: int) -> bytes:
    """The first bytes, at most `room`, that end with a character."""
    part = data[: max(0, room)]
    return part if len(part) == len(data) else part.decode(codec, "ignore").encode(codec)


def _table(text: str, coding: Coding) -> tuple[bytes, str, str, bytes]:
    """Selector, codec, and the text as that table can have it, also in its bytes."""
    charset = coding.charset
    if charset in {"auto", "raw-gbk"}:
        plain = _plain(text, " ")
        if charset == "raw-gbk":
            return b"", "gbk", plain, plain.encode("gbk", "geta")
        folded = plain.translate(_FOLDED) if coding.fold else plain
        try:
            return _GB2312, "gb2312", folded, folded.encode("gb2312")
        except UnicodeEncodeError:
            pass
    plain = _plain(text, _BREAK)
    if charset == "utf16":
        return _UTF16, "utf-16-be", plain, plain.encode("utf-16-be")
    return _UTF8, "utf-8", plain, plain.encode()


def _plain(text: str, line: str) -> str:
    """Without controls and what is no character; `line` stands for a new line."""
    if text.isprintable() and "\ufffd" not in text:  # the controls of annex A are private use, not printable
        return text
    parts = (_CONTROLS.sub("", part) for part in _LINES.split(text.strip()))
    return line.join(part for part in parts if part)


def read(data: bytes, default: str = "gb18030") -> str:
    """The text of a field; `default` is the codec where no selector tells (the network's own setting)."""
    if not data:
        return ""
    first = data[0]
    if first >= 0x20:
        return _shown(data.decode(default, "replace"))
    if first == 0x10 and len(data) >= 3:
        return _shown(
            data[3:].decode(f"iso8859-{data[2]}" if 1 <= data[2] <= 15 and data[2] != 12 else "latin-1", "replace")
        )
    return _shown(data[1:].decode(_TABLES.get(first, default), "replace"))


def _shown(text: str) -> str:
    """Without the controls of annex A; its new line as ours."""
    return re.sub(r"[\ue080-\ue09f\x00-\x09\x0b-\x1f\x7f-\x9f]", "", text.replace(_BREAK, "\n").replace("\x8a", "\n"))
