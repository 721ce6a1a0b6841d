"""The pages of one evening in the town, built by the real builders: a closed graph, in both type sizes."""

import re
from datetime import date, datetime, timedelta
from functools import cache

import attrs

from middleware.portal.render import render
from portal_pages import facts, home, notices, settings, teach, tv
from portal_pages.boards import (
    affairs,
    appraise,
    articles,
    board,
    channels,
    film,
    guide,
    live,
    pioneers,
    programme,
    reminders,
    rollcall,
    rollcall_entry,
    rollcall_result,
    school,
    search,
    shelf,
    today,
)
from portal_pages.facts import Mode, Viewer
from portal_pages.script import Box
from portal_pages.states import Page
from tests.pages.strategies import NOW

LISTED = (affairs.BOARD, live.BOARD, school.BOARD, pioneers.BOARD, appraise.BOARD)
SERVED = re.compile(r"(article|profile|film|play|programme|catchup|tv|today|guide|search|reminders)-[\w-]+|guide|teach")
"""Pages of the kinds in the sample that a portal serves besides it."""
FORMS = {
    "mode": ["settings", "article-1"],
    "rc-1-pick": ["rc-1-confirm", "rc-1-result"],
    "rc-1-last": ["rc-1-confirm"],
    "rc-1-look": ["rc-1-confirm", "rc-1-unknown"],
    "rc-1-sign": ["rc-1-result", "rc-1-busy"],
    "rc-1-review": ["rc-1-review"],
    "programme-7-remind": ["programme-7"],
    "programme-7-forget": ["programme-7"],
    "guide-20261125-1900-1-bell": ["guide"],
    "guide-20261125-1700-1-bell": ["guide"],
    "reminders-off": ["reminders"],
    "find:6": ["search-6499", "search-0"],
}
"""Where the answer to each form leads."""

CHANNEL = facts.ChannelFact(1, 1, "今日南湖", "/v/1-1/master.m3u8", "/static/lake.jpg")
FILM = facts.AssetFact(
    1,
    "大山里的一盏灯",
    "大山里的一盏灯",
    "films",
    "/x.jpg",
    5400,
    NOW,
    "守灯人的故事。" * 20,
    0.58,
    3120,
    "/v/1-1/master.m3u8",
)
MEMBERS = (
    facts.MemberFact(1, "王秀兰", "南湖村党支部", "第 3 党小组", "138 **** 6021"),
    facts.MemberFact(2, "周德福", "南湖村党支部", "第 3 党小组", "139 **** 1122", signed_in=True),
)
ROLLCALL = facts.RollcallFact(
    1,
    "党员点名",
    "南湖村党支部",
    NOW - timedelta(minutes=8),
    NOW + timedelta(minutes=5),
    NOW + timedelta(minutes=12, seconds=35),
    members=MEMBERS,
    last_number="138 **** 6021",
    last_name="王秀兰",
    seq="k1",
)
TABLE = facts.Table(
    ("项目", "收入(元)", "支出(元)", "说明"),
    (
        ("土地流转租金", "186000", "", "420 亩，已到账"),
        ("茶厂分红", "92500", "", "第二次分红"),
        ("村内道路硬化", "", "118600", "东街至小学"),
        ("困难户慰问", "", "9800", "14 户"),
        ("合计", "278500", "128400", "结余 150,100 元"),
    ),
    frozenset({1, 2}),
    total=True,
)


@cache
def pages(mode: Mode = "standard", home_as: str = "live") -> dict[str, Page]:
    """Page id to page; roll-call results stand under names of their own, as an answer may show any of them."""
    viewer = Viewer(NOW, mode=mode, home="live" if home_as == "live" else "boards")
    found = [
        home.home(viewer, _home()),
        tv.tv_page(viewer, CHANNEL, 2, 3),
        settings.settings_page(viewer),
        *(page for each in LISTED for page in _lists(viewer, each)),
        *_articles(viewer),
        *_films(viewer),
        *_guide(viewer),
        rollcall.pick_page(viewer, ROLLCALL),
        rollcall_entry.entry_page(viewer, attrs.evolve(ROLLCALL, draft="1380633")),
    ]
    return {page.id: page for page in found} | _answers(viewer)


