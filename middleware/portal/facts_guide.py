"""What the pages of channels and programmes are told."""

import re
from datetime import date, datetime, time, timedelta
from typing import Final

from attrs import evolve

from middleware.domain.errors import NotFound
from middleware.domain.reminders import Reminder
from middleware.portal import programme_words
from middleware.portal.core.links import own_channel
from middleware.portal.facts import Asker, channel_fact
from middleware.portal.recordings import kept
from middleware.portal.remembering import reminding_id
from middleware.services import guide
from middleware.services.ports import Airing, UnitOfWork
from portal_pages import text_zh
from portal_pages.boards.board import rows
from portal_pages.boards.catchup import catchup_page
from portal_pages.boards.channels import channels_page
from portal_pages.boards.guide import ROWS, guide_page, window_start
from portal_pages.boards.guide_cells import WINDOW
from portal_pages.boards.programme import programme_page
from portal_pages.boards.reminders import reminders_page
from portal_pages.boards.reminders import rows as reminder_rows
from portal_pages.dates import ZONE, local
from portal_pages.facts import (
    ChannelNow,
    ChannelsFact,
    GuideFact,
    GuideRow,
    NoticeFact,
    ProgrammeFact,
    ProgrammePageFact,
    ReminderFact,
    RemindersFact,
    TvFact,
)
from portal_pages.notices import notice_page
from portal_pages.states import Page
from portal_pages.tv import ROOT, channel_id, channel_page

REACH: Final = timedelta(days=15)
"""How far before and after now the guide can be asked for."""
_BEFORE, _AFTER = 1, 7
_EVENING: Final = time(20)
"""A day of which the guide knows what is on then is a day that it knows."""
_DATE: Final = re.compile(r"20[0-9]{6}")
_TIME: Final = re.compile(r"[0-2][0-9][03]0")


def tv(uow: UnitOfWork, asker: Asker, wanted: int, missing: int = 0) -> Page:
    """Full-screen television: one channel, or with 0 the one watched last. Raises NotFound for an unknown channel.

    `missing` is a number that was typed and that no channel has.
    """
    line_up = guide.channels(uow, asker.seat.entitled)
    if not (line_up or wanted):
        return notice_page(asker.viewer, NoticeFact("channels"))
    shown = wanted or asker.channel
    at = next((at for at, one in enumerate(line_up) if one.id == shown), None if wanted else 0)
    if at is None:
        raise NotFound("没有这个频道", "no_channel")
    before, after = line_up[at - 1], line_up[(at + 1) % len(line_up)]
    now = _now(asker, guide.now_next(uow, asker.now, [line_up[at].id])[0])
    page = f"{ROOT}-no{missing}" if missing else channel_id(wanted) if wanted else ROOT
    said = text_zh.NO_NUMBER.replace("#", str(missing)) if missing else ""
    return channel_page(asker.viewer, TvFact(now, before.id, after.id, said), page)


def numbered(uow: UnitOfWork, asker: Asker, number: int) -> str:
    """The page id of the channel with a number; without one the channel shown last, which says so."""
    found = next((one.id for one in guide.channels(uow, asker.seat.entitled) if one.number == number), None)
    return channel_id(found) if found else f"{ROOT}-no{number}"


def _now(asker: Asker, told: guide.ChannelNow) -> ChannelNow:
    """What is on and what follows, and whether the channel's archive holds it from its start."""
    own = told.present is not None and kept(told.present, told.channel, asker.now.timestamp())
    return ChannelNow(channel_fact(told.channel), _told(told.present), _told(told.following), kept=own)


def read_start(day: str, clock: str) -> datetime | None:
    """The start of a window as its page id writes it, in the town's time; None for anything else."""
    if not (_DATE.fullmatch(day) and _TIME.fullmatch(clock)):
        return None
    try:
        return datetime.strptime(day + clock, "%Y%m%d%H%M").replace(tzinfo=ZONE)
    except ValueError:
        return None


