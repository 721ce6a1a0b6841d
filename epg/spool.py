"""Programmes on disk, by channel: what a feed of any length needs in memory stays the same."""

import marshal
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from operator import attrgetter
from typing import IO, Any, Final

import attrs
from attrs import define, field

from epg.model import Credit, Programme
from epg.settling import Row

SPILL_AT: Final = 30_000
"""Rows that are held in memory, some 50 MB, before they go to disk."""
_AS_ROW: Final = partial(tuple.__new__, Row)
_NAMES: Final = tuple(one.name for one in attrs.fields(Programme))
_VALUES: Final = attrgetter(*_NAMES)
_START, _STOP, _CREDITS = (_NAMES.index(name) for name in ("start", "stop", "credits"))


def flat(one: Programme) -> tuple[Any, ...]:
    """A programme as plain values, which marshal can write."""
    values = list(_VALUES(one))
    values[_START], values[_STOP] = one.start.timestamp(), one.stop.timestamp()
    values[_CREDITS] = tuple((each.part, each.name) for each in one.credits)
    return tuple(values)


def whole(values: tuple[Any, ...]) -> Programme:
    """The programme of plain values."""
    told = list(values)
    told[_START] = datetime.fromtimestamp(told[_START], UTC)
    told[_STOP] = datetime.fromtimestamp(told[_STOP], UTC)
    told[_CREDITS] = tuple(Credit(part, name) for part, name in told[_CREDITS])
    return Programme(*told)


def _loaded(packed: bytes) -> Any:
    """What was packed; `marshal.load` of a file would take six times as long."""
    return marshal.loads(packed)  # noqa: S302 (packed by this very module)


@define
class Rows:
    """Rows by channel; beyond `spill_at` they are on disk, in a file that nobody else sees and that ends with it."""

    spill_at: int = SPILL_AT
    count: int = 0
    _held: dict[str, list[Row]] = field(factory=dict, init=False)
    _holding: int = field(default=0, init=False)
    _file: IO[bytes] | None = field(default=None, init=False)
    _places: dict[str, list[tuple[int, int]]] = field(factory=dict, init=False)

    def add(self, row: Row) -> None:
        """Take one more."""
        self._held.setdefault(row.channel, []).append(row)
        self.count += 1
        self._holding += 1
        if self._holding >= self.spill_at:
            self._spill()

    @property
    def known(self) -> int:
        """How many channels have rows at least."""
        return max(len(self._held), len(self._places))

    @property
    def channels(self) -> tuple[str, ...]:
        """Ids of channels that have rows, in order."""
        return tuple(sorted({*self._held, *self._places}))

    def of(self, channel: str) -> Iterator[Row]:
        """The rows of a channel in the order in which they came."""
        if self._file is not None:
            for place, size in self._places.get(channel, ()):
                self._file.seek(place)
                yield from map(_AS_ROW, _loaded(self._file.read(size)))
        yield from self._held.get(channel, ())

    def _spill(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="nanhu-feed-")  # noqa: SIM115 (as long as the rows are needed)
            weakref.finalize(self, self._file.close)
        self._file.seek(0, 2)
        for channel, rows in self._held.items():
            packed = marshal.dumps(list(map(tuple, rows)))
            self._places.setdefault(channel, []).append((self._file.tell(), len(packed)))
            self._file.write(packed)
        self._held.clear()
        self._holding = 0

    def close(self) -> None:
        """Forget everything."""
        if self._file is not None:
            self._file.close()
        self._held.clear()
        self._places.clear()


@define
class Values:
    """Plain values, one after the other on disk, to be read again in their order."""

    _file: IO[bytes] = field(factory=tempfile.TemporaryFile, init=False)
    count: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        """The file goes when this does."""
        weakref.finalize(self, self._file.close)

    def add(self, value: Any) -> None:
        """Take what marshal can write."""
        packed = marshal.dumps(value)
        self._file.seek(0, 2)
        self._file.write(len(packed).to_bytes(8, "big") + packed)
        self.count += 1

    def all(self) -> Iterable[Any]:
        """Everything from the beginning."""
        self._file.seek(0)
        for _ in range(self.count):
            yield _loaded(self._file.read(int.from_bytes(self._file.read(8), "big")))
