"""The guide as televisions would show it if the schedule of a channel were approved as it is, drawn like any page."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from middleware.domain.channels import Channel
from middleware.domain.errors import NotFound
from middleware.portal.facts import channel_fact
from middleware.portal.facts_guide import known_days, programme_fact
from middleware.portal.render import render
from middleware.services import guide, plan_tv
from middleware.services.plan_tv import Shortened
from middleware.services.ports import Airing, UnitOfWork
from portal_pages import text
from portal_pages.boards.guide import ROWS, guide_page
from portal_pages.boards.guide_cells import WINDOW, cell_id, named
from portal_pages.dates import local
from portal_pages.facts import GuideFact, GuideRow, Mode, Viewer
from portal_pages.script import Box
from portal_pages.states import Open, Page
from portal_pages.views import Text


def picture(uow: UnitOfWork, now: datetime, channel: Channel, start: datetime, *, large: bool = False) -> bytes:
    """The page of the guide that begins at `start` and has this channel, 1280×720. Raises NotFound."""
    planned = plan_tv.airings(uow, channel, start, start + WINDOW)
    page = _page(uow, now, channel, planned, start, "large" if large else "standard")
    epoch = int(now.timestamp())
    return render(page, Box()).fill(clock=f"{local(now):%H:%M}", now=epoch, since=0, slot=0)


def shortened(
    uow: UnitOfWork, now: datetime, channel: Channel, start: datetime, stop: datetime, *, large: bool = False
) -> tuple[Shortened, ...]:
    """What starts from `start` till before `stop` and is told whole in none of the guide's pages. Raises NotFound."""
    planned = plan_tv.airings(uow, channel, start, stop)
    read: dict[str, str] = {}
    for at in _windows(start, stop):
        for target, words in _read(_page(uow, now, channel, planned, at, "large" if large else "standard"), channel):
            read[target] = max(read.get(target, ""), words, key=len)
    told = [(one.programme, programme_fact(one).title, read.get(f"programme-{one.id}", "")) for one in planned]
    return tuple(
        Shortened(programme.uid, programme.start, title, words)
        for programme, title, words in told
        if programme.start >= start and words != text.plain(title)
    )


def _windows(start: datetime, stop: datetime) -> Iterator[datetime]:
    while start < stop:
        yield start
        start += WINDOW


def _page(
    uow: UnitOfWork, now: datetime, channel: Channel, planned: Sequence[Airing], start: datetime, mode: Mode
) -> Page:
    line_up, per = [one.id for one in guide.channels(uow)], ROWS[mode]
    if channel.id not in line_up:
        raise NotFound("没有这个频道", "no_channel")
    number = line_up.index(channel.id) // per
    found = plan_tv.grid(uow, channel, planned, start, start + WINDOW, number * per, per)
    rows = tuple(GuideRow(channel_fact(row.channel), tuple(map(programme_fact, row.airings))) for row in found.rows)
    own = next((row.airings for row in found.rows if row.channel.id == channel.id), ())
    focus = cell_id(channel.id, own[0].programme.start) if own else None
    fact = GuideFact(start, known_days(uow, now), rows, number + 1, -(-found.total // per))
    return guide_page(Viewer(now, mode=mode, focus=focus), fact)


def _read(page: Page, channel: Channel) -> Iterator[tuple[str, str]]:
    """The page ids of a channel's programmes with what is read in their cells."""
    for item in page.focusables:
        cell = named(item.id)
        if cell and cell[0] == channel.id and isinstance(item.ok, Open):
            yield item.ok.page, next((part.words for part in item.parts if isinstance(part, Text)), "")
