"""Schedules: a day is drafted from its template, edited with undo, checked, signed by others, and published.

Days are those of broadcasting; channels are named by xmltv_id. Whoever edits says which version he saw: a late save
is merged where it does not collide with what another one did meanwhile.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

from attrs import evolve, frozen

from epg import approval
from epg.approval import Day, NotNow
from epg.findings import Finding, check, clock, mended, with_policy
from epg.planning import DAY, Item, Origin, begins, broadcast_day, draft, pattern_of
from middleware.domain.errors import BadValue, NotFound
from middleware.domain.events import ContentChanged
from middleware.services import ledger_pool, plan_publish, plan_rights
from middleware.services.plan_ports import Step
from middleware.services.plan_rules import rules_of
from middleware.services.ports import UnitOfWork
from vod.jobs import State as FilmState

MOST_ITEMS: Final = 6000
"""Items of one day: a whole day of fillers of 15 seconds, and some."""
_LOGGED: Final = 12
"""Items of one edit that the log names of each kind."""
STEPS: Final = 1
"""Signatures a day needs when nothing else is set; of several the last one is a leader's."""


@frozen
class DayView:
    """A day as its editor sees it: the newest revision, the one that is valid, and what is wrong with the newest."""

    day: Day
    approved: Day | None
    findings: tuple[Finding, ...]
    undo: int
    redo: int


@frozen
class Saved:
    """What a save led to; `clash` are uids that another editor had changed meanwhile: his stand, redo brings ours."""

    day: Day
    clash: tuple[str, ...] = ()


def view(uow: UnitOfWork, channel: str, day: date) -> DayView | None:
    """A day with its findings; None when nobody has begun it."""
    newest = _newest(uow, channel, day)
    if newest is None:
        return None
    valid = _valid(uow, channel, day)
    steps = uow.plans.steps(channel, day)
    undone = sum(step.undone for step in steps)
    return DayView(newest, valid, findings(uow, newest), len(steps) - undone, undone)


def findings(uow: UnitOfWork, day: Day, *, approval: bool = False) -> tuple[Finding, ...]:
    """What is wrong with a day, its neighbours' items seen too."""
    rules = rules_of(uow, day.channel)
    around = uow.plans.newest(day.channel, day.day - DAY, day.day + DAY)
    others = [item for one in around if one.day != day.day for item in one.items]
    window = begins(day.day, rules), begins(day.day + DAY, rules)
    items = with_media(uow, day.channel, (*day.items, *others))
    return check(items, rules, window, pool=uow.plans.pool(day.channel), approval=approval)


def with_media(uow: UnitOfWork, channel: str, items: Sequence[Item]) -> tuple[Item, ...]:
    """Items that know how long their films are and whether they are ready, for a channel that plays out if it does."""
    plays = ledger_pool.air_of(uow, channel).on
    wanted = {item.content.asset for item in items if item.content.asset is not None}
    films = {number: uow.assets.get(number) for number in wanted}
    out = []
    for item in items:
        film = films.get(item.content.asset) if item.content.asset is not None else None
        if item.content.asset is None:
            out.append(item)
            continue
        ready = film is not None and film.state is FilmState.READY and (not plays or ledger_pool.may_be_shown(film))
        length = film.duration_ms // 1000 if film else 0
        out.append(evolve(item, content=evolve(item.content, media_s=length, ready=ready)))
    return tuple(out)


def begin(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date, *, again: bool = False) -> Day:
    """A draft made from the day's template and one-off changes; empty without a pattern.

    Raises BadValue when the day has been begun, unless `again` makes its draft anew.
    """
    plan_rights.need(uow, who, channel, "edit")
    newest = _newest(uow, channel, day)
    if newest is not None and not (again and newest.state == "draft"):
        raise BadValue("plan_begun", "这一天已经有节目单了")
    rules = rules_of(uow, channel)
    pattern = pattern_of(uow.plans.patterns(channel), channel, day)
    template_id = pattern.templates[day.weekday()] if pattern else None
    template = next((one for one in uow.plans.templates(channel) if one.id == template_id), None)
    items: tuple[Item, ...] = ()
    if template is not None:
        made = draft(template, uow.plans.one_offs(channel, day, day), day, rules)
        items = with_policy(made.items, rules, (begins(day, rules), begins(day + DAY, rules)), uow.plans.pool(channel))
    revision = newest.revision if newest else 1
    begun = Day(channel, day, revision, "draft", items, who, now, newest.reason if newest else "")
    if newest is not None:
        _refuse_past(uow, now, begun, newest.items)
        _remember(uow, newest)
    return _put(uow, now, who, "draft", begun, newest.items if newest else ())


