"""The static rules find what is wrong with a page: each planted fault is found, and the real pages have none."""

import time
from collections.abc import Callable, Iterable

import attrs
import pytest

from portal_pages.checks import Finding, check_graph, check_page
from portal_pages.facts import Mode
from portal_pages.focus import neighbours
from portal_pages.invitation import with_invitation
from portal_pages.legible import FLOORS, check
from portal_pages.states import Focusable, Hint, Layer, Local, Nav, Open, Page, Rect, Submit, Timers, Video
from portal_pages.views import Chip, Image, Keycap, Panel, Rich, Run, Seal, Text
from tests.pages import sample

MODES: tuple[Mode, ...] = ("standard", "large")


def served(page: str) -> bool:
    return bool(sample.SERVED.fullmatch(page))


def graph(pages: Iterable[Page]) -> tuple[Finding, ...]:
    return check_graph(pages, sample.FORMS, served)


def told(findings: Iterable[Finding]) -> list[str]:
    return [str(finding) for finding in findings]


# --- the real pages -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_every_page_of_the_sample_keeps_every_rule(mode: Mode) -> None:
    pages = [*sample.pages(mode).values(), *sample.aside(mode).values()]

    assert [line for page in pages for line in told(check_page(with_invitation(page)))] == []


@pytest.mark.parametrize("home", ["live", "boards"])
@pytest.mark.parametrize("mode", MODES)
def test_the_graph_of_the_sample_is_closed_and_leads_home(mode: Mode, home: str) -> None:
    assert told(graph(sample.pages(mode, home).values())) == []


def test_all_pages_are_checked_in_less_than_a_second() -> None:
    pages = [page for mode in MODES for page in sample.pages(mode).values()]
    began = time.process_time()
    for page in pages:
        check_page(page)
    graph(sample.pages().values())

    assert time.process_time() - began < 1


# --- the six faults of tv-pages §16 -------------------------------------------------------------------------------


def changed(name: str, **changes: object) -> dict[str, Page]:
    pages = sample.pages()
    return {**pages, name: attrs.evolve(pages[name], **changes)}


def item(page: Page, fid: str, **changes: object) -> tuple[Focusable, ...]:
    return tuple(attrs.evolve(f, **changes) if f.id == fid else f for f in page.focusables)


def test_fault_1_a_dead_end_behind_an_eleven_digit_entry() -> None:
    entry = sample.pages()["rc-1-number"]
    waiting = next(f.id for f in entry.focusables if f.disabled == "until_full")
    stuck = {**entry.nav_full, waiting: Nav()}

    found = check_page(attrs.evolve(entry, nav_full=stuck))

    assert (1, waiting) in [(f.rule, f.item) for f in found]


def test_fault_2_a_circle_of_back() -> None:
    pages = changed("article-1", parent="article-1-2")
    pages["article-1-2"] = attrs.evolve(pages["article-1-2"], parent="article-1")

    assert {(4, "article-1"), (4, "article-1-2")} <= {
        (f.rule, f.page) for f in graph(pages.values()) if "circle" in f.sentence
    }


def test_fault_3_a_focusable_out_of_reach_of_the_arrows() -> None:
    board = sample.pages()["affairs"]
    last = board.focusables[-1].id
    nav = {
        i: attrs.evolve(n, **{way: None for way in ("up", "down", "left", "right") if getattr(n, way) == last})
        for i, n in board.nav.items()
    }

    assert (1, last) in [(f.rule, f.item) for f in check_page(attrs.evolve(board, nav=nav))]


def test_fault_4_a_neighbour_that_points_at_itself() -> None:
    home = sample.pages()["home"]
    nav = {**home.nav, "school": attrs.evolve(home.nav["school"], up="school")}

    assert (2, "school") in [(f.rule, f.item) for f in check_page(attrs.evolve(home, nav=nav))]


def test_fault_5_a_missing_target() -> None:
    home = sample.pages()["home"]
    found = graph(changed("home", focusables=item(home, "school", ok=Open("schoool"))).values())

    assert (3, "home", "school") in [(f.rule, f.page, f.item) for f in found]


