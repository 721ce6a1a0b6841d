"""What use-cases ask of storage for schedules, sources of the guide and service information; the rest is in `ports`.

Channels are named by their xmltv_id here, which survives renaming and is never given to another one.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from attrs import field, frozen

from epg.approval import Day
from epg.asrun import AsRun
from epg.filling import Pool
from epg.merging import Pin
from epg.model import Programme
from epg.planning import DayTemplate, Item, OneOff, Pattern
from epg.si.ids import Ids
from epg.si.versions import Place, Version
from middleware.domain.plan_rights import Grant


@frozen
class Step:
    """What a draft was before (or, when `undone`, after) an edit."""

    id: int
    items: tuple[Item, ...]
    undone: bool = False


class Plans(Protocol):
    """Templates, patterns, one-off changes and days with all their revisions."""

    def channels(self, since: date) -> tuple[str, ...]: ...

    def templates(self, channel: str) -> tuple[DayTemplate, ...]: ...

    def put_template(self, channel: str, template: DayTemplate) -> DayTemplate: ...

    def remove_template(self, template_id: int) -> None: ...

    def patterns(self, channel: str) -> tuple[Pattern, ...]: ...

    def put_pattern(self, pattern: Pattern) -> Pattern: ...

    def remove_pattern(self, pattern_id: int) -> None: ...

    def one_offs(self, channel: str, first: date, last: date) -> tuple[OneOff, ...]: ...

    def put_one_off(self, one_off: OneOff) -> None: ...

    def remove_one_off(self, channel: str, day: date, one_off_id: str) -> None: ...

    def newest(self, channel: str, first: date, last: date) -> tuple[Day, ...]: ...

    def approved(self, channel: str, first: date, last: date) -> tuple[Day, ...]: ...

    def revisions(self, channel: str, day: date) -> tuple[Day, ...]: ...

    def hold(self, channel: str, day: date) -> None: ...

    def put_day(self, day: Day) -> None: ...

    def steps(self, channel: str, day: date) -> tuple[Step, ...]: ...

    def put_step(self, channel: str, day: date, step: Step) -> None: ...

    def clear_steps(self, channel: str, day: date, *, undone_only: bool = False) -> None: ...

    def pool(self, channel: str) -> Pool | None: ...

    def put_pool(self, channel: str, pool: Pool) -> None: ...

    def airings(
        self, channel: str, first: date, last: date, *, approved: bool = False
    ) -> tuple[tuple[int, datetime], ...]: ...


class Grants(Protocol):
    """Roles that staff have on single channels."""

    def of(self, staff_id: int) -> tuple[Grant, ...]: ...

    def put(self, grant: Grant) -> None: ...

    def remove(self, grant: Grant) -> bool: ...


class AsRuns(Protocol):
    """The log of what was on air; lines are written once, corrections are new lines."""

    def add(self, lines: Sequence[AsRun]) -> None: ...

    def between(self, channel: str, start: datetime, stop: datetime) -> tuple[tuple[int, AsRun], ...]: ...

    def last(self, channel: str, start: datetime, stop: datetime) -> Mapping[int, datetime]: ...

    def prune(self, before: datetime) -> int: ...


@frozen
class GuideSource:
    """Where a guide comes from: `url` of a feed (empty = by hand), fetched every `minutes`.

    `zone` decides where the feed names none, `shift_min` is added to its times. Lower `rank` is trusted more, and
    `fields` may say otherwise for one field. `failed` is when fetching began to fail, with the `fault`.
    """

    id: int
    name: str
    url: str = ""
    kind: str = "xmltv"
    minutes: int = 360
    zone: str = "Asia/Shanghai"
    shift_min: int = 0
    overlap: str = "cut"
    rank: int = 100
    fields: Mapping[str, int] = field(factory=dict)
    active: bool = True
    etag: str = ""
    modified: str = ""
    tried: datetime | None = None
    fetched: datetime | None = None
    failed: datetime | None = None
    fault: str = ""


@frozen
class Unmatched:
    """A channel of a source that is none of ours yet; its rows are parked. `samples` are some of its titles."""

    source: str
    told: str
    names: tuple[str, ...]
    rows: int
    samples: tuple[str, ...] = ()
    suggestions: tuple[int, ...] = ()


@frozen
class Ruling:
    """What an editor decided of a quarantined row: `kind` is release, correct or ignore; `words` tell it to people.

    `row` names it in its source, `told` is its channel there. `programme` is what is let in; it counts while the source
    tells the row.
    """

    source: str
    row: str
    told: str
    kind: str
    words: str
    programme: Programme | None
    standing: bool
    by: str
    at: datetime


class Sources(Protocol):
    """Sources of the guide, how their channels are matched, and what each has told."""

    def all(self) -> tuple[GuideSource, ...]: ...

    def by_name(self, name: str) -> GuideSource | None: ...

    def hold(self, name: str) -> None: ...

    def put(self, source: GuideSource) -> GuideSource: ...

    def remove(self, name: str) -> None: ...

    def aliases(self) -> Mapping[str, tuple[str, ...]]: ...

    def add_alias(self, channel: str, alias: str) -> None: ...

    def remove_alias(self, alias: str) -> None: ...

    def by_hand(self, source: str) -> Mapping[str, str | None]: ...

    def match_by_hand(self, source: str, told: str, channel: str | None) -> None: ...

    def replace(self, source: str, told: str, start: datetime, stop: datetime, rows: Sequence[Programme]) -> None: ...

    def tie(self, source: str, told: str, channel: str | None, names: Sequence[str]) -> None: ...

    def told(self, channel: str, start: datetime, stop: datetime) -> Mapping[str, tuple[Programme, ...]]: ...

    def rulings(self, source: str) -> Mapping[str, Ruling]: ...

    def put_ruling(self, ruling: Ruling) -> None: ...

    def remove_ruling(self, source: str, row: str) -> None: ...

    def tied(self, source: str, told: str) -> str | None: ...

    def let_in(self, channel: str, start: datetime, stop: datetime) -> Mapping[str, tuple[Programme, ...]]: ...

    def unmatched(self, source: str = "") -> tuple[Unmatched, ...]: ...

    def pins(self, uids: Collection[str]) -> tuple[Pin, ...]: ...

    def put_pin(self, pin: Pin) -> None: ...

    def remove_pin(self, uid: str, name: str) -> None: ...

    def prune(self, before: datetime, most: int) -> int: ...


@frozen
class StoredNetwork:
    """A head-end's profile as its operator wrote it; `active` ones are sent by the server."""

    name: str
    toml: str
    active: bool = False


class ServiceInformation(Protocol):
    """Profiles of head-ends, and what must be counted on over restarts: event ids and versions of sections."""

    def networks(self) -> tuple[StoredNetwork, ...]: ...

    def put_network(self, network: StoredNetwork) -> None: ...

    def remove_network(self, name: str) -> None: ...

    def ids(self, channel: str) -> Ids: ...

    def put_ids(self, channel: str, ids: Ids) -> None: ...

    def versions(self, network: str) -> Mapping[str, Mapping[Place, Version]]: ...

    def put_versions(self, network: str, channel: str, versions: Mapping[Place, Version]) -> None: ...
