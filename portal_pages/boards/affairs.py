"""党务公开: disclosures of town and villages."""

from typing import Final

from portal_pages.boards.board import Board

BOARD: Final = Board(
    "affairs",
    "党务公开",
    (
        ("notices", "通知公告"),
        ("dual", "双直通公示"),
        ("finance", "财务公示"),
        ("admission", "发展党员公示"),
        ("dues", "党费公示"),
        ("bulletins", "督查通报公示"),
    ),
)