def _home() -> facts.HomeFact:
    lines = dict.fromkeys(facts.ALL_BOARDS, ("通知公告 财务公示", "今晚 19:30 党员点名"))
    return facts.HomeFact(CHANNEL, lines, "今晚 19:30 党员点名", "按 OK 进入报到", "rc-1", last_board="school")


def _lists(viewer: Viewer, listed: board.Board) -> list[Page]:
    return [
        board.board_page(viewer, listed, facts.ColumnFact(key, title, _items(viewer, key), 20 if n == 0 else 3), number)
        for n, (key, title) in enumerate(listed.columns)
        for number in ((1, 2, 3, 4, 5) if n == 0 else (1,))
    ]


def _items(viewer: Viewer, key: str) -> tuple[facts.ItemFact, ...]:
    if key == "rollcall":
        return (facts.ItemFact("rc-1", "党员点名", "还剩 12 分钟"),)
    return tuple(
        facts.ItemFact(target, "关于 2025 年第三季度村务公开收支明细的公示", "昨天 16:20", fresh)
        for target, fresh in (("article-1", True), ("profile-7", False), ("article-2", False))
    )


def _articles(viewer: Viewer) -> list[Page]:
    blocks = (
        facts.Paragraph("以下账目已由村务监督委员会逐笔审核，请乡亲们监督。"),
        TABLE,
        facts.Paragraph("说明。" * 200),
    )
    title = "南湖村 2025 年第三季度收支公布"
    article = facts.ArticleFact(1, "finance", "财务公示", "affairs-finance", title, "南湖村民委员会", NOW, NOW, blocks)
    profile = attrs.evolve(article, id=7, back="pioneers", portrait=facts.Picture("/x.jpg", 248, 310))
    both = [(each, n) for each in (article, profile) for n in range(1, len(articles.sheets(viewer, each)) + 1)]
    return [articles.article_page(viewer, each, n) for each, n in both]


def _films(viewer: Viewer) -> list[Page]:
    columns = tuple(
        facts.ShelfColumn(key, title, tuple(attrs.evolve(FILM, id=10 * n + i, column=key) for i in (1, 2)), 5)
        for n, (key, title) in enumerate(today.VIDEO_COLUMNS)
    )
    shelf_fact = facts.ShelfFact(columns, FILM)
    rows = tuple(today.film_item(viewer, each) for each in columns[0].films)
    return [
        shelf.shelf_page(viewer, shelf_fact),
        *(today.column_page(viewer, facts.ColumnFact(key, name, rows, 2)) for key, name in today.VIDEO_COLUMNS),
        film.film_page(viewer, FILM),
        film.player_page(viewer, FILM),
        film.player_page(viewer, FILM, again=True),
    ]


def _guide(viewer: Viewer) -> list[Page]:
    start = guide.window_start(viewer.now)
    rows = tuple(
        facts.GuideRow(
            attrs.evolve(CHANNEL, id=n, number=n, name="今日南湖"),
            tuple(_programme(n, start + timedelta(minutes=25 * i - 10), 25) for i in range(6)),
        )
        for n in range(1, 7)
    )
    days = tuple(date(2026, 11, 24) + timedelta(days=n) for n in range(6))
    windows = ((start, True), (start - timedelta(hours=2), False))
    listed = tuple(facts.ChannelNow(row.channel, row.programmes[0], row.programmes[1]) for row in rows[:4])
    return [
        *(guide.guide_page(viewer, facts.GuideFact(at, days, rows, 1, 2, now)) for at, now in windows),
        channels.channels_page(viewer, facts.ChannelsFact(listed, 4)),
        programme.programme_page(viewer, facts.ProgrammePageFact(rows[0].programmes[0], CHANNEL)),
        *(programme.programme_page(viewer, _told(viewer), number) for number in (1, 2)),
        reminders.reminders_page(viewer, _to_come(viewer)),
        search.search_page(viewer, facts.SearchFact()),
        search.search_page(viewer, facts.SearchFact("0")),
        *(search.search_page(viewer, _found(viewer, number)) for number in (1, 2)),
    ]


