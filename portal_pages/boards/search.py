"""Search by the number keys: each digit stands for some initials, as on a telephone; what is found stands beside it.

Digits gather on the page (static/search.js) and are asked for after a pause, so that typing fast loses none.
"""

from typing import Final

from attrs import frozen

from portal_pages import layout
from portal_pages.facts import FoundFact, Mode, SearchFact, Viewer
from portal_pages.focus import Way, merged, neighbours
from portal_pages.states import Focusable, Hint, Local, Open, Page, Rect, Target
from portal_pages.views import Panel, Part, Rich, Role, Run, Text, Tier

MOST: Final = 20
"""Things that one search finds."""
LONGEST: Final = 12
"""Digits of a query; search.js knows the same number."""
PER_PAGE: Final[dict[Mode, int]] = {"standard": 6, "large": 4}
_LETTERS: Final = ("", "ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ")
_PAD: Final = (*((str(at + 1), letters) for at, letters in enumerate(_LETTERS)), ("C", ""), ("0", ""), ("X", ""))
"""Digit (C clears, X takes the last one away) and the initials it stands for, row by row."""
_WORDS: Final = {"C": "清空", "X": "删除"}
_SEALS: Final = {
    "channel": ("台", layout.SEAL_TEAL),
    "programme": ("节", layout.SEAL_RED),
    "film": ("影", layout.SEAL_PURPLE),
}
_LEFT: Final = 440
_EXAMPLE: Final = ("南湖新闻的首字母是 N H X W", "就按 6 4 9 9")


@frozen
class _Grid:
    """Height and gap (px) of result rows in one mode."""

    row_h: int
    gap: int


_GRIDS: Final[dict[Mode, _Grid]] = {"standard": _Grid(68, 8), "large": _Grid(100, 13)}
_TOP: Final = 184


