"""A press is seen within 100 ms on a processor six times slower than this one: the script is fast, not the machine."""

from statistics import quantiles

import pytest

from keymap.families import shipped
from keymap.page import page_script
from portal_pages.script import Box
from tests.pages import sample
from tests.pages.conftest import Screen

BUDGET_MS = 100
SLOWED = 6
TIMED = """codes => codes.map(code => {
  var began = performance.now();
  document.onkeydown({which: code, keyCode: code});
  document.body.offsetHeight;
  return performance.now() - began;
})"""
"""Milliseconds of each press, layout included."""


@pytest.mark.browser
@pytest.mark.parametrize("name", ["home", "today", "guide", "rc-1-number"])
def test_focus_and_digits_move_within_the_budget(screen: Screen, name: str) -> None:
    box = Box("pc", page_script(shipped()["pc"]), mag=True, repeat_ms=0)
    screen.show(sample.pages()[name], box)
    screen.cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})

    took = screen.run(TIMED, [37, 38, 39, 40, 50, 8] * 10 if name == "rc-1-number" else [40, 39, 38, 37] * 15)

    assert quantiles(took, n=20)[-1] < BUDGET_MS
