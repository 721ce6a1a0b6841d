"""The guide: feeds in, what is on now and next, the grid, and the guide out as XMLTV."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import BinaryIO, Final

from attrs import evolve, frozen

from epg import model, xmltv, xmltv_out
from epg.report import Refused, Report, refusal, report_csv, report_json, report_text
from epg.schedule import joined, same_slot
from epg.spool import Values
from epg.times import SOURCE, Source
from epg.xmltv import Feed, Parsed, Spooled
from middleware.domain.channels import Channel, ChannelLink, Genre
from middleware.domain.errors import BadValue, NotFound
from middleware.domain.events import ContentChanged
from middleware.domain.packages import EVERYTHING, Entitled
from middleware.services import guide_plan
from middleware.services.ports import Airing, UnitOfWork

__all__ = [
    "BadGuide",
    "ChannelNow",
    "Grid",
    "GridRow",
    "Imported",
    "Parsed",
    "Prepared",
    "Report",
    "Source",
    "add_channel",
    "add_link",
    "change_channel",
    "channels",
    "export",
    "grid",
    "import_guide",
    "now_next",
    "open_feed",
    "prepare",
    "programme",
    "put_genre",
    "read_file",
    "remove_link",
    "report_csv",
    "report_json",
    "report_text",
    "shown_between",
    "without_overlap",
]

_INSTANT: Final = timedelta(milliseconds=1)
URL_MOST, ARCHIVE_MOST, LINKS_MOST, GENRES_MOST = 500, 24 * 30, 16, 100
_MOST_ROWS: Final = 100
"""Most channels of one grid."""
_MOST_EVENTS: Final = 500
"""Events that are looked through for a change of the guide."""


class BadGuide(BadValue):
    """A feed that was not taken; `report` tells why and where, and the guide is as before."""

    def __init__(self, source: str, error: Refused) -> None:
        super().__init__("guide_refused", error.message_zh, str(error))
        self.report = refusal(source, error)


@frozen
class Imported:
    """What an import did, or with `dry_run` would have done; `created` are channels that were not there before."""

    report: Report
    added: int
    changed: int
    removed: int
    unchanged: int
    created: tuple[str, ...]
    dry_run: bool


@frozen
class Prepared:
    """An import worked out: what will be written, and the last event that was known then."""

    seen: int
    found: guide_plan.Matched
    plans: Values
    """What `guide_plan.flat` makes of channels and their plans, on disk: a feed may have half a million rows."""


@frozen
class ChannelNow:
    """A channel with what is on the air and what follows; None where the guide has nothing."""

    channel: Channel
    present: Airing | None
    following: Airing | None


@frozen
class GridRow:
    """A channel and its programmes in the window, in order and without overlaps."""

    channel: Channel
    airings: tuple[Airing, ...]


@frozen
class Grid:
    """The window [start, stop) of some channels out of `total`."""

    start: datetime
    stop: datetime
    rows: tuple[GridRow, ...]
    total: int


def read_file(data: bytes | BinaryIO, source: Source = SOURCE) -> Parsed:
    """Read an XMLTV file, plain or packed, outside any transaction; raises BadGuide for a file that is not taken."""
    try:
        return xmltv.read(data, source)
    except Refused as error:
        raise BadGuide(source.name, error) from error


def open_feed(data: bytes | BinaryIO, source: Source = SOURCE) -> Spooled:
    """Read an XMLTV file of any length, as `read_file` does, in memory that does not grow with it; raises BadGuide."""
    try:
        return xmltv.spooled(data, source)
    except Refused as error:
        raise BadGuide(source.name, error) from error


def prepare(uow: UnitOfWork, source: str, parsed: Feed, *, create_channels: bool = False) -> Prepared:
    """Work an import out in a reading transaction, so that others may write until it is put in place.

    Approved days of our own schedule are left as they are.
    """
    seen = uow.outbox.last()
    found, plans = guide_plan.Matched(), Values()
    ours = frozenset(uow.plans.channels(date.min))
    for channel, fed in guide_plan.matched(uow.guide.channels(), source, parsed, found, create=create_channels):
        mine = channel.xmltv_id in ours
        runs = guide_plan.free(uow, channel.xmltv_id, fed, fed[0].start, fed[-1].stop) if mine else [fed]
        for run in runs:
            plans.add(guide_plan.flat(channel, guide_plan.plan(uow, channel, source, run)))
    return Prepared(seen, found, plans)


def import_guide(
    uow: UnitOfWork,
    now: datetime,
    source: str,
    parsed: Feed,
    *,
    create_channels: bool = False,
    dry_run: bool = False,
    actor: str = "command line",
    prepared: Prepared | None = None,
) -> Imported:
    """Put a feed in the place of what its channels had in the time it covers; all of it happens or nothing does.

    Programmes keep their rows and uids when they are the same or were moved by up to 30 minutes. A channel of the feed
    that is not in the line-up is created on demand, else its rows are left out and listed. `prepared` is made of the
    same feed with the same options; it is made anew when the guide has changed meanwhile.
    """
    uow.guide.hold()
    if prepared is None or _changed_since(uow, prepared.seen):
        prepared = prepare(uow, source, parsed, create_channels=create_channels)
    added = changed = removed = unchanged = 0
    uow.guide.opening(now, actor, f"导入 {source}")
    for channel, plan in map(guide_plan.whole, prepared.plans.all()):
        if not dry_run:
            _write(uow, channel, plan)
        added, changed = added + len(plan.added), changed + len(plan.changed)
        removed, unchanged = removed + len(plan.removed), unchanged + plan.unchanged
    report, created = parsed.report.with_unmatched(prepared.found.unknown), tuple(prepared.found.created)
    done = Imported(report, added, changed, removed, unchanged, created, dry_run)
    if not dry_run:
        _told(uow, now, source, actor, done)
    return done


def add_channel(uow: UnitOfWork, channel: Channel) -> Channel:
    """Put a channel into the line-up, or write over the one with its xmltv_id; BadValue when the number is taken."""
    if not model.CHANNEL_ID.fullmatch(channel.xmltv_id):
        raise BadValue("xmltv_id", "频道标识要像域名一样，例如 nhxw.nanhu.rizhao.cn")
    others = {one.xmltv_id: one for one in uow.guide.channels()}
    if any(one.number == channel.number and name != channel.xmltv_id for name, one in others.items()):
        raise BadValue("channel_number", f"频道号 {channel.number} 已经有了")
    kept = others.get(channel.xmltv_id)
    if kept is None:
        stored = uow.guide.add_channel(channel)
    else:
        stored = evolve(channel, id=kept.id)
        uow.guide.save_channel(stored)
    uow.outbox.add(ContentChanged("channel"))
    return stored


def change_channel(uow: UnitOfWork, channel: Channel) -> Channel:
    """Write all fields of a channel over the stored ones. Raises NotFound, BadValue(channel, channel_number, genre)."""
    if uow.guide.channel(channel.id) is None:
        raise NotFound("没有这个频道", "no_channel")
    if any(one.number == channel.number and one.id != channel.id for one in uow.guide.channels()):
        raise BadValue("channel_number", f"频道号 {channel.number} 已经有了")
    if channel.genre_id is not None and all(genre.id != channel.genre_id for genre in uow.guide.genres()):
        raise BadValue("genre", "没有这个频道分类")
    urls = (channel.url, channel.archive_url, channel.multicast, channel.timeshift_url, channel.logo)
    if any(len(url) > URL_MOST for url in urls) or not 0 <= channel.archive_h <= ARCHIVE_MOST:
        raise BadValue("channel", "频道的地址太长，或回看时间太久")
    uow.guide.save_channel(channel)
    uow.outbox.add(ContentChanged("channel"))
    return channel


def put_genre(uow: UnitOfWork, genre: Genre) -> Genre:
    """Write a group of channels; id 0 makes a new one. Raises BadValue(genre)."""
    if not 1 <= len(genre.title.strip()) <= 20 or len(genre.alias) > 32:
        raise BadValue("genre", "分类名要有 1 到 20 个字")
    if len(uow.guide.genres()) >= GENRES_MOST and genre.id == 0:
        raise BadValue("genre", f"分类不能超过 {GENRES_MOST} 个")
    stored = uow.guide.put_genre(evolve(genre, title=genre.title.strip()))
    uow.outbox.add(ContentChanged("channel"))
    return stored


def add_link(uow: UnitOfWork, channel_id: int, url: str, priority: int = 0) -> ChannelLink:
    """Add another way to a channel's picture. Raises NotFound, BadValue(link)."""
    if uow.guide.channel(channel_id) is None:
        raise NotFound("没有这个频道", "no_channel")
    mine = [link for link in uow.guide.links() if link.channel_id == channel_id]
    if not 1 <= len(url) <= URL_MOST or len(mine) >= LINKS_MOST or abs(priority) > 1000:
        raise BadValue("link", f"地址太长，或一个频道的线路超过 {LINKS_MOST} 条")
    link = uow.guide.add_link(channel_id, url, priority)
    uow.outbox.add(ContentChanged("channel"))
    return link


