"""What a box receives: one small complete document that is readable without scripts, with every word in its box."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from playwright.sync_api import Browser

from keymap.families import shipped
from keymap.page import page_script, system_script
from middleware.portal import styles
from middleware.portal.render import render
from portal_pages import facts, layout, statics
from portal_pages.boards import guide
from portal_pages.facts import Mode
from portal_pages.findings import inside
from portal_pages.legible import GLOW
from portal_pages.script import Box
from portal_pages.states import Page, Rect
from portal_pages.views import Chip, Keycap, Part, Rich, Seal, Text
from tests.pages import sample
from tests.pages import strategies as make
from tests.pages.conftest import Screen, screen_in
from tests.pages.test_pages_statics import FORBIDDEN_CSS

LIMIT = 12 * 1024
MODES: tuple[Mode, ...] = ("standard", "large")
BOX_FONT = "*{font-family:'WenQuanYi Micro Hei','WenQuanYi Zen Hei'!important}.ly,.dt,.h{display:block!important}"
"""The usual font of a box, on everything a page can ever show."""
MEASURE = """() => {
  var out = [], all = document.querySelectorAll('p:not(#hw),.rt,.ch,.k'), i, range, r;
  for (i = 0; i < all.length; i++) {
    range = document.createRange();
    range.selectNodeContents(all[i]);
    r = range.getBoundingClientRect();
    out.push({words: all[i].textContent, left: r.left, right: r.right});
  }
  return out;
}"""

HINTS_ENDS = """pages => pages.map(page => {
  var bar = new DOMParser().parseFromString(page, 'text/html').getElementById('hb');
  document.getElementById('hb').innerHTML = bar.innerHTML;
  return Math.max(0, ...[...document.querySelectorAll('.h span')].map(e => e.getBoundingClientRect().right));
})"""
"""Each page's hint bar put into the page that is shown, and where its last word ends."""
WORDS = """() => {
  var body = document.body.cloneNode(true);
  body.querySelectorAll('script').forEach(s => s.remove());
  return body.textContent;
}"""


def everything(mode: Mode = "standard") -> dict[str, Page]:
    return {**sample.pages(mode), **sample.aside(mode)}


# --- size and shape of the document -------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["pc", "ipanel", "ctc", "mag"])
def test_no_page_of_the_sample_is_over_12_kilobytes(family: str) -> None:
    table = shipped()[family]
    box = Box(family, page_script(table), system_script(table))
    sizes = {f"{name} {mode}": len(sample.body(page, box)) for mode in MODES for name, page in everything(mode).items()}

    assert {name: size for name, size in sizes.items() if size > LIMIT} == {}


@settings(max_examples=30)
@given(make.viewers(), make.guides())
def test_a_guide_full_of_programmes_stays_under_12_kilobytes(viewer: facts.Viewer, fact: facts.GuideFact) -> None:
    assert len(sample.body(guide.guide_page(viewer, fact))) <= LIMIT