def begin_empty(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date) -> Day:
    """An empty draft of a day that nobody has begun."""
    plan_rights.need(uow, who, channel, "edit")
    return _put(uow, now, who, "draft", Day(channel, day, 1, "draft", (), who, now))


def save(uow: UnitOfWork, now: datetime, who: str, seen: Day, items: Sequence[Item]) -> Saved:
    """Keep an editor's items; `seen` is the draft he began with. Raises BadValue, NotFound."""
    plan_rights.need(uow, who, seen.channel, "edit")
    if len(items) > MOST_ITEMS:
        raise BadValue("plan_items", f"一天最多 {MOST_ITEMS} 个节目")
    if len({item.uid for item in items}) != len(items):
        raise BadValue("plan_items", "节目编号重复")
    stored = _there(uow, seen.channel, seen.day)
    clash: tuple[str, ...] = ()
    mine = tuple(items)
    if (stored.at, stored.revision) != (seen.at, seen.revision):
        items, clash = approval.reconciled(seen.items, items, stored.items)
    edited = _step(approval.edited, stored, items, who, now)
    _refuse_moved(stored.items, edited.items)
    _refuse_outside(uow, stored, edited.items)
    _refuse_past(uow, now, edited, stored.items)
    kept = stored
    if edited.items != stored.items:
        _remember(uow, stored)
        kept = _put(uow, now, who, "edit", edited, stored.items)
    if clash:
        _keep_for_redo(uow, kept, mine, clash)
    return Saved(kept, clash)


def _refuse_moved(stored: Sequence[Item], items: Sequence[Item]) -> None:
    """Raise BadValue(plan_locked) when what its template has locked would go or be at another time."""
    there = {one.uid: one for one in items}
    for one in stored:
        now = there.get(one.uid)
        if one.locked and (now is None or (now.start, now.stop) != (one.start, one.stop)):
            raise BadValue("plan_locked", f"《{one.content.title}》在模板里锁定了，不能移动、改长短或删除")


def _refuse_past(uow: UnitOfWork, now: datetime, day: Day, stored: Sequence[Item] = ()) -> None:
    """Raise BadValue(past) when a revision changes what has been on air or is on; what was `stored` so may stay."""
    valid = _valid(uow, day.channel, day.day)
    begun = approval.rewritten(valid.items, day.items, now) if valid else None
    if begun is not None and approval.rewritten(stored, day.items, now) is not None:
        raise BadValue("past", f"《{begun.content.title}》已经播过或正在播，不能再改；要改正在播的请用插播")


def _refuse_outside(uow: UnitOfWork, stored: Day, items: Sequence[Item]) -> None:
    """Raise BadValue(plan_outside) when something would come to a day that it does not start in."""
    rules, before = rules_of(uow, stored.channel), {one.uid: one.start for one in stored.items}
    for one in items:
        if broadcast_day(one.start, rules) != stored.day and before.get(one.uid) != one.start:
            raise BadValue("plan_outside", f"《{one.content.title}》不在 {stored.day:%m-%d} 开始，请放到它开始的那一天")


def _keep_for_redo(uow: UnitOfWork, day: Day, mine: Sequence[Item], clash: Sequence[str]) -> None:
    """Keep an editor's version of what another one had changed meanwhile: redo brings it in, undo takes it out."""
    own = [one for one in mine if one.uid in clash]
    others = [one for one in day.items if one.uid not in clash]
    uow.plans.clear_steps(day.channel, day.day, undone_only=True)
    uow.plans.put_step(day.channel, day.day, Step(0, tuple(sorted((*others, *own), key=_by_start)), undone=True))


def _by_start(one: Item) -> tuple[datetime, datetime, str]:
    return one.start, one.stop, one.uid


def mend(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date, at: int, name: str) -> Day:
    """Press the remedy of a finding, named by its place in the list and its kind. Raises BadValue when it has gone."""
    plan_rights.need(uow, who, channel, "edit")
    stored = _there(uow, channel, day)
    found = findings(uow, stored)
    remedy = next((one for one in found[at].remedies if one.name == name), None) if 0 <= at < len(found) else None
    if remedy is None:
        raise BadValue("plan_finding", "这一处已经变了，请看新的清单")
    own = {item.uid for item in stored.items}
    rules = rules_of(uow, channel)
    end = begins(day + DAY, rules)
    foreign = [one for one in remedy.put if one.uid not in own and not begins(day, rules) <= one.start < end]
    if foreign:
        raise BadValue("plan_other_day", "要改的节目在另一天，请到那一天去改")
    return save(uow, now, who, stored, mended(stored.items, remedy)).day


