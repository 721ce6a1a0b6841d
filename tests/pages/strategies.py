"""Content that a town may really put on its pages, and worse: the Hypothesis strategies of all page tests.

Titles of up to 60 characters, rare characters, characters no box draws, empty boards, 500 items, programmes across
midnight. `assert_sound(page, viewer)` holds a built page against every rule of tv-pages §3.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from hypothesis import strategies as st

from portal_pages import facts, text_zh
from portal_pages.checks import check_page
from portal_pages.facts import Mode, Viewer
from portal_pages.states import Page

NOW = datetime(2026, 11, 25, 11, 26, tzinfo=UTC)
"""19:26 on a Wednesday in the town."""
TOWN = ZoneInfo("Asia/Shanghai")
COMMON = "南湖村党支部关于二〇二五年度茶园路灯维修公示点名会议通知卫生优秀党员户四德榜，。（）“”：；！？一二三十"
RARE = "堃㛃喆垚犇淼燚頔祎䶮"
LATIN = "0123456789 ABCxyz.,:%-/+"
HARD = "①②✓✕◀▶😀\u200b\ufeffé½㎡～—…·"
BOARD_KEYS = tuple(key for key, _, _ in text_zh.BOARDS)
MODES: tuple[Mode, ...] = ("standard", "large")


def assert_sound(page: Page, viewer: Viewer) -> None:
    """The page keeps every rule of the page graph that one page can keep, at the floors of the viewer's mode."""
    assert page.mode == viewer.mode, "the builder passes the viewer's mode on"
    assert [str(finding) for finding in check_page(page)] == []


# --- words and moments --------------------------------------------------------------------------------------------


def words(least: int = 0, most: int = 60) -> st.SearchStrategy[str]:
    """Chinese with digits and Latin, now and then with rare or undrawable characters."""
    alphabet = st.sampled_from(COMMON * 3 + LATIN * 2 + RARE + HARD)
    return st.text(alphabet, min_size=least, max_size=most)


TITLES = st.one_of(words(1, 60), st.just("路" * 60), st.just("2025年度123456789012345678901234567890"))
NAMES = st.one_of(st.text(COMMON[:20] + RARE, min_size=2, max_size=4), st.just("阿卜杜热依木·买买提"))
BRANCHES = st.one_of(st.just("南湖村党支部"), words(2, 24))
MOMENTS = st.integers(-400 * 1440, 60 * 1440).map(lambda minutes: NOW + timedelta(minutes=minutes))
PATHS = st.integers(1, 999).map(lambda n: f"/v/{n}-1/poster.jpg")


def viewers(home: str | None = None, mode: Mode | None = None) -> st.SearchStrategy[Viewer]:
    return st.builds(
        Viewer,
        now=st.one_of(st.just(NOW), MOMENTS),
        mode=st.just(mode) if mode else st.sampled_from(MODES),
        home=st.just(home) if home else st.sampled_from(["live", "boards"]),
        village=st.sampled_from(["", "南湖一村"]),
        focus=st.one_of(st.none(), st.sampled_from(["window", "school", "a1", "a3", "next", "field", "gone", "x'\"<"])),
        subtitles=st.booleans(),
        silent=st.booleans(),
    )


# --- lists and articles -------------------------------------------------------------------------------------------


def items(kind: str = "article") -> st.SearchStrategy[facts.ItemFact]:
    return st.builds(
        facts.ItemFact,
        target=st.integers(1, 9999).map(lambda n: f"{kind}-{n}"),
        title=TITLES,
        note=st.one_of(
            st.just(""), st.sampled_from(["昨天 16:20", "2024 年 10 月 12 日", "还剩 12 分钟"]), words(0, 30)
        ),
        fresh=st.booleans(),
    )