class Tags(HTMLParser):
    """Collects tags and ids, and complains about ids used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.marked = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.marked += "on" in (given.get("class") or "").split()


@pytest.mark.parametrize("mode", MODES)
def test_every_page_is_one_document_with_one_mark_and_names_used_once(mode: Mode) -> None:
    for name, page in everything(mode).items():
        seen = Tags()
        seen.feed(sample.body(page).decode())

        assert seen.tags.count("html") == seen.tags.count("body") == seen.tags.count("form") == 1, name
        assert not {"frame", "iframe", "svg", "canvas", "a", "button"} & set(seen.tags), name
        assert seen.marked == 1, name
        assert sorted(set(seen.ids)) == sorted(seen.ids), name


def test_everything_said_in_style_attributes_is_css_2_1() -> None:
    for name, page in everything().items():
        said = " ".join(re.findall(r"style=(\"[^\"]*\"|[^ >]*)", sample.body(page).decode()))

        assert FORBIDDEN_CSS.findall(said) == [], name


def test_words_of_editors_cannot_become_markup() -> None:
    hostile = "\"'><script>alert(1)</script>&amp;</title>"
    article = facts.ArticleFact(
        1, "x", hostile, "affairs", hostile, hostile, make.NOW, blocks=(facts.Paragraph(hostile),)
    )
    page = sample.articles.article_page(facts.Viewer(make.NOW), article)

    served = sample.body(page).decode()

    assert served.count("<script") == 2
    assert "<script>alert" not in served
    assert served.count("</title>") == 1


@pytest.mark.parametrize("value", ["a b", "a'b", 'a"b', "a>b", "a=b", "a/b", "ä<", "`"])
def test_attribute_values_are_quoted_where_they_must_be(value: str) -> None:
    seen = Tags()
    seen.feed(f"<p{styles.attribute('id', value)}>")

    assert seen.ids == [value]


def test_holes_are_filled_and_escaped_and_one_rendering_serves_all_boxes() -> None:
    made = render(sample.pages()["affairs"], Box())
    one, two = made.fill(clock="<19:26>", now=1), made.fill(clock="19:27", now=2)

    assert b"&lt;19:26&gt;" in one
    assert b"19:27" in two
    assert b"\xee\x80\x80" not in one
    assert {"clock", "date", "now", "since"} <= set(made.holes)


def test_the_version_of_a_page_changes_with_its_content_only() -> None:
    home = sample.pages()["home"]

    assert render(home, Box()).version == render(home, Box()).version
    assert render(attrs.evolve(home, title="另"), Box()).version != render(home, Box()).version


def test_the_style_sheet_says_of_cells_what_pages_leave_out() -> None:
    css = statics.source("tv.css").decode()
    for mode, where in (("standard", ""), ("large", ".lg ")):
        said = {**_rule(css, ".cell"), **_rule(css, f"{where}.cell")}
        words = {**_rule(css, ".cell p"), **_rule(css, f"{where}.cell p")}

        assert said == styles.CELL[mode]  # type: ignore[index]
        assert words == styles.CELL_WORDS[mode]  # type: ignore[index]


def _rule(css: str, selector: str) -> dict[str, str]:
    found = re.search(rf"^{re.escape(selector)}\{{([^}}]*)\}}", css, re.MULTILINE)
    assert found, selector
    return dict(line.split(":", 1) for line in found[1].split(";"))  # type: ignore[misc]


# --- contrast -----------------------------------------------------------------------------------------------------


PAIRS = [
    (text, ground)
    for ground in ("#6C2D23", "#3B1614", "#3A1413", "#5A201B", "#431B18", "#542019", "#4A1B17")
    for text in ("#FFEFD8", "#E6C3A0", "#FFC94A")
] + [
    ("#4A120D", "#FFF1D6"),
    ("#7A3420", "#FFF1D6"),
    ("#2A0F11", "#FFF1D6"),
    ("#4A120D", "#FFC94A"),
    ("#B08F7C", "#4A1F1B"),
    ("#10260F", "#3FA65B"),
    ("#FFB199", "#5A201B"),
    ("#FF8A5C", "#3A1413"),
    ("#8FE0A4", "#3B1614"),
    ("#8FE0A4", "#5A201B"),
]
SEALS = [("#FFF3DC", colour) for colour in layout.BOARD_COLOURS.values()]


@cache
def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(two)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize(("text", "ground"), SEALS)
def test_bold_characters_of_seals_stand_out(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 3


def test_colours_of_the_pairs_are_those_of_the_style_sheet() -> None:
    css = statics.source("tv.css").decode()
    used = {colour for pair in PAIRS for colour in pair} - {"#5A201B"}

    assert {colour for colour in used if colour not in css} == set()


def test_the_background_glows_only_where_the_check_says() -> None:
    """Every fourth pixel of the background against each colour of words, outside the places named in GLOW."""
    colours = {"text": "#FFEFD8", "accent": "#FFC94A", "secondary": "#E6C3A0", "error": "#FFB199", "done": "#8FE0A4"}
    colours["live"] = "#FF8A5C"
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    told = ["ffmpeg", "-v", "error", "-i", "-", *raw]
    pixels = subprocess.run(told, input=statics.source("bg.jpg"), capture_output=True, check=True).stdout
    pale = set()
    for y in range(0, 720, 4):
        for x in range(0, 1280, 4):
            at = 3 * (1280 * y + x)
            ground = f"#{pixels[at : at + 3].hex()}"
            pale |= {
                role
                for role, colour in colours.items()
                if contrast(colour, ground) < 4.5 and not (role in GLOW and inside(Rect(x, y, 1, 1), GLOW[role]))
            }

    assert pale == set()


# --- in the browser -----------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_without_scripts_every_page_shows_its_words_and_one_mark(chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, java_script_enabled=False)
    screen = screen_in(context)
    try:
        for name in ("home", "rc-1-number", "affairs", "article-1", "today", "guide", "play-1", "error-404"):
            page = everything()[name]
            screen.show(page)

            assert screen.focus == [page.default_focus], name
            assert page.title in screen.tab.content(), name
            assert len(screen.tab.inner_text("body")) > 20, name
    finally:
        context.close()


def drawn(page: Page) -> Iterator[tuple[str, float, float]]:
    """Words with the left and right edge of their box, in the order of the document."""
    yield from _lines(page.parts, 0)
    for f in page.focusables:
        yield from _lines(f.parts, f.rect.x)
        yield from _lines(f.detail, 0)
    for layer in page.layers:
        yield from _lines(layer.parts, 0)
        for f in layer.focusables:
            yield from _lines(f.parts, f.rect.x)


def _lines(parts: tuple[Part, ...], x: int) -> Iterator[tuple[str, float, float]]:
    for part in parts:
        if isinstance(part, Rich):
            yield "".join(run.words for run in part.runs), x + part.x, x + part.x + part.w
        elif isinstance(part, Text | Chip | Keycap):
            yield part.words, x + part.x, x + part.x + part.w
        elif isinstance(part, Seal):
            yield part.char, x + part.x, x + part.x + part.size


@pytest.mark.browser
@pytest.mark.parametrize("mode", MODES)
def test_no_word_leaves_its_box_in_the_font_of_a_box(screen: Screen, mode: Mode) -> None:
    outside: list[Any] = []
    for name, page in everything(mode).items():
        if re.fullmatch(r".*-[3-9]", name):
            continue
        screen.show(attrs.evolve(page, accepts_invitation=False))
        screen.tab.add_style_tag(content=BOX_FONT)
        shown = screen.run(MEASURE)
        boxes = list(drawn(page))
        assert len(shown) == len(boxes), name
        outside += [
            (name, line["words"], line["left"], line["right"], left, right)
            for line, (_, left, right) in zip(shown, boxes, strict=True)
            if line["words"].strip() and (line["left"] < left - 1 or line["right"] > right + 1)
        ]

    assert outside == []


@pytest.mark.browser
def test_the_hint_bar_keeps_to_its_width_in_the_font_of_a_box(screen: Screen) -> None:
    ends = {}
    for mode in MODES:
        pages = everything(mode)
        screen.show(pages["home"])
        screen.tab.add_style_tag(content=BOX_FONT)
        found = screen.run(HINTS_ENDS, [sample.body(page).decode() for page in pages.values()])
        ends |= {f"{name} {mode}": right for name, right in zip(pages, found, strict=True)}

    assert {name: right for name, right in ends.items() if right > 1216 + 1} == {}
    assert sum(right > 400 for right in ends.values()) > len(ends) / 2, "hints were drawn and measured"


@pytest.mark.browser
def test_the_server_draws_what_no_script_has_touched(screen: Screen) -> None:
    """The script changes nothing when a page opens, so pages with and without it look alike."""
    for name in ("home", "affairs", "article-1"):
        screen.show(sample.pages()[name])
        before = re.sub(r"<script.*", "", sample.body(sample.pages()[name]).decode(), flags=re.DOTALL)
        words = re.sub(r"<[^>]+>|\s", "", before.partition("<body")[2].partition(">")[2])

        assert words == re.sub(r"\s", "", screen.run(WORDS)), name
