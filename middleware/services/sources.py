"""Sources of the guide: what each tells is kept apart, matched to our channels, merged field by field, and published.

A source that fails leaves the guide as it is. Approved days of our own schedule are never touched by a source.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from attrs import define, evolve, field, frozen

from epg import model, xmltv
from epg.matching import Known, Match, Matcher, Told, triplet_of
from epg.merging import FIELDS, Drift, Feed, Merged, Pin, drift, merge
from epg.model import MOVED_AT_MOST, Credit, Programme, title_key
from epg.report import Report
from epg.times import Source
from middleware.domain.channels import Channel
from middleware.domain.errors import BadValue, NotFound
from middleware.domain.events import ContentChanged
from middleware.services import (
    guide_plan,
    plan_rights,
    service_information,
    source_order,
    source_overlay,
    source_reports,
)
from middleware.services.plan_ports import GuideSource, Ruling, Unmatched
from middleware.services.ports import Airing, UnitOfWork

SHRUNK: Final = 0.5
"""A feed with less than this of what a channel had waits for an operator."""
ENOUGH: Final = 10
"""Rows below which a channel may shrink as it likes."""
FEEDS: Final = "feeds"
"""The source that programmes merged of several feeds come from."""
_WAS: Final = "title_was"
"""Kept beside a title set by hand: what the sources call the programme."""
_REACH: Final = timedelta(days=1)


@frozen
class Staged:
    """What a feed led to: channels published, channels parked, and channels that wait because they shrank."""

    report: Report
    published: tuple[str, ...]
    parked: tuple[str, ...]
    held: tuple[str, ...]
    added: int
    changed: int
    removed: int


@frozen
class Provenance:
    """Where each field of a programme comes from, and what every source says of it."""

    programme: Programme
    came: Mapping[str, str]
    told: Mapping[str, Programme]


def put(uow: UnitOfWork, now: datetime, actor: str, source: GuideSource) -> GuideSource:
    """Keep a source. Raises BadValue for a name or address that cannot be."""
    plan_rights.need_everywhere(uow, actor)
    if not source.name.strip() or len(source.name) > 40:
        raise BadValue("source_name", "来源要有名字，不超过 40 个字")
    if source.url and not source.url.startswith(("http://", "https://")):
        raise BadValue("source_url", "地址要以 http:// 或 https:// 开头")
    if not 5 <= source.minutes <= 7 * 1440:
        raise BadValue("source_minutes", "更新间隔要在 5 分钟到 7 天之间")
    stored = uow.sources.put(source)
    uow.audit.add(now, actor, "save", "source", source.name, {"url": source.url, "rank": source.rank})
    return stored


def remove(uow: UnitOfWork, now: datetime, actor: str, name: str) -> None:
    """Forget a source; its programmes give way to the next best."""
    plan_rights.need_everywhere(uow, actor)
    _named(uow, name)
    uow.guide.opening(now, actor, f"删除来源 {name}")
    window = now - _REACH, now + timedelta(days=64)
    touched = [
        channel for channel in uow.guide.channels() if name in source_overlay.told(uow, channel.xmltv_id, *window)
    ]
    uow.sources.remove(name)
    for channel in touched:
        _rebuild(uow, channel, *window)
    source_reports.forget(uow, name)
    uow.audit.add(now, actor, "remove", "source", name)
    uow.outbox.add(ContentChanged("programme"))


def reading_of(source: GuideSource) -> Source:
    """How a source's feed is read."""

    overlap: Any = source.overlap
    return Source(source.name, ZoneInfo(source.zone), shift=timedelta(minutes=source.shift_min), overlap=overlap)


def matcher_of(uow: UnitOfWork, source: str) -> tuple[Matcher, Mapping[int, Channel]]:
    """Our channels ready to be looked up for one source ("" = names and ids only, which readers of the guide use)."""
    line_up = {channel.id: channel for channel in uow.guide.channels()}
    ids = {channel.xmltv_id: channel.id for channel in line_up.values()}
    aliases = uow.sources.aliases()
    carried = service_information.triplets(uow) if source else {}
    known = [
        Known(one.id, name, one.name, aliases.get(name, ()), carried.get(name, ()))
        for one in line_up.values()
        for name in (one.xmltv_id,)
    ]
    by_hand = {told: ids.get(channel) if channel else None for told, channel in uow.sources.by_hand(source).items()}
    return Matcher.of(known, by_hand), line_up