def remove_link(uow: UnitOfWork, link_id: int) -> None:
    """Forget a further link; one that is not there is no error."""
    uow.guide.remove_link(link_id)
    uow.outbox.add(ContentChanged("channel"))


def channels(uow: UnitOfWork, entitled: Entitled = EVERYTHING) -> tuple[Channel, ...]:
    """The line-up in its order, as far as a box may see it."""
    return tuple(channel for channel in uow.guide.channels() if entitled.channel(channel.id))


def now_next(uow: UnitOfWork, now: datetime, channel_ids: Collection[int] | None = None) -> tuple[ChannelNow, ...]:
    """Every channel (or those asked for) with its present and following programme, in the order of the line-up."""
    present = {row.channel: row for row in reversed(_shown(uow.guide.between(now, now + _INSTANT, channel_ids)))}
    following = {row.channel: row for row in reversed(_shown(uow.guide.following(now, channel_ids)))}
    return tuple(
        ChannelNow(channel, present.get(channel.id), following.get(channel.id))
        for channel in uow.guide.channels()
        if channel_ids is None or channel.id in channel_ids
    )


def grid(
    uow: UnitOfWork,
    start: datetime,
    stop: datetime,
    offset: int = 0,
    limit: int = 6,
    entitled: Entitled = EVERYTHING,
) -> Grid:
    """What some channels of a box's line-up show in a window; a channel without programmes has an empty row."""
    line_up = channels(uow, entitled)
    some = line_up[max(0, offset) :][: min(limit, _MOST_ROWS)]
    found = _shown(uow.guide.between(start, stop, {channel.id for channel in some}))
    rows = [GridRow(channel, tuple(row for row in found if row.channel == channel.id)) for channel in some]
    return Grid(start, stop, tuple(rows), len(line_up))


