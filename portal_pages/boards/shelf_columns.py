"""The columns of the video shelf: heads, posters, and what stands where there are none."""

from typing import Final

from attrs import frozen

from portal_pages import layout, text
from portal_pages.boards.shelf_turns import ROWS, Turn
from portal_pages.boards.today import BOARD, SEALS, fresh, minutes
from portal_pages.facts import AssetFact, Mode, ShelfColumn, Viewer
from portal_pages.states import Focusable, Open, Rect
from portal_pages.views import Bar, Chip, Image, Panel, Part, Seal, Text


@frozen
class _Grid:
    """Sizes (px) of one mode: width and pitch of a column, heads, posters, the picture in a poster."""

    w: int
    pitch: int
    head_y: int
    head_h: int
    poster_y: int
    poster_h: int
    picture: Rect

    def column_x(self, place: int) -> int:
        return 64 + self.pitch * place

    def poster(self, place: int, row: int) -> Rect:
        return Rect(self.column_x(place), self.poster_y + (self.poster_h + 10) * row, self.w, self.poster_h)


_GRIDS: Final[dict[Mode, _Grid]] = {
    "standard": _Grid(270, 294, 100, 52, 160, 200, Rect(6, 6, 258, 145)),
    "large": _Grid(368, 392, 98, 60, 166, 197, Rect(62, 6, 244, 137)),
}


def number(column: ShelfColumn) -> int:
    return [key for key, _ in BOARD.columns].index(column.key) + 1


def head(viewer: Viewer, place: int, column: ShelfColumn) -> Focusable:
    grid, large = _GRIDS[viewer.mode], viewer.mode == "large"
    seal, key = (42, 40) if large else (34, 32)
    rect = Rect(grid.column_x(place), grid.head_y, grid.w, grid.head_h)
    title_x = 10 + seal + 13
    parts: tuple[Part, ...] = (
        Seal(10, (rect.h - seal) // 2, seal, *SEALS[column.key]),
        layout.label(
            title_x, 0, rect.w - title_x - key - 18, rect.h, column.title, layout.scaled(viewer.mode, 30), bold=True
        ),
        layout.keycap(rect.w - key - 14, (rect.h - key) // 2, number(column), key, viewer.mode),
    )
    return Focusable(f"h-{column.key}", rect, Open(f"today-{column.key}"), column.title, parts, look="tile")


def posters(viewer: Viewer, place: int, column: ShelfColumn) -> tuple[Focusable, ...]:
    grid = _GRIDS[viewer.mode]
    return tuple(_poster(viewer, grid.poster(place, row), film) for row, film in enumerate(column.films[:ROWS]))


def _poster(viewer: Viewer, rect: Rect, film: AssetFact) -> Focusable:
    picture = _GRIDS[viewer.mode].picture
    end, bottom = rect.w - 12, picture.y + picture.h
    size = layout.scaled(viewer.mode, 26)
    length, new = minutes(film.duration_s), layout.scaled(viewer.mode, 36)
    w, h = text.box(length, size), size + 9
    parts: list[Part] = []
    if picture.x > 6:
        parts.append(Panel(6, 6, rect.w - 12, picture.h))
    parts.append(Image(picture.x, picture.y, picture.w, picture.h, film.shelf_poster or film.poster))
    if fresh(viewer, film):
        parts.append(Chip(12, 12, new, new + 3, "新", "fresh", layout.scaled(viewer.mode, 25)))
    parts.append(Chip(end - w, bottom - 3 - h, w, h, length, "length", size))
    if film.seen > 0:
        parts.append(Bar(6, bottom - 6, rect.w - 12, 6, min(film.seen, 1.0)))
    parts.append(_title(viewer, Rect(6, bottom, rect.w - 12, rect.h - 6 - bottom), film))
    return Focusable(f"f{film.id}", rect, Open(f"film-{film.id}"), film.title, tuple(parts), look="poster")


def _title(viewer: Viewer, rect: Rect, film: AssetFact) -> Text:
    words, size = film.short_title or film.title, layout.scaled(viewer.mode, 28)
    return layout.label(rect.x, rect.y, rect.w, rect.h, words, size, align="center")


def gaps(viewer: Viewer, shown: tuple[tuple[int, ShelfColumn], ...], here: Turn) -> tuple[Part, ...]:
    """What a column without films on this page says in their place."""
    return tuple(
        part
        for place, column in shown
        if not column.films
        for part in _gap(viewer, place, column.total == 0 and here.first == 0)
    )


def _gap(viewer: Viewer, place: int, empty: bool) -> tuple[Part, ...]:
    grid = _GRIDS[viewer.mode]
    first, last = grid.poster(place, 0), grid.poster(place, ROWS - 1)
    h = last.y + last.h - first.y
    words = ("还没有片子", "有了会放在这里") if empty else ("没有更多了", "新片在前面几页")
    sizes = (layout.scaled(viewer.mode, 28), layout.scaled(viewer.mode, 25))
    return (
        Panel(first.x, first.y, first.w, h),
        layout.label(first.x + 6, first.y + h // 2 - 50, first.w - 12, 48, words[0], sizes[0], align="center"),
        layout.label(
            first.x + 6,
            first.y + h // 2,
            first.w - 12,
            44,
            words[1],
            sizes[1],
            tier="support",
            role="secondary",
            align="center",
        ),
    )
