"""A box that loses its cookie: with the token in the address of a page, every address that it asks for carries it."""

import pytest

from keymap.families import shipped
from keymap.page import page_script
from portal_pages.script import Box
from tests.pages import sample
from tests.pages.conftest import Screen

pytestmark = pytest.mark.browser
BOX = Box(codes=page_script(shipped()["pc"]))
TOKEN = "/t/5.1795519800.0123456789abcdef0123456789abcdef"
RIGHT, OK, BACK, GREEN = 39, 13, 8, 113


def test_pages_forms_and_polls_carry_the_token(screen: Screen) -> None:
    entry = sample.pages()["rc-1-number"]
    screen.pages[f"{TOKEN}/p/school"] = screen.pages[f"{TOKEN}/p/home"] = sample.body(sample.pages()["home"], BOX)
    screen.show(entry, BOX, TOKEN)
    for digit in "13806336021"[len("1380633") :]:
        screen.press(ord(digit))
    screen.press(OK)
    screen.tab.wait_for_timeout(400)
    sent = list(screen.asked)

    assert any(line.startswith(f"POST {TOKEN}/p/rc-1-look") for line in sent)
    assert all(TOKEN in line for line in sent), sent


def test_arrows_back_and_unknown_keys_carry_it_too(screen: Screen) -> None:
    screen.pages[f"{TOKEN}/p/affairs"] = sample.body(sample.pages()["affairs"], BOX)
    screen.pages[f"{TOKEN}/p/home"] = sample.body(sample.pages()["home"], BOX)
    screen.show(sample.pages()["home"], BOX, TOKEN)
    screen.press(49)
    screen.tab.wait_for_url(f"**{TOKEN}/p/affairs*")
    screen.press(999)
    screen.press(BACK)
    screen.tab.wait_for_url(f"**{TOKEN}/p/home*")

    assert all(TOKEN in line or "/static/" in line or "/v/" in line for line in screen.asked), screen.asked


def test_the_bytes_of_a_page_do_not_depend_on_it(screen: Screen) -> None:
    screen.show(sample.pages()["home"], BOX)
    screen.pages["/p/affairs"] = sample.body(sample.pages()["affairs"], BOX)
    screen.press(49)
    screen.tab.wait_for_url("**/p/affairs*")

    assert not any("/t/" in line for line in screen.asked)