def test_fault_6_a_focusable_outside_the_safe_area() -> None:
    home = sample.pages()["home"]
    rect = next(f.rect for f in home.focusables if f.id == "school")
    moved = item(home, "school", rect=attrs.evolve(rect, x=rect.x + 20))

    assert (5, "school") in [(f.rule, f.item) for f in check_page(attrs.evolve(home, focusables=moved))]


# --- every rule, one fault at a time ------------------------------------------------------------------------------


BUTTON = Text(8, 0, 184, 64, "确定", 36, "primary", bold=True)
BACK = Hint(("BACK",), "首页")


def button(fid: str, x: int = 64, y: int = 104, **changes: object) -> Focusable:
    made = Focusable(fid, Rect(x, y, 200, 64), Open("home"), "确定", (BUTTON,), look="button")
    return attrs.evolve(made, **changes)


def page(*items: Focusable, **changes: object) -> Page:
    """A sound page of one or two buttons, then changed."""
    items = items or (button("a"), button("b", y=200))
    made = Page(
        "test",
        "home",
        "试",
        items,
        items[0].id,
        nav=neighbours(items),
        hints=(Hint(("UP", "DOWN"), "选择"), Hint(("OK",), "确定"), BACK) if len(items) > 1 else (BACK,),
    )
    return attrs.evolve(made, **changes)


def words(text: str, size: int = 32, w: int = 400, h: int = 50, **more: object) -> Text:
    return attrs.evolve(Text(64, 300, w, h, text, size), **more)


def test_the_page_that_is_changed_below_is_sound() -> None:
    assert told(check_page(page())) == []


