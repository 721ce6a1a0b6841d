"""The video shelf of 今日南湖: four columns of posters side by side, three with 特大字, turned all together."""

from typing import Final

from portal_pages import layout, text
from portal_pages.boards import shelf_columns
from portal_pages.boards.shelf_turns import ROWS, Turn, page_id, turn
from portal_pages.boards.today import BOARD, left
from portal_pages.facts import AssetFact, ShelfColumn, ShelfFact, Viewer
from portal_pages.focus import Overrides, Way, merged, neighbours
from portal_pages.states import Focusable, Hint, Open, Page, Rect, Target
from portal_pages.views import Bar, Dot, Image, Part, Text, Triangle

RESUME: Final = Rect(64, 580, 858, 60)
PAGER: Final = Rect(946, 580, 270, 60)
_STRIPS: Final = (
    ("channels", "频道", "today-channels"),
    ("guide", "节目单", "guide"),
    ("search", "找节目", "search"),
)


def shelf_page(viewer: Viewer, fact: ShelfFact, number: int = 1) -> Page:
    """Shelf page `number` (from 1); the columns of `fact` hold the films that `turn` names."""
    here = turn(viewer, tuple(column.total for column in fact.columns), number)
    shown = tuple((place, fact.columns[at]) for place, at in enumerate(here.columns))
    heads = tuple(shelf_columns.head(viewer, place, column) for place, column in shown)
    posters = tuple(shelf_columns.posters(viewer, place, column) for place, column in shown)
    tabs, bottom = _tabs(viewer), (*_resume(viewer, fact.resume), *_pager(viewer, here))
    items = (*heads, *(each for column in posters for each in column), *bottom, *tabs)
    return Page(
        id=page_id(here.number),
        parent="home",
        parent_focus=BOARD.key,
        title=BOARD.title,
        mode=viewer.mode,
        focusables=items,
        default_focus=_default(viewer, tuple(column for _, column in shown), items),
        parts=(*layout.header(viewer.mode, BOARD.title, _clock(viewer)), *shelf_columns.gaps(viewer, shown, here)),
        nav=neighbours(items, _ways(heads, posters, bottom, tabs)),
        keys=_keys(fact, here),
        hints=_hints(fact, here),
    )


def _default(viewer: Viewer, shown: tuple[ShelfColumn, ...], items: tuple[Focusable, ...]) -> str:
    """What was asked for, the other page button where that one is gone, else the newest poster."""
    ids: list[str] = [f.id for f in items]
    asked = [viewer.focus or "", *(("prev", "next") if viewer.focus in {"next", "prev"} else ())]
    films = [film for column in shown for film in column.films[:ROWS]]
    newest = max(films, key=lambda film: film.added, default=None)
    last = f"f{newest.id}" if newest else ids[0]
    return next((each for each in asked if each in ids), last)


# --- around the columns ---------------------------------------------------------------------------------------


def _clock(viewer: Viewer) -> tuple[Part, ...]:
    """In large type the strips take the room of the date."""
    return layout.clock(viewer.mode) if viewer.mode == "standard" else layout.clock_only(viewer.mode)


def _tabs(viewer: Viewer) -> tuple[Focusable, ...]:
    """The two columns that are no shelves, and the search, as quiet strips beside the title."""
    size = layout.scaled(viewer.mode, 28)
    items, x = [], 358 if viewer.mode == "standard" else 380
    for fid, words, page in _STRIPS:
        w = text.box(words, size) + 36
        parts = (layout.label(6, 0, w - 12, 52, words, size, role="secondary", align="center"),)
        items.append(Focusable(fid, Rect(x, 38, w, 52), Open(page), words, parts, look="strip"))
        x += w + 12
    return tuple(items)


def _resume(viewer: Viewer, film: AssetFact | None) -> tuple[Focusable, ...]:
    """The strip that goes on with the film this household has begun."""
    if film is None:
        return ()
    large = viewer.mode == "large"
    size, x, room = (38, 246, 342) if large else (30, 214, 270)
    title = layout.label(x, 0, room, 60, film.short_title or film.title, size)
    parts: tuple[Part, ...] = (
        Image(6, 6, 86, 48, film.shelf_poster or film.poster),
        layout.label(108, 0, 130 if large else 104, 60, "接着看", size, bold=True),
        title,
        *(_left_large(film) if large else _left(film, x + int(text.width(title.words, size)) + 22)),
    )
    return (Focusable("resume", RESUME, Open(f"play-{film.id}"), f"接着看：{film.title}", parts, look="tile"),)


def _left(film: AssetFact, x: int) -> tuple[Part, ...]:
    """From `x` a bar of what has been seen, then what is left, and the key that goes on."""
    words, end = left(film), 740
    w = text.box(words, 28)
    return (
        Bar(x, 24, min(124, end - int(w * 0.84) - x), 12, min(film.seen, 1.0)),
        layout.label(end - w, 0, w, 60, words, 28, role="secondary", align="right"),
        Dot(760, 18, 24, layout.KEY_COLOURS["GREEN"]),
        layout.label(789, 0, 63, 60, "绿键", 26, tier="support", role="secondary"),
    )


