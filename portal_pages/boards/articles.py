"""An article on television: one sheet after another, buttons below; with a portrait it is a profile."""

from typing import Final

from portal_pages import layout, text
from portal_pages.boards import article_cut
from portal_pages.boards.article_cut import Figure, Line, Row, Sheet, Size
from portal_pages.boards.board import page_runs
from portal_pages.dates import day
from portal_pages.facts import ArticleFact, Picture, Viewer
from portal_pages.focus import neighbours
from portal_pages.states import Focusable, Hint, Open, Page, Rect, Submit, Target
from portal_pages.views import Dot, Image, Panel, Part, Rich, Role, Run, Text

LEFT: Final = 96
TOP: Final = 104
BOTTOM: Final = 550
DOTTED: Final = 3
"""Most pages that are shown as dots too."""
_PORTRAIT = Rect(936, 128, 248, 310)


def sheets(viewer: Viewer, article: ArticleFact) -> tuple[Sheet, ...]:
    """The article cut for this viewer's type size."""
    later = BOTTOM - TOP - 12 - _title_height(viewer)
    return article_cut.fewest(article.blocks, _size(viewer, article), later - _source_height(viewer), later)


def _size(viewer: Viewer, article: ArticleFact) -> Size:
    beside = _PORTRAIT.w + 32 if article.portrait else 0
    return Size.of(viewer.mode, article_cut.WIDTH - beside)


def article_page(viewer: Viewer, article: ArticleFact, number: int = 1) -> Page:
    """Sheet `number` (from 1; one that is not there becomes the last) of an article or profile."""
    cuts = sheets(viewer, article)
    at = min(max(number, 1), len(cuts))
    items = _buttons(viewer, article, at, len(cuts))
    forward = "next" if at < len(cuts) else ("prev" if at > 1 else "size")
    return Page(
        id=page_id(article, at),
        parent=article.back,
        parent_focus=f"a{article.id}",
        title=article.column_title,
        mode=viewer.mode,
        focusables=items,
        default_focus=viewer.focus if viewer.focus in {f.id for f in items if not f.disabled} else forward,
        parts=(
            *layout.header(viewer.mode, article.column_title),
            *_panel(viewer, article, cuts[at - 1], at, len(cuts)),
        ),
        nav=neighbours(items),
        keys=_keys(viewer, article, at, len(cuts)),
        hints=_hints(viewer, len(cuts)),
        form={"back": page_id(article, at), "block": str(cuts[at - 1].block)},
    )


def page_id(article: ArticleFact, number: int) -> str:
    """`article-12`, `profile-12-3`: page 1 has no number."""
    kind = "profile" if article.portrait else "article"
    return f"{kind}-{article.id}" if number == 1 else f"{kind}-{article.id}-{number}"


def _title_height(viewer: Viewer) -> int:
    return layout.scaled(viewer.mode, 40) + 16


def _source_height(viewer: Viewer) -> int:
    return layout.scaled(viewer.mode, 27) + 8


# --- the panel ---


def _panel(viewer: Viewer, article: ArticleFact, sheet: Sheet, at: int, of: int) -> tuple[Part, ...]:
    size, y = _size(viewer, article), TOP + 12
    room = size.width
    title_size = layout.scaled(viewer.mode, 40)
    parts: list[Part] = [
        Panel(64, TOP, 1152, 454),
        layout.label(LEFT, y, room, title_size + 12, article.title, title_size, tier="primary", bold=True),
    ]
    y += _title_height(viewer)
    if at == 1:
        parts.append(_source(viewer, article, y, room))
        y += _source_height(viewer)
    if article.portrait:
        parts.append(_portrait(article.portrait))
    parts.extend(_drawn(sheet, size, y))
    return (*parts, *_position(viewer, at, of))


def _portrait(picture: Picture) -> Image:
    """The portrait scaled into its place, top right on every sheet."""
    scale = min(_PORTRAIT.w / picture.width, _PORTRAIT.h / picture.height)
    w, h = int(picture.width * scale), int(picture.height * scale)
    return Image(_PORTRAIT.x + _PORTRAIT.w - w, _PORTRAIT.y, w, h, picture.url)


def _source(viewer: Viewer, article: ArticleFact, y: int, room: int) -> Part:
    """Who published it, when, and until when it stands; where the line is short, what matters least goes first."""
    size = layout.scaled(viewer.mode, 27)
    limit = f"公示到 {day(article.until, viewer.now)}" if article.until else ""
    dates: tuple[tuple[str, Role], ...] = (
        (limit, "accent"),
        (f"{day(article.published, viewer.now)}公布", "secondary"),
    )
    runs: tuple[Run, ...] = ()
    left = room
    for words, role in dates:
        taken = text.box(words, size) + 28
        if words and taken <= left:
            runs, left = (Run(words, role, gap=28), *runs), left - taken
    source = text.cut(article.source, size, left) if left > 4 * size else ""
    return Rich(LEFT, y, room, size + 6, (Run(source, "secondary"), *runs), size, tier="support")


