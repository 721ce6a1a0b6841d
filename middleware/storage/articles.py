"""Articles in the database; blocks are JSON, told apart by the name of their shape."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from middleware.domain.articles import Article, Block, Paragraph, Picture, Table
from middleware.domain.errors import NotFound
from middleware.storage.tables import articles


class SqlArticles:
    """The `Articles` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, article_id: int) -> Article | None:
        """One article, visible or not."""
        row = self._connection.execute(select(articles).where(articles.c.id == article_id)).first()
        return None if row is None else _article(row)

    def listing(
        self, column: str, village_id: int | None, now: datetime, *, offset: int = 0, limit: int = 20
    ) -> tuple[Article, ...]:
        """What a village may see of a column, newest first."""
        newest = articles.c.published_at.desc(), articles.c.id.desc()
        query = _visible(select(articles), column, village_id, now).order_by(*newest).offset(offset).limit(limit)
        return tuple(map(_article, self._connection.execute(query)))

    def count(self, column: str, village_id: int | None, now: datetime) -> int:
        """How many a village may see of a column."""
        query = _visible(select(func.count()).select_from(articles), column, village_id, now)
        return int(self._connection.execute(query).scalar_one())

    def before(self, article: Article, village_id: int | None, now: datetime) -> int:
        """How many articles of its column stand before this one, for this village."""
        newer = tuple_(articles.c.published_at, articles.c.id) > (article.published_at, article.id)
        query = _visible(select(func.count()).select_from(articles), article.column, village_id, now).where(newer)
        return int(self._connection.execute(query).scalar_one())

    def add(self, article: Article) -> Article:
        """Write a new article; its id is given by the database."""
        key = self._connection.execute(insert(articles).values(_row(article))).inserted_primary_key
        stored = self.get(int(key[0])) if key else None
        if stored is None:
            raise NotFound
        return stored

    def save(self, article: Article) -> None:
        """Write all fields over the stored ones."""
        self._connection.execute(update(articles).where(articles.c.id == article.id).values(_row(article)))

    def remove(self, article_id: int) -> None:
        """Delete an article."""
        self._connection.execute(delete(articles).where(articles.c.id == article_id))


def _visible(query: Select[Any], column: str, village_id: int | None, now: datetime) -> Select[Any]:
    # The same rule as domain.articles.visible; a contract test holds the two together.
    places: list[ColumnElement[bool]] = [articles.c.village_id.is_(None)]
    if village_id is not None:
        places.append(articles.c.village_id == village_id)
    unexpired = or_(articles.c.expires_at.is_(None), articles.c.expires_at > now)
    return query.where(articles.c.column == column, articles.c.published_at <= now, unexpired, or_(*places))


def _row(article: Article) -> dict[str, Any]:
    return {
        "column": article.column,
        "title": article.title,
        "short_title": article.short_title,
        "source": article.source,
        "village_id": article.village_id,
        "published_at": article.published_at,
        "expires_at": article.expires_at,
        "blocks": [_block_json(block) for block in article.blocks],
        "portrait": None if article.portrait is None else _block_json(article.portrait),
    }


def _article(row: Row[Any]) -> Article:
    return Article(
        row.id,
        row.column,
        row.title,
        row.short_title,
        row.source,
        row.village_id,
        row.published_at,
        row.expires_at,
        tuple(_block(value) for value in row.blocks),
        None if row.portrait is None else _picture(row.portrait),
    )


def _block_json(block: Block) -> dict[str, Any]:
    match block:
        case Paragraph(text):
            return {"is": "paragraph", "text": text}
        case Table(head, rows, money, total):
            return {"is": "table", "head": head, "rows": rows, "money": sorted(money), "total": total}
        case Picture(url, width, height, caption):
            return {"is": "picture", "url": url, "width": width, "height": height, "caption": caption}


def _block(value: Mapping[str, Any]) -> Block:
    if value["is"] == "paragraph":
        return Paragraph(value["text"])
    if value["is"] == "table":
        rows = tuple(tuple(row) for row in value["rows"])
        return Table(tuple(value["head"]), rows, frozenset(value["money"]), value["total"])
    return _picture(value)


def _picture(value: Mapping[str, Any]) -> Picture:
    return Picture(value["url"], value["width"], value["height"], value["caption"])
