"""XMLTV in: a feed read row by row in flat memory, then settled channel by channel, with a report of every finding.

A file is taken or refused as a whole; a row that cannot be used is quarantined and listed.
"""

import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Final, Protocol

from attrs import frozen
from lxml import etree
from lxml.etree import _Element

from epg.model import Channel, Programme
from epg.plain import plain
from epg.report import Ledger, Refused, Report
from epg.settling import Row, settle
from epg.spool import SPILL_AT, Rows
from epg.times import SOURCE, Source, TimeReader
from epg.unpack import LIMITS, Limits, unpacked
from epg.xmltv_rows import Bad, RowReader, channel

_ROWS: Final = ("tv", "channel", "programme")


@frozen
class Parsed:
    """A feed ready to be imported: channels by id, their programmes in order, not yet linked to stored ones."""

    channels: tuple[Channel, ...]
    programmes: tuple[Programme, ...]
    report: Report

    def by_channel(self) -> Iterator[tuple[Channel, Sequence[Programme]]]:
        """Channels that have programmes, each with its own, in order."""
        rows: defaultdict[str, list[Programme]] = defaultdict(list)
        for one in self.programmes:
            rows[one.channel].append(one)
        yield from ((one, rows[one.xmltv_id]) for one in self.channels if one.xmltv_id in rows)


class Feed(Protocol):
    """A feed read, whole in memory or on disk: its programmes come channel by channel, its report is that of all."""

    @property
    def channels(self) -> tuple[Channel, ...]: ...

    @property
    def report(self) -> Report: ...

    def by_channel(self) -> Iterator[tuple[Channel, Sequence[Programme]]]: ...


