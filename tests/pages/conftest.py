"""A page in real Chromium: what it asks for besides static files is answered here, and remembered."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import define, field
from playwright.sync_api import Browser, BrowserContext, CDPSession, Error, Route
from playwright.sync_api import Page as Tab

from portal_pages import statics
from portal_pages.script import Box
from portal_pages.states import Page
from tests.pages import sample

BASE = "http://tv.test"
NO_FILE = re.compile(rf"^(?!{BASE}{statics.PREFIX})")
"""Addresses that are answered here: all but static files, which have a server."""
SETTLED = "/settled"
Answer = Callable[[Route], None]


@define
class Screen:
    """One browser tab showing rendered pages; `asked` are its requests but those for static files."""

    tab: Tab
    cdp: CDPSession
    pages: dict[str, bytes] = field(factory=dict)
    answers: dict[str, Answer] = field(factory=dict)
    asked: list[str] = field(factory=list)
    faults: list[str] = field(factory=list)

    def answer(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        if url.path == SETTLED:
            return route.fulfill(status=204)
        self.asked.append(self._named(route, f"{url.path}?{url.query}".removesuffix("?")))
        for start, answer in self.answers.items():
            if url.path.startswith(start):
                return answer(route)
        if url.path in self.pages:
            return route.fulfill(body=self.pages[url.path], content_type="text/html; charset=utf-8")
        return route.fulfill(status=204)

    def _named(self, route: Route, path: str) -> str:
        sent = parse_qs(route.request.post_data or "", keep_blank_values=True)
        form = " ".join(f"{name}={values[0]}" for name, values in sent.items())
        return f"{route.request.method} {path} {form}".strip()

    def show(self, page: Page, box: Box | None = None, before: str = "") -> None:
        """Open a page; what was asked for on the way is forgotten. `before` stands before its address."""
        self.pages[f"{before}/p/{page.id}"] = sample.body(page, box)
        self.tab.goto(f"{BASE}{before}/p/{page.id}")
        self.asked.clear()

    def press(self, code: int, modifiers: int = 0) -> None:
        """A key of the remote, as the browser's debugging protocol passes any code unchanged."""
        event = {"type": "rawKeyDown", "windowsVirtualKeyCode": code, "modifiers": modifiers}
        self.cdp.send("Input.dispatchKeyEvent", event)

    def run(self, script: str, argument: Any = None) -> Any:
        return self.tab.evaluate(script, argument)

    def wait(self, condition: str) -> None:
        self.tab.wait_for_function(condition, timeout=5000)

    def settle(self) -> None:
        """Wait until what was asked for so far is answered: a request of our own comes back after it, twice."""
        for _ in range(2):
            try:
                self.tab.evaluate(f"() => fetch('{SETTLED}').then(() => 1)")
            except Error:
                self.tab.wait_for_load_state()

    @property
    def focus(self) -> list[str]:
        """Ids of all items with the mark: one, always."""
        return self.tab.eval_on_selector_all(".on", "all => all.map(e => e.id)")  # type: ignore[no-any-return]

    @property
    def told(self) -> list[str]:
        """Requests other than polls, the question before a jump, and the stream, which a player asks for again."""
        return [line for line in self.asked if not line.startswith(("GET /poll", "GET /ping", "GET /v/"))]


def screen_in(context: BrowserContext) -> Screen:
    tab = context.new_page()
    made = Screen(tab, context.new_cdp_session(tab))
    context.route(NO_FILE, lambda route: made.answer(route))
    tab.on("pageerror", lambda error: made.faults.append(str(error)))
    return made


@pytest.fixture
def screen(chromium: Browser) -> Iterator[Screen]:
    """A fresh tab; a script error on any of its pages fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    made = screen_in(context)
    yield made
    context.close()
    assert made.faults == []
