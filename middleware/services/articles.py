"""Articles as the boards show them: the list of a column page by page, one text, and where it stands in its list."""

from datetime import datetime

from attrs import frozen

from middleware.domain.articles import COLUMNS, Article, visible
from middleware.domain.errors import NotFound
from middleware.services.ports import UnitOfWork


@frozen
class Listing:
    """A part of a column: `total` counts all that this village may see."""

    articles: tuple[Article, ...]
    total: int


def listing(
    uow: UnitOfWork, now: datetime, column: str, village_id: int | None, offset: int = 0, limit: int = 20
) -> Listing:
    """The articles of a column from `offset` on, newest first. Raises NotFound for an unknown column."""
    if column not in COLUMNS:
        raise NotFound("没有这个栏目", "no_column")
    total = uow.articles.count(column, village_id, now)
    return Listing(uow.articles.listing(column, village_id, now, offset=offset, limit=limit), total)


def article(uow: UnitOfWork, now: datetime, village_id: int | None, article_id: int) -> Article:
    """An article that this village may see now. Raises NotFound, also for those of other villages."""
    found = uow.articles.get(article_id)
    if found is None or not visible(found, village_id, now):
        raise NotFound("这篇内容没有了，可能已经过期", "no_article")
    return found


def place(uow: UnitOfWork, now: datetime, village_id: int | None, found: Article) -> int:
    """How many articles stand before this one in its column."""
    return uow.articles.before(found, village_id, now)