FAULTS: dict[str, tuple[int, Callable[[], Page]]] = {
    "first focus missing": (1, lambda: page(default_focus="gone")),
    "first focus disabled": (1, lambda: page(button("a", disabled=True), button("b", y=200))),
    "no way back": (1, lambda: page(nav={"a": Nav(down="b"), "b": Nav()})),
    "no row in the table": (2, lambda: page(nav={"a": Nav(down="b")})),
    "neighbour missing": (2, lambda: page(nav={"a": Nav(down="b", up="c"), "b": Nav(up="a")})),
    "neighbour disabled": (
        2,
        lambda: page(button("a"), button("b", y=200, disabled=True), nav={"a": Nav(down="b"), "b": Nav(up="a")}),
    ),
    "act no script knows": (3, lambda: page(button("a", ok=Local("explode")), button("b", y=200))),
    "act without its part": (3, lambda: page(button("a", ok=Local("seek")), button("b", y=200))),
    "layer missing": (3, lambda: page(button("a", ok=Local("layer:sure")), button("b", y=200))),
    "digit without a field": (3, lambda: page(button("a", ok=Local("digit:7")), button("b", y=200))),
    "focus on nothing": (3, lambda: page(keys={"D1": Local("focus:z")}, hints=(*page().hints, Hint(("D1",), "去")))),
    "two of one name": (3, lambda: page(button("a"), button("a", y=200))),
    "overlap": (5, lambda: page(button("a"), button("b", y=150))),
    "below the safe area": (5, lambda: page(button("a"), button("b", y=640))),
    "eight rows": (6, lambda: page(*(button(f"r{i}", y=104 + 66 * i, look="row") for i in range(8)))),
    "nine posters": (
        6,
        lambda: page(*(button(f"p{i}", x=64 + 210 * (i % 5), y=104 + 70 * (i // 5), look="poster") for i in range(9))),
    ),
    "button without primary words": (7, lambda: page(button("a", parts=()), button("b", y=200))),
    "small text": (7, lambda: page(parts=(words("小字", 26),))),
    "small chip": (7, lambda: page(parts=(Chip(64, 300, 200, 40, "已选", size=20),))),
    "small seal": (7, lambda: page(parts=(Seal(64, 300, 30, "湖", "#C8352B"),))),
    "small key-cap": (7, lambda: page(parts=(Keycap(64, 300, 40, 40, "1", 20),))),
    "small type in the large mode": (7, lambda: page(mode="large")),
    "a hint for a dead key": (9, lambda: page(hints=(*page().hints, Hint(("GREEN",), "点名")))),
    "a colour key without a hint": (9, lambda: page(keys={"GREEN": Open("home")})),
    "a digit key without a hint": (9, lambda: page(keys={"D4": Open("home")})),
    "a hint for LEFT where nothing is left": (9, lambda: page(hints=(Hint(("LEFT",), "选择"), BACK))),
    "no hint for BACK": (9, lambda: page(hints=(Hint(("OK",), "确定"),))),
    "seven hints": (9, lambda: page(hints=(BACK,) * 7)),
    "a form only by a colour key": (
        10,
        lambda: page(keys={"GREEN": Submit("mode", "large")}, hints=(*page().hints, Hint(("GREEN",), "字放大"))),
    ),
    "an arrow that moves and means": (10, lambda: page(keys={"DOWN": Open("home")})),
    "text too wide": (11, lambda: page(parts=(words("十二个全角字的长长一行", w=380),))),
    "text too high": (11, lambda: page(parts=(words("高", h=30),))),
    "rich text too wide": (
        11,
        lambda: page(parts=(Rich(64, 300, 200, 50, (Run("十个全角"), Run("字字字", gap=20)), 32),)),
    ),
    "caption too wide": (
        11,
        lambda: page(
            button("a", caption=("短",)),
            button("b", y=200, caption=("这一句话比它的位置长得多",)),
            parts=(Rich(64, 300, 300, 50, (Run("短", name="cap0"),), 32),),
        ),
    ),
    "pale words in the glow": (7, lambda: page(parts=(Text(980, 560, 200, 40, "看不清", 28, role="secondary"),))),
    "emoji": (11, lambda: page(parts=(words("好😀"),))),
    "a dingbat": (11, lambda: page(hints=(Hint(("UP", "DOWN"), "◀选择"), BACK))),
    "words outside the safe area": (11, lambda: page(parts=(words("远", x=1200, w=40),))),
    "words outside their item": (
        11,
        lambda: page(button("a", parts=(attrs.evolve(BUTTON, x=60),)), button("b", y=200)),
    ),
    "a hint bar too long": (
        11,
        lambda: page(hints=(*(Hint(("OK",), "这是一条很长的提示说明") for _ in range(5)), BACK)),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_by_its_rule(fault: str) -> None:
    rule, build = FAULTS[fault]

    assert rule in {finding.rule for finding in check_page(build())}


# --- fields, video, layers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        (8, {"keys": {"D1": Open("home")}}),
        (8, {"layers": ()}),
        (8, {"field": attrs.evolve(sample.pages()["rc-1-number"].field, groups=(3, 4))}),
        (6, {"focusables": tuple(button(f"x{i}", y=104 + 66 * (i % 8), x=64 + 210 * (i // 8)) for i in range(11))}),
    ],
)
def test_faults_of_a_page_with_a_digit_field(rule: int, changes: dict[str, object]) -> None:
    entry = sample.pages()["rc-1-number"]

    assert rule in {f.rule for f in check_page(attrs.evolve(entry, **changes))}


@pytest.mark.parametrize("fid", ["field", "waiting"])
def test_a_field_needs_its_boxes_and_the_item_that_waits(fid: str) -> None:
    entry = sample.pages()["rc-1-number"]
    kept = tuple(f for f in entry.focusables if not (f.id == fid or (fid == "waiting" and f.disabled == "until_full")))

    assert 8 in {f.rule for f in check_page(attrs.evolve(entry, focusables=kept))}


def window(**changes: object) -> Page:
    hole = Video(Rect(70, 304, 320, 180))
    view = Focusable("w", Rect(64, 298, 332, 192), Open("tv"), "电视", look="window")
    return page(button("a"), view, **{"video": hole, **changes})


def test_a_window_framed_from_outside_is_sound() -> None:
    label = Rich(80, 310, 50, 20, (Run(""),), 28, name="v_label")

    assert told(check_page(window())) == []
    assert told(check_page(window(parts=(label,)))) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"parts": (Panel(60, 300, 50, 50),)},
        {"parts": (Image(0, 0, 1280, 720, "/static/bg.jpg"),)},
        {"parts": (Rich(80, 310, 200, 40, (Run("直播"),), 28, name="v_label"),)},
        {"parts": (Rich(80, 310, 60, 20, (Run(""),), 28, name="other"),)},
        {"video": Video(Rect(70, 304, 320, 190))},
        {"video": Video(Rect(71, 304, 320, 180))},
        {"video": Video(Rect(66, 300, 320, 180))},
        {"video": Video(Rect(1000, 304, 320, 180))},
    ],
)
def test_nothing_covers_the_video_and_it_has_its_shape(changes: dict[str, object]) -> None:
    assert 12 in {f.rule for f in check_page(window(**changes))}


def test_a_card_over_the_video_is_found() -> None:
    found = check_page(page(button("a"), button("b", y=310), video=Video(Rect(70, 304, 320, 180))))

    assert (12, "b") in {(f.rule, f.item) for f in found}


def test_layers_are_pages_of_their_own() -> None:
    bad = button("yes", ok=Local("close"))
    layer = Layer("sure", "home", Rect(64, 90, 400, 200), (), (bad, button("no", y=200)), "yes", nav={"yes": Nav()})

    found = {(f.rule, f.page) for f in check_page(page(layers=(layer,)))}

    assert {(1, "test#sure"), (2, "test#sure")} <= found


# --- the graph ----------------------------------------------------------------------------------------------------


def linked(**pages: Page) -> tuple[Finding, ...]:
    home = page(button("a", ok=Open("one")), button("b", y=200, ok=Open("tv")), id="home", parent="tv")
    tv = page(button("a"), id="tv")
    one = page(button("a"), button("b", y=200), id="one")
    return check_graph([*({"home": home, "tv": tv, "one": one} | pages).values()], {"known": ["one"]})


def test_the_little_graph_is_sound() -> None:
    assert told(linked()) == []


def one(**changes: object) -> Page:
    return page(button("a"), button("b", y=200), **{"id": "one", **changes})


@pytest.mark.parametrize(
    ("rule", "bad"),
    [
        (3, one(focusables=(button("a", ok=Open("gone")),))),
        (3, one(focusables=(button("a", ok=Open("home", "nobody")),))),
        (3, one(focusables=(button("a", ok=Submit("unknown")),))),
        (3, one(focusables=(button("a", ok=Local("next:unknown")),))),
        (3, one(keys={"GREEN": Open("gone")})),
        (3, one(timers=Timers(idle=20, idle_to=Open("gone")))),
        (4, one(parent="gone")),
        (4, one(layers=(Layer("l", "gone", Rect(64, 100, 100, 100), (), (), ""),))),
    ],
)
def test_targets_and_parents_exist(rule: int, bad: Page) -> None:
    assert rule in {f.rule for f in linked(one=bad)}


def test_a_page_that_only_a_key_opens_is_found() -> None:
    found = linked(two=page(id="two"), one=one(keys={"GREEN": Open("two")}))

    assert {(3, "two"), (10, "one")} <= {(f.rule, f.page) for f in found}


def test_a_form_leads_to_the_pages_it_may_answer_with() -> None:
    home = page(button("a", ok=Submit("known")), button("b", y=200, ok=Open("tv")), id="home", parent="tv")

    assert told(linked(home=home)) == []


def test_back_takes_at_most_four_presses_and_a_field_takes_one_more() -> None:
    chain = {f"p{i}": page(button("a", ok=Open(f"p{i + 1}")), id=f"p{i}", parent=f"p{i - 1}") for i in range(1, 5)}
    chain["p1"] = attrs.evolve(chain["p1"], parent="one")
    chain["p4"] = attrs.evolve(chain["p4"], focusables=(button("a"),))
    start = one(focusables=(button("a", ok=Open("p1")),))

    assert [(f.rule, f.page) for f in linked(one=start, **chain)] == [(4, "p4")]


def test_floors_can_be_those_of_another_canvas() -> None:
    small = page(parts=(words("小字", 26),))

    assert told(check(small, {**FLOORS["standard"], "secondary": 26})) == []
