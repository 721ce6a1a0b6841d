"""Bytes of an XML file made plain UTF-8 that a strict parser takes: charset, HTML entities, control characters."""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from html.entities import html5
from itertools import chain
from typing import Final
from xml.sax.saxutils import escape

from attrs import define, evolve

from epg.report import Finding, Ledger, Refused
from epg.unpack import LIMITS, Limits

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_CHARSETS = re.compile(
    r"(utf|iso-?8859|latin|windows-?125|cp125|gb|big5|euc|shift_jis|koi8|us-ascii|ascii)[\w.:-]*", re.IGNORECASE
)
_HAN = {"gb2312", "gbk", "gb_2312-80", "gb18030", "cp936", "euc-cn", "euccn"}
"""Charsets all read as GB18030, their superset: feeds that declare the smallest use characters of the largest."""
_CONTROLS: Final = bytes(code for code in (*range(32), 127) if code not in (9, 10, 13))
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_NO_CHARACTER = re.compile(rb"\xef\xbf[\xbd-\xbf]")
_CONTROL = re.compile(rb"(?:[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xef\xbf[\xbd-\xbf])+")
_REFERENCE = re.compile(
    rb"&(?!(?:amp|lt|gt|quot|apos);)(?:#([0-9]{1,9}|[xX][0-9a-fA-F]{1,8})|([A-Za-z][A-Za-z0-9]{0,31}));"
)
_CDATA_OR_REFERENCE = re.compile(rb"<!\[CDATA\[.*?\]\]>|" + _REFERENCE.pattern, re.DOTALL)


def plain(pieces: Iterable[bytes], ledger: Ledger, limits: Limits = LIMITS) -> Iterator[bytes]:
    """UTF-8 that ends each piece behind a `>`, whatever the charset declared; what was replaced goes to the ledger.

    Raises Refused, with the line, for bytes that are not of the charset and for charsets nobody knows.
    """
    scrubber = _Scrubber(ledger)
    carry = b""
    for piece in _utf8(iter(pieces)):
        carry += piece
        end = _safe_end(carry)
        if end:
            yield scrubber.scrub(carry[:end])
            carry = carry[end:]
        if len(carry) > limits.row:
            raise Refused("row", scrubber.line, 1)
    yield scrubber.scrub(carry)


def _safe_end(data: bytes) -> int:
    """Where no reference, character or CDATA section is cut in two."""
    end = data.rfind(b">") + 1
    opened = data.rfind(b"<![CDATA[", 0, end)
    return opened if opened >= 0 and data.find(b"]]>", opened, end) < 0 else end


def _utf8(pieces: Iterator[bytes]) -> Iterator[bytes]:
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= 1024:
            break
    charset, head = _charset(head)
    yield from _decoded(charset, head, pieces)


def _charset(head: bytes) -> tuple[str, bytes]:
    """The charset to read as, and the head without a mark of it."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if head.startswith(mark):
            return name, head.removeprefix(mark)
    if head.startswith((b"<\0", b"\0<")):
        return ("utf-16-le" if head[:1] == b"<" else "utf-16-be"), head
    found = _DECLARED.search(head[:1024])
    declared = found[1].decode("ascii", "replace").lower() if found else "utf-8"
    if declared in _HAN:
        return "gb18030", head
    try:
        name = codecs.lookup(declared).name if _CHARSETS.fullmatch(declared) else ""
    except LookupError:
        name = ""
    if not name or name.startswith("utf-16"):
        raise Refused("charset", 1, 1, declared)
    return ("utf-8" if name == "ascii" else name), head


def _decoded(charset: str, head: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    if charset == "utf-8":  # the parser checks it
        yield head
        yield from pieces
        return
    decoder = codecs.getincrementaldecoder(charset)()
    line = 1
    for piece in chain([head], pieces):
        text = _decode(decoder, piece, line)
        line += text.count("\n")
        yield text.encode()
    yield _decode(decoder, b"", line, final=True).encode()


def _decode(decoder: codecs.IncrementalDecoder, piece: bytes, line: int, final: bool = False) -> str:
    try:
        return decoder.decode(piece, final)
    except UnicodeDecodeError as error:
        at = line + error.object[: error.start].count(b"\n")
        raise Refused("bytes", at, 1, error.encoding) from error


_Replaced = Callable[[re.Match[bytes]], tuple[bytes, Finding | None]]


@define
class _Scrubber:
    """Replaces and removes, knowing the line it is in; no line end comes or goes but those before the first tag."""

    ledger: Ledger
    line: int = 1
    begun: bool = False

    def scrub(self, piece: bytes) -> bytes:
        if not self.begun:
            piece = self._without_blank(piece)
        if len(piece.translate(None, _CONTROLS)) < len(piece) or _C1.search(piece) or _NO_CHARACTER.search(piece):
            piece = self._each(_CONTROL, _control, piece)
        if _REFERENCE.search(piece):
            piece = self._each(_CDATA_OR_REFERENCE, _reference, piece)
        self.line += piece.count(b"\n")
        return piece

    def _without_blank(self, piece: bytes) -> bytes:
        bare = piece.lstrip()  # a parser takes nothing before <?xml
        self.ledger.skipped = piece[: len(piece) - len(bare)].count(b"\n")
        self.line += self.ledger.skipped
        self.begun = True
        return bare

    def _each(self, pattern: re.Pattern[bytes], replaced: _Replaced, piece: bytes) -> bytes:
        parts, at, line = [], 0, self.line
        for match in pattern.finditer(piece):
            line += piece.count(b"\n", at, match.start())
            new, finding = replaced(match)
            if finding:
                self.ledger.note(evolve(finding, line=line))
            parts += [piece[at : match.start()], new]
            line += match[0].count(b"\n")
            at = match.end()
        return b"".join([*parts, piece[at:]])


def _control(match: re.Match[bytes]) -> tuple[bytes, Finding | None]:
    codes = " ".join(f"U+{ord(character):04X}" for character in match[0].decode())
    return b"", Finding("control", "removed", raw=codes)


def _reference(match: re.Match[bytes]) -> tuple[bytes, Finding | None]:
    told, number, name = match[0].decode("utf-8", "replace"), match[1], match[2]
    if name:
        text = html5.get(f"{name.decode()};")
        if text is None:
            return b"&amp;" + match[0][1:], Finding("entity", "kept", raw=told)
        return escape(text if text.strip() else " ").encode(), Finding("entity", "replaced", raw=told)
    if number is None or _is_character(_number(number)):
        return match[0], None
    return b"", Finding("control", "removed", raw=told)


def _number(digits: bytes) -> int:
    return int(digits[1:], 16) if digits[:1] in b"xX" else int(digits)


def _is_character(code: int) -> bool:
    """Whether XML 1.0 has the character and people can see it."""
    if code < 0xA0:
        return code in (9, 10, 13) or 32 <= code < 127
    return code < 0xD800 or 0xE000 <= code < 0xFFFD or 0x10000 <= code < 0x110000