class Spooled:
    """A feed of any length: rows are on disk and are settled one channel after the other, in memory that stays."""

    def __init__(self, source: Source, ledger: Ledger, outcome: Counter[str], rows: Rows) -> None:
        self._source = source
        self._ledger = ledger
        self._outcome = outcome
        self._rows = rows
        self.told: dict[str, Channel] = {}
        self._report: Report | None = None

    def tell(self, channel: Channel) -> None:
        """Take a channel that the feed describes; the first of two with one id counts."""
        self.told.setdefault(channel.xmltv_id, channel)

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Every channel that the feed describes or has rows of, by id."""
        ids = sorted({*self.told, *self._rows.channels})
        return tuple(self.told.get(one) or Channel(one, ()) for one in ids)

    @property
    def report(self) -> Report:
        """What became of every row; settles all of them if that has not been done."""
        if self._report is None:
            for _ in self.by_channel():
                pass
        if self._report is None:
            raise RuntimeError("the feed was not read to its end")
        return self._report

    def by_channel(self) -> Iterator[tuple[Channel, Sequence[Programme]]]:
        """Channels that have programmes, each with its own, in order; may be gone through again."""
        ledger, outcome = self._ledger.copied(), Counter(self._outcome)
        for one in self._rows.channels:
            settled = settle(self._rows.of(one), self._source, ledger)
            outcome["kept"] += len(settled.programmes)
            outcome["quarantined"] += settled.quarantined
            outcome["duplicates"] += settled.duplicates
            if settled.programmes:
                yield self.told.get(one) or Channel(one, ()), settled.programmes
        self._report = _report(self._source, outcome, ledger)


def spooled(
    data: bytes | BinaryIO, source: Source = SOURCE, limits: Limits = LIMITS, *, spill_at: int = SPILL_AT
) -> Spooled:
    """Read a feed of any length, packed or plain; raises Refused, with the place, before anything is made of it.

    So many rows are held in memory before they go to disk.
    """
    ledger, outcome, rows = Ledger(), Counter[str](), Rows(spill_at)
    feed = Spooled(source, ledger, outcome, rows)
    try:
        for found in stream(data, ledger, source, limits):
            if isinstance(found, Channel):
                feed.tell(found)
            else:
                _count(found, outcome, rows)
            _refuse_too_many(found, outcome["rows"], max(len(feed.told), rows.known), limits)
    except BaseException:
        rows.close()
        raise
    return feed


def _count(found: Row | Bad, outcome: Counter[str], rows: Rows) -> None:
    outcome["rows"] += 1
    if isinstance(found, Bad):
        outcome["quarantined"] += 1
    else:
        rows.add(found)


def _refuse_too_many(found: Channel | Row | Bad, rows: int, channels: int, limits: Limits) -> None:
    if rows > limits.rows or channels > limits.channels:
        line = 0 if isinstance(found, Channel) else found.line
        raise Refused("rows", line, 1, "" if line else f"over {limits.channels} channels")


def read(data: bytes | BinaryIO, source: Source = SOURCE, limits: Limits = LIMITS) -> Parsed:
    """Read a whole feed, packed or plain; raises Refused, with the place, before anything is made of it."""
    ledger = Ledger()
    channels: dict[str, Channel] = {}
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    outcome: Counter[str] = Counter()
    for found in stream(data, ledger, source, limits):
        if isinstance(found, Channel):
            channels.setdefault(found.xmltv_id, found)
            if len(channels) > limits.channels:
                raise Refused("rows", detail=f"over {limits.channels} channels")
            continue
        outcome["rows"] += 1
        if outcome["rows"] > limits.rows or len(rows) > limits.channels:
            raise Refused("rows", found.line, 1)
        if isinstance(found, Bad):
            outcome["quarantined"] += 1
        else:
            rows[found.programme.channel].append(found)
    return _settled(channels, rows, outcome, source, ledger)


def stream(
    data: bytes | BinaryIO,
    ledger: Ledger,
    source: Source = SOURCE,
    limits: Limits = LIMITS,
) -> Iterator[Channel | Row | Bad]:
    """Channels and rows in the order of the file, in memory that does not grow with it; raises Refused."""
    pieces = unpacked(io.BytesIO(data) if isinstance(data, bytes) else data, limits)
    reader = RowReader(TimeReader(source), ledger, limits.text)
    for element in _elements(plain(pieces, ledger, limits), ledger, limits):
        if element.tag == "programme":
            yield reader.row(element)
        elif element.tag == "channel" and (found := channel(element, ledger)):
            yield found


def _elements(pieces: Iterator[bytes], ledger: Ledger, limits: Limits) -> Iterator[_Element]:
    parser = etree.XMLPullParser(
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
    try:
        yield from _fed(parser, pieces, ledger, limits)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise Refused("xml", line + ledger.skipped, max(1, column), _message(error)) from error


def _fed(parser: "etree.XMLPullParser", pieces: Iterator[bytes], ledger: Ledger, limits: Limits) -> Iterator[_Element]:
    begun, since_row, line = False, 0, 1 + ledger.skipped
    for piece in pieces:
        if not begun:
            _refuse_entities(piece, ledger)
        parser.feed(piece)
        since_row += len(piece)
        line += piece.count(b"\n")
        for event, element in parser.read_events():
            if not isinstance(element, _Element):
                continue
            if event == "start":
                begun = begun or _is_guide(element)
            elif begun:
                since_row = 0
                yield element
                _forget(element)
        if since_row > limits.row:
            raise Refused("row", line, 1)
    parser.close()
    if not begun:
        raise Refused("no_guide", 1, 1)


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


def _forget(element: _Element) -> None:
    """Free the row and all before it, as the parser still holds their parent."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _message(error: etree.XMLSyntaxError) -> str:
    return error.msg.split(", line ")[0]


def _settled(
    channels: dict[str, Channel],
    rows: dict[str, list[Row]],
    outcome: Counter[str],
    source: Source,
    ledger: Ledger,
) -> Parsed:
    programmes: list[Programme] = []
    for channel_id in sorted(rows):
        settled = settle(rows.pop(channel_id), source, ledger)
        channels.setdefault(channel_id, Channel(channel_id, ()))
        programmes += settled.programmes
        outcome["quarantined"] += settled.quarantined
        outcome["duplicates"] += settled.duplicates
    outcome["kept"] = len(programmes)
    report = _report(source, outcome, ledger)
    return Parsed(tuple(channels[key] for key in sorted(channels)), tuple(programmes), report)


def _report(source: Source, outcome: Counter[str], ledger: Ledger) -> Report:
    counts, findings = ledger.closed()
    return Report(
        source.name,
        rows=outcome["rows"],
        kept=outcome["kept"],
        quarantined=outcome["quarantined"],
        duplicates=outcome["duplicates"],
        counts=counts,
        findings=findings,
    )
