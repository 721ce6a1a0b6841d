"""Articles of the six boards: notices, disclosures, lessons and profiles as blocks that a television can page."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from attrs import frozen

SHORT_TITLE = 8
"""Characters of a short title: what the home page and narrow lists can show."""


@frozen
class Column:
    """A column of a board, named as the viewer reads it."""

    key: str
    board: str
    title: str


_TITLES = {
    "affairs": {
        "notices": "通知公告",
        "dual": "双直通公示",
        "finance": "财务公示",
        "admission": "发展党员公示",
        "dues": "党费公示",
        "bulletins": "督查通报公示",
    },
    "live": {"meetings": "会议", "duty": "干部坐班", "help": "一键便民服务"},
    "school": {"rollcall": "在线点名", "basics": "党的基本知识", "wealth": "致富信息", "exams": "党章考试"},
    "today": {
        "style": "南湖风采",
        "stones": "他山之石",
        "films": "优秀影片",
        "window": "致富之窗",
        "channels": "频道",
        "guide": "节目单",
    },
    "pioneers": {"branches": "优秀党支部", "members": "优秀共产党员", "hygiene": "卫生优秀党员户", "virtue": "四德榜"},
    "appraise": {"review": "民主评议", "surveys": "问卷调查", "service": "一键服务"},
}

BOARDS = tuple(_TITLES)
"""The six boards in the order of their number keys."""

COLUMNS: Mapping[str, Column] = MappingProxyType(
    {key: Column(key, board, title) for board, columns in _TITLES.items() for key, title in columns.items()}
)
"""Every column by its key."""


@frozen
class Paragraph:
    text: str


@frozen
class Table:
    """A table. `money` holds the indices of right-aligned columns; `total` marks a last row of sums."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    money: frozenset[int] = frozenset()
    total: bool = False


@frozen
class Picture:
    """`url` is rooted on this server; `width` and `height` are its pixels."""

    url: str
    width: int
    height: int
    caption: str = ""


Block = Paragraph | Table | Picture


@frozen
class Article:
    """One text of a column; town-wide when `village_id` is None; shown as a profile when it has a portrait."""

    id: int
    column: str
    title: str
    short_title: str
    source: str
    village_id: int | None
    published_at: datetime
    expires_at: datetime | None = None
    blocks: tuple[Block, ...] = ()
    portrait: Picture | None = None


def visible(article: Article, village_id: int | None, now: datetime) -> bool:
    """Say whether a television in `village_id` (None: not bound to a village) may show the article at `now`."""
    published = article.published_at <= now
    expired = article.expires_at is not None and article.expires_at <= now
    return published and not expired and article.village_id in {None, village_id}