def _told(viewer: Viewer) -> facts.ProgrammePageFact:
    """A programme to come, found by a search, with more to tell than one sheet holds."""
    start = viewer.now + timedelta(hours=3)
    one = facts.ProgrammeFact(7, 1, "南湖新闻", start, start + timedelta(minutes=30), "镇里的新闻，" * 100)
    return facts.ProgrammePageFact(one, CHANNEL, about=("第 3 集", "新闻"), query="6499")


def _to_come(viewer: Viewer) -> facts.RemindersFact:
    """A full first page of reminders out of two."""
    start, per = viewer.now + timedelta(hours=3), reminders.rows(viewer)
    listed = (
        facts.ReminderFact(f"m1s{n}", "南湖新闻", "今日南湖", start + timedelta(hours=n), "programme-7-m")
        for n in range(per)
    )
    return facts.RemindersFact(tuple(listed), per + 1)


def _found(viewer: Viewer, number: int) -> facts.SearchFact:
    per = search.PER_PAGE[viewer.mode]
    listed = (
        facts.FoundFact("channel", "tv-1", "今日南湖", "1 频道"),
        facts.FoundFact("programme", "programme-7-q6499", "南湖新闻", "今日南湖 明天 19:30"),
        facts.FoundFact("film", "film-1", "大山里的一盏灯", "90 分钟"),
        *(
            facts.FoundFact("programme", f"programme-{n}-q6499", "南湖新闻", "今日南湖 12 月 1 日")
            for n in range(20, 37)
        ),
    )
    return facts.SearchFact("6499", listed[(number - 1) * per : number * per], len(listed), number)


def _programme(channel: int, start: datetime, minutes: int) -> facts.ProgrammeFact:
    stop = start + timedelta(minutes=minutes)
    return facts.ProgrammeFact(
        channel * 100 + stop.minute, channel, "党课开讲：乡村振兴", start, stop, "镇党校王老师讲课"
    )


def _answers(viewer: Viewer) -> dict[str, Page]:
    """Pages that come as the answer to a form, and notices."""
    own = facts.ConfirmFact("王秀兰", "南湖村党支部", "第 3 党小组", "13806336021", own=True)
    told = {
        "rc-1-result": facts.ResultFact("accepted", "王秀兰", True, "南湖村党支部", NOW),
        "rc-1-unknown": facts.ResultFact("unknown", tries=3),
        "rc-1-review": facts.ResultFact("needs_review"),
        "rc-1-busy": facts.ResultFact("busy"),
    }
    found = {name: rollcall_result.result_page(viewer, ROLLCALL, fact) for name, fact in told.items()}
    found["rc-1-confirm"] = rollcall.confirm_page(viewer, ROLLCALL, own)
    return {name: attrs.evolve(page, id=name) for name, page in found.items()}


def aside(mode: Mode = "standard") -> dict[str, Page]:
    """Pages that no page leads to: what comes when something is wrong, and the teach-in."""
    viewer = Viewer(NOW, mode=mode)
    kinds: tuple[facts.NoticeKind, ...] = ("404", "500", "busy", "pending", "unknown", "offline", "channels")
    found = [notices.notice_page(viewer, facts.NoticeFact(kind)) for kind in kinds]
    return {page.id: page for page in (*found, teach.teach_page(viewer, teach.Progress()))}


def rendered(name: str, box: Box | None = None, mode: Mode = "standard") -> str:
    """A page of the sample as a box receives it."""
    return body(pages(mode)[name], box).decode()


def body(page: Page, box: Box | None = None) -> bytes:
    made = render(page, box or Box())
    return made.fill(
        clock="19:26", date="11月25日 星期三", left="12:35", now=int(NOW.timestamp()), since=0, seq="k1", slot=17
    )


def entry(draft: str, mode: Mode = "standard") -> Page:
    """The number page with digits of a draft."""
    return rollcall_entry.entry_page(Viewer(NOW, mode=mode), attrs.evolve(ROLLCALL, draft=draft))
