"""A board: its columns in a rail on the left, the list of one column on the right; columns are facets, not a level."""

from collections.abc import Mapping
from typing import Final

import attrs
from attrs import frozen

from portal_pages import layout, text
from portal_pages.facts import ColumnFact, ItemFact, Mode, Viewer
from portal_pages.focus import Way, merged, neighbours, wrap
from portal_pages.states import Focusable, Hint, Open, Page, Rect, Target
from portal_pages.views import Chip, Panel, Part, Rich, Run, Triangle

FULL_ROWS: Final = {"standard": 7, "large": 5}
PAGED_ROWS: Final = {"standard": 6, "large": 4}
"""Rows of a list page: one fewer where a pager stands below."""


@frozen
class Board:
    """One of the six boards: key, name, and its columns as (key, title) in the order of the number keys.

    `elsewhere` names the first page of columns that do not stand where `column_id` says.
    """

    key: str
    title: str
    columns: tuple[tuple[str, str], ...]
    parent: str = "home"
    elsewhere: Mapping[str, str] = attrs.field(factory=dict)


@frozen
class _Grid:
    """Places (px) of rail and list in one mode."""

    rail_w: int
    rail_h: int
    row_h: int
    gap: int

    @property
    def list_x(self) -> int:
        return 64 + self.rail_w + 24

    @property
    def list_w(self) -> int:
        return 1216 - self.list_x


_GRIDS: Final[dict[Mode, _Grid]] = {"standard": _Grid(336, 80, 68, 8), "large": _Grid(400, 80, 92, 12)}
"""The rail holds the longest column name, seven characters, whole."""


def rows(viewer: Viewer, total: int) -> int:
    """How many items the caller should fetch for one list page of a column with `total` items."""
    full = FULL_ROWS[viewer.mode]
    return full if total <= full else PAGED_ROWS[viewer.mode]


