"""The life of a broadcast day: draft, submitted, approved; revisions; what may still change on air (epg.md §3)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Final, Literal

from attrs import evolve, frozen

from epg.findings import Finding
from epg.planning import Item

State = Literal["draft", "submitted", "approved"]
LEAD: Final = timedelta(seconds=30)
"""What starts sooner can no longer be brought in: the playout has it already."""
LEAST: Final = timedelta(minutes=1)
"""Less than this of a film that has been broken into is not worth going on with."""


@frozen
class Day:
    """One revision of a channel's day. `signed` are those who have signed it, in order; `reason` why it was made."""

    channel: str
    day: date
    revision: int
    state: State
    items: tuple[Item, ...]
    by: str
    at: datetime
    reason: str = ""
    signed: tuple[str, ...] = ()


class NotNow(ValueError):
    """A step that the state of the day does not allow; `code` is stable, `words_zh` are for editors."""

    def __init__(self, code: str, words_zh: str) -> None:
        super().__init__(f"{code}: {words_zh}")
        self.code = code
        self.words_zh = words_zh


def edited(day: Day, items: Sequence[Item], who: str, at: datetime) -> Day:
    """The draft with other items; raises NotNow for a day that is submitted or approved."""
    if day.state != "draft":
        raise NotNow("not_draft", "已送审的节目单不能改，请先退回")
    return evolve(day, items=_ordered(items), by=who, at=at)


def submitted(day: Day, findings: Sequence[Finding], who: str, at: datetime) -> Day:
    """The day sent to be signed; raises NotNow while it has errors."""
    if day.state != "draft":
        raise NotNow("not_draft", "只有草稿可以送审")
    if not day.items:
        raise NotNow("empty", "这一天还没有节目")
    errors = [one for one in findings if one.severity == "error"]
    if errors:
        raise NotNow("findings", f"还有 {len(errors)} 处错误，先改好再送审")
    return evolve(day, state="submitted", by=who, at=at, signed=(), reason="")


def signed(day: Day, findings: Sequence[Finding], author: str, who: str, at: datetime, steps: int) -> Day:
    """The day signed by one more; with the last of `steps` it is approved. Nobody signs his own day, or twice."""
    if day.state != "submitted":
        raise NotNow("not_submitted", "这一天没有送审")
    if who == author or who in day.signed:
        raise NotNow("own_day", "自己排的节目单要由别人审" if who == author else "您已经签过了")
    errors = [one for one in findings if one.severity == "error"]
    if errors:
        raise NotNow("findings", f"还有 {len(errors)} 处错误：{errors[0].words_zh}")
    names = (*day.signed, who)
    return evolve(day, signed=names, at=at, state="approved" if len(names) >= steps else "submitted")


def signed_afterwards(day: Day, who: str, at: datetime, steps: int) -> Day:
    """What was brought in on air, signed by one more; it was valid all the time. Nobody signs what he brought in."""
    if day.state != "approved" or len(day.signed) >= steps:
        raise NotNow("not_submitted", "这一天没有要补签的")
    if who == day.by or who in day.signed:
        raise NotNow("own_day", "自己插播的要由别人补签" if who == day.by else "您已经签过了")
    return evolve(day, signed=(*day.signed, who), at=at)


def returned(day: Day, who: str, at: datetime, reason: str) -> Day:
    """The day back in draft, with the reason."""
    if day.state != "submitted":
        raise NotNow("not_submitted", "只有送审的节目单可以退回")
    return evolve(day, state="draft", by=who, at=at, reason=_reason(reason), signed=())


def reopened(day: Day, who: str, at: datetime, reason: str) -> Day:
    """A new revision as draft; the approved one stays valid until the new one is approved."""
    if day.state != "approved":
        raise NotNow("not_approved", "这一天还没有审定")
    return evolve(day, revision=day.revision + 1, state="draft", by=who, at=at, reason=_reason(reason), signed=())


def broken_in(
    day: Day, item: Item, now: datetime, who: str, reason: str, *, lead: timedelta = LEAD, running: Item | None = None
) -> Day:
    """A new approved revision with an item brought in on air.

    It starts after the playout's lead; the running item (`running` if it is one of the day before) is cut there and
    goes on behind it. Fillers go first, `flow` items are pushed until a fixed start, or the end of the day as it was
    planned, absorbs them. The past and the running item's beginning stay. Raises NotNow.
    """
    if day.state != "approved":
        raise NotNow("not_approved", "这一天还没有审定")
    if item.start < now + lead:
        raise NotNow("too_late", f"最早只能从现在起 {int(lead.total_seconds())} 秒以后开始")
    before = [one for one in day.items if one.start < item.start]
    after = [one for one in day.items if one.start >= item.start]
    cut = [one for one in (*before, *([running] if running else [])) if one.stop > item.start]
    kept = [_cut(one, item.start) for one in before]
    pushed = _pushed(item.stop, [rest for one in cut for rest in _rest(one, item)], after)
    end = max(one.stop for one in (item, *day.items))
    items = (*kept, evolve(item, origin="hand", kind="fixed"), *(_cut(one, end) for one in pushed if one.start < end))
    return Day(day.channel, day.day, day.revision + 1, "approved", _ordered(items), who, now, _reason(reason))


