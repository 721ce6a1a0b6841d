"""What is wrong with a planned day, and how it can be mended with one press: one sort, one sweep (epg.md §4)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, Literal

from attrs import evolve, frozen

from epg.filling import Pool, fill
from epg.mending import counted_on, padded, relayed
from epg.model import title_key
from epg.planning import DAY, Item, Rules, begins, broadcast_day
from epg.times import SHANGHAI

Code = Literal[
    "overlap",
    "gap",
    "fixed_missed",
    "day_edge",
    "must_carry",
    "watershed",
    "length",
    "media_missing",
    "media_unready",
    "repeat_soon",
    "episode_order",
    "past",
]
Severity = Literal["error", "warning", "note"]
_SHORTEST: Final = timedelta(seconds=1)
_TRIED: Final = 100
"""Items that are tried for changing places with one."""


@frozen
class Remedy:
    """One press: items that go, and items that come or take the place of those with their uid."""

    name: Literal[
        "trim", "later", "shift", "split", "push", "fill", "extend", "early", "drop", "fit", "pad", "cut", "restore",
        "repeat", "renumber", "swap",
    ]  # fmt: skip
    words_zh: str
    out: tuple[str, ...] = ()
    put: tuple[Item, ...] = ()


@frozen
class Finding:
    """What was found, at which items (uids), from when to when."""

    code: Code
    severity: Severity
    items: tuple[str, ...]
    start: datetime
    stop: datetime
    words_zh: str
    remedies: tuple[Remedy, ...] = ()


def mended(items: Iterable[Item], remedy: Remedy) -> tuple[Item, ...]:
    """The items after a remedy, in order."""
    by_uid = {one.uid: one for one in items if one.uid not in remedy.out}
    by_uid |= {one.uid: one for one in remedy.put}
    return tuple(sorted(by_uid.values(), key=lambda one: (one.start, one.stop, one.uid)))


def check(
    items: Sequence[Item],
    rules: Rules,
    window: tuple[datetime, datetime],
    *,
    now: datetime | None = None,
    pool: Pool | None = None,
    approval: bool = False,
) -> tuple[Finding, ...]:
    """All findings of what starts in a window; give the neighbouring days' items too, so that edges are seen.

    `now` makes what starts before it `past`; at `approval` unready media are errors.
    """
    rows = sorted(items, key=lambda one: (one.start, one.stop, one.uid))
    mine = [one for one in rows if window[0] <= one.start < window[1]]
    found = [
        *_neighbours(rows, rules, window, pool),
        *_edges(rows, rules, window, pool),
        *(finding for one in mine for finding in _alone(one, rules, now, approval, pool)),
        *_watershed(mine, rules),
        *_carried(mine, rules, window),
        *_repeats(rows, rules, window),
    ]
    return tuple(sorted(found, key=lambda one: (one.start, one.code, one.items)))


# Between neighbours -------------------------------------------------------------------------------------------------


def _neighbours(
    rows: Sequence[Item], rules: Rules, window: tuple[datetime, datetime], pool: Pool | None
) -> Iterator[Finding]:
    """Overlaps and gaps. An item that ends after its follower is compared with all that start inside it."""
    last: Item | None = None
    for at, item in enumerate(rows):
        if last is not None and window[0] <= item.start < window[1]:
            if item.start < last.stop:
                yield _overlap(last, item, rows[at + 1 :], rules)
            elif item.start > last.stop:
                yield _gap(last.stop, item.start, last, rules, pool)
        if last is None or item.stop > last.stop:
            last = item


def _overlap(before: Item, item: Item, rest: Sequence[Item], rules: Rules) -> Finding:
    over = before.stop - item.start
    missed = item.kind != "flow" and before.kind == "flow" and over > item.slack
    edge = broadcast_day(before.start, rules) != broadcast_day(item.start, rules) and item.kind == "fixed"
    code: Code = "day_edge" if edge else "fixed_missed" if missed else "overlap"
    words = {
        "day_edge": f"《{before.content.title}》拖到了第二天的《{item.content.title}》",
        "fixed_missed": f"《{before.content.title}》超时，《{item.content.title}》不能准点播出",
        "overlap": f"《{before.content.title}》和《{item.content.title}》重叠 {_length(min(over, item.length))}",
    }
    remedies = tuple(_overlap_remedies(before, item, rest))
    return Finding(
        code, "error", (before.uid, item.uid), item.start, min(before.stop, item.stop), words[code], remedies
    )


def _overlap_remedies(before: Item, item: Item, rest: Sequence[Item]) -> Iterator[Remedy]:
    if item.start - before.start >= _SHORTEST and not before.locked:
        yield Remedy(
            "trim", f"把《{before.content.title}》截到 {clock(item.start)}", put=(evolve(before, stop=item.start),)
        )
    if before.origin == "filler":
        yield Remedy("drop", "去掉前面的垫播", out=(before.uid,))
    if item.kind != "fixed" and not item.locked:
        moved = _pushed(before.stop, item, rest)
        yield Remedy("push" if len(moved) > 1 else "shift", f"后面顺延到 {clock(before.stop)}", put=moved)
    if before.locked or item.start - before.start < _SHORTEST:
        yield from _following_remedies(before, item)
    if before.stop - item.stop >= _SHORTEST and item.start - before.start >= _SHORTEST and not before.locked:
        shown = int((item.start - before.start).total_seconds()) if before.content.asset is not None else 0
        content = evolve(before.content, begin_s=before.content.begin_s + shown, rest_of=before.uid)
        second = evolve(before, uid=f"{before.uid}+", start=item.stop, kind="flow", content=content, cuttable=True)
        yield Remedy("split", "前一档分成两段", put=(evolve(before, stop=item.start, cuttable=True), second))


def _following_remedies(before: Item, item: Item) -> Iterator[Remedy]:
    """Where the first of two cannot be cut the second begins later, or has to go."""
    if item.locked:
        return
    if item.stop - before.stop >= _SHORTEST:
        begins_later = evolve(item, start=before.stop)
        yield Remedy("later", f"《{item.content.title}》改到 {clock(before.stop)} 开始", put=(begins_later,))
    else:
        yield Remedy("drop", f"去掉 {clock(item.start)} 的《{item.content.title}》", out=(item.uid,))


def _pushed(start: datetime, item: Item, rest: Sequence[Item]) -> tuple[Item, ...]:
    """The item from `start` on, and those after it that have to give way, up to a fixed one or a gap."""
    out = [evolve(item, start=start, stop=start + item.length)]
    for after in rest:
        if after.start >= out[-1].stop or after.kind == "fixed" or after.locked:
            break
        out.append(evolve(after, start=out[-1].stop, stop=out[-1].stop + after.length))
    return tuple(out)


def _edges(
    rows: Sequence[Item], rules: Rules, window: tuple[datetime, datetime], pool: Pool | None
) -> Iterator[Finding]:
    """Where the window's own begin or end is covered by nothing."""
    begin, end = window
    first = next((one for one in rows if one.start >= begin), None)
    covered = any(one.start < begin < one.stop for one in rows)
    before_any = next(iter(rows), None)
    if not covered and first is not None and first is before_any and first.start > begin:
        yield _gap(begin, first.start, None, rules, pool, first)
    inside = [one for one in rows if begin <= one.start < end]
    after = any(one.start >= end for one in rows)
    if inside and not after:
        last = max(inside, key=lambda one: one.stop)
        if last.stop < end:
            yield _gap(last.stop, end, last, rules, pool)
    if not inside and not covered:
        yield _gap(begin, end, None, rules, pool)