def board_page(viewer: Viewer, board: Board, column: ColumnFact, number: int = 1) -> Page:
    """List page `number` (from 1) of one column; `column.items` are the rows of that page."""
    per = rows(viewer, column.total)
    pages = max(-(-column.total // per), 1)
    at = min(max(number, 1), pages)
    rail, listed = _rail(viewer, board, column.key), _rows(viewer, column)
    before, after = (column_id(board, column.key, n) for n in (max(at - 1, 1), min(at + 1, pages)))
    items = (*rail, *listed, *pager(viewer, _GRIDS[viewer.mode].list_x, before, after, at, pages))
    default = listed[0].id if listed else f"c-{column.key}"
    keys = _keys(board, column, at, pages)
    jumps: dict[str, dict[Way, str | None]] = {f.id: {"right": default} for f in rail}
    jumps |= {f.id: {"left": f"c-{column.key}"} for f in listed}
    return Page(
        id=column_id(board, column.key, at),
        parent=board.parent,
        parent_focus=board.key if board.parent == "home" else f"h-{column.key}",
        title=board.title,
        mode=viewer.mode,
        focusables=items,
        default_focus=viewer.focus if viewer.focus in {f.id for f in items if not f.disabled} else default,
        parts=(*layout.header(viewer.mode, board.title), *_extras(viewer, board, column, at, pages)),
        nav=neighbours(items, merged(jumps, wrap([f.id for f in rail]))),
        keys=keys,
        hints=_hints(board, keys),
    )


def column_id(board: Board, key: str, number: int = 1) -> str:
    """`affairs-finance`, `affairs-finance-2`; the first column's first page is the board itself: `affairs`."""
    if number == 1:
        usual = board.key if key == board.columns[0][0] else f"{board.key}-{key}"
        return board.elsewhere.get(key, usual)
    return f"{board.key}-{key}-{number}"


def _rail(viewer: Viewer, board: Board, shown: str) -> tuple[Focusable, ...]:
    grid = _GRIDS[viewer.mode]
    return tuple(
        layout.row(
            viewer.mode,
            f"c-{key}",
            Rect(64, 104 + i * (grid.rail_h + 10), grid.rail_w, grid.rail_h),
            title,
            Open(column_id(board, key)),
            number=i + 1,
            size=32,
            zone="rail",
            role="accent" if key == shown else "text",
        )
        for i, (key, title) in enumerate(board.columns)
    )


def _rows(viewer: Viewer, column: ColumnFact) -> tuple[Focusable, ...]:
    grid = _GRIDS[viewer.mode]
    return tuple(
        layout.row(
            viewer.mode,
            _row_id(item),
            Rect(grid.list_x, 104 + i * (grid.row_h + grid.gap), grid.list_w, grid.row_h),
            item.title,
            Open(item.target),
            note=_note(viewer, grid, item),
            chip=_state(viewer, grid, item),
            size=32,
            bold=False,
        )
        for i, item in enumerate(column.items)
    )


def _row_id(item: ItemFact) -> str:
    """`a12` for article-12: what BACK from the article asks for."""
    kind, _, rest = item.target.partition("-")
    return f"a{rest}" if kind in {"article", "profile"} else item.target


def _note(viewer: Viewer, grid: _Grid, item: ItemFact) -> str:
    """What stands at the right of a row; it gives way to a title that is whole without it.

    In 特大字 it does so to any title that would be cut.
    """
    chip = _state(viewer, grid, item)
    size, room = layout.scaled(viewer.mode, 32), (chip.x - 12 if chip else grid.list_w - 18) - 20
    taken = text.box(item.note, layout.scaled(viewer.mode, 27)) + 12 if item.note else 0
    if text.fits(item.title, size, room - taken):
        return item.note
    spared = viewer.mode == "large" or text.fits(item.title, size, room)
    return "" if spared else item.note


def _state(viewer: Viewer, grid: _Grid, item: ItemFact) -> Chip | None:
    """At the end of a row: seen to its end, or new."""
    words, look = ("已看", "done") if item.seen else ("新", "fresh") if item.fresh else ("", "")
    if not words:
        return None
    size = layout.scaled(viewer.mode, 26)
    w, h = text.box(words, size) + 10, size + 12
    return Chip(grid.list_w - 18 - w, (grid.row_h - h) // 2, w, h, words, look, size)


def pager(viewer: Viewer, x: int, before: str, after: str, at: int, pages: int) -> tuple[Focusable, ...]:
    """上一页 and 下一页 below a list that begins at `x` (px) and ends at the safe edge; none for a single page."""
    if pages == 1:
        return ()
    left, right = Rect(x, 570, 196, 64), Rect(1020, 570, 196, 64)
    return (
        layout.button(viewer.mode, "prev", left, "上一页", Open(before), size=32, disabled=at == 1, zone="pager"),
        layout.button(viewer.mode, "next", right, "下一页", Open(after), size=32, disabled=at == pages, zone="pager"),
    )


def page_words(viewer: Viewer, x: int, at: int, pages: int) -> tuple[Part, ...]:
    """第 2 / 3 页 between the two buttons of the pager."""
    if pages == 1:
        return ()
    return (Rich(x + 210, 570, 810 - x, 64, page_runs(at, pages), layout.scaled(viewer.mode, 30), align="center"),)


def page_runs(at: int, pages: int) -> tuple[Run, ...]:
    """第 2 / 3 页 with the present page in gold."""
    now = Run(str(at), "accent", bold=True, gap=8)
    return (Run("第"), now, Run("/", gap=8), Run(str(pages), gap=8), Run("页", gap=8))


def _extras(viewer: Viewer, board: Board, column: ColumnFact, at: int, pages: int) -> tuple[Part, ...]:
    """The mark at the open column, the page number, and what an empty column says."""
    grid = _GRIDS[viewer.mode]
    parts: list[Part] = [*page_words(viewer, grid.list_x, at, pages)]
    if not column.items:
        parts += [
            Panel(grid.list_x, 104, grid.list_w, 530),
            layout.message(grid.list_x + 40, 300, grid.list_w - 80, "这一栏还没有内容", layout.scaled(viewer.mode, 36)),
            layout.label(
                grid.list_x + 40,
                372,
                grid.list_w - 80,
                60,
                "有了新内容会显示在这里",
                layout.scaled(viewer.mode, 30),
                role="secondary",
                align="center",
            ),
        ]
    return (*parts, *_open_mark(viewer, board, column.key))


def _open_mark(viewer: Viewer, board: Board, key: str) -> tuple[Part, ...]:
    """A triangle beside the rail row whose list is shown: the place is told by shape, not by its gold name alone."""
    grid = _GRIDS[viewer.mode]
    place = [each for each, _ in board.columns].index(key)
    y = 104 + place * (grid.rail_h + 10) + grid.rail_h // 2
    return (Triangle(64 + grid.rail_w + 4, y - 9, 18, "right", "accent"),)


def _keys(board: Board, column: ColumnFact, at: int, pages: int) -> dict[str, Target]:
    keys: dict[str, Target] = {
        f"D{i}": Open(column_id(board, key)) for i, (key, _) in enumerate(board.columns, start=1)
    }
    if at > 1:
        keys["PAGE_UP"] = Open(column_id(board, column.key, at - 1))
    if at < pages:
        keys["PAGE_DOWN"] = Open(column_id(board, column.key, at + 1))
    return keys


def _hints(board: Board, keys: dict[str, Target]) -> tuple[Hint, ...]:
    turning = tuple(key for key in ("PAGE_UP", "PAGE_DOWN") if key in keys)
    digits = tuple(key for key in keys if key.startswith("D"))
    return (
        Hint(("UP", "DOWN", "LEFT", "RIGHT"), "选择"),
        Hint(("OK",), "打开"),
        Hint(digits, "换栏目", cap=f"1 – {len(board.columns)}"),
        *((Hint(turning, "换一页", cap="翻页"),) if turning else ()),
        Hint(("BACK",), "首页" if board.parent == "home" else board.title),
    )
