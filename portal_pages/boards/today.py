"""今日南湖: its columns, one video column as a list, and how a film is told in one row."""

from datetime import timedelta
from typing import Final

from portal_pages import layout
from portal_pages.boards.board import Board, board_page
from portal_pages.facts import AssetFact, ColumnFact, ItemFact, Viewer
from portal_pages.states import Page

NEW_FOR: Final = timedelta(days=7)
DONE: Final = 0.95
"""Who has seen this part of a film has seen it: the titles at its end are nobody's evening."""

BOARD: Final = Board(
    "today",
    "今日南湖",
    (
        ("style", "南湖风采"),
        ("stones", "他山之石"),
        ("films", "优秀影片"),
        ("window", "致富之窗"),
        ("channels", "频道"),
        ("guide", "节目单"),
    ),
    parent="today",
    elsewhere={"style": "today-style", "guide": "guide"},
)
SEALS: Final[dict[str, tuple[str, str]]] = {
    "style": ("风", layout.SEAL_TEAL),
    "stones": ("石", layout.SEAL_BLUE),
    "films": ("影", layout.SEAL_PURPLE),
    "window": ("富", layout.SEAL_GOLD),
}
"""Character and colour of the seal of each video column, in the order of the number keys."""
VIDEO_COLUMNS: Final = tuple((key, title) for key, title in BOARD.columns if key in SEALS)


def column_title(key: str) -> str:
    """The name of a video column; the board's for films that stand in none."""
    return dict(VIDEO_COLUMNS).get(key, BOARD.title)


def column_page(viewer: Viewer, column: ColumnFact, number: int = 1) -> Page:
    """List page `number` (from 1) of one whole video column; its rows are made by `film_item`."""
    return board_page(viewer, BOARD, column, number)


def minutes(seconds: float) -> str:
    """A length in whole minutes, at least one: 4 分钟."""
    return f"{max(round(seconds / 60), 1)} 分钟"


def fresh(viewer: Viewer, asset: AssetFact) -> bool:
    """Whether a film is marked as new: for a week, unless this household has begun it."""
    return viewer.now - asset.added < NEW_FOR and not asset.seen


def finished(asset: AssetFact) -> bool:
    return asset.seen >= DONE


def left(asset: AssetFact) -> str:
    """What is still to be seen: 还剩 38 分钟."""
    return f"还剩 {minutes(max(asset.duration_s - asset.resume_s, 0))}"


def film_item(viewer: Viewer, asset: AssetFact) -> ItemFact:
    """A film as a row of its column's list: its length, or what is left of it, and whether it has been seen."""
    begun = asset.resume_s > 0 and not finished(asset)
    return ItemFact(
        target=f"film-{asset.id}",
        title=asset.title,
        note=left(asset) if begun else minutes(asset.duration_s),
        fresh=fresh(viewer, asset),
        seen=finished(asset),
    )
