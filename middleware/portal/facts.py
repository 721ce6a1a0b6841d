"""What boards, articles and home are told, read in one transaction and put into the viewer's words."""

from datetime import datetime, timedelta
from typing import Final, Literal

from attrs import frozen

from middleware.domain import articles as stored
from middleware.domain.articles import COLUMNS, Article
from middleware.domain.channels import Channel
from middleware.domain.errors import Forbidden, NotFound
from middleware.domain.rollcall import Outcome, Rollcall
from middleware.portal.seats import Seat
from middleware.services import articles, guide, households
from middleware.services.households import News
from middleware.services.invitations import OpenRollcall, open_for
from middleware.services.ports import UnitOfWork
from portal_pages import dates, text_zh
from portal_pages.boards import affairs, appraise, article_cut, live, pioneers, school
from portal_pages.boards.articles import article_page, sheets
from portal_pages.boards.board import Board, board_page, column_id, rows
from portal_pages.boards.today import VIDEO_COLUMNS
from portal_pages.facts import (
    ALL_BOARDS,
    ArticleFact,
    Block,
    ChannelFact,
    ColumnFact,
    HomeFact,
    ItemFact,
    Paragraph,
    Picture,
    Table,
    Viewer,
)
from portal_pages.home import home
from portal_pages.states import Page

BOARDS: Final[dict[str, Board]] = {
    each.key: each for each in (affairs.BOARD, live.BOARD, school.BOARD, pioneers.BOARD, appraise.BOARD)
}
"""The boards whose columns hold articles; 今日南湖 holds films."""
SUBTITLED: Final = frozenset({"html5", "mag"})
"""Players that can show subtitles and take them away."""
NEW_FOR: Final = timedelta(days=3)
_FILM_NEW_FOR: Final = timedelta(days=7)
_LOOKED_AT: Final = 5
_HOURS_FROM: Final = 120
"""Minutes left from which on they are told in hours."""
_FIRST_WORDS: Final = {"appraise": "24 小时内答复"}
_GROUPS: Final = "一二三四五六七八九十"
NOT_ADMITTED: Final = ("这台机顶盒还没有登记", "按绿键看登记号")


class NotEntitled(Forbidden):
    """The box has no package with this board or channel."""


@frozen
class Asker:
    """Who wants a page: the box, how it is shown to it, and the channel it watched last (0 = none yet).

    `refused` is why this box may not open the form of a roll-call.
    """

    seat: Seat
    viewer: Viewer
    channel: int = 0
    refused: Outcome | None = None
    recording: str = ""
    """Where a recording is played from, by this box's own link."""
    reminders: frozenset[tuple[int, datetime]] = frozenset()
    """Channel and start of what this box is to be reminded of; only the guide asks for it."""
    said: Literal["", "past", "full"] = ""
    """Why the reminder that was just asked for was not set."""

    @property
    def now(self) -> datetime:
        return self.viewer.now


def viewer(seat: Seat, now: datetime, home_variant: str, focus: str) -> Viewer:
    """How this box likes its pages."""
    return Viewer(
        now=now,
        family=seat.box.family,
        mode=seat.mode,
        home="boards" if home_variant == "boards" else "live",
        village=seat.village,
        focus=focus or None,
        video=seat.box.video,
        subtitles=seat.box.video and seat.box.player in SUBTITLED,
    )


# --- lists --------------------------------------------------------------------------------------------------------


