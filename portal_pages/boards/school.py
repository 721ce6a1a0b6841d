"""党教园地: roll-call, lessons and exams."""

from typing import Final

from portal_pages.boards.board import Board

BOARD: Final = Board(
    "school",
    "党教园地",
    (
        ("rollcall", "在线点名"),
        ("basics", "党的基本知识"),
        ("wealth", "致富信息"),
        ("exams", "党章考试"),
    ),
)
