"""Words are cut by the server: they fit with slack, numbers stay whole, and nothing a box cannot draw is left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_pages import text
from tests.pages.strategies import words

SIZES = st.sampled_from([25, 28, 32, 38, 46])
WIDTHS = st.integers(40, 1152)


@given(words(), SIZES, WIDTHS)
def test_cut_words_fit_with_slack_and_can_be_drawn(given_words: str, size: int, w: int) -> None:
    cut = text.cut(given_words, size, w)

    assert text.fits(cut, size, w) or len(cut) == 1
    assert text.forbidden_characters(cut) == ()


@given(words(), SIZES, WIDTHS)
def test_words_that_fit_are_left_alone_and_others_end_with_dots(given_words: str, size: int, w: int) -> None:
    plain = text.plain(given_words)
    cut = text.cut(given_words, size, w)

    if text.fits(plain, size, w):
        assert cut == plain
    elif w >= text.TINY and cut.endswith(text.DOTS):
        assert plain.startswith(cut.removesuffix(text.DOTS))
    else:
        assert plain.startswith(cut)
        assert len(cut) <= 2


def test_narrow_labels_show_two_characters_without_dots() -> None:
    assert text.cut("天气预报", 28, 66) == "天气"
    assert text.cut("天气预报", 35, 73) == "天"


def test_a_number_is_never_cut_in_two() -> None:
    assert text.cut("支出 1,234,567 元", 30, 200) == "支出…"


@given(words(0, 300), SIZES, st.integers(300, 1152), st.integers(0, 6))
def test_lines_fit_and_lose_nothing(given_words: str, size: int, w: int, limit: int) -> None:
    lines = text.lines(given_words, size, w, limit)

    assert all(text.fits(line, size, w) for line in lines)
    if limit:
        assert len(lines) <= limit
    else:
        whole = "".join(text.plain(part).strip() for part in given_words.splitlines())
        assert "".join(lines).replace(" ", "") == whole.replace(" ", "")


def test_no_line_begins_with_a_mark_or_holds_one_character() -> None:
    lines = text.lines("一二三四五六七八，九十。", 30, 30 * 8 * 1.12)

    assert all(line[0] not in "，。" for line in lines)
    assert all(len(line) > 1 for line in lines)


def test_two_marks_at_a_break_go_on_together_with_the_word_before_them() -> None:
    lines = text.lines("剃完让老人照一照，问一句：“精神吧？”", 30, 30 * 17 * 1.12)

    assert lines == ("剃完让老人照一照，问一句：“精", "神吧？”"), "and no character stands there alone"


def test_a_mark_that_goes_on_takes_the_whole_number_before_it() -> None:
    assert text.lines("去年收入是2025，好", 30, 30 * 7.5 * 1.12) == ("去年收入是", "2025，好")


def test_a_figure_stays_with_its_unit() -> None:
    assert text.lines("检修从 11 月 28 日开始", 30, 30 * 8.4 * 1.12) == ("检修从 11 月", "28 日开始")


def test_dots_do_not_follow_an_open_bracket_or_a_comma() -> None:
    assert text.cut("三农早知道（重播）", 27, 230) == "三农早知道…"
    assert text.cut("老年课堂：学用遥控器", 28, 205) == "老年课堂…"


@pytest.mark.parametrize(
    ("words_in", "shown"),
    [
        ("㎡", "m2"),
        ("⑶", "(3)"),
        ("好😀的", "好的"),
        ("①村", "1村"),
        ("a\u200bb", "ab"),
        ("café", "café"),
        ("ñ", "n"),
        ("堃", "堃"),
        ("○二五", "○二五"),
        ("多\t空", "多 空"),
    ],
)
def test_characters_are_folded_or_left_out_but_names_stay(words_in: str, shown: str) -> None:
    assert text.plain(words_in) == shown


@given(st.text(max_size=60))
def test_whatever_comes_in_can_be_drawn_and_folding_again_changes_nothing(anything: str) -> None:
    plain = text.plain(anything)

    assert text.forbidden_characters(plain) == ()
    assert text.plain(plain) == plain


@pytest.mark.parametrize(
    ("figure", "shown"), [("1234567", "1,234,567"), ("-12000.5", "-12,000.5"), ("999", "999"), ("约1000", "约1000")]
)
def test_money_has_thousands_separators(figure: str, shown: str) -> None:
    assert text.money(figure) == shown


def test_a_hole_is_as_wide_as_what_it_may_hold() -> None:
    assert text.width(text.hole("clock"), 30) == text.width("23:59", 30)
    assert text.width(text.hole("seq"), 30) == 0