def _gap(
    start: datetime, stop: datetime, before: Item | None, rules: Rules, pool: Pool | None, after: Item | None = None
) -> Finding:
    remedies = []
    if pool is not None:
        remedies.append(Remedy("fill", "用垫播填满", put=fill(rules.channel, start, stop, pool)))
    if before is not None and not before.locked and stop - before.start <= DAY:
        remedies.append(
            Remedy("extend", f"《{before.content.title}》延长到 {clock(stop)}", put=(evolve(before, stop=stop),))
        )
    if after is not None and not after.locked and after.stop - start <= DAY:
        words = f"《{after.content.title}》提前到 {clock(start)} 开始"
        remedies.append(Remedy("early", words, put=(evolve(after, start=start),)))
    uids = (before.uid,) if before else ()
    words = f"{clock(start)} 到 {clock(stop)} 没有节目"
    return Finding("gap", "error" if rules.own else "note", uids, start, stop, words, tuple(remedies))


# One item -----------------------------------------------------------------------------------------------------------


def _alone(
    item: Item, rules: Rules, now: datetime | None, approval: bool, pool: Pool | None = None
) -> Iterator[Finding]:
    def found(code: Code, severity: Severity, words: str, *remedies: Remedy) -> Finding:
        return Finding(code, severity, (item.uid,), item.start, item.stop, words, remedies)

    title = item.content.title
    if now is not None and item.start < now:
        yield found("past", "error", f"《{title}》的时间已经过了")
    if rules.own and item.origin != "filler" and not (item.content.live or item.content.relay):
        if item.content.asset is None:
            yield found("media_missing", "error" if approval else "warning", f"《{title}》还没有选片子")
        elif not item.content.ready:
            yield found(
                "media_unready", "error" if approval else "warning", f"《{title}》的片子没处理好，或不是频道用的"
            )
    if item.content.asset is not None and item.content.media_s and item.origin != "filler":
        yield from _length_of(item, rules, pool)


