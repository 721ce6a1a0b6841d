"""Pages in the WebKit of 2016, which many boxes have: key events move the focus as in the model, nothing sticks out."""

import json
import os
import random
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from keymap.families import codes_of, shipped
from keymap.keys import ARROWS, DIGITS, Key
from portal_pages import statics
from portal_pages.machine import Moment, start, step
from portal_pages.states import Page
from tests.pages import sample
from tests.pages.test_pages_equivalence import asked, box

pytestmark = pytest.mark.browser
DRIVER = Path(__file__).with_name("webkit_2016.py")
DEBIANS_PYTHON = "/usr/bin/python3"
PAGES = ("home", "affairs", "article-1", "today", "guide", "rc-1-number", "rc-1")
KEYS = 40


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """Where the sample pages and the files of pages are served."""
    pages = {f"/p/{name}": sample.body(page, box("pc")) for name, page in sample.pages().items()}

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            body, kind = statics.files().get(path, (pages.get(path, b""), "text/html; charset=utf-8"))
            self.send_response(200 if body else 204)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 the name of the library

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _keys(page: Page, seed: int) -> list[tuple[Key, int]]:
    """Arrows, OK, back and, where there is something to type, digits, as a keyboard sends them."""
    family = shipped()["pc"]
    weights = dict.fromkeys(ARROWS, 10) | {Key.OK: 3, Key.BACK: 2} | dict.fromkeys(DIGITS, 5 if page.field else 1)
    drawn = random.Random(seed).choices(list(weights), list(weights.values()), k=KEYS)
    return [(key, int(next(iter(codes_of(family, key))))) for key in drawn]


@pytest.mark.parametrize("name", PAGES)
def test_keys_walk_a_page_as_the_model_says_in_the_webkit_of_2016(name: str, base: str, tmp_path: Path) -> None:
    page = sample.pages()[name]
    keys, picture = _keys(page, len(name)), tmp_path / f"{name}.png"
    ran = subprocess.run(
        [DEBIANS_PYTHON, DRIVER, f"{base}/p/{name}", picture],
        input=" ".join(str(code) for _, code in keys), capture_output=True, text=True, timeout=40, check=True,
        env={"QT_QPA_PLATFORM": "offscreen", "PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    told = json.loads(ran.stdout)

    assert len(told["seen"]) == KEYS
    state = start(page)
    for number, (key, _) in enumerate(keys):
        done = step(state, key, page)
        wanted = [done.state.focus, done.state.layer, done.state.typed, " ".join(asked(done.intents))]
        assert wanted == told["seen"][number], f"key {number}: {key}"
        state = step(done.state, Moment.FAILED, page).state
    assert told["faults"] == []
    assert (told["focus"], told["width"] <= 1280, told["height"] <= 720) == (1, True, True)
    assert picture.stat().st_size > 20_000, "something was drawn"
