"""What use-cases ask of storage for what own channels play; the rest stands in `ports`.

Channels are named by their xmltv_id; instants are epoch milliseconds, as the rows have them.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from attrs import frozen

from vod.ledger import Captured, Film, Row

Key = tuple[int, int]
"""A revision of a film: (asset, revision)."""


@frozen
class PoolRefs:
    """A pool by the revisions of its films; `idents` go by their length in ms. Never changed once written."""

    revision: int
    loop: tuple[Key, ...]
    slate: Key
    idents: tuple[tuple[int, Key], ...]

    @property
    def films(self) -> tuple[Key, ...]:
        return (*self.loop, self.slate, *(film for _, film in self.idents))


@frozen
class Lock:
    """Who writes the rows of a channel, with which fencing number, and until when if nothing is heard of him."""

    holder: str
    fence: int
    until_ms: int


@frozen
class Use:
    """An airing of a film: the row's channel, number, start, and programme."""

    channel: str
    seq: int
    start_ms: int
    programme_uid: str


class Ledgers(Protocol):
    """Rows that say what each own channel plays: only ever added, each by the one who holds the channel's lock."""

    def channels(self) -> tuple[str, ...]: ...

    def rows(self, channel: str, after: int = 0) -> tuple[Row, ...]: ...

    def begin(self, channel: str, at_ms: int) -> int: ...

    def captured(self, channel: str, after: int = 0) -> tuple[Captured, ...]: ...

    def pools(self, channel: str) -> Mapping[int, PoolRefs]: ...

    def append(self, channel: str, rows: Sequence[Row], fence: int) -> None: ...

    def capture(self, channel: str, segments: Sequence[Captured], fence: int) -> None: ...

    def put_pool(self, channel: str, pool: PoolRefs, fence: int) -> None: ...

    def lock(self, channel: str, holder: str, now_ms: int, until_ms: int) -> int: ...

    def unlock(self, channel: str, holder: str) -> None: ...

    def held(self, channel: str) -> Lock | None: ...

    def hold(self, channel: str) -> int: ...

    def films(self, keys: Collection[Key]) -> Mapping[Key, Film]: ...

    def fills(self, asset: int, since_ms: int) -> tuple[str, ...]: ...

    def uses(self, asset: int, since_ms: int) -> tuple[Use, ...]: ...

    def prune(self, before_ms: int) -> int: ...

    def clock_ms(self) -> int | None: ...
