"""What the key tables of the families say of a remote decides which keys its pages speak of."""

from datetime import UTC, datetime

import attrs
import pytest

from keymap.families import shipped
from middleware.portal.profiles import Profiles
from portal_pages.facts import Viewer
from portal_pages.script import bars
from portal_pages.settings import settings_page
from portal_pages.states import Hint, Open, Page

VIEWER = Viewer(datetime(2026, 11, 25, tzinfo=UTC))
PROFILES = Profiles(shipped(), hold_s=25, slot_s=60, plays=True)


@pytest.mark.parametrize(("family", "named"), [("pc", True), ("mag", True), ("ipanel", False), ("ctc", False)])
def test_no_hint_names_a_menu_key_that_the_remote_lacks(family: str, named: bool) -> None:
    page = _with(settings_page(VIEWER), Hint(("MENU",), "设置"))

    shown = [hint.keys for _, hints in bars(page, PROFILES.box(family, {})) for hint in hints]

    assert named == (("MENU",) in shown)


def test_a_taught_menu_key_is_named_again() -> None:
    page = _with(settings_page(VIEWER), Hint(("MENU",), "设置"))

    shown = [hint.keys for _, hints in bars(page, PROFILES.box("ipanel", {"777": "MENU"})) for hint in hints]

    assert ("MENU",) in shown


def _with(page: Page, hint: Hint) -> Page:
    return attrs.evolve(page, hints=(*page.hints, hint), keys={**page.keys, "MENU": Open("settings")})
