"""XMLTV in: a feed read row by row in flat memory, then settled channel by channel, with a report of every finding.

A file is taken or refused as a whole; a row that cannot be used is quarantined and listed.
"""

import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NoReturn, Protocol

from attrs import frozen

from epg.model import Channel, Programme
from epg.plain import plain
from epg.report import Ledger, Refused, Report
from epg.settling import Row, settle
from epg.spool import SPILL_AT, Rows
from epg.times import SOURCE, Source, TimeReader
from epg.unpack import LIMITS, Limits, unpacked
from epg.xmltv_rows import Bad, RowReader, channel
from epg.xmltv_shapes import Shapes
from epg.xmltv_stream import found


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
        for one in stream(data, ledger, source, limits):
            if isinstance(one, Row):
                rows.add(one)
                outcome["rows"] += 1
            elif isinstance(one, Bad):
                outcome["rows"] += 1
                outcome["quarantined"] += 1
            else:
                feed.tell(one)
            if outcome["rows"] > limits.rows or max(len(feed.told), rows.known) > limits.channels:
                _refuse_too_many(one, limits)
    except BaseException:
        rows.close()
        raise
    return feed


def _refuse_too_many(one: Channel | Row | Bad, limits: Limits) -> NoReturn:
    line = 0 if isinstance(one, Channel) else one.line
    raise Refused("rows", line, 1, "" if line else f"over {limits.channels} channels")


def read(data: bytes | BinaryIO, source: Source = SOURCE, limits: Limits = LIMITS, *, shaped: bool = True) -> Parsed:
    """Read a whole feed, packed or plain; raises Refused, with the place, before anything is made of it.

    `shaped` is as in `stream`.
    """
    ledger = Ledger()
    channels: dict[str, Channel] = {}
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    outcome: Counter[str] = Counter()
    for one in stream(data, ledger, source, limits, shaped=shaped):
        if isinstance(one, Channel):
            channels.setdefault(one.xmltv_id, one)
            if len(channels) > limits.channels:
                raise Refused("rows", detail=f"over {limits.channels} channels")
            continue
        outcome["rows"] += 1
        if outcome["rows"] > limits.rows or len(rows) > limits.channels:
            raise Refused("rows", one.line, 1)
        if isinstance(one, Bad):
            outcome["quarantined"] += 1
        else:
            rows[one.channel].append(one)
    return _settled(channels, rows, outcome, source, ledger)


def stream(
    data: bytes | BinaryIO, ledger: Ledger, source: Source = SOURCE, limits: Limits = LIMITS, *, shaped: bool = True
) -> Iterator[Channel | Row | Bad]:
    """Channels and rows in the order of the file, in memory that does not grow with it; raises Refused.

    Without `shaped` the parser sees every row, which gives the same and takes longer.
    """
    pieces = unpacked(io.BytesIO(data) if isinstance(data, bytes) else data, limits)
    times = TimeReader(source)
    reader, shapes = RowReader(times, ledger, limits.text), Shapes(times, ledger, limits.text) if shaped else None
    for one in found(plain(pieces, ledger, limits), ledger, limits, shapes):
        if isinstance(one, Row):
            yield one
        elif one.tag == "programme":
            yield reader.row(one)
        elif one.tag == "channel" and (told := channel(one, ledger)):
            yield told


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
        held=tuple(ledger.held.values()),
        findings=findings,
    )
