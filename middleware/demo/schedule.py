"""The schedule of the town's own channel: a template of its week, today approved, tomorrow sent, then a draft at fault.

Its programmes are those of the demonstration's guide, with the same uids, so that nothing changes on the set. With
the films it plays out by itself: what the plan says is what is seen.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Final

from attrs import evolve

from epg.approval import Day
from epg.filling import Filler, Pool
from epg.planning import DAY, Block, Content, DayTemplate, Item, Pattern, Rules, begins, broadcast_day
from middleware.demo.guide import Slot, channels, film_of, programmes
from middleware.demo.seed import SCOPE, once
from middleware.domain.places import TOWN_ZONE
from middleware.services import as_run, ledger_pool, plan, plan_templates, service_information, sources
from middleware.services.ledger_pool import Air
from middleware.services.plan_ports import GuideSource
from middleware.services.ports import UnitOfWork
from vod.jobs import State

EDITOR, OFFICE = "editor", "xuanchuan"
"""Accounts that plan and that sign (the office for publicity): nobody signs his own day."""
NAME: Final = "平日"
CARRIED: Final = ("南湖新闻联播", 19 * 3600, 19 * 3600 + 1800)
FEED: Final = GuideSource(
    0, "日照有线节目单", "http://192.0.2.76/epg/xmltv.xml.gz", minutes=360, rank=50, fields={"desc": 10}, active=False
)
"""192.0.2.0/24 is nobody's (RFC 5737): the entry shows what a source looks like and is not fetched."""
FAULT_S: Final = 600
"""How far the draft at fault lets a programme run into the next one."""
SHORTEST_FILM_S: Final = 15


def settle(uow: UnitOfWork, now: datetime) -> None:
    """Write what days are made from once, and once a day bring the days themselves up to now."""
    once(uow, "schedule", lambda: _write(uow, now))
    _fillers(uow, now)
    _play_out(uow, now)
    today = now.astimezone(TOWN_ZONE).date()
    running = broadcast_day(now, Rules(_channel()))
    if running != today and not uow.plans.approved(_channel(), running, running):
        _approved(uow, now, running)  # a demonstration that begins at night
    if uow.settings.get(SCOPE, "plan") != today.isoformat():
        _approved(uow, now, today)
        _begun(uow, now, today + DAY, send=True)
        _begun(uow, now, today + DAY * 2, send=False)
        uow.settings.put(SCOPE, "plan", today.isoformat())


def _channel() -> str:
    return channels()[0].id


def _write(uow: UnitOfWork, now: datetime) -> None:
    name, today = _channel(), now.astimezone(TOWN_ZONE).date()
    rules = Rules(name, must_carry=(CARRIED,))
    plan_templates.put_rules(uow, now, OFFICE, rules, 17, 1)
    blocks = tuple(_block(one, rules, today, _films(uow)) for one in _slots(now, today))
    template = plan_templates.put_template(uow, now, EDITOR, name, DayTemplate(0, NAME, blocks))
    plan_templates.put_pattern(uow, now, EDITOR, Pattern(0, name, (template.id,) * 7, today - DAY * 7))
    sources.put(uow, now, OFFICE, FEED)
    profile = (files("middleware.demo") / "data" / "nanhu.toml").read_text("utf-8")
    service_information.save(uow, now, "operator", profile, active=False)


def _slots(now: datetime, day: date) -> list[Slot]:
    """The guide of a broadcast day."""
    rules = Rules(_channel())
    begin, end = begins(day, rules), begins(day + DAY, rules)
    return [one for one in programmes(now) if one.channel == rules.channel and begin <= one.start < end]


def _block(slot: Slot, rules: Rules, day: date, films: Mapping[str, int]) -> Block:
    offset = int((slot.start - begins(day, rules)).total_seconds())
    length = int((slot.stop - slot.start).total_seconds())
    carried = slot.title == CARRIED[0]
    return Block(f"b{slot.start:%H%M}", offset, length, _content(slot, films), "fixed", must_carry=carried)


