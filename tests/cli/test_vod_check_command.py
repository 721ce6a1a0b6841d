"""`nanhu-tv vod check` against a small server: what it fetches, says and exits with."""

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from click.testing import CliRunner, Result

from middleware.cli import main
from tests.vod.linear_maker import START, live
from tests.vod.test_vod_check_http import LIST, SEGMENT
from tests.vod.ts_maker import Muxer, film

Content = Mapping[str, bytes | Callable[[], bytes]]


class Served:
    """A server of fixed answers with the headers of video.md §10; `odd` are headers by path."""

    def __init__(self) -> None:
        self.content: dict[str, Any] = {}
        self.moved: dict[str, str] = {}
        self.odd: dict[str, dict[str, str]] = {}
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                served.answer(self, body=True)

            def do_HEAD(self) -> None:
                served.answer(self, body=False)

            def log_message(self, *_: Any) -> None: ...

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def answer(self, request: BaseHTTPRequestHandler, *, body: bool) -> None:
        path = request.path
        if path in self.moved:
            request.send_response(302)
            request.send_header("Location", self.moved[path])
            request.end_headers()
            return
        if path not in self.content:
            request.send_error(404)
            return
        found = self.content[path]
        data = found() if callable(found) else found
        headers = dict(SEGMENT)
        if path.endswith(".m3u8"):
            kept = "master" if path.endswith("master.m3u8") else "live" if callable(found) else "vod"
            headers = {**LIST, "cache-control": f"max-age={ {'master': 300, 'live': 1, 'vod': 3600}[kept] }"}
            data = gzip.compress(data, mtime=0)
        request.send_response(200)
        for name, value in {**headers, **self.odd.get(path, {}), "content-length": str(len(data))}.items():
            request.send_header(name, value)
        request.end_headers()
        if body:
            request.wfile.write(data)


@pytest.fixture
def served() -> Iterator[Served]:
    server = Served()
    thread = threading.Thread(target=server.http.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.http.shutdown()
    thread.join()
    server.http.server_close()


def with_film(served: Served) -> str:
    made = film()
    evidence = made.evidence()
    assert evidence.master is not None
    served.content["/v/1-1/master.m3u8"] = evidence.master.data
    for rung, cuts in made.cuts.items():
        served.content[f"/v/1-1/{rung}.m3u8"] = made.texts[f"{rung}.m3u8"]
        muxer = Muxer()
        for number, cut in enumerate(cuts):
            served.content[f"/s/1-1/{rung}/{number:05d}.ts"] = muxer.segment(cut)
    return f"{served.url}/v/1-1/master.m3u8"


def check(*words: str) -> Result:
    return CliRunner().invoke(main, ["vod", "check", *words])


def test_a_sound_film_is_said_to_be_sound(served: Served) -> None:
    result = check(with_film(served), "--bytes")

    assert (result.output, result.exit_code) == ("2 lists, 6 segments: 0 errors, 0 warnings\n", 0)


def test_a_lost_segment_a_wrong_type_and_odd_bytes_are_told(served: Served) -> None:
    url = with_film(served)
    del served.content["/s/1-1/360/00001.ts"]
    served.odd["/s/1-1/540/00002.ts"] = {"content-type": "text/vnd.trolltech.linguist"}
    served.content["/s/1-1/540/00001.ts"] = bytes(188 * 1200)
    result = check(url, "--bytes", "--json")
    found = {
        (each["rule"], each["uri"].rpartition("/v/")[2].rpartition("/s/")[2]) for each in json.loads(result.output)
    }

    assert result.exit_code == 1
    assert found == {(43, "1-1/360/00001.ts"), (45, "1-1/540/00002.ts"), (31, "1-1/540.m3u8")}


def test_a_redirect_is_told_and_followed(served: Served) -> None:
    url = with_film(served)
    served.moved["/old.m3u8"] = url
    result = check(f"{served.url}/old.m3u8")

    assert result.exit_code == 1
    assert f"E 45  {served.url}/old.m3u8  expected no redirect; found 302 to {url}\n" in result.output


def test_a_live_list_is_watched_and_compared_with_another_node(served: Served) -> None:
    began = time.monotonic()
    now = START + 130

    def shown(late: float = 0.0) -> bytes:
        return live(now + (time.monotonic() - began) * 10 - late)

    served.content["/ch/town/360.m3u8"] = shown
    served.content["/other/360.m3u8"] = lambda: shown(60)
    for path in {f"/s/{item}/360/{n:05d}.ts" for item in ("1-1", "2-1", "3-1", "4-1") for n in range(9)}:
        served.content[path] = b"G" * 188
    result = check(f"{served.url}/ch/town/360.m3u8", "--seconds", "2", "--peer", f"{served.url}/other/360.m3u8")
    told = {line[:4] for line in result.output.splitlines()[:-1]}

    # Its clock is another one than ours (44), and it runs so fast that breaks may leave together (41).
    assert told - {"W 41"} == {"E 46", "W 44"}
    assert result.exit_code == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/master.m3u8", "file:///etc/passwd", "ftp://tv/a.m3u8", "nothing"])
def test_what_cannot_be_reached_ends_with_2(url: str) -> None:
    result = check(url)

    assert result.exit_code == 2
    assert result.output.startswith("Error: ")


def test_a_missing_list_and_lists_that_are_all_gone_are_not_reachable(served: Served) -> None:
    url = with_film(served)
    assert check(f"{served.url}/none.m3u8").exit_code == 2

    for rung in (360, 540):
        del served.content[f"/v/1-1/{rung}.m3u8"]
    assert check(url).exit_code == 2


def test_one_missing_list_of_two_is_a_finding(served: Served) -> None:
    url = with_film(served)
    del served.content["/v/1-1/360.m3u8"]
    result = check(url)

    assert f"E 43  {served.url}/v/1-1/360.m3u8  expected 200; found 404" in result.output
    assert result.exit_code == 1


def test_a_list_without_end_is_not_read_to_its_end(served: Served) -> None:
    served.content["/bomb.m3u8"] = b"#EXTM3U\n" + b"#" * (8 << 20)
    result = check(f"{served.url}/bomb.m3u8")

    assert (result.exit_code, "too large" in result.output) == (2, True)
