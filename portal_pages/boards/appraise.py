"""党风评议: appraisals, surveys and services."""

from typing import Final

from portal_pages.boards.board import Board

BOARD: Final = Board(
    "appraise",
    "党风评议",
    (
        ("review", "民主评议"),
        ("surveys", "问卷调查"),
        ("service", "一键服务"),
    ),
)