def _length_of(item: Item, rules: Rules, pool: Pool | None) -> Iterator[Finding]:
    media = timedelta(seconds=max(0, item.content.media_s - item.content.begin_s))
    if abs(media - item.length) <= rules.tolerance:
        return
    longer = media > item.length
    severity: Severity = "error" if longer and item.kind == "fixed" else "warning"
    words = f"《{item.content.title}》片长 {_length(media)}，时段 {_length(item.length)}"
    fit = (
        Remedy("fit", f"时段改为 {_length(media)}", put=(evolve(item, stop=item.start + media),))
        if _SHORTEST <= media <= DAY
        else None
    )
    cut = Remedy("cut", "到点切断片尾", put=(evolve(item, cuttable=True),)) if longer and not item.cuttable else None
    if longer and item.cuttable:
        return
    pad = None
    if pool is not None and media >= _SHORTEST and not longer:
        put = padded(rules.channel, item, media, pool)
        pad = Remedy("pad", f"片子后面用垫播补到 {clock(item.stop)}", put=put)
    remedies = tuple(one for one in (pad, fit, cut) if one is not None and not item.locked)
    yield Finding("length", severity, (item.uid,), item.start, item.stop, words, remedies)


def _watershed(mine: Sequence[Item], rules: Rules) -> Iterator[Finding]:
    """What is not for the young at an hour when they watch; it may change places with an item of the same length."""
    for item in mine:
        if _barred(item, rules):
            words = f"《{item.content.title}》（{item.content.age}岁以上）不能在 {clock(item.start)} 播出"
            alike = (one for one in mine if one.length == item.length and not _barred(one, rules))
            pairs = ((item, one) for one in islice(alike, _TRIED) if not (item.locked or one.locked or one.must_carry))
            swaps = (_swapped(*pair) for pair in pairs)
            good = next((put for put in swaps if not any(_barred(one, rules) for one in put)), ())
            told = f"和 {clock(good[0].start)} 的《{good[1].content.title}》对调" if good else ""
            remedies = (Remedy("swap", told, put=good),) if good else ()
            yield Finding("watershed", "error", (item.uid,), item.start, item.stop, words, remedies)


def _swapped(one: Item, other: Item) -> tuple[Item, ...]:
    """Two items each at the other's time, whose kind of start stays."""
    return (
        evolve(one, start=other.start, stop=other.stop, kind=other.kind, slack=other.slack),
        evolve(other, start=one.start, stop=one.stop, kind=one.kind, slack=one.slack),
    )


def _barred(item: Item, rules: Rules) -> bool:
    return any(_forbidden(item, age, start, stop) for age, start, stop in rules.watershed)


def _forbidden(item: Item, age: int, start: int, stop: int) -> bool:
    if not item.content.age or item.content.age < age:
        return False
    local = item.start.astimezone(SHANGHAI)
    begin, end = _seconds(local), _seconds(local) + int(item.length.total_seconds())
    return any(begin < stop + days * 86_400 and end > start + days * 86_400 for days in (0, 1))


def _seconds(at: datetime) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second


# Slots that must be carried, repeats and episodes -------------------------------------------------------------------