def _left_large(film: AssetFact) -> tuple[Part, ...]:
    return (layout.label(594, 0, 254, 60, left(film), 32, tier="support", role="secondary", align="right"),)


def _pager(viewer: Viewer, here: Turn) -> tuple[Focusable, ...]:
    """One tile that turns on; between the ends a small one before it turns back, on the last page a large one."""
    if here.pages == 1:
        return ()
    if here.number == 1:
        return (_turner(viewer, here, "next", PAGER, 1),)
    if here.number == here.pages:
        return (_turner(viewer, here, "prev", PAGER, -1),)
    back = Rect(PAGER.x, PAGER.y, 54, PAGER.h)
    on = Rect(PAGER.x + 62, PAGER.y, PAGER.w - 62, PAGER.h)
    small = Focusable("prev", back, _turned(here, -1), "上一页", (Triangle(15, 19, 22, "left"),), look="tile")
    return (small, _turner(viewer, here, "next", on, 1))


def _turner(viewer: Viewer, here: Turn, fid: str, rect: Rect, step: int) -> Focusable:
    words, size = ("下一页" if step > 0 else "上一页"), layout.scaled(viewer.mode, 28)
    w, end = text.box(words, size), rect.w - 20
    dots = _dots(here) if viewer.mode == "standard" and rect.w == PAGER.w else ()
    x = 98 if dots else 18
    parts: tuple[Part, ...] = (
        *dots,
        _position(here, Rect(x, 0, end - x - w, rect.h), size),
        layout.label(end - w, 0, w, rect.h, words, size, bold=True, align="right"),
    )
    return Focusable(fid, rect, _turned(here, step), words, parts, look="tile")


def _turned(here: Turn, step: int) -> Open:
    """The page before or after, with the focus on the tile that goes on the same way while there is one."""
    there = here.number + step
    ends = {1: "next", here.pages: "prev"}
    return Open(page_id(there), ends.get(there, "next" if step > 0 else "prev"))


def _dots(here: Turn) -> tuple[Dot, ...]:
    """One dot for each of two or three pages, the present one in gold."""
    if here.pages > 3:
        return ()
    colours = (layout.GOLD if at == here.number else layout.DIM_DOT for at in range(1, here.pages + 1))
    return tuple(Dot(20 + 24 * i, 22, 16, colour) for i, colour in enumerate(colours))


def _position(here: Turn, rect: Rect, size: int) -> Text:
    """Page and pages, or the page alone where there are too many; a number is never cut."""
    words = f"{here.number}/{here.pages}"
    words = words if text.fits(words, size, rect.w) else str(here.number)
    return layout.label(rect.x, rect.y, rect.w, rect.h, words, size)


def _ways(
    heads: tuple[Focusable, ...],
    posters: tuple[tuple[Focusable, ...], ...],
    bottom: tuple[Focusable, ...],
    tabs: tuple[Focusable, ...],
) -> Overrides:
    """Heads and strips above them belong together, and every column's foot leads to what stands below."""
    up: dict[str, dict[Way, str | None]] = {
        head.id: {"up": tabs[min(place // 2, 1)].id} for place, head in enumerate(heads)
    }
    down: dict[str, dict[Way, str | None]] = {tab.id: {"down": heads[1].id} for tab in tabs}
    feet = [(column or (heads[place],))[-1] for place, column in enumerate(posters)]
    if bottom:
        down |= {foot.id: {"down": _below(foot, bottom)} for foot in feet}
    return merged(up, down)


def _below(foot: Focusable, bottom: tuple[Focusable, ...]) -> str:
    """The tile of the bottom row that lies nearest below the middle of a column."""
    middle = foot.rect.x + foot.rect.w // 2
    return min(bottom, key=lambda f: max(f.rect.x - middle, middle - f.rect.x - f.rect.w, 0)).id


def _keys(fact: ShelfFact, here: Turn) -> dict[str, Target]:
    columns = [fact.columns[at] for at in here.columns]
    keys: dict[str, Target] = {f"D{shelf_columns.number(column)}": Open(f"today-{column.key}") for column in columns}
    if fact.resume:
        keys["GREEN"] = Open(f"play-{fact.resume.id}")
    if here.number > 1:
        keys["PAGE_UP"] = Open(page_id(here.number - 1))
    if here.number < here.pages:
        keys["PAGE_DOWN"] = Open(page_id(here.number + 1))
    return keys | {"EPG": Open("guide")}


def _hints(fact: ShelfFact, here: Turn) -> tuple[Hint, ...]:
    numbers = [shelf_columns.number(fact.columns[at]) for at in here.columns]
    turning = tuple(
        key for key, there in (("PAGE_UP", here.number > 1), ("PAGE_DOWN", here.number < here.pages)) if there
    )
    return (
        Hint(("UP", "DOWN", "LEFT", "RIGHT"), "选择"),
        Hint(("OK",), "打开"),
        Hint(tuple(f"D{n}" for n in numbers), "看整栏", cap=f"{numbers[0]} - {numbers[-1]}"),
        *((Hint(("GREEN",), "接着看"),) if fact.resume else ()),
        *((Hint(turning, "换一批", cap="翻页"),) if turning else ()),
        Hint(("BACK",), "首页"),
    )
