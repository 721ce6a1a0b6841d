"""From approved days to the guide: the programmes of a channel's day are replaced, each keeps its uid."""

from datetime import date, datetime
from hashlib import blake2b

from attrs import evolve

from epg.findings import in_guide
from epg.model import Programme
from epg.planning import DAY, Item, begins
from middleware.domain.channels import Channel
from middleware.domain.events import ContentChanged
from middleware.services import as_run
from middleware.services.plan_rules import rules_of
from middleware.services.ports import Airing, UnitOfWork

SOURCE = "plan"
"""The source that programmes of our own schedule come from."""


def publish(uow: UnitOfWork, now: datetime, channel: str, day: date) -> int:
    """Put an approved day into the guide; returns how many lines it has there. Without the channel there is none."""
    where = next((one for one in uow.guide.channels() if one.xmltv_id == channel), None)
    valid = next(iter(uow.plans.approved(channel, day, day)), None)
    if where is None or valid is None:
        return 0
    rules = rules_of(uow, channel)
    lines, _members = in_guide(valid.items)
    rows = [programme(one, channel) for one in lines]
    uow.guide.opening(
        now, valid.signed[-1] if valid.signed else valid.by, f"审定 {where.name} {day}（第 {valid.revision} 版）"
    )
    _replace(uow, where, rows, begins(day, rules), begins(day + DAY, rules))
    uow.audit.add(now, SOURCE, "publish", "guide", f"{channel} {day}", {"revision": valid.revision, "lines": len(rows)})
    uow.outbox.add(ContentChanged("programme"))
    as_run.apply(uow, channel, begins(day, rules), begins(day + DAY, rules))  # what was on already keeps its times
    return len(rows)


def programme(item: Item, channel: str) -> Programme:
    """A line of the guide."""
    content = item.content
    number = content.number and f"{max(content.season - 1, 0)}.{content.number - 1}.0"
    marks = {"first": ("premiere",), "repeat": ("previously-shown",), "": ()}[content.showing]
    return Programme(
        item.uid,
        channel,
        item.start,
        item.stop,
        content.title,
        content.sub_title,
        content.desc,
        categories=(content.genre,) if content.genre else (),
        episode=number or "",
        rating=f"{content.age}+" if content.age else "",
        marks=marks,
    )


def _replace(uow: UnitOfWork, where: Channel, rows: list[Programme], start: datetime, stop: datetime) -> None:
    """Write rows in the place of what the guide had; a programme that runs into the day from before ends there."""
    stored = uow.guide.between(start, stop, {where.id})
    inside = {one.programme.uid: one for one in stored if start <= one.programme.start < stop}
    running = [one for one in stored if one.programme.start < start and rows and one.programme.stop > rows[0].start]
    elsewhere = uow.guide.taken([row.uid for row in rows if row.uid not in inside])
    rows = [row for row in rows if row.uid not in elsewhere]
    wanted = {row.uid for row in rows}
    changed = [Airing(inside[row.uid].id, where.id, SOURCE, row) for row in rows if row.uid in inside]
    cut = [evolve(one, programme=evolve(one.programme, stop=rows[0].start)) for one in running]
    uow.guide.write(
        [Airing(0, where.id, SOURCE, row) for row in rows if row.uid not in inside],
        [one for one in (*changed, *cut) if one != inside.get(one.programme.uid)],
        [one.id for uid, one in inside.items() if uid not in wanted],
    )


def fresh_uid(channel: str, start: datetime, title: str) -> str:
    """A uid for an item that was put in by hand."""
    seed = f"{channel}\x1fhand\x1f{int(start.timestamp())}\x1f{title}"
    return blake2b(seed.encode(), digest_size=10).hexdigest()
