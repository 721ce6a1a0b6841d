"""The page script is the machine: after every key of a random walk both have the same focus, layer, digits, targets."""

import random
from typing import Any

import pytest

from keymap.families import codes_of, shipped
from keymap.keys import ARROWS, DIGITS, Key
from keymap.page import page_script, system_script
from portal_pages import script
from portal_pages.intents import Go, Intent, Post
from portal_pages.invitation import with_invitation
from portal_pages.machine import Moment, Step, start, step
from portal_pages.script import Box
from portal_pages.states import Page, Submit
from tests.pages import sample
from tests.pages.conftest import Screen

KEYS = 200
NAMES = ("home", "rc-1-number", "rc-1", "rc-1-confirm", "affairs", "article-1", "today", "guide")
DRIVEN = ("pc", "ipanel", "ctc", "mag")
"""Families that are walked over every page; the others over the number page and one more each."""
OTHERS = sorted(name for name, family in shipped().items() if family.kind == "page" and name not in DRIVEN)
CASES = [(family, name) for family in DRIVEN for name in NAMES] + [
    (family, name) for at, family in enumerate(OTHERS) for name in ("rc-1-number", NAMES[2 + at % 6])
]
WATCH = """hook => {
  window.log = [];
  var acts = [], real = act, handler = document['on' + hook];
  act = function (t) { if (t.charAt(0) == '/' || t.charAt(0) == '=') acts.push(t); real(t) };
  probe = function () {};
  document['on' + hook] = function (e) {
    var swallowed = handler(e), marked = [], all = document.querySelectorAll('.on'), i;
    for (i = 0; i < all.length; i++) marked.push(all[i].id);
    log.push({focus: FOCUS, layer: ly, typed: V, acts: acts, marked: marked, swallowed: !swallowed});
    acts = []; bz = 0;
    return swallowed;
  };
}"""
"""Notes after every key what the page shows and where it would have gone; it stays, so the walk can go on."""
BY_HOOK = "codes => { for (var i = 0; i < codes.length; i++) document.onirkeypress({which: codes[i]}) }"


def box(name: str) -> Box:
    """The family's box, without the throttle of held arrows: these presses follow each other like no hand's."""
    family = shipped()[name]
    return Box(
        family=name,
        codes=page_script(family),
        events=system_script(family),
        mag=family.modifiers == "mag",
        repeat_ms=0,
    )


def walk(name: str, page: Page, seed: int) -> list[tuple[Key, int]]:
    """Random keys of the remote with their codes: mostly arrows, and digits where there is something to type."""
    family = shipped()[name]
    weights = dict.fromkeys(ARROWS, 12) | {Key.OK: 8, Key.BACK: 5, Key.DELETE: 3}
    weights |= dict.fromkeys(DIGITS, 5 if page.field else 1)
    weights |= dict.fromkeys((Key.RED, Key.GREEN, Key.YELLOW, Key.PAGE_UP, Key.PAGE_DOWN, Key.MENU), 2)
    codes = {key: next(iter(codes_of(family, key)), 0) for key in weights}
    known = [key for key, code in codes.items() if isinstance(code, int) and code]
    keys = random.Random(seed).choices(known, [weights[key] for key in known], k=KEYS)
    return [(key, int(codes[key])) for key in keys]


def asked(intents: tuple[Intent, ...]) -> list[str]:
    """What the machine asks of the network, in the script's words."""
    out = []
    for intent in intents:
        if isinstance(intent, Go):
            out.append(script.target(intent.target))
        elif isinstance(intent, Post):
            out.append(script.target(Submit(intent.target.form, intent.target.choice)))
    return out


@pytest.mark.browser
@pytest.mark.parametrize(("family", "name"), CASES)
def test_model_and_browser_agree_after_each_of_200_keys(screen: Screen, family: str, name: str) -> None:
    page = with_invitation(sample.pages()[name])
    screen.tab.set_viewport_size({"width": 320, "height": 180})  # nobody looks: a sixteenth to paint after each key
    screen.show(page, box(family))
    by_hook = "irkeypress" in shipped()[family].hooks
    screen.run(WATCH, "irkeypress" if by_hook else "keydown")
    keys = walk(family, page, seed=len(name))
    if by_hook:
        screen.run(BY_HOOK, [code for _, code in keys])
    else:
        for _, code in keys:
            screen.press(code)
    shown = screen.run("log")

    assert len(shown) == KEYS
    state = start(page)
    for number, (key, _) in enumerate(keys):
        done = step(state, key, page)
        assert told(done) == shown[number], f"key {number}: {key}"
        state = step(done.state, Moment.FAILED, page).state
    assert screen.told == []


def told(done: Step) -> dict[str, Any]:
    state = done.state
    return {
        "focus": state.focus,
        "layer": state.layer,
        "typed": state.typed,
        "acts": asked(done.intents),
        "marked": [state.focus],
        "swallowed": True,
    }