def run_into(day: Day, stop: datetime, now: datetime, who: str, reason: str) -> Day:
    """A new approved revision of the day after one into which something was brought that ends at `stop`."""
    end = max(one.stop for one in day.items)
    items = [_cut(one, end) for one in _pushed(stop, [], day.items) if one.start < end]
    return Day(day.channel, day.day, day.revision + 1, "approved", _ordered(items), who, now, _reason(reason))


def _rest(cut: Item, item: Item) -> list[Item]:
    """What goes on behind an item that breaks into another: a film where it stopped, else what is on there by then."""
    content, left = cut.content, cut.stop - item.start
    film = content.asset is not None and cut.origin != "filler" and not (content.live or content.relay)
    stop = item.stop + left if film else cut.stop
    if stop <= item.stop or (left < LEAST and cut.stop <= item.stop):
        return []
    begin = content.begin_s + int((item.start - cut.start).total_seconds()) if film else 0
    uid = blake2b(f"{cut.uid}\x1frest\x1f{int(item.stop.timestamp())}".encode(), digest_size=10).hexdigest()
    same = evolve(cut, uid=uid, content=evolve(content, begin_s=begin, rest_of=cut.uid), kind="flow", block="")
    return [evolve(same, start=item.stop, stop=stop, slack=timedelta(0), locked=False, cuttable=not film)]


def _cut(one: Item, stop: datetime) -> Item:
    """An item that ends there at the latest; what has been cut may be cut."""
    return one if one.stop <= stop else evolve(one, stop=stop, cuttable=True)


def _pushed(floor: datetime, rest: Sequence[Item], after: Sequence[Item]) -> list[Item]:
    """What follows, later by as much as it must; a fixed start cuts what runs into it and ends the pushing."""
    out = list(rest)
    cursor = out[-1].stop if out else floor
    for one in sorted(after, key=lambda one: one.start):
        if one.kind == "fixed":
            while out and out[-1].stop > one.start:
                last = out.pop()
                if last.start < one.start:
                    out.append(_cut(last, one.start))
            cursor = out[-1].stop if out else floor
            if one.stop > floor:
                out.append(_from(one, floor))
                cursor = one.stop
            continue
        if one.start >= cursor:
            out.append(one)
            cursor = one.stop
        elif one.origin == "filler":
            if one.stop > cursor:
                out.append(_from(one, cursor))
                cursor = one.stop
        else:
            out.append(evolve(one, start=cursor, stop=cursor + one.length))
            cursor += one.length
    return out


def _from(one: Item, start: datetime) -> Item:
    """An item that begins there at the earliest."""
    return one if one.start >= start else evolve(one, start=start, cuttable=True)


def _ordered(items: Sequence[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda one: (one.start, one.stop, one.uid)))


def _reason(text: str) -> str:
    reason = text.strip()[:200]
    if not reason:
        raise NotNow("reason", "请写明原因")
    return reason


@frozen
class Changed:
    """What differs between two revisions, by uid."""

    added: tuple[Item, ...]
    removed: tuple[Item, ...]
    changed: tuple[tuple[Item, Item], ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def difference(before: Sequence[Item], after: Sequence[Item]) -> Changed:
    """What an editor did between two lists of items."""
    old, new = {one.uid: one for one in before}, {one.uid: one for one in after}
    return Changed(
        tuple(one for uid, one in new.items() if uid not in old),
        tuple(one for uid, one in old.items() if uid not in new),
        tuple((old[uid], one) for uid, one in new.items() if uid in old and old[uid] != one),
    )


def rewritten(before: Sequence[Item], after: Sequence[Item], now: datetime) -> Item | None:
    """The first item that has begun by now and that one of the lists does not have as the other has it."""
    apart = difference([one for one in before if one.start <= now], [one for one in after if one.start <= now])
    found = (*apart.added, *apart.removed, *(old for old, _ in apart.changed))
    return min(found, key=lambda one: one.start, default=None)


def reconciled(
    base: Sequence[Item], mine: Sequence[Item], theirs: Sequence[Item]
) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """Two editors' changes of one base: merged where they do not collide, and the uids where they do (theirs stand)."""
    ours, others = difference(base, mine), difference(base, theirs)
    touched = {one.uid for one in (*others.added, *others.removed)} | {one.uid for _, one in others.changed}
    out = {one.uid: one for one in theirs}
    clash = []
    for uid, item in [(one.uid, one) for one in ours.added] + [(one.uid, one) for _, one in ours.changed]:
        if uid in touched:
            clash.append(uid)
        else:
            out[uid] = item
    for one in ours.removed:
        if one.uid in touched:
            clash.append(one.uid)
        else:
            out.pop(one.uid, None)
    return _ordered(tuple(out.values())), tuple(clash)
