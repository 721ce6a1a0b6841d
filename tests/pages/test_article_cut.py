"""Articles are cut into pages without losing a line, and tables stay readable."""

from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from portal_pages.boards.article_cut import LEAST_ROWS, Figure, Line, Row, Size, cut, sheet_with
from portal_pages.facts import Paragraph, Picture, Table

FIRST, LATER = 350, 390
WORDS = st.text("村务公开收支明细茶园路灯2025，。年度合计18万元", min_size=1, max_size=300)
MONEY = st.integers(0, 99_999_999).map(str)
TABLES = st.lists(
    st.tuples(WORDS.map(lambda w: w[:20]), MONEY, MONEY, WORDS.map(lambda w: w[:14])), min_size=1, max_size=40
).map(lambda rows: Table(("项目", "收入(元)", "支出(元)", "说明"), tuple(rows), frozenset({1, 2}), total=True))
PICTURES = st.builds(
    Picture, st.just("/x.jpg"), st.integers(1, 4000), st.integers(1, 4000), st.sampled_from(["", "湖边"])
)
BLOCKS = st.lists(st.one_of(WORDS.map(Paragraph), TABLES, PICTURES), max_size=8)
SIZES = st.sampled_from([Size.of("standard"), Size.of("large"), Size.of("standard", 800)])


TALL_END = Table(
    ("项目", "收入(元)", "支出(元)", "说明"),
    (
        ("0", "0", "0", "0"),
        ("0", "0", "0", "0"),
        ("0", "0", "10000000", "0"),
        ("0000。。000000。。。。", "0", "0", "0"),
        ("0", "0", "0", "00000000"),
        ("0", "0", "0", "000。。。。。。"),
    ),
    frozenset({1, 2}),
    total=True,
)
"""Its last three rows fill a page in large type, so that the repeated head has no room above them."""


@given(BLOCKS, SIZES)
@example([TALL_END], Size.of("large"))
def test_every_sheet_fits_its_panel(blocks: list[Paragraph | Table | Picture], size: Size) -> None:
    sheets = cut(blocks, size, FIRST, LATER)

    heights = [sum(piece.height for piece in sheet.pieces) for sheet in sheets]
    assert heights[0] <= FIRST
    assert all(height <= LATER for height in heights[1:])


@given(BLOCKS, SIZES)
def test_nothing_is_lost_or_told_twice(blocks: list[Paragraph | Table | Picture], size: Size) -> None:
    pieces = [piece for sheet in cut(blocks, size, FIRST, LATER) for piece in sheet.pieces]

    told = "".join(piece.words for piece in pieces if isinstance(piece, Line)).replace(" ", "")
    written = "".join(block.text for block in blocks if isinstance(block, Paragraph)).replace(" ", "")
    rows = sum(isinstance(piece, Row) and piece.kind != "head" for piece in pieces)
    assert told == written
    assert rows == sum(len(block.rows) for block in blocks if isinstance(block, Table))
    assert sum(isinstance(piece, Figure) for piece in pieces) == sum(isinstance(b, Picture) for b in blocks)


@given(TABLES)
def test_every_page_of_a_table_has_its_head_and_three_rows(table: Table) -> None:
    short = Table(("项目", "金额"), tuple((row[0][:6], row[1]) for row in table.rows), frozenset({1}))
    for sheet in cut([short], Size.of("standard"), FIRST, LATER):
        kinds = [piece.kind for piece in sheet.pieces if isinstance(piece, Row)]

        assert kinds[0] == "head"
        assert kinds.count("body") >= min(LEAST_ROWS, len(short.rows))


@given(TABLES, SIZES)
def test_figures_are_never_cut(table: Table, size: Size) -> None:
    pieces = [piece for sheet in cut([table], size, FIRST, LATER) for piece in sheet.pieces]

    shown = [piece.cells[1][0].replace(",", "") for piece in pieces if isinstance(piece, Row) and piece.kind != "head"]
    assert shown == [row[1] for row in table.rows]


@given(st.lists(WORDS.map(Paragraph), min_size=1, max_size=8), SIZES)
def test_no_page_begins_or_ends_with_a_single_line_of_a_longer_paragraph(blocks: list[Paragraph], size: Size) -> None:
    sheets = cut(blocks, size, FIRST, LATER)

    whole = Counter(piece.block for sheet in sheets for piece in sheet.pieces if isinstance(piece, Line))
    for sheet in sheets:
        for block, shown in Counter(piece.block for piece in sheet.pieces if isinstance(piece, Line)).items():
            assert shown >= min(2, whole[block])


def test_larger_type_keeps_the_paragraph() -> None:
    blocks = [Paragraph("一二三四五六七八九十。" * 12) for _ in range(6)]
    small, large = cut(blocks, Size.of("standard"), FIRST, LATER), cut(blocks, Size.of("large"), FIRST, LATER)

    number = sheet_with(large, small[1].block)

    assert small[1].block in {piece.block for piece in large[number - 1].pieces}


def test_the_columns_of_the_pictured_finance_table_lie_where_the_picture_has_them() -> None:
    table = Table(
        ("项目", "收入(元)", "支出(元)", "说明"),
        (("土地流转租金", "186000", "", "420 亩，已到账"), ("合计", "278500", "134640", "结余 143,860 元")),
        frozenset({1, 2}),
        total=True,
    )

    row = next(piece for piece in cut([table], Size.of("standard"), FIRST, LATER)[0].pieces if isinstance(piece, Row))

    edges = [(96 + x, 96 + x + w) for x, w in row.columns.edges]
    assert (edges[0][0], edges[1][1], edges[2][1], edges[3][0]) == (116, 646, 876, 916)
