"""时代先锋: role models."""

from typing import Final

from portal_pages.boards.board import Board

BOARD: Final = Board(
    "pioneers",
    "时代先锋",
    (
        ("branches", "优秀党支部"),
        ("members", "优秀共产党员"),
        ("hygiene", "卫生优秀党员户"),
        ("virtue", "四德榜"),
    ),
)