def undo(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date) -> Day:
    """Take the last edit back. Raises BadValue when there is none."""
    return _stepped(uow, now, who, channel, day, undone=False)


def redo(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date) -> Day:
    """Do again what was taken back last. Raises BadValue when there is nothing."""
    return _stepped(uow, now, who, channel, day, undone=True)


def _stepped(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date, *, undone: bool) -> Day:
    plan_rights.need(uow, who, channel, "edit")
    stored = _there(uow, channel, day)
    steps = [step for step in uow.plans.steps(channel, day) if step.undone is undone]
    if not steps:
        raise BadValue("no_step", "没有可以恢复的步骤" if undone else "没有可以撤销的步骤")
    step = steps[0] if undone else steps[-1]
    edited = _step(approval.edited, stored, step.items, who, now)
    _refuse_past(uow, now, edited, stored.items)
    uow.plans.put_step(channel, day, Step(step.id, stored.items, not undone))
    return _put(uow, now, who, "redo" if undone else "undo", edited, stored.items)


def submit(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date) -> Day:
    """Send a day to be signed. Raises BadValue while it has errors."""
    plan_rights.need(uow, who, channel, "edit")
    stored = _there(uow, channel, day)
    return _put(uow, now, who, "submit", _step(approval.submitted, stored, findings(uow, stored), who, now))


def sign(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date) -> Day:
    """Sign a day; the last signature approves and publishes it; what was brought in on air is signed afterwards.

    Raises BadValue.
    """
    plan_rights.need(uow, who, channel, "sign")
    stored = _there(uow, channel, day)
    steps = int(uow.settings.get(f"channel:{channel}", "signatures", STEPS))
    if stored.state == "approved":
        return _put(uow, now, who, "sign", _step(approval.signed_afterwards, stored, who, now, steps))
    done = _step(approval.signed, stored, findings(uow, stored, approval=True), stored.by, who, now, steps)
    _refuse_past(uow, now + approval.LEAD, done)
    if done.state == "approved" and steps > 1:
        plan_rights.need(uow, who, channel, "approve")
    if done.state == "approved":
        uow.guide.hold()
    _put(uow, now, who, "sign", done)
    if done.state == "approved":
        uow.plans.clear_steps(channel, day)
        plan_publish.publish(uow, now, channel, day)
    return done


def give_back(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date, reason: str) -> Day:
    """Return a submitted day to its editor."""
    plan_rights.need(uow, who, channel, "sign")
    return _put(uow, now, who, "return", _step(approval.returned, _there(uow, channel, day), who, now, reason))


def reopen(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date, reason: str) -> Day:
    """Begin a new revision of an approved day, which stays valid meanwhile."""
    plan_rights.need(uow, who, channel, "edit")
    return _put(uow, now, who, "reopen", _step(approval.reopened, _there(uow, channel, day), who, now, reason))


def break_in(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date, item: Item, reason: str) -> Day:
    """Bring something in on air; it is approved and published at once, and signed afterwards.

    What it runs into on the next day makes room for it. A draft that waited goes on as the revision behind it.
    """
    plan_rights.need(uow, who, channel, "break_in")
    uow.plans.hold(channel, day)
    uow.guide.hold()
    valid, late = _valid(uow, channel, day), _valid(uow, channel, day - DAY)
    if valid is None:
        raise BadValue("not_approved", "这一天还没有审定")
    if broadcast_day(item.start, rules_of(uow, channel)) != day:
        raise BadValue("plan_other_day", "插播的时间不在这一天，请到那一天去插")
    running = next((one for one in late.items if one.start < item.start < one.stop), None) if late else None
    changed = _step(partial(approval.broken_in, running=running), valid, item, now, who, reason)
    after = _valid(uow, channel, day + DAY)
    if after is not None and after.items[0].start < item.stop:
        _replace(uow, now, who, after, approval.run_into(after, item.stop, now, who, reason))
    return _replace(uow, now, who, valid, changed)


def _replace(uow: UnitOfWork, now: datetime, who: str, valid: Day, changed: Day) -> Day:
    """Put an approved revision in the place of another, on air and in the guide; a newer draft is carried on."""
    newest = _there(uow, valid.channel, valid.day)
    changed = _put(uow, now, who, "break in", evolve(changed, revision=newest.revision + 1), valid.items)
    if newest.state != "approved":
        items, _clash = approval.reconciled(valid.items, newest.items, changed.items)
        waiting = evolve(newest, revision=changed.revision + 1, state="draft", items=items, signed=(), at=now)
        _put(uow, now, who, "carry on", waiting, newest.items)
    plan_publish.publish(uow, now, valid.channel, valid.day)
    return changed