@define
class _Staging:
    """A feed on its way into the guide: how its channels are found, and what has become of them, by name.

    `by_hand` are its channels that somebody decided about; `windows` are the times that it told of each channel.
    """

    source: str
    matcher: Matcher
    line_up: Mapping[int, Channel]
    by_hand: frozenset[str]
    published: list[str] = field(factory=list)
    parked: list[str] = field(factory=list)
    held: list[str] = field(factory=list)
    windows: dict[str, tuple[datetime, datetime]] = field(factory=dict)
    counts: tuple[int, int, int] = (0, 0, 0)

    def count(self, done: tuple[int, int, int]) -> None:
        """Add up rows added, changed and removed."""
        self.counts = (self.counts[0] + done[0], self.counts[1] + done[1], self.counts[2] + done[2])


def stage(uow: UnitOfWork, now: datetime, actor: str, name: str, parsed: xmltv.Feed, *, force: bool = False) -> Staged:
    """Keep what a feed tells, match its channels, and publish those that are ours; all of it or nothing."""
    uow.guide.opening(now, actor, f"来源 {name}")
    source = _named(uow, name)
    staging = _Staging(name, *matcher_of(uow, name), frozenset(uow.sources.by_hand(name)))
    for told, rows in parsed.by_channel():
        _take(uow, staging, told, rows, force=force)
    _tie_quarantined(uow, staging, parsed)
    report = evolve(parsed.report, source=name)
    for one in source_overlay.settle(uow, report, staging.windows):
        staging.count(_around(uow, one))
    uow.sources.put(evolve(source, fetched=now, tried=now, failed=None, fault=""))
    return _staged(uow, now, actor, staging, report)


def _take(uow: UnitOfWork, staging: _Staging, told: model.Channel, rows: Sequence[Programme], *, force: bool) -> None:
    """Keep what a feed tells of one channel; publish it if it is ours and has not shrunk."""
    name, names = staging.source, tuple(one.text for one in told.names)
    found = staging.matcher.match(_told(told.xmltv_id, names))
    channel = staging.line_up.get(found.channel or 0)
    start, stop = rows[0].start, max(row.stop for row in rows)
    if channel is not None and not force and _shrank(uow, channel, name, start, rows):
        staging.held.append(channel.name)
        return
    uow.sources.replace(name, told.xmltv_id, start, stop, rows)
    staging.windows[told.xmltv_id] = start, stop
    _tie(uow, staging, told.xmltv_id, names, found)
    if channel is None:
        staging.parked.append(told.name)
        return
    staging.published.append(channel.name)
    staging.count(_rebuild(uow, channel, start, stop))


def _told(name: str, names: tuple[str, ...]) -> Told:
    """What a source calls a channel; a service of a stream without a name is told by its triplet."""
    return Told(name, names, triplet_of(name))


def _staged(uow: UnitOfWork, now: datetime, actor: str, staging: _Staging, report: Report) -> Staged:
    """Write down and tell what a feed led to."""
    name, rulings = staging.source, uow.sources.rulings(staging.source)
    report, ruled = source_overlay.ruled(report, rulings), source_overlay.counts(report, rulings)
    became = {"published": staging.published, "parked": staging.parked, "held": staging.held}
    detail = {state: len(names) for state, names in became.items()} | {"rows": report.rows}
    uow.audit.add(now, actor, "feed", "source", name, detail)
    source_reports.keep(uow, now, report, became, ruled)
    if any(staging.counts):
        uow.outbox.add(ContentChanged("programme"))
    return Staged(report, tuple(staging.published), tuple(staging.parked), tuple(staging.held), *staging.counts)


def _tie_quarantined(uow: UnitOfWork, staging: _Staging, parsed: xmltv.Feed) -> None:
    """Find channels of rows that were not taken too, so that one that is let in has its place."""
    wanted = {one.channel for one in parsed.report.held}
    for told in parsed.channels if wanted else ():
        if told.xmltv_id in wanted:
            names = tuple(one.text for one in told.names)
            _tie(uow, staging, told.xmltv_id, names, staging.matcher.match(_told(told.xmltv_id, names)))


def publish_again(uow: UnitOfWork, now: datetime, actor: str, ruling: Ruling) -> None:
    """Bring the guide up to what was decided of a row."""
    uow.guide.opening(now, actor, f"来源 {ruling.source}：{ruling.words}")
    if any(_around(uow, ruling)):
        uow.outbox.add(ContentChanged("programme"))