def _content(slot: Slot, films: Mapping[str, int]) -> Content:
    """A programme with the film that there is of it; what has none comes by cable in a real town."""
    film = films.get(film_of(slot.title))
    return Content(slot.title, desc=slot.synopsis, asset=film, live=film is None)


def _films(uow: UnitOfWork) -> dict[str, int]:
    """The films that the channel may show, by their key."""
    ready = [one for one in uow.assets.all() if ledger_pool.may_be_shown(one)]
    return {(one.origin or "").removeprefix("demo:"): one.id for one in ready}


def _play_out(uow: UnitOfWork, now: datetime) -> None:
    """Put the channel on the air as soon as there is what fills it up."""
    pool, lacks = ledger_pool.found(uow, _channel())
    if pool is not None and not lacks:
        once(uow, "air", lambda: ledger_pool.put_air(uow, now, OFFICE, _channel(), Air(on=True)))
        once(uow, "real times", lambda: as_run.set_by_real_times(uow, now, OFFICE, _channel(), on=True))


def _fillers(uow: UnitOfWork, now: datetime) -> None:
    """Put the films into the pool as soon as there are some."""
    if uow.plans.pool(_channel()) is not None:
        return
    films = [one for one in uow.assets.all() if one.state is State.READY]
    found = [Filler(one.id, one.duration_ms // 1000, one.title, cuttable=True) for one in films]
    fillers = tuple(one for one in found if one.seconds >= SHORTEST_FILM_S)
    if fillers:
        plan_templates.put_pool(uow, now, EDITOR, _channel(), Pool(fillers, 0, min(3, len(fillers) - 1)))


def _approved(uow: UnitOfWork, now: datetime, day: date) -> None:
    made = _begun(uow, now, day, send=True)
    if made is not None:
        plan.sign(uow, now, OFFICE, made.channel, day)


def _begun(uow: UnitOfWork, now: datetime, day: date, *, send: bool) -> Day | None:
    """A day as the guide has it, sent or with its fault; None for one that somebody else has worked on."""
    name = _channel()
    newest = next(iter(uow.plans.newest(name, day, day)), None)
    if newest is not None and not _ours(newest):
        return None
    if newest is not None and newest.state == "submitted":
        plan.give_back(uow, now, OFFICE, name, day, "换成当天的内容")
    draft = plan.begin(uow, now, EDITOR, name, day, again=newest is not None)
    items = _as_guide(uow, now, draft)
    saved = plan.save(uow, now, EDITOR, draft, items if send else _with_fault(items)).day
    uow.plans.clear_steps(name, day)
    return plan.submit(uow, now, EDITOR, name, day) if send else saved


def _ours(day: Day) -> bool:
    return day.by == EDITOR and day.revision == 1 and day.state != "approved"


def _as_guide(uow: UnitOfWork, now: datetime, draft: Day) -> tuple[Item, ...]:
    """The draft with the titles of its date and the uids that the guide's programmes have."""
    where = next(one for one in uow.guide.channels() if one.xmltv_id == draft.channel)
    begin = begins(draft.day, Rules(draft.channel))
    stored = {one.programme.start: one.programme.uid for one in uow.guide.between(begin, begin + DAY, {where.id})}
    films = _films(uow)
    told = {one.start: _content(one, films) for one in _slots(now, draft.day)}
    return tuple(
        evolve(one, uid=stored.get(one.start, one.uid), content=told[one.start]) if one.start in told else one
        for one in draft.items
    )


def _with_fault(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """The evening's film runs ten minutes into what follows."""
    late = next(at for at, one in enumerate(items) if one.content.title.startswith("身边榜样："))
    longer = evolve(items[late], stop=items[late].stop + timedelta(seconds=FAULT_S))
    return (*items[:late], longer, *items[late + 1 :])
