"""Pages stand where the target pictures show them, in their colours: places and pixels read off those pictures."""

import subprocess

import attrs
import pytest

from portal_pages.invitation import invitation
from portal_pages.states import Page, Rect
from tests.pages import sample
from tests.pages.conftest import Screen

CLOSE = 4
"""Pixels that a page may lie beside its picture."""
ALIKE = 14
"""Steps of 256 that a colour may differ in each of red, green and blue."""
SETTINGS = {"settings"}
SHELF_EXTRAS = {"channels", "guide", "search"}
"""What the pictures do not show and arrows must reach."""

Place = tuple[int, int, int, int]

PLACES: dict[str, tuple[Place, ...]] = {
    "home_live": ((64, 98, 822, 468), *((894, 104 + 90 * row, 322, 80) for row in range(6))),
    "home_boards": tuple((64 + 392 * column, 112 + 260 * row, 368, 236) for row in range(2) for column in range(3)),
    "rollcall_entry": (
        (64, 254, 768, 92),
        (64, 424, 300, 84),
        (388, 424, 212, 84),
        (624, 424, 212, 84),
        (64, 536, 772, 84),
        *((880 + 116 * column, 240 + 96 * row, 104, 84) for row in range(4) for column in range(3)),
    ),
    "rollcall_confirm": ((214, 456, 414, 104), (652, 456, 414, 104)),
    "video_shelf": (
        *((64 + 294 * column, 100, 270, 52) for column in range(4)),
        *((64 + 294 * column, top, 270, 200) for column in range(4) for top in (160, 370)),
        (64, 580, 858, 60),
        (946, 580, 270, 60),
    ),
    "article": ((64, 572, 196, 64), (550, 572, 196, 64), (800, 572, 184, 64)),
}
"""Frames of everything that can have the focus."""

COLOURS: dict[str, dict[tuple[int, int], str]] = {
    "home_live": {
        (70, 70): "c8352b",  # the seal of the head
        (67, 300): "84402f",  # the frame of the window
        (905, 120): "6c2d23",  # a row
        (1000, 287): "ffc94a",  # frame and fill of the focus
        (905, 350): "fff1d6",
        (920, 130): "c8352b",  # the six seals
        (920, 220): "c65a1e",
        (920, 310): "b07a12",
        (920, 400): "2c7a72",
        (920, 490): "33659c",
        (920, 580): "7f4574",
        (500, 625): "3b1614",  # the caption
        (66, 655): "ffefd8",  # a key-cap of the hint bar
        (30, 300): "471a17",  # the background
        (640, 715): "250c10",
    },
    "home_boards": {
        (67, 230): "84402f",
        (75, 330): "6c2d23",
        (851, 230): "ffc94a",
        (860, 330): "fff1d6",
        (100, 220): "c8352b",
        (880, 480): "7f4574",
        (440, 300): "4e1b18",
    },
    "rollcall_entry": {
        (70, 134): "ffc94a",  # step 1 of 3, and 2
        (367, 134): "5b241d",
        (70, 300): "fff1d6",  # a digit, the box that waits, an empty one
        (577, 300): "ffc94a",
        (660, 300): "431b18",
        (80, 500): "4a1f1b",  # what cannot be pressed yet, and what can
        (400, 495): "6c2d23",
        (80, 560): "3b1614",  # the number used last, with the dot of the green key
        (100, 578): "3fa65b",
        (883, 280): "84402f",  # a key of the pad
        (890, 315): "6c2d23",
    },
    "rollcall_confirm": {(230, 225): "fff1d6", (217, 500): "ffc94a", (230, 540): "fff1d6", (670, 540): "6c2d23"},
    "video_shelf": {
        (67, 120): "84402f",
        (67, 340): "ffc94a",
        (75, 348): "fff1d6",
        (370, 348): "6c2d23",
        (500, 630): "6c2d23",
        (1000, 630): "6c2d23",
    },
    "epg": {(450, 64): "ffc94a", (700, 575): "3b1614", (1100, 630): "3b1614", (70, 160): "451916"},
    "article": {
        (80, 330): "3b1614",
        (110, 265): "542019",  # the head of a table
        (553, 600): "ffc94a",
        (565, 628): "fff1d6",
        (80, 628): "4a1f1b",
        (815, 628): "6c2d23",
    },
}


def _pictured(name: str) -> Page:
    """The page with the focus where the picture has it."""
    pages = sample.pages()
    shown = {
        "home_live": (pages["home"], "school"),
        "home_boards": (sample.pages("standard", "boards")["home"], "school"),
        "rollcall_entry": (sample.entry("1380633"), "field"),
        "rollcall_confirm": (pages["rc-1-confirm"], "yes"),
        "video_shelf": (pages["today"], "f1"),
        "epg": (pages["guide"], pages["guide"].default_focus),
        "article": (pages["article-1"], "next"),
    }
    page, focus = shown[name]
    return attrs.evolve(page, default_focus=focus)


def _close(one: Place, other: Place) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= CLOSE


def _place(rect: Rect) -> Place:
    return rect.x, rect.y, rect.w, rect.h


@pytest.mark.parametrize("name", PLACES)
def test_everything_that_takes_the_focus_stands_where_the_picture_has_it(name: str) -> None:
    extra = SETTINGS | (SHELF_EXTRAS if name == "video_shelf" else set())
    ours = [_place(item.rect) for item in _pictured(name).focusables if item.id not in extra]

    assert [place for place in PLACES[name] if not any(_close(place, other) for other in ours)] == []
    assert [place for place in ours if not any(_close(place, other) for other in PLACES[name])] == []


def test_rows_and_tabs_of_the_guide_stand_where_the_picture_has_them() -> None:
    page = _pictured("epg")
    cells = [item.rect for item in page.focusables if item.id.startswith("c")]
    tabs = [item.rect for item in page.focusables if item.id.startswith("d")]

    assert sorted({(rect.y, rect.h) for rect in cells}) == [(144 + 70 * row, 66) for row in range(6)]
    assert (min(rect.x for rect in cells), max(rect.x + rect.w for rect in cells)) == (288, 1212)
    assert [_place(rect) for rect in tabs] == [(330 + 118 * day, 42, 110, 44) for day in range(6)]


def test_the_invitation_lies_where_the_picture_has_it_with_both_buttons_64_high() -> None:
    layer = invitation()

    assert layer.rect is not None
    assert _place(layer.rect) == (64, 506, 1152, 178)
    assert [_place(item.rect) for item in layer.focusables] == [(886, 528, 296, 64), (886, 600, 296, 64)]


@pytest.mark.browser
@pytest.mark.parametrize("name", COLOURS)
def test_colours_are_those_of_the_picture(screen: Screen, name: str) -> None:
    screen.show(_pictured(name))
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    pixels = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", "-", *raw], input=screen.tab.screenshot(), capture_output=True, check=True
    ).stdout
    at = {point: pixels[3 * (1280 * point[1] + point[0]) :][:3] for point in COLOURS[name]}

    assert {
        point: colour.hex()
        for point, colour in at.items()
        if max(abs(a - b) for a, b in zip(colour, bytes.fromhex(COLOURS[name][point]), strict=True)) > ALIKE
    } == {}