def _around(uow: UnitOfWork, ruling: Ruling) -> tuple[int, int, int]:
    """Publish the time around a row that is let in, or is no more."""
    ours = uow.sources.tied(ruling.source, ruling.told)
    channel = next((one for one in uow.guide.channels() if one.xmltv_id == ours), None)
    if channel is None or ruling.programme is None:
        return 0, 0, 0
    return _rebuild(uow, channel, ruling.programme.start - _REACH, ruling.programme.stop + _REACH)


def _tie(uow: UnitOfWork, staging: _Staging, told: str, names: Sequence[str], found: Match) -> None:
    """Keep what the rules found; a decision by hand stays."""
    if found.reason != "hand" and told not in staging.by_hand:
        channel = staging.line_up.get(found.channel or 0)
        uow.sources.tie(staging.source, told, channel.xmltv_id if channel else None, names)


def _shrank(uow: UnitOfWork, channel: Channel, source: str, start: datetime, rows: Sequence[Programme]) -> bool:
    before = uow.sources.told(channel.xmltv_id, start, start + timedelta(days=64)).get(source, ())
    return len(before) >= ENOUGH and len(rows) < len(before) * SHRUNK


def failed(uow: UnitOfWork, now: datetime, name: str, fault: str) -> None:
    """Note that a source could not be fetched or read; since when stays."""
    source = uow.sources.by_name(name)
    if source is not None:
        uow.sources.put(evolve(source, tried=now, failed=source.failed or now, fault=fault[:300]))


def unchanged(uow: UnitOfWork, now: datetime, name: str) -> None:
    """Note that a source has nothing new (HTTP 304)."""
    source = uow.sources.by_name(name)
    if source is not None:
        uow.sources.put(evolve(source, tried=now, fetched=now, failed=None, fault=""))


def kept_tags(uow: UnitOfWork, name: str, etag: str, modified: str) -> None:
    """Keep what the next request asks by."""
    source = uow.sources.by_name(name)
    if source is not None:
        uow.sources.put(evolve(source, etag=etag[:200], modified=modified[:100]))


def due(uow: UnitOfWork, now: datetime) -> tuple[GuideSource, ...]:
    """Sources whose time has come."""
    return tuple(
        one
        for one in uow.sources.all()
        if one.active and one.url and (one.tried is None or now - one.tried >= timedelta(minutes=one.minutes))
    )


def claim(uow: UnitOfWork, now: datetime, name: str) -> GuideSource | None:
    """A source that is due, for the one server that asks first; None for all others."""
    uow.sources.hold(name)
    found = next((one for one in due(uow, now) if one.name == name), None)
    return None if found is None else uow.sources.put(evolve(found, tried=now))


def match(
    uow: UnitOfWork, now: datetime, actor: str, source: str, told: str, channel: str | None, *, alias: bool = False
) -> None:
    """Decide by hand what a source's channel is (None: never ours); what is parked is published at once."""
    target = next((one for one in uow.guide.channels() if one.xmltv_id == channel), None)
    if channel is not None and target is None:
        raise NotFound("没有这个频道", "no_channel")
    need(uow, actor, target.xmltv_id if target else uow.sources.tied(source, told))
    parked = next((one for one in uow.sources.unmatched(source) if one.told == told), None)
    uow.sources.match_by_hand(source, told, channel)
    if alias and channel is not None and parked is not None:
        for name in parked.names[:1]:
            uow.sources.add_alias(channel, name)
    uow.audit.add(now, actor, "match", "source", source, {"told": told, "channel": channel})
    if target is not None:
        uow.guide.opening(now, actor, f"频道 {target.name} 对上来源 {source}")
        _rebuild(uow, target, now - _REACH, now + timedelta(days=64))
        uow.outbox.add(ContentChanged("programme"))


def unmatched(uow: UnitOfWork) -> tuple[Unmatched, ...]:
    """Channels of sources that are none of ours yet, with those that they might be."""
    out = []
    matchers: dict[str, Matcher] = {}
    for one in uow.sources.unmatched():
        matcher = matchers.get(one.source)
        if matcher is None:
            matcher = matchers[one.source] = matcher_of(uow, one.source)[0]
        out.append(evolve(one, suggestions=matcher.match(_told(one.told, one.names)).suggestions))
    return tuple(out)


