"""党群直播: meetings, duty and help."""

from typing import Final

from portal_pages.boards.board import Board

BOARD: Final = Board(
    "live",
    "党群直播",
    (
        ("meetings", "会议"),
        ("duty", "干部坐班"),
        ("help", "一键便民服务"),
    ),
)