def _carried(mine: Sequence[Item], rules: Rules, window: tuple[datetime, datetime]) -> Iterator[Finding]:
    """Anything but the relay in its slot, on every day of the window; one sweep over items and slots in order."""
    for title, start, stop in rules.must_carry:
        day = broadcast_day(window[0], rules)
        while begins(day, rules) < window[1]:
            begin = begins(day, rules) - timedelta(seconds=rules.day_start_s)
            slot = (begin + timedelta(seconds=start), begin + timedelta(seconds=stop))
            others = [one for one in mine if one.start < slot[1] and one.stop > slot[0] and not _is(one, title)]
            if others and window[0] <= slot[0] < window[1]:
                words = f"{clock(slot[0])} 到 {clock(slot[1])} 必须播《{title}》"
                out, put = relayed(rules.channel, title, *slot, others)
                back = (Remedy("restore", f"放回《{title}》，别的让开", out, put),) if put else ()
                yield Finding("must_carry", "error", tuple(one.uid for one in others), *slot, words, back)
            day += DAY


def _is(item: Item, title: str) -> bool:
    return title_key(item.content.title) == title_key(title)


def _repeats(rows: Sequence[Item], rules: Rules, window: tuple[datetime, datetime]) -> Iterator[Finding]:
    last: dict[str, Item] = {}
    numbers: dict[tuple[str, int], Item] = {}
    for item in rows:
        if item.origin == "filler" or item.content.rest_of:
            continue
        content = item.content
        inside = window[0] <= item.start < window[1]
        key = (
            f"{content.asset}"
            if content.asset is not None
            else f"{title_key(content.title)}/{content.season}/{content.number}"
        )
        before = last.get(key)
        if (
            inside
            and before is not None
            and item.start - before.stop < rules.repeat_after
            and content.showing != "repeat"
        ):
            words = f"《{content.title}》{clock(before.start)} 刚播过"
            told = Remedy("repeat", "标为重播", put=(evolve(item, content=evolve(content, showing="repeat")),))
            yield Finding("repeat_soon", "warning", (before.uid, item.uid), item.start, item.stop, words, (told,))
        last[key] = item
        if content.series and content.number and content.showing != "repeat":
            earlier = numbers.get((content.series, content.season))
            if inside and earlier is not None and content.number != earlier.content.number + 1:
                words = f"《{content.title}》从第 {earlier.content.number} 集到第 {content.number} 集"
                right = earlier.content.number + 1
                put = tuple(one for one in counted_on(rows, item, right) if one.start < window[1])
                count = (Remedy("renumber", f"改为第 {right} 集，后面的跟着改", put=put),)
                yield Finding("episode_order", "warning", (earlier.uid, item.uid), item.start, item.stop, words, count)
            numbers[content.series, content.season] = item


def clock(at: datetime) -> str:
    """The time in Shanghai."""
    return at.astimezone(SHANGHAI).strftime("%H:%M")


def _length(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    hours, minutes = divmod(seconds // 60, 60)
    parts = [
        f"{hours} 小时" if hours else "",
        f"{minutes} 分" if minutes else "",
        f"{seconds % 60} 秒" if seconds % 60 else "",
    ]
    return " ".join(part for part in parts if part) or "0 秒"


def with_policy(
    items: Sequence[Item], rules: Rules, window: tuple[datetime, datetime], pool: Pool | None
) -> tuple[Item, ...]:
    """The items with gaps treated as the channel says: filled, joined to the item before when short, or left."""
    rows = tuple(sorted(items, key=lambda one: one.start))
    for finding in check(rows, rules, window, pool=pool):
        if finding.code != "gap" or rules.gaps == "leave":
            continue
        by_name = {one.name: one for one in finding.remedies}
        short = finding.stop - finding.start <= rules.extend_at_most
        wanted = by_name.get("extend") if rules.gaps == "extend" and short else None
        remedy = wanted or by_name.get("fill")
        rows = mended(rows, remedy) if remedy else rows
    return rows


def in_guide(items: Sequence[Item]) -> tuple[tuple[Item, ...], Mapping[str, tuple[str, ...]]]:
    """The lines of the guide: adjacent fillers are one line under the pool's name; and which items each line has."""
    lines: list[Item] = []
    members: dict[str, tuple[str, ...]] = {}
    for item in sorted(items, key=lambda one: one.start):
        last = lines[-1] if lines else None
        joined = last is not None and not item.in_guide and not last.in_guide and last.stop == item.start
        if joined and last is not None and item.stop - last.start <= DAY:
            lines[-1] = evolve(last, stop=item.stop)
            members[last.uid] = (*members[last.uid], item.uid)
            continue
        shown = (
            item
            if item.in_guide
            else evolve(item, content=evolve(item.content, title=item.content.pool or item.content.title))
        )
        lines.append(shown)
        members[shown.uid] = (item.uid,)
    return tuple(lines), members