def grid(uow: UnitOfWork, asker: Asker, start: datetime | None, number: int) -> Page:
    """The guide from `start` (None: the present half hour) for two hours, row page `number`. Raises NotFound."""
    begins = start or window_start(asker.now)
    if abs(begins - asker.now) > REACH:
        raise NotFound("节目单里没有这一天", "no_day")
    per = ROWS[asker.viewer.mode]
    found = guide.grid(uow, begins, begins + WINDOW, (number - 1) * per, per, asker.seat.entitled)
    pages = max(-(-found.total // per), 1)
    if number > pages:
        return grid(uow, asker, start, pages)
    shown = tuple(
        GuideRow(channel_fact(row.channel), tuple(_marked(asker, airing) for airing in row.airings))
        for row in found.rows
    )
    days = known_days(uow, asker.now)
    fact = GuideFact(begins, days, shown, number, pages, current=start is None, said=asker.said)
    return guide_page(asker.viewer, fact)


def _marked(asker: Asker, airing: Airing) -> ProgrammeFact:
    """A programme with the sign of its reminder."""
    told = programme_fact(airing)
    return evolve(told, reminded=(airing.channel, airing.programme.start) in asker.reminders)


def reminders(uow: UnitOfWork, asker: Asker, number: int) -> Page:
    """List page `number` of what this box is to be reminded of and has not begun."""
    device = asker.seat.device
    names = {one.id: one.name for one in guide.channels(uow, asker.seat.entitled)}
    every = uow.reminders.of_device(device) if device else ()
    coming = sorted((one for one in every if one.start > asker.now and one.channel_id in names), key=_begins)
    per = reminder_rows(asker.viewer)
    at = min(number, max(-(-len(coming) // per), 1))
    shown = coming[(at - 1) * per : at * per]
    told = tuple(_listed(uow, one, names[one.channel_id]) for one in shown)
    return reminders_page(asker.viewer, RemindersFact(told, len(coming)), at)


def _begins(one: Reminder) -> tuple[datetime, int]:
    return one.start, one.channel_id


def _listed(uow: UnitOfWork, one: Reminder, channel: str) -> ReminderFact:
    """A reminder in the viewer's terms; a programme that was moved away leaves its channel to be opened."""
    near = uow.guide.between(one.start, one.start + timedelta(seconds=1), [one.channel_id])
    found = next((airing.id for airing in near if airing.programme.start == one.start), None)
    target = f"programme-{found}-m" if found else channel_id(one.channel_id)
    return ReminderFact(reminding_id(one.channel_id, one.start), one.title, channel, one.start, target)


def channels(uow: UnitOfWork, asker: Asker, number: int) -> Page:
    """List page `number` of the channels with what is on and what follows."""
    line_up = guide.channels(uow, asker.seat.entitled)
    per = rows(asker.viewer, len(line_up))
    at = min(max(number, 1), max(-(-len(line_up) // per), 1))
    shown = line_up[(at - 1) * per : at * per]
    told = guide.now_next(uow, asker.now, [one.id for one in shown]) if shown else ()
    found = tuple(_now(asker, one) for one in told)
    return channels_page(asker.viewer, ChannelsFact(found, len(line_up)), at)


def _told(airing: Airing | None) -> ProgrammeFact | None:
    return programme_fact(airing) if airing else None


def programme(
    uow: UnitOfWork,
    asker: Asker,
    airing_id: int,
    number: int = 1,
    search: tuple[str, int] = ("", 1),
    *,
    listed: bool = False,
    full: bool = False,
) -> Page:
    """Sheet `number` of a programme, found on a page of a `search` if any. Raises NotFound when it is gone.

    `listed`: opened from the list of reminders; `full`: it could not be noted for this box.
    """
    fact = _programme(uow, asker, airing_id)
    return programme_page(
        asker.viewer, evolve(fact, query=search[0], found_on=search[1], listed=listed, full=full), number
    )


def catchup(uow: UnitOfWork, asker: Asker, airing_id: int, *, halted: bool = False) -> Page:
    """The recording of a programme, which the asker has a link to; `halted` at what is on now. Raises NotFound."""
    return catchup_page(asker.viewer, _programme(uow, asker, airing_id), asker.recording, halted=halted)


def _programme(uow: UnitOfWork, asker: Asker, airing_id: int) -> ProgrammePageFact:
    found = guide.programme(uow, airing_id)
    line_up = guide.channels(uow, asker.seat.entitled)
    place = next((at for at, one in enumerate(line_up) if one.id == found.channel), None)
    if place is None:
        raise NotFound("没有这个频道", "no_channel")
    return ProgrammePageFact(
        programme_fact(found),
        channel_fact(line_up[place]),
        place // ROWS[asker.viewer.mode] + 1,
        about=programme_words.about(found.programme),
        kept=kept(found, line_up[place], asker.now.timestamp()),
        grows=bool(own_channel(line_up[place].archive_url)),
        reminded=_reminded(uow, asker, found),
    )


def _reminded(uow: UnitOfWork, asker: Asker, found: Airing) -> bool:
    device, start = asker.seat.device, found.programme.start
    if not device or start <= asker.now:
        return False
    return any((one.channel_id, one.start) == (found.channel, start) for one in uow.reminders.of_device(device))


def programme_fact(airing: Airing) -> ProgrammeFact:
    """A programme in the viewer's terms."""
    told = airing.programme
    title = f"{told.title} {told.sub_title}".strip()
    return ProgrammeFact(airing.id, airing.channel, title, told.start, told.stop, told.desc)


def known_days(uow: UnitOfWork, now: datetime) -> tuple[date, ...]:
    """The days near `now` that the guide tells of, today among them."""
    today = local(now).date()
    near = (today + timedelta(days=offset) for offset in range(-_BEFORE, _AFTER + 1))
    return tuple(day for day in near if day == today or _known(uow, day))


def _known(uow: UnitOfWork, day: date) -> bool:
    evening = datetime.combine(day, _EVENING, ZONE)
    return bool(uow.guide.between(evening, evening + timedelta(minutes=1)))