def copy_day(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date, to: date, to_channel: str = "") -> Day:
    """Put the items of a day into another's draft, at the same times; what is there is kept for undo."""
    plan_rights.need(uow, who, channel, "look")
    plan_rights.need(uow, who, to_channel or channel, "edit")
    source = _there(uow, channel, day)
    target = to_channel or channel
    apart = begins(to, rules_of(uow, target)) - begins(day, rules_of(uow, channel))
    items = tuple(_copied(item, target, apart) for item in source.items)
    uow.plans.hold(target, to)
    newest = _newest(uow, target, to)
    if newest is None:
        return _put(uow, now, who, "copy", Day(target, to, 1, "draft", items, who, now))
    edited = _step(approval.edited, newest, items, who, now)
    _refuse_past(uow, now, edited, newest.items)
    _remember(uow, newest)
    return _put(uow, now, who, "copy", edited, newest.items)


def _copied(item: Item, channel: str, apart: timedelta) -> Item:
    start = item.start + apart
    uid = plan_publish.fresh_uid(channel, start, item.content.title)
    origin: Origin = "filler" if item.origin == "filler" else "import"
    return evolve(item, uid=uid, start=start, stop=item.stop + apart, origin=origin, block="")


def states(uow: UnitOfWork, channel: str, first: date, last: date) -> Mapping[date, Day]:
    """The newest revision of each day that has been begun."""
    return {one.day: one for one in uow.plans.newest(channel, first, last)}


def unapproved(uow: UnitOfWork, now: datetime, channels: Sequence[str]) -> tuple[tuple[str, date], ...]:
    """Own channels whose tomorrow is not approved although their cut-off hour (17:00, or their own) has passed."""
    out = []
    for channel in channels:
        rules = rules_of(uow, channel)
        local = now.astimezone(begins(now.date(), rules).tzinfo)
        tomorrow = local.date() + DAY
        hour = int(uow.settings.get(f"channel:{channel}", "cut_off", 17))
        if rules.own and local.hour >= hour and not uow.plans.approved(channel, tomorrow, tomorrow):
            out.append((channel, tomorrow))
    return tuple(out)


def _step(step: Callable[..., Day], *arguments: Any) -> Day:
    """A step in the life of a day, or BadValue with the words why not now."""
    try:
        return step(*arguments)
    except NotNow as error:
        raise BadValue(error.code, error.words_zh) from error


def _valid(uow: UnitOfWork, channel: str, day: date) -> Day | None:
    return next(iter(uow.plans.approved(channel, day, day)), None)


def _newest(uow: UnitOfWork, channel: str, day: date) -> Day | None:
    return next(iter(uow.plans.newest(channel, day, day)), None)


def _there(uow: UnitOfWork, channel: str, day: date) -> Day:
    """A day to be changed: whoever else wants to change it waits until this is done, and then sees it."""
    uow.plans.hold(channel, day)
    found = _newest(uow, channel, day)
    if found is None:
        raise NotFound("这一天还没有节目单", "no_plan")
    return found


def _remember(uow: UnitOfWork, day: Day) -> None:
    uow.plans.clear_steps(day.channel, day.day, undone_only=True)
    uow.plans.put_step(day.channel, day.day, Step(0, day.items))


def _put(uow: UnitOfWork, now: datetime, who: str, verb: str, day: Day, before: Sequence[Item] = ()) -> Day:
    """Keep a day; `before` are the items in whose place its items come, for the log."""
    uow.plans.put_day(day)
    detail = {"revision": day.revision, "state": day.state, "items": len(day.items), "reason": day.reason}
    detail |= _differs(before, day.items) if before else {}
    uow.audit.add(now, who, verb, "plan", f"{day.channel} {day.day}", detail)
    uow.outbox.add(ContentChanged("plan"))
    return day


def _differs(before: Sequence[Item], after: Sequence[Item]) -> dict[str, Any]:
    """What an edit did, for the log: counts, and the first items of each kind by time and title."""
    apart = approval.difference(before, after)
    changed = [new for _, new in apart.changed]
    told = {"added": apart.added, "removed": apart.removed, "changed": tuple(changed)}
    names = {kind: [f"{clock(one.start)} {one.content.title}" for one in some[:_LOGGED]] for kind, some in told.items()}
    return {kind: {"count": len(told[kind]), "first": some} for kind, some in names.items() if some}
