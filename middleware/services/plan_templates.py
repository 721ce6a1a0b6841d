"""What days are made from: day templates, week patterns, fillers, rules of a channel, and changes of one day only."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from epg.approval import Day
from epg.filling import Pool
from epg.planning import (
    DAY,
    Block,
    Content,
    DayTemplate,
    Item,
    OneOff,
    Pattern,
    PatternTie,
    Rules,
    begins,
    draft,
    item_uid,
    pattern_of,
    ties,
)
from middleware.domain.errors import BadValue, NotFound
from middleware.services import plan, plan_rights
from middleware.services.plan_rules import rules_of, set_rules
from middleware.services.ports import UnitOfWork

MOST_BLOCKS: Final = 300
MOST_TEMPLATES: Final = 100
AHEAD: Final = 28
"""Days that are looked at for what a change of a template does."""
LISTED: Final = 400
"""Days before and after which one-off changes are still listed."""
_DAY_S: Final = 86_400


@frozen
class Listed:
    """A one-off change with the title of its block; without the block it is an orphan."""

    change: OneOff
    title: str
    orphan: bool


@frozen
class Spread:
    """What a change of a template does: the template as it will be, days that change, days that stay and why."""

    template: DayTemplate
    days: tuple[date, ...]
    kept: tuple[date, ...]


def named(uow: UnitOfWork, channel: str, number: int) -> DayTemplate:
    """A template of a channel. Raises NotFound."""
    found = next((one for one in uow.plans.templates(channel) if one.id == number), None)
    if found is None:
        raise NotFound("没有这个模板", "no_template")
    return found


def put_template(uow: UnitOfWork, now: datetime, who: str, channel: str, template: DayTemplate) -> DayTemplate:
    """Keep a template, its blocks in order of time; days that are begun stay as they are. Raises BadValue, NotFound."""
    plan_rights.need(uow, who, channel, "edit")
    every = uow.plans.templates(channel)
    if template.id:
        named(uow, channel, template.id)
    elif len(every) >= MOST_TEMPLATES:
        raise BadValue("template", f"一个频道最多 {MOST_TEMPLATES} 个模板")
    name = template.name.strip()
    if not name or len(name) > 40:
        raise BadValue("template", "模板要有名称，不超过 40 个字")
    if any(one.name == name and one.id != template.id for one in every):
        raise BadValue("template", f"已经有名为“{name}”的模板")
    _sound(template.blocks)
    ordered = tuple(sorted(template.blocks, key=lambda one: one.offset_s))
    stored = uow.plans.put_template(channel, DayTemplate(template.id, name, ordered))
    uow.audit.add(now, who, "save", "template", f"{channel} {stored.id}", {"name": name, "blocks": len(ordered)})
    return stored


def _sound(blocks: Sequence[Block]) -> None:
    if len(blocks) > MOST_BLOCKS:
        raise BadValue("template", f"一个模板最多 {MOST_BLOCKS} 个时段")
    if len({one.id for one in blocks}) != len(blocks):
        raise BadValue("template", "时段编号重复")
    for one in blocks:
        if not 0 <= one.offset_s < _DAY_S or not 0 < one.length_s <= _DAY_S:
            raise BadValue("template", f"《{one.content.title}》的开始要在这一天之内，时长不超过 24 小时")


def clone(uow: UnitOfWork, now: datetime, who: str, channel: str, number: int, to: str = "") -> DayTemplate:
    """A copy under another name, on this or another channel. Raises NotFound, BadValue."""
    source, target = named(uow, channel, number), to or channel
    taken = {one.name for one in uow.plans.templates(target)}
    stem = source.name[:32]
    names = [stem, *(f"{stem} 副本{turn or ''}" for turn in range(MOST_TEMPLATES))]
    name = next(one for one in names if one not in taken)
    return put_template(uow, now, who, target, DayTemplate(0, name, source.blocks))


def remove_template(uow: UnitOfWork, now: datetime, who: str, channel: str, number: int) -> None:
    """Forget a template that no pattern names. Raises NotFound, BadValue(template_used)."""
    plan_rights.need(uow, who, channel, "edit")
    gone = named(uow, channel, number)
    if any(number in one.templates for one in uow.plans.patterns(channel)):
        raise BadValue("template_used", "一周安排里还在用这个模板，请先改安排")
    uow.plans.remove_template(number)
    uow.audit.add(now, who, "remove", "template", f"{channel} {number}", {"name": gone.name})


def put_pattern(uow: UnitOfWork, now: datetime, who: str, pattern: Pattern) -> Pattern:
    """Keep which template each weekday has. Raises BadValue(pattern_tie) that names the dates of the other one."""
    plan_rights.need(uow, who, pattern.channel, "edit")
    known = {one.id for one in uow.plans.templates(pattern.channel)}
    every = uow.plans.patterns(pattern.channel)
    if len(pattern.templates) != 7 or any(one is not None and one not in known for one in pattern.templates):
        raise BadValue("pattern", "没有这个模板")
    if all(one is None for one in pattern.templates):
        raise BadValue("pattern", "至少要给一个星期几选模板")
    if pattern.last is not None and pattern.last < pattern.first:
        raise BadValue("pattern", "结束日期在开始日期之前")
    if pattern.id and pattern.id not in {one.id for one in every}:
        raise NotFound("没有这个安排", "no_pattern")
    if tied := ties(every, pattern):
        until = f"到 {tied[0].last}" if tied[0].last else "起"
        words = f"和 {tied[0].first} {until}的安排在同一天优先级相同（{pattern.priority}），请改优先级或日期"
        raise BadValue("pattern_tie", words)
    stored = uow.plans.put_pattern(pattern)
    told = {"first": str(pattern.first), "last": str(pattern.last or ""), "priority": pattern.priority}
    uow.audit.add(now, who, "save", "pattern", f"{pattern.channel} {stored.id}", told)
    return stored


def remove_pattern(uow: UnitOfWork, now: datetime, who: str, channel: str, number: int) -> None:
    """Forget a pattern; days that are begun stay. Raises NotFound."""
    plan_rights.need(uow, who, channel, "edit")
    if number not in {one.id for one in uow.plans.patterns(channel)}:
        raise NotFound("没有这个安排", "no_pattern")
    uow.plans.remove_pattern(number)
    uow.audit.add(now, who, "remove", "pattern", f"{channel} {number}")


def put_pool(uow: UnitOfWork, now: datetime, who: str, channel: str, pool: Pool) -> Pool:
    """Replace the fillers of a channel; another choice makes another revision. Raises BadValue(pool)."""
    plan_rights.need(uow, who, channel, "edit")
    if not pool.name.strip() or len(pool.name) > 20 or not 0 <= pool.apart <= 50 or len(pool.fillers) > 500:
        raise BadValue("pool", "垫播要有 20 字以内的名称，隔 0 到 50 条，最多 500 个片子")
    before = uow.plans.pool(channel)
    if before is not None and evolve(pool, revision=before.revision) == before:
        return before
    stored = evolve(pool, revision=before.revision + 1 if before else 1)
    uow.plans.put_pool(channel, stored)
    uow.audit.add(now, who, "save", "fillers", channel, {"films": len(pool.fillers), "revision": stored.revision})
    return stored


def put_rules(uow: UnitOfWork, now: datetime, who: str, rules: Rules, cut_off: int, signatures: int) -> None:
    """Keep the rules of a channel, its cut-off hour and how many sign a day (1 to 3). Raises BadValue(rules)."""
    plan_rights.need(uow, who, rules.channel, "approve")
    if not 0 <= cut_off <= 23 or not 1 <= signatures <= 3:
        raise BadValue("rules", "截止时间是 0 到 23 点，签审 1 到 3 级")
    if not 0 <= rules.day_start_s < _DAY_S or not 1 <= rules.grid_min <= 60:
        raise BadValue("rules", "一天的开始要在 00:00 到 23:59，格子 1 到 60 分钟")
    if any(not 0 <= start < stop <= 2 * _DAY_S for _, start, stop in (*rules.must_carry, *rules.watershed)):
        raise BadValue("rules", "时段的结束要晚于开始")
    set_rules(uow, now, who, rules)
    scope = f"channel:{rules.channel}"
    uow.settings.put(scope, "cut_off", cut_off)
    uow.settings.put(scope, "signatures", signatures)
    uow.audit.add(now, who, "sign-off", "channel", rules.channel, {"cut_off": cut_off, "signatures": signatures})


def template_of(uow: UnitOfWork, channel: str, day: date) -> DayTemplate | None:
    """The template that decides a day; None without one, or where stored patterns tie."""
    try:
        pattern = pattern_of(uow.plans.patterns(channel), channel, day)
    except PatternTie:
        return None
    number = pattern.templates[day.weekday()] if pattern else None
    return next((one for one in uow.plans.templates(channel) if one.id == number), None)


# Changes of one day --------------------------------------------------------------------------------------------------


def listed(uow: UnitOfWork, channel: str, today: date) -> tuple[Listed, ...]:
    """One-off changes of a channel from a week ago on; orphans have lost their block."""
    out = []
    titles: dict[date, Mapping[str, str]] = {}
    for one in uow.plans.one_offs(channel, today - DAY * 7, today + DAY * LISTED):
        if one.day not in titles:
            template = template_of(uow, channel, one.day)
            titles[one.day] = {block.id: block.content.title for block in template.blocks} if template else {}
        title = titles[one.day].get(one.block, one.content.title if one.content else "")
        out.append(Listed(one, title, one.kind != "insert" and one.block not in titles[one.day]))
    return tuple(out)


def drop(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date, name: str) -> None:
    """Forget a one-off change. Raises NotFound."""
    plan_rights.need(uow, who, channel, "edit")
    _one_off(uow, channel, day, name)
    uow.plans.remove_one_off(channel, day, name)
    uow.audit.add(now, who, "remove", "one-off", f"{channel} {day}", {"id": name})


def attach(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date, name: str, block: str) -> None:
    """Give an orphan to a block that its day has. Raises NotFound, BadValue."""
    plan_rights.need(uow, who, channel, "edit")
    change, template = _one_off(uow, channel, day, name), template_of(uow, channel, day)
    if template is None or block not in {one.id for one in template.blocks}:
        raise BadValue("one_off", "这一天的模板里没有这个时段")
    uow.plans.remove_one_off(channel, day, name)
    uow.plans.put_one_off(evolve(change, id=f"{block}:{change.kind}", block=block))
    uow.audit.add(now, who, "attach", "one-off", f"{channel} {day}", {"id": name, "block": block})


def _one_off(uow: UnitOfWork, channel: str, day: date, name: str) -> OneOff:
    found = next((one for one in uow.plans.one_offs(channel, day, day) if one.id == name), None)
    if found is None:
        raise NotFound("没有这个改动", "no_one_off")
    return found


def settle(uow: UnitOfWork, channel: str, day: date, before: Sequence[Item], after: Sequence[Item]) -> tuple[str, ...]:
    """Keep as one-off changes what an edit did to items of the template; returns their blocks that differ from it.

    What was put in by hand on such a day is kept as an insert, so that making the day anew has it again.
    """
    _settle_inserts(uow, channel, day, before, after)
    old = {one.block: one for one in before if one.block}
    new = {one.block: one for one in after if one.block}
    touched = [block for block in {**old, **new} if old.get(block) != new.get(block)]
    template = template_of(uow, channel, day) if touched else None
    if template is None:
        return ()
    made = draft(template, (), day, rules_of(uow, channel)).items
    pristine = {one.block: one for one in made}
    inserted = {one.id for one in uow.plans.one_offs(channel, day, day) if one.kind == "insert"}
    out = []
    for block in touched:
        if block in pristine and block not in inserted:
            out += [block] if _settle_block(uow, channel, day, pristine[block], new.get(block)) else []
    return tuple(out)


def _settle_inserts(uow: UnitOfWork, channel: str, day: date, before: Sequence[Item], after: Sequence[Item]) -> None:
    """Write, move and forget the inserts of one day as its items by hand are put in, changed and taken out."""
    stored = {one.uid or one.id: one for one in uow.plans.one_offs(channel, day, day) if one.kind == "insert"}
    old, new = _by_hand(before, stored), _by_hand(after, stored)
    begin = begins(day, rules_of(uow, channel))
    for uid in {**old, **new}:
        if old.get(uid) == new.get(uid):
            continue
        if uid in new and (uid in stored or template_of(uow, channel, day) is not None):
            uow.plans.put_one_off(_insert(channel, day, new[uid], begin, stored.get(uid)))
        elif uid in stored:
            uow.plans.remove_one_off(channel, day, stored[uid].id)


def _by_hand(items: Sequence[Item], stored: Mapping[str, OneOff]) -> dict[str, Item]:
    """Items put in by hand by what their insert is known by: the uid, or the block for one made without."""
    keys = {one.block if one.block in stored else one.uid: one for one in items}
    return {key: one for key, one in keys.items() if key in stored or (one.origin == "hand" and not one.block)}


def _insert(channel: str, day: date, item: Item, begin: datetime, known: OneOff | None) -> OneOff:
    offset, length = int((item.start - begin).total_seconds()), int(item.length.total_seconds())
    name, uid = (known.id, known.uid) if known else (item.uid, item.uid)
    kind = "fixed" if item.kind == "flow" else item.kind
    return OneOff(name, channel, day, "insert", "", _plain(item.content), offset, length, kind, uid)


def _settle_block(uow: UnitOfWork, channel: str, day: date, made: Item, item: Item | None) -> bool:
    block = made.block
    for one in uow.plans.one_offs(channel, day, day):
        if one.block == block:
            uow.plans.remove_one_off(channel, day, one.id)
    changes = _changes(made, item, begins(day, rules_of(uow, channel)))
    for kind, told in changes.items():
        uow.plans.put_one_off(evolve(told, id=f"{block}:{kind}", channel=channel, day=day, block=block))
    return bool(changes)


def _changes(made: Item, item: Item | None, begin: datetime) -> dict[str, OneOff]:
    """How an item differs from what its template makes, as one-off changes by kind."""
    blank = OneOff("", "", begin.date(), "cancel")
    if item is None:
        return {"cancel": blank}
    out: dict[str, OneOff] = {}
    length = int(item.length.total_seconds())
    if _plain(item.content) != _plain(made.content):
        out["replace"] = evolve(blank, kind="replace", content=item.content, length_s=length)
    elif item.length != made.length:
        out["resize"] = evolve(blank, kind="resize", length_s=length)
    if item.start != made.start:
        kind = "fixed" if item.kind == "flow" else item.kind
        out["move"] = evolve(blank, kind="move", offset_s=int((item.start - begin).total_seconds()), start=kind)
    return out


def _plain(content: Content) -> Content:
    """Without what the store knows of the film."""
    return evolve(content, media_s=0, ready=True)


def restore(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date, block: str) -> Day:
    """Give an item of a draft back what its template says. Raises BadValue where the template has it no more."""
    template, newest = template_of(uow, channel, day), next(iter(uow.plans.newest(channel, day, day)), None)
    items = draft(template, (), day, rules_of(uow, channel)).items if template else ()
    made = next((one for one in items if one.block == block), None)
    if made is None or newest is None:
        raise BadValue("series", "这一天没有模板，或模板里已经没有这个时段")
    rest = [one for one in newest.items if one.block != block]
    return plan.save(uow, now, who, newest, [*rest, made]).day


# One change for all days that follow ---------------------------------------------------------------------------------


def spread(
    uow: UnitOfWork, now: datetime, who: str, channel: str, day: date, block: str, today: date, *, dry_run: bool
) -> Spread:
    """Make a day's item (or its absence) that of its template: days not begun and untouched drafts follow.

    Raises BadValue when no template decides the day or has the block.
    """
    plan_rights.need(uow, who, channel, "edit")
    template = template_of(uow, channel, day)
    old = next((one for one in template.blocks if one.id == block), None) if template else None
    if template is None or old is None:
        raise BadValue("series", "这一天没有模板，或模板里已经没有这个时段")
    newest = next(iter(uow.plans.newest(channel, day, day)), None)
    item = next((one for one in newest.items if one.block == block), None) if newest else None
    new = _block(old, item, begins(day, rules_of(uow, channel))) if item else None
    blocks = [one for one in template.blocks if one.id != block] + ([new] if new else [])
    changed = evolve(template, blocks=tuple(sorted(blocks, key=lambda one: one.offset_s)))
    plans = _followers(uow, channel, template, day, today, block)
    if not dry_run:
        for one in uow.plans.one_offs(channel, day, day):
            if one.block == block:
                uow.plans.remove_one_off(channel, day, one.id)
        changed = put_template(uow, now, who, channel, changed)
        for each, items in plans.items():
            _follow(uow, now, who, channel, each, items, block, changed)
    kept = _kept(uow, channel, template, today, plans)
    return Spread(changed, tuple(plans), kept)


def _block(old: Block, item: Item, begin: datetime) -> Block:
    offset, length = item.start - begin, item.length
    return evolve(
        old,
        offset_s=int(offset.total_seconds()),
        length_s=int(length.total_seconds()),
        content=_plain(item.content),
        kind=item.kind,
        grace_s=int(item.slack.total_seconds()),
    )


def _followers(
    uow: UnitOfWork, channel: str, template: DayTemplate, day: date, today: date, block: str
) -> dict[date, tuple[Item, ...] | None]:
    """The days that change with the template: those not begun (None), and drafts that have the block untouched."""
    out: dict[date, tuple[Item, ...] | None] = {}
    rules = rules_of(uow, channel)
    for each in _decided(uow, channel, template, today):
        newest = next(iter(uow.plans.newest(channel, each, each)), None)
        excepted = any(one.block == block for one in uow.plans.one_offs(channel, each, each))
        if newest is None and not (excepted and each != day):
            out[each] = None
        elif newest is not None and newest.state == "draft" and each != day and not excepted:
            made = next((one for one in draft(template, (), each, rules).items if one.block == block), None)
            there = next((one for one in newest.items if one.block == block), None)
            if made and there and (there.start, _plain(there.content)) == (made.start, _plain(made.content)):
                out[each] = newest.items
    return out


def _decided(uow: UnitOfWork, channel: str, template: DayTemplate, today: date) -> list[date]:
    days = [today + timedelta(days=at) for at in range(AHEAD)]
    found = [(each, template_of(uow, channel, each)) for each in days]
    return [each for each, one in found if one is not None and one.id == template.id]


def _kept(
    uow: UnitOfWork, channel: str, template: DayTemplate, today: date, plans: Mapping[date, object]
) -> tuple[date, ...]:
    return tuple(each for each in _decided(uow, channel, template, today) if each not in plans)


def _follow(
    uow: UnitOfWork, now: datetime, who: str, channel: str, day: date, items: tuple[Item, ...] | None, block: str,
    template: DayTemplate,
) -> None:  # fmt: skip
    """Give a draft the block as its template has it now."""
    newest = next(iter(uow.plans.newest(channel, day, day)), None)
    if items is None or newest is None:
        return
    made = next((one for one in draft(template, (), day, rules_of(uow, channel)).items if one.block == block), None)
    old = next((one for one in items if one.block == block), None)
    uid = old.uid if old else item_uid(channel, day, block)
    rest = [one for one in items if one.block != block]
    plan.save(uow, now, who, newest, [*rest, evolve(made, uid=uid)] if made else rest)