def need(uow: UnitOfWork, actor: str, channel: str | None) -> None:
    """Raise Forbidden for one who may not edit a channel; for what belongs to none, for one held to some channels."""
    if channel is None:
        plan_rights.need_everywhere(uow, actor)
    else:
        plan_rights.need(uow, actor, channel, "edit")


def order(uow: UnitOfWork, now: datetime, actor: str, channel: str, names: Sequence[str]) -> None:
    """Order the sources of a channel (none = by rank) and publish it anew. Raises NotFound, Forbidden, BadValue."""
    target = next((one for one in uow.guide.channels() if one.xmltv_id == channel), None)
    if target is None:
        raise NotFound("没有这个频道", "no_channel")
    source_order.keep(uow, now, actor, channel, names)
    uow.guide.opening(now, actor, f"频道 {target.name} 的来源次序")
    if any(_rebuild(uow, target, now - _REACH, now + timedelta(days=64))):
        uow.outbox.add(ContentChanged("programme"))


def provenance(uow: UnitOfWork, airing_id: int) -> Provenance:
    """What every source says of a programme, and which field was taken from whom. Raises NotFound."""
    airing = uow.guide.airing(airing_id)
    if airing is None:
        raise NotFound("节目单里没有这个节目")
    one = airing.programme
    pins = {pin.name: "hand" for pin in uow.sources.pins([one.uid])}
    for merged in _merged(uow, one.channel, one.start, one.stop):
        if merged.programme.start == one.start:
            return Provenance(one, {**merged.came, **pins}, merged.told)
    return Provenance(one, dict.fromkeys(("start", "stop", "title"), airing.source) | pins, {})


def pin(uow: UnitOfWork, now: datetime, actor: str, airing_id: int, name: str, value: Any) -> None:
    """Set a field by hand: it wins over every source. Raises NotFound, BadValue."""
    uow.guide.hold()
    airing = uow.guide.airing(airing_id)
    if airing is None:
        raise NotFound("节目单里没有这个节目")
    plan_rights.need(uow, actor, airing.programme.channel, "edit")
    if name not in FIELDS or (name == "title" and not str(value).strip()):
        raise BadValue("pin", "这一项不能这样改")
    if name == "title" and not any(one.name == _WAS for one in uow.sources.pins([airing.programme.uid])):
        uow.sources.put_pin(Pin(airing.programme.uid, _WAS, airing.programme.title))
    plain = tuple((one.part, one.name) for one in value) if name == "credits" else value
    uow.sources.put_pin(Pin(airing.programme.uid, name, plain))
    uow.guide.opening(now, actor, f"手工改《{airing.programme.title}》")
    uow.guide.write((), [evolve(airing, programme=_pinned(airing.programme, {name: plain}))], ())
    uow.audit.add(now, actor, "pin", "programme", airing.programme.uid, {"field": name})
    uow.outbox.add(ContentChanged("programme"))


def unpin(uow: UnitOfWork, now: datetime, actor: str, airing_id: int, name: str) -> None:
    """Take a field as the sources say again."""
    uow.guide.hold()
    airing = uow.guide.airing(airing_id)
    if airing is None:
        raise NotFound("节目单里没有这个节目")
    plan_rights.need(uow, actor, airing.programme.channel, "edit")
    uow.sources.remove_pin(airing.programme.uid, name)
    uow.guide.opening(now, actor, f"《{airing.programme.title}》改回来源的")
    if name == "title":
        _with_its_own_title(uow, airing)
    channel = uow.guide.channel(airing.channel)
    if channel is not None:
        _rebuild(uow, channel, airing.programme.start, airing.programme.stop)
    uow.audit.add(now, actor, "unpin", "programme", airing.programme.uid, {"field": name})
    uow.outbox.add(ContentChanged("programme"))


def _with_its_own_title(uow: UnitOfWork, airing: Airing) -> None:
    """Give a programme the title back that sources know it by, so that it is found again."""
    was = next(
        (one.value for one in uow.sources.pins([airing.programme.uid]) if one.name == _WAS), airing.programme.title
    )
    uow.sources.remove_pin(airing.programme.uid, _WAS)
    uow.guide.write((), [evolve(airing, programme=evolve(airing.programme, title=was))], ())


def drifts(uow: UnitOfWork, now: datetime) -> tuple[Drift, ...]:
    """Sources that lie apart from a more trusted one by a constant: a zone or a shift is probably set wrong."""
    found: dict[tuple[str, str], Drift] = {}
    for channel in uow.guide.channels():
        told = uow.sources.told(channel.xmltv_id, now, now + timedelta(days=2))
        names = [one for one in source_order.trust_of(uow, channel.xmltv_id).order if one in told]
        for at, name in enumerate(names):
            for better in names[:at]:
                seen = drift(Feed(name, told[name]), Feed(better, told[better]))
                if seen is not None:
                    found.setdefault((name, better), seen)
    return tuple(found.values())