def _drawn(sheet: Sheet, size: Size, y: int) -> list[Part]:
    parts: list[Part] = []
    for piece in sheet.pieces:
        if isinstance(piece, Line):
            parts.append(Text(LEFT, y, size.width, piece.height, piece.words, size.body))
        elif isinstance(piece, Row):
            parts.extend(_row(piece, size, y))
        elif isinstance(piece, Figure):
            parts.extend(_figure(piece, size, y))
        y += piece.height
    return parts


def _row(row: Row, size: Size, y: int) -> list[Part]:
    look = {"head": "thead", "sum": "tsum"}.get(row.kind, "")
    parts: list[Part] = [Panel(LEFT, y, size.width, row.height, look)] if look else []
    if row.kind == "body":
        parts.append(Panel(LEFT, y + row.height - 2, size.width, 2, "rule"))
    for i, (cell, (x, w)) in enumerate(zip(row.cells, row.columns.edges, strict=True)):
        parts.extend(_cell(row, cell, (LEFT + x, y, w), size, i))
    return parts


def _cell(row: Row, cell: tuple[str, ...], place: tuple[int, int, int], size: Size, column: int) -> list[Part]:
    x, y, w = place
    step = size.cell + 6
    top = y + (row.height - step * len(cell)) // 2
    return [
        Text(
            x,
            top + i * step,
            w,
            step,
            words,
            size.cell - 2 if row.kind == "head" else size.cell,
            role=_role(row, column),
            bold=row.kind == "sum",
            align="right" if column in row.columns.money else "left",
        )
        for i, words in enumerate(cell)
        if words
    ]


def _role(row: Row, column: int) -> Role:
    """Sums are gold; the head and a last column of remarks stand back."""
    if row.kind == "sum":
        return "accent"
    remark = column == len(row.cells) - 1 > 0 and column not in row.columns.money
    return "secondary" if row.kind == "head" or remark else "text"


def _figure(figure: Figure, size: Size, y: int) -> list[Part]:
    x = LEFT + (size.width - figure.w) // 2
    parts: list[Part] = [Image(x, y + 4, figure.w, figure.h, figure.picture.url, figure.picture.caption)]
    if figure.picture.caption:
        words = text.cut(figure.picture.caption, size.cell - 2, size.width)
        place = (LEFT, y + figure.h + 6, size.width, size.line)
        parts.append(Text(*place, words, size.cell - 2, role="secondary", align="center"))
    return parts


def _position(viewer: Viewer, at: int, of: int) -> tuple[Part, ...]:
    """Page dots and 第 1 / 3 页 between the buttons."""
    if of == 1:
        return ()
    if viewer.mode == "large":
        return (Rich(270, 572, 276, 64, page_runs(at, of), 35, align="center"),)
    dots: tuple[Dot, ...] = layout.page_dots(284, 594, at, of) if of <= DOTTED else ()
    x = 284 + (28 * of + 12 if dots else 0)
    return (*dots, Rich(x, 572, 544 - x, 64, page_runs(at, of), 30))


# --- what can be done ---


def _buttons(viewer: Viewer, article: ArticleFact, at: int, of: int) -> tuple[Focusable, ...]:
    mode = viewer.mode
    other = "large" if mode == "standard" else "standard"
    bigger = "字放大" if mode == "standard" else "字还原"
    items = [layout.button(mode, "size", Rect(800, 572, 184, 64), bigger, Submit("mode", other), size=32)]
    if of > 1:
        before, after = page_id(article, max(at - 1, 1)), page_id(article, min(at + 1, of))
        items = [
            layout.button(mode, "prev", Rect(64, 572, 196, 64), "上一页", Open(before), size=32, disabled=at == 1),
            layout.button(mode, "next", Rect(550, 572, 196, 64), "下一页", Open(after), size=32, disabled=at == of),
            *items,
        ]
    return tuple(items)


def _keys(viewer: Viewer, article: ArticleFact, at: int, of: int) -> dict[str, Target]:
    keys: dict[str, Target] = {"YELLOW": Submit("mode", "large" if viewer.mode == "standard" else "standard")}
    if at > 1:
        keys |= dict.fromkeys(("UP", "PAGE_UP"), Open(page_id(article, at - 1)))
    if at < of:
        keys |= dict.fromkeys(("DOWN", "PAGE_DOWN"), Open(page_id(article, at + 1)))
    return keys


def _hints(viewer: Viewer, of: int) -> tuple[Hint, ...]:
    size = "字放大" if viewer.mode == "standard" else "字还原"
    turning = (Hint(("UP", "DOWN"), "翻页"), Hint(("LEFT", "RIGHT"), "选按钮")) if of > 1 else ()
    return (*turning, Hint(("OK",), "确定"), Hint(("YELLOW",), size), Hint(("BACK",), "回到列表"))