@st.composite
def columns(
    draw: st.DrawFn,
    key: str,
    title: str,
    per_page: Callable[[int], int],
    item: st.SearchStrategy[facts.ItemFact] | None = None,
) -> tuple[facts.ColumnFact, int]:
    """A column of 0 to 500 items with the rows of one of its pages, and the number of that page.

    `per_page` tells how many rows a page of a column with so many items has.
    """
    total = draw(st.sampled_from([0, 1, 5, 6, 7, 8, 13, 500]) | st.integers(0, 500))
    per = per_page(total)
    pages = max(-(-total // per), 1)
    number = draw(st.integers(1, pages))
    count = min(per, total - per * (number - 1))
    rows = draw(
        st.lists(items() if item is None else item, min_size=count, max_size=count, unique_by=lambda row: row.target)
    )
    return facts.ColumnFact(key, title, tuple(rows), total), number


PARAGRAPHS = st.builds(facts.Paragraph, st.one_of(words(1, 200), words(1, 60).map(lambda w: f"{w}\n" * 12)))
MONEY = st.integers(0, 99_999_999).map(str)
TABLES = st.lists(st.tuples(words(1, 20), MONEY, MONEY, words(0, 14)), min_size=1, max_size=40).map(
    lambda rows: facts.Table(("项目", "收入(元)", "支出(元)", "说明"), tuple(rows), frozenset({1, 2}), total=True)
)
PICTURES = st.builds(
    facts.Picture, st.just("/demo/pictures/x.jpg"), st.integers(1, 4000), st.integers(1, 4000), words(0, 40)
)
BLOCKS = st.lists(st.one_of(PARAGRAPHS, PARAGRAPHS, TABLES, PICTURES), max_size=6).map(tuple)


def articles(back: str = "affairs-finance") -> st.SearchStrategy[facts.ArticleFact]:
    return st.builds(
        facts.ArticleFact,
        id=st.integers(1, 99_999),
        column=st.just("finance"),
        column_title=st.just("财务公示"),
        back=st.just(back),
        title=TITLES,
        source=words(0, 40),
        published=MOMENTS,
        until=st.one_of(st.none(), MOMENTS),
        blocks=BLOCKS,
        portrait=st.one_of(st.none(), st.just(facts.Picture("/demo/pictures/p.jpg", 300, 400))),
    )


# --- films, channels, guide ---------------------------------------------------------------------------------------


def films(column: str = "style") -> st.SearchStrategy[facts.AssetFact]:
    return st.builds(
        facts.AssetFact,
        id=st.integers(1, 99_999),
        title=TITLES,
        short_title=words(1, 8),
        column=st.just(column),
        poster=PATHS,
        duration_s=st.floats(1, 20_000),
        added=MOMENTS,
        synopsis=words(0, 300),
        seen=st.floats(0, 1),
        resume_s=st.one_of(st.just(0.0), st.floats(0, 20_000)),
        playlist=st.just("/v/1-1/master.m3u8"),
        sheets=st.integers(0, 20),
        subtitled=st.booleans(),
        following=st.one_of(st.none(), st.builds(facts.NextFact, st.integers(1, 99_999), TITLES)),
    )


@st.composite
def shelves(draw: st.DrawFn, keys: tuple[tuple[str, str], ...]) -> facts.ShelfFact:
    """A shelf page: each column with up to two films of up to 500."""
    cols = []
    for place, (key, title) in enumerate(keys):
        drawn = draw(st.lists(films(key), max_size=2, unique_by=lambda film: film.id))
        shown = [attrs.evolve(film, id=film.id * len(keys) + place) for film in drawn]
        more = draw(st.sampled_from([0, 0, 1, 500])) if len(shown) == 2 else 0
        cols.append(facts.ShelfColumn(key, title, tuple(shown), len(shown) + more))
    every = [film for col in cols for film in col.films]
    resume = draw(st.one_of(st.none(), films("films"), *([st.sampled_from(every)] if every else [])))
    return facts.ShelfFact(tuple(cols), resume)


CHANNELS = st.builds(
    facts.ChannelFact,
    id=st.integers(1, 999),
    number=st.integers(1, 999),
    name=words(1, 24),
    url=st.just("/v/1-1/master.m3u8"),
    still=st.just("/static/lake.jpg"),
)


@st.composite
def programmes(draw: st.DrawFn, channel: int, start: datetime, stop: datetime) -> tuple[facts.ProgrammeFact, ...]:
    """Programmes in order without overlap, the first perhaps begun before `start`, the last running past `stop`."""
    at = start - timedelta(minutes=draw(st.integers(0, 400)))
    found: list[facts.ProgrammeFact] = []
    for number in range(draw(st.integers(0, 30))):
        at += timedelta(minutes=draw(st.sampled_from([0, 0, 0, 1, 15])))
        end = at + timedelta(minutes=draw(st.sampled_from([1, 5, 25, 45, 90, 600])))
        if at >= stop:
            break
        if end > start:
            told = facts.ProgrammeFact(channel * 1000 + number, channel, draw(TITLES), at, end, draw(words(0, 200)))
            found.append(attrs.evolve(told, reminded=draw(st.sampled_from([False, False, True]))))
        at = end
    return tuple(found)


@st.composite
def guides(draw: st.DrawFn, rows: int = 6) -> facts.GuideFact:
    """Two hours at any time of day, midnight included, of up to `rows` channels."""
    halves = draw(st.sampled_from([0, 8, 9, 10, 11, 12]) | st.integers(0, 96))
    start = NOW.replace(minute=0) + timedelta(minutes=30 * halves)
    channels = draw(st.lists(CHANNELS, max_size=rows, unique_by=lambda c: c.id))
    found = [
        facts.GuideRow(channel, draw(programmes(channel.id, start, start + timedelta(hours=2)))) for channel in channels
    ]
    pages = draw(st.integers(1, 5))
    first = date(2026, 11, 24) + timedelta(days=draw(st.integers(0, 2)))
    days = tuple(first + timedelta(days=n) for n in range(draw(st.integers(0, 9))))
    page = draw(st.integers(1, pages))
    said = draw(st.sampled_from(["", "", "past", "full"]))
    return facts.GuideFact(start, days, tuple(found), page, pages, current=draw(st.booleans()), said=said)


@st.composite
def programme_pages(draw: st.DrawFn) -> facts.ProgrammePageFact:
    """A programme with a synopsis of any length, on or off the air, reminded or not, found by a search or not."""
    channel, start = draw(CHANNELS), draw(MOMENTS)
    stop = start + timedelta(minutes=draw(st.integers(1, 3000)))
    about = draw(st.one_of(words(0, 300), words(1, 200).map(lambda told: told * 12)))
    return facts.ProgrammePageFact(
        facts.ProgrammeFact(7, channel.id, draw(TITLES), start, stop, about),
        channel,
        about=tuple(draw(st.lists(words(1, 30), max_size=4))),
        kept=draw(st.booleans()),
        reminded=draw(st.booleans()),
        full=draw(st.booleans()),
        query=draw(st.sampled_from(["", "6499", "222222222222"])),
    )


@st.composite
def searches(draw: st.DrawFn, per_page: int) -> facts.SearchFact:
    """A page of what some digits found, from nothing to all that one search finds."""
    total = draw(st.integers(0, 20))
    page = draw(st.integers(1, max(-(-total // per_page), 1)))
    count = min(per_page, total - per_page * (page - 1))
    kinds = st.sampled_from(["channel", "programme", "film"])
    rows = tuple(
        facts.FoundFact(draw(kinds), f"programme-{n}-q6499", draw(TITLES), draw(words(0, 40))) for n in range(count)
    )
    return facts.SearchFact("6499" if rows else draw(st.sampled_from(["", "0", "222222222222"])), rows, total, page)


REMINDS = st.builds(
    facts.RemindFact, title=TITLES, channel=words(1, 24), start=MOMENTS, target=st.integers(1, 999).map("tv-{}".format)
)


@st.composite
def channels_now(draw: st.DrawFn, most: int = 6) -> facts.ChannelsFact:
    """One list page of channels with what is on."""
    listed = draw(st.lists(CHANNELS, max_size=most, unique_by=lambda c: c.id))
    rows = []
    for channel in listed:
        now = st.builds(
            facts.ProgrammeFact, st.integers(1, 9999), st.just(channel.id), TITLES, MOMENTS, MOMENTS, words(0, 100)
        )
        rows.append(facts.ChannelNow(channel, draw(st.none() | now), draw(st.none() | now)))
    more = draw(st.sampled_from([0, 0, 494])) if len(listed) == most else 0
    return facts.ChannelsFact(tuple(rows), len(listed) + more)


# --- roll-call ----------------------------------------------------------------------------------------------------


MEMBERS = st.builds(
    facts.MemberFact,
    id=st.integers(1, 99_999),
    name=NAMES,
    branch=BRANCHES,
    group=words(0, 10),
    masked_phone=st.sampled_from(["", "138 **** 6021"]),
    signed_in=st.booleans(),
)


@st.composite
def rollcalls(draw: st.DrawFn) -> facts.RollcallFact:
    opens = draw(MOMENTS)
    minutes = draw(st.integers(15, 600))
    return facts.RollcallFact(
        id=draw(st.integers(1, 9999)),
        title=draw(TITLES),
        caller=draw(BRANCHES),
        opens=opens,
        late_after=opens + timedelta(minutes=minutes // 2),
        closes=opens + timedelta(minutes=minutes),
        state=draw(st.sampled_from(["scheduled", "open", "closed"])),
        members=tuple(draw(st.lists(MEMBERS, max_size=6, unique_by=lambda m: m.id))),
        last_number=draw(st.sampled_from(["", "138 **** 6021"])),
        last_name=draw(st.one_of(st.just(""), NAMES)),
        draft=draw(DRAFTS),
        seq=draw(st.text("abcdef0123456789", max_size=16)),
    )


DRAFTS = st.one_of(st.just(""), st.just("2"), st.just("12"), st.integers(0, 11).map(lambda n: "13806330217"[:n]))
CONFIRMS = st.builds(
    facts.ConfirmFact,
    name=NAMES,
    branch=BRANCHES,
    group=words(0, 10),
    number=st.sampled_from(["", "13806330217"]),
    masked_phone=st.sampled_from(["", "138 **** 6021"]),
    own=st.booleans(),
)
RESULTS: st.SearchStrategy[facts.ResultFact] = st.builds(
    facts.ResultFact,
    kind=st.sampled_from(facts.ResultKind.__args__),  # type: ignore[attr-defined]
    name=st.one_of(st.just(""), NAMES),
    own=st.booleans(),
    branch=BRANCHES,
    at=st.one_of(st.none(), MOMENTS),
    late=st.booleans(),
    elsewhere=st.booleans(),
    tries=st.integers(0, 5),
    words=words(0, 40),
    again=st.sampled_from(["sign", "review", "number"]),
)
NOTICES: st.SearchStrategy[facts.NoticeFact] = st.builds(
    facts.NoticeFact,
    kind=st.sampled_from(facts.NoticeKind.__args__),  # type: ignore[attr-defined]
    retry=st.sampled_from(["", "home", "rc-1"]),
    serial=st.one_of(st.just(""), st.text("0123456789ABCDEF:", max_size=32)),
)


CODES = st.builds(facts.CodeFact, code=st.sampled_from(["", "1-8", "10042-7", "999999-9"]), hotline=words(0, 20))
BARRED: st.SearchStrategy[facts.BarredFact] = st.builds(
    facts.BarredFact,
    kind=st.sampled_from(facts.BarredKind.__args__),  # type: ignore[attr-defined]
    words=words(0, 200),
    hotline=words(0, 20),
)
BOARDS_SEEN = st.one_of(st.just(frozenset(BOARD_KEYS)), st.frozensets(st.sampled_from(BOARD_KEYS)))


# --- home ---------------------------------------------------------------------------------------------------------


@st.composite
def homes(draw: st.DrawFn) -> facts.HomeFact:
    """What home says, from nothing at all to too much."""
    known = draw(st.lists(st.sampled_from(BOARD_KEYS), unique=True))
    values: dict[str, Any] = {"urgent": "", "urgent_hint": "", "urgent_target": ""}
    if draw(st.booleans()):
        values = {"urgent": draw(words(1, 40)), "urgent_hint": draw(words(0, 40)), "urgent_target": "rc-1"}
    return facts.HomeFact(
        channel=draw(st.none() | CHANNELS),
        lines={key: (draw(words(0, 40)), draw(words(0, 40))) for key in known},
        badge=draw(st.one_of(st.just(""), words(0, 20))),
        last_board=draw(st.sampled_from(["", "gone", *BOARD_KEYS])),
        boards=tuple(key for key in BOARD_KEYS if key in draw(BOARDS_SEEN)),
        waiting=draw(st.booleans()),
        **values,
    )