def shown_between(
    uow: UnitOfWork, start: datetime, stop: datetime, channel_ids: Collection[int] | None = None
) -> tuple[Airing, ...]:
    """What is on at any instant of [start, stop), by channel and start, with the parts of one slot as one programme."""
    return tuple(_shown(uow.guide.between(start, stop, channel_ids)))


def without_overlap(rows: Iterable[Airing]) -> list[Airing]:
    """Rows of one channel by start: each ends where the next begins, and of two that begin together the last stays."""
    kept: list[Airing] = []
    for row in rows:
        while kept and kept[-1].programme.start >= row.programme.start:
            kept.pop()
        if kept and kept[-1].programme.stop > row.programme.start:
            cut = evolve(kept[-1].programme, stop=row.programme.start)
            kept[-1] = evolve(kept[-1], programme=cut)
        kept.append(row)
    return kept


def programme(uow: UnitOfWork, airing_id: int) -> Airing:
    """One programme by its row; NotFound when the guide no longer has it."""
    found = uow.guide.airing(airing_id)
    if found is None:
        raise NotFound("节目单里没有这个节目")
    return found


def export(
    uow: UnitOfWork, now: datetime, start: datetime, stop: datetime, channel_ids: Collection[int] | None = None
) -> bytes:
    """Programmes that start in [start, stop) as one XMLTV document of the snapshot `now`."""
    line_up = [
        model.Channel(channel.xmltv_id, (model.Name(channel.name, "zh"),), channel.number)
        for channel in uow.guide.channels()
    ]
    rows = [row.programme for row in uow.guide.between(start, stop, channel_ids) if row.programme.start >= start]
    return xmltv_out.write(line_up, rows, at=now)


def _changed_since(uow: UnitOfWork, seen: int) -> bool:
    """Whether channels or programmes were written after an event; also when too much happened to tell."""
    events = uow.outbox.after(seen, _MOST_EVENTS)
    return len(events) == _MOST_EVENTS or any(
        event.kind == "ContentChanged" and event.body["noun"] in {"channel", "programme"} for event in events
    )


def _write(uow: UnitOfWork, channel: Channel, plan: guide_plan.Plan) -> None:
    added = plan.added
    if not channel.id:  # a new one, whose rows could not name it yet
        at_home = uow.guide.add_channel(channel).id
        added = tuple(Airing(0, at_home, one.source, one.programme) for one in added)
    uow.guide.write(added, plan.changed, plan.removed)


def _told(uow: UnitOfWork, now: datetime, source: str, actor: str, done: Imported) -> None:
    counts = {"added": done.added, "changed": done.changed, "removed": done.removed, "created": len(done.created)}
    report = done.report
    kept = {"rows": report.rows, "kept": report.kept, "quarantined": report.quarantined, "unmatched": report.unmatched}
    uow.audit.add(now, actor, "import", "guide", source, counts | kept)
    if done.created:
        uow.outbox.add(ContentChanged("channel"))
    if done.added or done.changed or done.removed:
        uow.outbox.add(ContentChanged("programme"))


def _shown(airings: Iterable[Airing]) -> list[Airing]:
    """With the parts of one slot as one programme."""
    rows: list[Airing] = []
    for row in airings:
        if rows and rows[-1].channel == row.channel and same_slot(rows[-1].programme, row.programme):
            rows[-1] = evolve(rows[-1], programme=joined(rows[-1].programme, row.programme))
        else:
            rows.append(row)
    return rows