def search_page(viewer: Viewer, fact: SearchFact) -> Page:
    """The keypad at the left, what was found at the right; the first of it has the focus unless a key was asked for."""
    pages = max(-(-fact.total // PER_PAGE[viewer.mode]), 1)
    pad, rows = _pad(viewer), _rows(viewer, fact)
    items = (*pad, *rows)
    default = rows[0].id if rows else "k5"
    keys = _keys(fact, pages)
    return Page(
        id=search_id(fact.query, fact.page),
        parent="today",
        parent_focus="search",
        title="找节目",
        mode=viewer.mode,
        focusables=items,
        default_focus=viewer.focus if viewer.focus in {f.id for f in items} else default,
        parts=(
            *layout.header(viewer.mode, "找节目"),
            Panel(64, 104, 1152, 64),
            *_asked(viewer, fact, pages),
            *(() if rows else _nothing(viewer, fact)),
        ),
        nav=neighbours(items, _ways(pad, rows)),
        keys=keys,
        hints=_hints(keys),
        script="search.js",
    )


def search_id(query: str = "", number: int = 1) -> str:
    """`search`, `search-6499`, its second page of results `search-6499-2`."""
    return "search" + (f"-{query}" if query else "") + (f"-{number}" if query and number > 1 else "")


def found_by(query: str, number: int = 1) -> str:
    """What the id of a programme ends in that a search found, so that BACK leads to its result page: `-q6499p2`."""
    return f"-q{query}" + (f"p{number}" if number > 1 else "")


def _pad(viewer: Viewer) -> tuple[Focusable, ...]:
    """Three by four keys; C and X as words."""
    return tuple(
        _key(viewer, name, letters, Rect(64 + 120 * (at % 3), _TOP + 115 * (at // 3), 112, 107))
        for at, (name, letters) in enumerate(_PAD)
    )


def _key(viewer: Viewer, name: str, letters: str, rect: Rect) -> Focusable:
    big, small = layout.scaled(viewer.mode, 44), 25 if viewer.mode == "standard" else 31
    if name in _WORDS:
        size = layout.scaled(viewer.mode, 32)
        parts: tuple[Part, ...] = (
            Text(4, 0, rect.w - 8, rect.h, _WORDS[name], size, "primary", bold=True, align="center"),
        )
    elif letters:
        parts = (
            Text(4, 6, rect.w - 8, 58, name, big, "primary", bold=True, align="center"),
            Text(4, 62, rect.w - 8, 38, letters, small, "support", "secondary", align="center"),
        )
    else:
        parts = (Text(4, 0, rect.w - 8, rect.h, name, big, "primary", bold=True, align="center"),)
    return Focusable(f"k{name}", rect, Local(f"find:{name}"), _WORDS.get(name, name), parts, look="pad", zone="pad")


def _rows(viewer: Viewer, fact: SearchFact) -> tuple[Focusable, ...]:
    grid = _GRIDS[viewer.mode]
    return tuple(
        layout.row(
            viewer.mode,
            row_id(one),
            Rect(_LEFT, _TOP + at * (grid.row_h + grid.gap), 1216 - _LEFT, grid.row_h),
            one.title,
            Open(one.target),
            seal=_SEALS[one.kind],
            note=one.note,
            size=32,
            bold=False,
        )
        for at, one in enumerate(fact.found)
    )


def row_id(one: FoundFact) -> str:
    """`programme-12` for `programme-12-q6499`: the same whatever it was found by."""
    return one.target.partition("-q")[0]


def _asked(viewer: Viewer, fact: SearchFact, pages: int) -> tuple[Part, ...]:
    """The digits so far, and how much they find."""
    size, small = layout.scaled(viewer.mode, 40), layout.scaled(viewer.mode, 30)
    told = f"找到 {fact.total} 个" if fact.total else ("没有找到" if fact.query else "按数字键")
    where = f"第 {fact.page} / {pages} 页" if pages > 1 else ""
    runs = (Run(told, "secondary"), *((Run(where, "secondary", gap=24),) if where else ()))
    return (
        Text(96, 104, 540, 64, fact.query, size, "primary", "accent", bold=True, name="q", spacing=4),
        Rich(644, 104, 540, 64, runs, small, align="right"),
    )


def _nothing(viewer: Viewer, fact: SearchFact) -> tuple[Part, ...]:
    """How it is done; after a search that found nothing what to try."""
    size, small = layout.scaled(viewer.mode, 36), layout.scaled(viewer.mode, 30)
    first = "没有找到，少按几个字母试试" if fact.query else "按节目名字的拼音首字母来找"
    lines: tuple[tuple[str, int, Role], ...] = (
        (first, size, "text"),
        (_EXAMPLE[0], small, "secondary"),
        (_EXAMPLE[1], small, "secondary"),
    )
    w, top = 1216 - _LEFT, 300
    return (
        Panel(_LEFT, _TOP, w, 452),
        *(
            layout.label(_LEFT + 24, top + 76 * at, w - 48, 64, words, px, tier=_tier(at), role=role, align="center")
            for at, (words, px, role) in enumerate(lines)
        ),
    )


def _tier(at: int) -> Tier:
    return "secondary" if at else "primary"


def _ways(pad: tuple[Focusable, ...], rows: tuple[Focusable, ...]) -> dict[str, dict[Way, str | None]]:
    """The keypad leads round from its foot to its head, so that only rows reach beyond the page."""
    up: dict[str, dict[Way, str | None]] = {pad[at].id: {"up": pad[at + 9].id} for at in range(3)}
    down: dict[str, dict[Way, str | None]] = {pad[at + 9].id: {"down": pad[at].id} for at in range(3)}
    left: dict[str, dict[Way, str | None]] = {
        row.id: {"left": pad[min(2 + 3 * at, 11)].id} for at, row in enumerate(rows)
    }
    return merged(up, down, left)


def _keys(fact: SearchFact, pages: int) -> dict[str, Target]:
    keys: dict[str, Target] = {f"D{digit}": Local(f"find:{digit}") for digit in range(10)}
    keys["DELETE"] = Local("find:X")
    if fact.page > 1:
        keys |= {"PAGE_UP": Open(search_id(fact.query, fact.page - 1))}
        keys |= {"UP": Open(search_id(fact.query, fact.page - 1), carry=True)}
    if fact.page < pages:
        keys |= {"PAGE_DOWN": Open(search_id(fact.query, fact.page + 1))}
        keys |= {"DOWN": Open(search_id(fact.query, fact.page + 1), carry=True)}
    return keys


def _hints(keys: dict[str, Target]) -> tuple[Hint, ...]:
    turning = tuple(key for key in ("PAGE_UP", "PAGE_DOWN") if key in keys)
    return (
        Hint(("DIGITS",), "按首字母"),
        Hint(("UP", "DOWN", "LEFT", "RIGHT"), "选择"),
        Hint(("OK",), "确定"),
        *((Hint(turning, "换一页", cap="翻页"),) if turning else ()),
        Hint(("BACK",), "今日南湖"),
    )