def _merged(uow: UnitOfWork, channel: str, start: datetime, stop: datetime) -> tuple[Merged, ...]:
    told = source_overlay.told(uow, channel, start, stop)
    return merge([Feed(source, rows) for source, rows in told.items()], source_order.trust_of(uow, channel))


def _rebuild(uow: UnitOfWork, channel: Channel, start: datetime, stop: datetime) -> tuple[int, int, int]:
    """Publish what the sources say of a channel now; returns rows added, changed and removed."""
    rows = [one.programme for one in _merged(uow, channel.xmltv_id, start, stop)]
    runs = guide_plan.free(uow, channel.xmltv_id, rows, start, stop)
    gone = _left_over(uow, channel, runs, start, stop)
    uow.guide.write((), (), gone)
    counts = [_publish(uow, channel, run) for run in runs] + [(0, 0, len(gone))]
    added, changed, removed = (sum(part) for part in zip(*counts, strict=True))
    return added, changed, removed


def _publish(uow: UnitOfWork, channel: Channel, run: Sequence[Programme]) -> tuple[int, int, int]:
    planned = guide_plan.plan(uow, channel, FEEDS, _as_titled(uow, channel, run))
    pins: dict[str, dict[str, Any]] = {}
    for one in uow.sources.pins([row.programme.uid for row in (*planned.added, *planned.changed)]):
        pins.setdefault(one.uid, {})[one.name] = one.value
    added = [_with_pins(row, pins) for row in planned.added]
    before = uow.guide.by_uids([one.programme.uid for one in planned.changed if one.programme.uid in pins])
    by_hand = [_with_pins(one, pins) for one in planned.changed]
    changed = [row for row in by_hand if row != before.get(row.programme.uid)]
    uow.guide.write(added, changed, planned.removed)
    return len(added), len(changed), len(planned.removed)


def _as_titled(uow: UnitOfWork, channel: Channel, run: Sequence[Programme]) -> Sequence[Programme]:
    """The rows under the titles that were set by hand: a programme is found again by its title."""
    stored = {row.programme.uid: row.programme for row in uow.guide.between(run[0].start, run[-1].stop, {channel.id})}
    pins: dict[str, dict[str, Any]] = {}
    for one in uow.sources.pins(list(stored)):
        pins.setdefault(one.uid, {})[one.name] = one.value
    known = [(stored[uid].start, title_key(mine[_WAS]), mine["title"]) for uid, mine in pins.items() if _WAS in mine]
    if not known:
        return run
    return [_renamed(row, known) for row in run]


def _renamed(row: Programme, known: Sequence[tuple[datetime, str, str]]) -> Programme:
    key = title_key(row.title)
    title = next((new for start, was, new in known if was == key and abs(start - row.start) <= MOVED_AT_MOST), None)
    return row if title is None else evolve(row, title=title)


def _left_over(
    uow: UnitOfWork, channel: Channel, runs: Sequence[Sequence[Programme]], start: datetime, stop: datetime
) -> list[int]:
    """Programmes of sources that no source tells any more, and that no run takes the place of."""
    windows = [(run[0].start, run[-1].stop) for run in runs]
    return [
        row.id
        for row in uow.guide.between(start, stop, {channel.id})
        if row.source == FEEDS
        and start <= row.programme.start < stop
        and not any(begin <= row.programme.start < end for begin, end in windows)
    ]


def _with_pins(row: Airing, pins: Mapping[str, Mapping[str, Any]]) -> Airing:
    mine = pins.get(row.programme.uid)
    return evolve(row, programme=_pinned(row.programme, mine)) if mine else row


def _pinned(programme: Programme, values: Mapping[str, Any]) -> Programme:
    set_ = {name: value for name, value in values.items() if name in FIELDS}
    if "credits" in set_:
        set_["credits"] = tuple(Credit(*pair) for pair in set_["credits"])
    return evolve(programme, **set_)


def _named(uow: UnitOfWork, name: str) -> GuideSource:
    found = uow.sources.by_name(name)
    if found is None:
        raise NotFound(f"没有名为 {name[:40]} 的来源", "no_source")
    return found
