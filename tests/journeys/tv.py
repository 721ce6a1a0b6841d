"""A television in headless Chromium: the remote's raw codes go in, what the viewer sees comes out."""

import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from playwright.sync_api import CDPSession, Page, Request, expect

CODES: Mapping[str, Mapping[str, int]] = {
    "pc": {"UP": 38, "DOWN": 40, "LEFT": 37, "RIGHT": 39, "OK": 13, "BACK": 8, "GREEN": 113, "YELLOW": 114, "D0": 48},
    "ipanel": {"UP": 1, "DOWN": 2, "LEFT": 3, "RIGHT": 4, "OK": 13, "BACK": 340, "GREEN": 833, "YELLOW": 834, "D0": 48},
    "ctc": {"UP": 38, "DOWN": 40, "LEFT": 37, "RIGHT": 39, "OK": 13, "BACK": 8, "GREEN": 276, "YELLOW": 277, "D0": 48},
    "mag": {"UP": 38, "DOWN": 40, "LEFT": 37, "RIGHT": 39, "OK": 13, "BACK": 8, "GREEN": 113, "YELLOW": 114, "D0": 48},
}
"""What each remote sends, written down from keymaps.md and not read from the product."""


class TV:
    """One set with a box of `family`; every request it makes is remembered."""

    def __init__(self, page: Page, base: str, family: str, shots: Path) -> None:
        self.page = page
        self.base = base
        self.family = family
        self.shots = shots
        self.requests: list[str] = []
        page.on("request", self._saw)
        self._cdp: CDPSession = page.context.new_cdp_session(page)

    def _saw(self, request: Request) -> None:
        self.requests.append(f"{request.method} {request.url.removeprefix(self.base)}")

    def switch_on(self, mac: str) -> None:
        self.page.goto(f"{self.base}/portal?mac={mac}&family={self.family}")
        self.settle()

    def press(self, *keys: str) -> None:
        """Press keys one after another, each at least 100 ms after the one before, as a hand does."""
        for key in keys:
            self.code(self.code_of(key))
            time.sleep(0.1)

    def code_of(self, key: str) -> int:
        table = CODES[self.family]
        return table["D0"] + int(key) if key.isdigit() else table[key]

    def code(self, code: int) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            self._cdp.send("Input.dispatchKeyEvent", {"type": kind, "windowsVirtualKeyCode": code})

    def seek(self, key: str, focus: str) -> None:
        """Press a key until the focus is on `focus`, as a viewer does who looks at the screen."""
        for _ in range(12):
            if self.focus == focus:
                return
            self.press(key)
        self.shot("lost")
        raise AssertionError(f"{key} never led to {focus} on {self.state}, but to {self.focus}")

    def type(self, digits: str) -> None:
        self.press(*digits)

    def go(self, *keys: str, to: str) -> None:
        """Press keys and wait until a page whose id starts with `to` is on the screen."""
        self.press(*keys)
        self.wait(lambda: self.state.startswith(to), f"page {to} after {keys}, still on {self.state}")
        self.settle()

    def settle(self) -> None:
        self.page.wait_for_load_state("load")
        expect(self.page.locator("body")).to_be_visible()

    def wait(self, done: Callable[[], bool], what: str, seconds: float = 8) -> None:
        end, step = time.monotonic() + seconds, 50 if seconds < 10 else 250
        while time.monotonic() < end:
            if done():
                return
            self.page.wait_for_timeout(step)
        self.shot("missed")
        raise AssertionError(f"waited in vain for {what}")

    @property
    def state(self) -> str:
        """Page id in the address."""
        return self.page.url.partition("/p/")[2].partition("?")[0]

    @property
    def text(self) -> str:
        return self.page.inner_text("body")

    @property
    def focus(self) -> str:
        """Id of the one element that is marked; fails when none or several are."""
        marked: list[str] = self.page.eval_on_selector_all(".f.on", "all => all.map(e => e.id)")
        assert len(marked) == 1, f"focus marks on {self.state}: {marked}"
        return marked[0]

    def shot(self, name: str) -> None:
        self.shots.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.shots / f"{self.family}-{name}.png")


def some_arrows(seed: int, count: int) -> list[str]:
    return random.Random(seed).choices(["UP", "DOWN", "LEFT", "RIGHT"], k=count)
