"""The elements of an XMLTV document one by one: rows of a known shape as they stand, all else by a strict parser.

The parser sees the document without the rows that were read already; in their place it is given comments with as many
lines, so that it names the right ones.
"""

from collections.abc import Iterator
from typing import Any, Final

from attrs import define, field
from lxml import etree
from lxml.etree import _Element

from epg.report import Ledger, Refused
from epg.settling import Row
from epg.unpack import Limits
from epg.xmltv_shapes import Shapes

_ROWS: Final = ("tv", "channel", "programme")
_END: Final = "</programme>"
_MOST_LINES: Final = 100_000
"""In one comment."""
_MOST_COLUMNS: Final = 4096


def found(pieces: Iterator[bytes], ledger: Ledger, limits: Limits, shapes: Shapes | None) -> Iterator[_Element | Row]:
    """`<channel>`s and `<programme>`s of UTF-8 that ends each piece behind a `>`; raises Refused.

    An element is good until the next one is asked for. Without `shapes` the parser sees everything.
    """
    reading = _Reading(ledger, shapes)
    try:
        yield from reading.document(pieces, limits)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise Refused("xml", line + ledger.skipped, max(1, column), _message(error)) from error


def _message(error: etree.XMLSyntaxError) -> str:
    return error.msg.split(", line ")[0]


def _parser() -> "etree.XMLPullParser":
    return etree.XMLPullParser(
        events=("start", "end"),
        tag=_ROWS,
        encoding="utf-8",  # whatever the file declares: the pieces are UTF-8 by now
        load_dtd=False,
        no_network=True,
        resolve_entities=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )


@define
class _Reading:
    """One document. `between` says that the parser stands between two rows, so that the next may be read by shape."""

    ledger: Ledger
    shapes: Shapes | None
    parser: "etree.XMLPullParser" = field(factory=_parser, init=False)
    begun: bool = field(default=False, init=False)
    between: bool = field(default=False, init=False)
    hidden: bool = field(default=False, init=False)
    """Whether a comment or the like may have begun since the last end of a row."""
    line: int = field(default=1, init=False)
    rest: str = field(default="", init=False)
    skipped_lines: int = field(default=0, init=False)
    skipped_columns: int = field(default=0, init=False)

    def document(self, pieces: Iterator[bytes], limits: Limits) -> Iterator[_Element | Row]:
        since_row, lines = 0, 0
        for piece in pieces:
            if not self.begun:
                _refuse_entities(piece, self.ledger)
            self.line = self.line if lines else 1 + self.ledger.skipped
            since_row += len(piece)
            lines += piece.count(b"\n")
            for one in self.piece(piece):
                since_row = 0
                yield one
            if since_row > limits.row:
                raise Refused("row", 1 + self.ledger.skipped + lines, 1)
        yield from self.parsed(self.rest)
        self.parser.close()
        if not self.begun:
            raise Refused("no_guide", 1, 1)

    def piece(self, piece: bytes) -> Iterator[_Element | Row]:
        """What ends in a piece."""
        text = _decoded(piece) if self.shapes else None
        if text is None:  # from here on the parser sees every byte, and says where one is wrong
            self.shapes, rest, self.rest = None, self.rest, ""
            yield from self.parsed(rest)
            yield from self.fed(piece)
            return
        *rows, self.rest = (self.rest + text).split(_END)
        for row in rows:
            known = self.shapes.row(row, self.line) if self.between and self.shapes else None
            if known is None:
                yield from self.parsed_row(row)
            else:
                self.skip(row)
                yield known
        if not rows or not self.between:  # no row ended in so much text: the parser may know why
            rest, self.rest = self.rest, ""
            yield from self.parsed(rest)

    def skip(self, text: str) -> None:
        """Go on behind a row that was read by its shape, without its end."""
        lines = text.count("\n")
        self.line += lines
        self.skipped_lines += lines
        self.skipped_columns = (0 if lines else self.skipped_columns) + len(text) - text.rfind("\n") - 1 + len(_END)

    def parsed_row(self, text: str) -> Iterator[_Element]:
        """What ends in the text before an end of a row, and with it."""
        yield from self.parsed(text + _END)
        self.between, self.hidden = self.between and not self.hidden, False

    def parsed(self, text: str) -> Iterator[_Element]:
        """What ends in a text that the parser is given, behind something as long as what it was not given."""
        for comment in _comments(self.skipped_lines, self.skipped_columns):
            self.parser.feed(comment)
        self.skipped_lines = self.skipped_columns = 0
        self.line += text.count("\n")
        self.hidden = self.hidden or "<!" in text or "<?" in text
        if not self.begun and "<!ATTLIST" in text:
            self.shapes = None  # it can give attributes to elements that do not name them
        yield from self.fed(text.encode())

    def fed(self, data: bytes) -> Iterator[_Element]:
        self.parser.feed(data)
        self.between = False
        for event, element in self.parser.read_events():
            if not isinstance(element, _Element):
                continue
            self.between = event == "end" and element.tag == "programme" and _in_root(element)
            if event == "start":
                self.begun = self.begun or _is_guide(element)
            elif self.begun:
                yield element
                _forget(element)


def _decoded(piece: bytes) -> str | None:
    try:
        return piece.decode()
    except UnicodeDecodeError:
        return None


def _comments(lines: int, columns: int) -> Iterator[bytes]:
    """Comments of so many lines, of which the last has so many columns."""
    while lines > _MOST_LINES:
        yield b"<!--" + b"\n" * _MOST_LINES + b"-->"
        lines -= _MOST_LINES
    if lines or columns:
        yield b"<!--" + b"\n" * lines + b" " * (min(columns, _MOST_COLUMNS) - 3 - (0 if lines else 4)) + b"-->"


def _refuse_entities(piece: bytes, ledger: Ledger) -> None:
    """Before the parser sees them; a piece never ends inside the word."""
    at = piece.find(b"<!ENTITY")
    if at >= 0 and b"<tv" not in piece[:at]:
        line = ledger.skipped + piece.count(b"\n", 0, at) + 1
        raise Refused("entities", line, at - piece.rfind(b"\n", 0, at))


def _is_guide(element: _Element) -> bool:
    """Whether this is the root; a document type that declares entities by some other spelling is refused too."""
    if element.getparent() is not None:
        return False
    document_type: Any = element.getroottree().docinfo.internalDTD
    if document_type is not None and any(True for _ in document_type.iterentities()):
        raise Refused("entities", 1, 1)
    return element.tag == "tv"


def _in_root(element: _Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.getparent() is None


def _forget(element: _Element) -> None:
    """Free the row and all before it, as the parser still holds their parent."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
