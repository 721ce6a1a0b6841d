"""The articles of the demonstration, read from plain text files, one per column.

An article begins with `# title | short title`, goes on with `key: value` lines (source; days since publication;
hour; until = days it still stands; village; portrait), an empty line, and one block a line: words are a paragraph,
`![name] words` a picture with its caption, lines that begin with `|` a table. In a table's head a trailing `>` makes
a column of money. A row that begins with `=` holds the sums: `+` is the column's sum, `~` the first money column's
less the second's.
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from importlib.resources import files

from attrs import frozen

from middleware.demo.dates import dated
from middleware.domain.articles import COLUMNS, Block, Paragraph, Picture, Table
from middleware.domain.places import TOWN_ZONE

PORTRAIT = (248, 310)
SCENE = (480, 270)
FILM_COLUMNS = frozenset({"style", "stones", "films", "window", "channels", "guide"})
"""Columns whose items are films, channels and programmes, not articles."""

TEXT_COLUMNS = tuple(key for key in COLUMNS if key not in FILM_COLUMNS)


@frozen
class Draft:
    """An article before it has ids: `village` is a name, the times are UTC."""

    column: str
    title: str
    short_title: str
    source: str
    village: str | None
    published_at: datetime
    expires_at: datetime | None
    blocks: tuple[Block, ...]
    portrait: Picture | None


def articles(now: datetime, pictures: str) -> tuple[Draft, ...]:
    """Return every article as of `now`; `pictures` is the address under which the drawn pictures are served."""
    return tuple(draft for column in TEXT_COLUMNS for draft in column_articles(column, now, pictures))


def column_articles(column: str, now: datetime, pictures: str) -> tuple[Draft, ...]:
    """Return the articles of one column, in the order of its file."""
    today = now.astimezone(TOWN_ZONE).date()
    text = files("middleware.demo").joinpath("data", "articles", f"{column}.txt").read_text("utf-8")
    chapters = dated(text, today).removeprefix("# ").split("\n# ")
    return tuple(_draft(column, chapter, now, pictures) for chapter in chapters)


def _draft(column: str, chapter: str, now: datetime, pictures: str) -> Draft:
    today = now.astimezone(TOWN_ZONE).date()
    head, _, body = chapter.partition("\n\n")
    heading, *lines = head.split("\n")
    title, _, short = heading.partition(" | ")
    keys = dict(line.split(": ", 1) for line in lines)
    published = _moment(today - timedelta(days=int(keys["days"])), keys.get("hour", "9:00"))
    portrait = keys.get("portrait")
    return Draft(
        column=column,
        title=title,
        short_title=short,
        source=keys["source"],
        village=keys.get("village"),
        published_at=min(published, now),
        expires_at=_moment(today + timedelta(days=int(keys["until"])), "23:59") if "until" in keys else None,
        blocks=_blocks(body, pictures),
        portrait=Picture(f"{pictures}{portrait}.jpg", *PORTRAIT) if portrait else None,
    )


def _moment(day: date, hour: str) -> datetime:
    hours, minutes = map(int, hour.split(":"))
    return datetime.combine(day, time(hours, minutes), TOWN_ZONE).astimezone(UTC)


def _blocks(body: str, pictures: str) -> tuple[Block, ...]:
    blocks: list[Block] = []
    rows: list[str] = []
    for line in [*body.strip().split("\n"), ""]:
        if line[:1] in {"|", "="}:
            rows.append(line)
            continue
        if rows:
            blocks.append(_table(rows))
            rows = []
        if line:
            blocks.append(_picture(line, pictures) if line.startswith("![") else Paragraph(line))
    return tuple(blocks)


def _picture(line: str, pictures: str) -> Picture:
    name, _, caption = line.removeprefix("![").partition("] ")
    return Picture(f"{pictures}{name}.jpg", *SCENE, caption)


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row[1:].strip().removesuffix("|").split("|")]


def _table(lines: list[str]) -> Table:
    head, *rows = map(_cells, lines)
    money = [n for n, name in enumerate(head) if name.endswith(">")]
    summed = lines[-1].startswith("=")
    if summed:
        rows[-1] = _sums(rows, money)
    shown = tuple(tuple(_money(cell) if n in money else cell for n, cell in enumerate(row)) for row in rows)
    return Table(tuple(name.removesuffix(">") for name in head), shown, frozenset(money), summed)


def _sums(rows: list[list[str]], money: list[int]) -> list[str]:
    sums = {n: sum((Decimal(row[n] or 0) for row in rows[:-1]), Decimal()) for n in money}
    left = sums[money[0]] - sums[money[1]] if len(money) > 1 else 0
    return [
        _money(str(sums[n])) if cell == "+" else cell.replace("~", _money(str(left))) for n, cell in enumerate(rows[-1])
    ]


def _money(cell: str) -> str:
    """Return a plain number with thousands separators, decimals as they are; other words unchanged."""
    whole, dot, part = cell.partition(".")
    return f"{int(whole):,}{dot}{part}" if whole.isdecimal() else cell
