"""Boards and columns are known to the register and to the pages, which cannot import each other: both say the same."""

from middleware.domain import articles
from middleware.portal.facts import BOARDS
from middleware.services import assets
from portal_pages import text_zh
from portal_pages.boards.today import VIDEO_COLUMNS


def named(board: str) -> tuple[tuple[str, str], ...]:
    return tuple((each.key, each.title) for each in articles.COLUMNS.values() if each.board == board)


def test_pages_have_the_boards_of_the_register_in_its_order() -> None:
    assert tuple(key for key, _, _ in text_zh.BOARDS) == articles.BOARDS


def test_a_board_shows_the_columns_of_the_register_in_its_order() -> None:
    assert {key: board.columns for key, board in BOARDS.items()} == {key: named(key) for key in BOARDS}


def test_films_stand_in_the_video_columns_of_the_register() -> None:
    assert named("today")[: len(VIDEO_COLUMNS)] == VIDEO_COLUMNS
    assert tuple(key for key, _ in VIDEO_COLUMNS) == assets.COLUMNS