def board_list(uow: UnitOfWork, asker: Asker, board: Board, column: str, number: int) -> Page:
    """List page `number` of one column; 在线点名 begins with the roll-calls."""
    calls = _calls(uow, asker) if column == "rollcall" else ()
    total = len(calls) + articles.listing(uow, asker.now, column, asker.seat.village_id, 0, 0).total
    per = rows(asker.viewer, total)
    at = min(max(number, 1), max(-(-total // per), 1))
    first = (at - 1) * per
    before = calls[first : first + per]
    offset, room = max(first - len(calls), 0), per - len(before)
    found = articles.listing(uow, asker.now, column, asker.seat.village_id, offset, room) if room else None
    items = (*before, *(_item(asker.now, one) for one in (found.articles if found else ())))
    return board_page(asker.viewer, board, ColumnFact(column, COLUMNS[column].title, items, total), at)


def _calls(uow: UnitOfWork, asker: Asker) -> tuple[ItemFact, ...]:
    seat = asker.seat
    near = households.concerning(uow, asker.now, seat.household, seat.village_id)
    own = open_for(uow, asker.now, seat.household) if seat.household is not None else ()
    come = {one.rollcall.id: _come(one) for one in own}
    return tuple(ItemFact(f"rc-{one.id}", one.title, come.get(one.id) or _time_left(one, asker.now)) for one in near)


def _come(standing: OpenRollcall) -> str:
    """Who of the household has signed in, which stays to be seen after the page of success; empty for nobody yet."""
    come = standing.expected - standing.missing
    if not come:
        return ""
    return f"{come} 人已报到" if standing.missing else "已报到"


def _time_left(rollcall: Rollcall, now: datetime) -> str:
    if rollcall.state == "scheduled":
        return f"{dates.when(rollcall.opens, now)} 开始"
    minutes = max(1, round((rollcall.closes - now).total_seconds() / 60))
    return f"还剩 {minutes} 分钟" if minutes < _HOURS_FROM else f"还剩 {round(minutes / 60)} 小时"


def _item(now: datetime, article: Article) -> ItemFact:
    note = dates.short_day(article.published_at, now)
    return ItemFact(_page_of(article), article.title, note, fresh=now - article.published_at < NEW_FOR)


def _page_of(article: Article) -> str:
    return f"{'profile' if article.portrait else 'article'}-{article.id}"


# --- articles -----------------------------------------------------------------------------------------------------


def article_sheet(uow: UnitOfWork, asker: Asker, article_id: int, number: int) -> Page:
    """Sheet `number` of an article that this village may see."""
    return article_page(asker.viewer, article_fact(uow, asker, article_id), number)


def sheet_with(uow: UnitOfWork, asker: Asker, article_id: int, block: int) -> int:
    """The sheet on which a paragraph stands in this viewer's type size."""
    return article_cut.sheet_with(sheets(asker.viewer, article_fact(uow, asker, article_id)), block)


def article_fact(uow: UnitOfWork, asker: Asker, article_id: int) -> ArticleFact:
    """An article in the viewer's terms, with the list page that it stands on."""
    found = articles.article(uow, asker.now, asker.seat.village_id, article_id)
    column = COLUMNS.get(found.column)
    board = BOARDS.get(column.board) if column else None
    if column is None or board is None:
        raise NotFound("没有这个栏目", "no_column")
    if not asker.seat.entitled.board(board.key):
        raise NotEntitled
    total = articles.listing(uow, asker.now, found.column, asker.seat.village_id, 0, 0).total
    before = articles.place(uow, asker.now, asker.seat.village_id, found)
    return ArticleFact(
        found.id,
        found.column,
        column.title,
        column_id(board, found.column, before // rows(asker.viewer, total) + 1),
        found.title,
        found.source,
        found.published_at,
        found.expires_at,
        tuple(map(_block, found.blocks)),
        _picture(found.portrait) if found.portrait else None,
    )


def _block(block: stored.Block) -> Block:
    match block:
        case stored.Paragraph(text):
            return Paragraph(text)
        case stored.Table(head, body, money, total):
            return Table(head, body, money, total)
        case stored.Picture():
            return _picture(block)


def _picture(picture: stored.Picture) -> Picture:
    return Picture(picture.url, picture.width, picture.height, picture.caption)


# --- home ---------------------------------------------------------------------------------------------------------


def home_page(uow: UnitOfWork, asker: Asker, lines: dict[str, tuple[str, str]]) -> Page:
    """Home of one household: what its boards hold, and what is urgent for it."""
    news = households.news(uow, asker.now, asker.seat.household, asker.seat.village_id)
    urgent, hint, target = _urgent(news, asker.now)
    if asker.seat.waiting and not target:
        urgent, hint = NOT_ADMITTED
    fact = HomeFact(
        channel=_channel_shown(uow, asker),
        lines=lines,
        urgent=urgent,
        urgent_hint=hint,
        urgent_target=target,
        badge="点名还等您报到" if news.dismissed else "",
        last_board=asker.seat.last_board,
        boards=tuple(key for key in ALL_BOARDS if asker.seat.entitled.board(key)),
        waiting=asker.seat.waiting,
    )
    return home(asker.viewer, fact)


def _urgent(news: News, now: datetime) -> tuple[str, str, str]:
    """Two lines and where they lead; empty when nothing is urgent."""
    if news.open is not None:
        rollcall = news.open.rollcall
        return f"{rollcall.caller}正在点名", f"按绿键报到，{_time_left(rollcall, now)}", f"rc-{rollcall.id}"
    if news.coming is not None:
        return f"{dates.when(news.coming.opens, now)} 党员点名", news.coming.title, ""
    return "", "", ""


def _channel_shown(uow: UnitOfWork, asker: Asker) -> ChannelFact | None:
    line_up = guide.channels(uow, asker.seat.entitled)
    found = next((one for one in line_up if one.id == asker.channel), line_up[0] if line_up else None)
    return channel_fact(found) if found else None


def channel_fact(channel: Channel) -> ChannelFact:
    """A channel in the viewer's terms."""
    return ChannelFact(channel.id, channel.number, channel.name, channel.url, channel.still, bool(channel.multicast))


def board_lines(uow: UnitOfWork, now: datetime, village_id: int | None) -> dict[str, tuple[str, str]]:
    """Two short lines per board: what it has, and what is new in it."""
    out = {}
    for key, board in BOARDS.items():
        titles = "　".join(title for _, title in board.columns[:2])
        out[key] = (titles, _FIRST_WORDS.get(key) or _newest(uow, now, board, village_id))
    out["today"] = ("本地新闻　镇村视频", _films(uow, now))
    return {key: out[key] for key, _, _ in text_zh.BOARDS}


def _newest(uow: UnitOfWork, now: datetime, board: Board, village_id: int | None) -> str:
    found = [
        one
        for column, _ in board.columns
        for one in uow.articles.listing(column, village_id, now, offset=0, limit=_LOOKED_AT)
    ]
    today = sum(dates.local(one.published_at).date() == dates.local(now).date() for one in found)
    if board.key == "affairs" and today:
        return f"今日 {today} 条新公示"
    latest = max(found, key=lambda one: one.published_at, default=None)
    return (latest.short_title or latest.title) if latest else ""


def _films(uow: UnitOfWork, now: datetime) -> str:
    films = [one for column, _ in VIDEO_COLUMNS for one in uow.assets.listing(column, limit=20)]
    new = sum(now - one.added_at < _FILM_NEW_FOR for one in films)
    return f"新视频 {new} 个" if new else f"视频 {len(films)} 个" if films else ""


def group_words(number: int) -> str:
    """第二党小组; empty for a branch without groups."""
    if not number:
        return ""
    return f"第{_GROUPS[number - 1] if number <= len(_GROUPS) else number}党小组"
