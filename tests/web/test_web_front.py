"""nginx in front, the real one: who has a signature gets segments from disk and lists from behind, nobody else."""

import getpass
import gzip
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from attrs import define, field

from middleware.portal.core.signing import signature
from middleware.web.front import BadFront, Front, front_config
from tests.journeys.conftest import free_port

KEYS = {"t": "0f" * 32, "u": "1e" * 32}
SEGMENT = bytes(range(256)) * 512
LIST = b"#EXTM3U\n#EXT-X-VERSION:3\n" + b"#EXTINF:6.000,\nx.ts\n" * 40


@define
class Behind:
    """A server behind: remembers what it was asked, answers lists as ours does, and keys that nobody may keep."""

    port: int = 0
    asked: list[str] = field(factory=list)
    clients: list[str] = field(factory=list)

    def handler(self) -> type[BaseHTTPRequestHandler]:
        behind = self

        class Answer(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                behind.asked.append(self.path)
                behind.clients.append(self.headers.get("X-Forwarded-For", ""))
                secret = "/k/" in self.path
                packed = "gzip" in self.headers.get("Accept-Encoding", "") and not secret
                body = bytes(16) if secret else gzip.compress(LIST) if packed else LIST
                self.send_response(200)
                self.send_header("Cache-Control", "no-store" if secret else "max-age=1")
                self.send_header("ETag", f'"list-{packed}"')
                self.send_header("Vary", "Accept-Encoding")
                if packed:
                    self.send_header("Content-Encoding", "gzip")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        return Answer


@pytest.fixture(scope="module")
def behind() -> Iterator[Behind]:
    made = Behind()
    server = ThreadingHTTPServer(("127.0.0.1", 0), made.handler())
    made.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def base(behind: Behind, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where nginx answers."""
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    for klass in ("pub", "hall"):
        segment = folder / "media" / klass / "5-1" / "720" / "00000.ts"
        segment.parent.mkdir(parents=True)
        segment.write_bytes(SEGMENT)
        (segment.parents[1] / "poster.jpg").write_bytes(b"\xff\xd8\xff")
    for words in ("empty.vtt", "5-1/sub-zh-Hans/00000.vtt"):
        (folder / "media/pub" / words).parent.mkdir(exist_ok=True)
        (folder / "media/pub" / words).write_text("WEBVTT\n")
    (folder / "media" / "secret").write_text("not for you")
    front = Front(f"127.0.0.1:{port}", f"127.0.0.1:{behind.port}", folder / "media", KEYS, getpass.getuser())
    (folder / "nginx.conf").write_text(front_config(front), encoding="utf-8")
    command = [shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        for _ in range(100):
            try:
                httpx.get(f"http://127.0.0.1:{port}/")
                break
            except httpx.TransportError:
                assert running.poll() is None, running.stderr.read() if running.stderr else ""
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
        running.terminate()


def signed(rest: str, klass: str = "pub", prefix: str = "t", *, last: int = 3600, key: str = "") -> str:
    exp = int(time.time()) + last
    return f"/{prefix}/{exp}/{signature(key or KEYS[prefix], exp, klass)}/{klass}/{rest}"


@pytest.mark.parametrize("prefix", ["t", "u"])
def test_a_segment_comes_from_the_disk_for_ever(base: str, behind: Behind, prefix: str) -> None:
    asked = len(behind.asked)
    got = httpx.get(base + signed("s/5-1/720/00000.ts", prefix=prefix), headers={"Accept-Encoding": "gzip"})

    assert (got.status_code, got.content) == (200, SEGMENT)
    assert got.headers["Content-Type"] == "video/mp2t"
    assert got.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert got.headers["Access-Control-Allow-Origin"] == "*"
    assert (got.headers["Accept-Ranges"], "Content-Encoding" in got.headers) == ("bytes", False)
    assert len(behind.asked) == asked


def test_a_part_of_a_segment_and_a_picture(base: str) -> None:
    part = httpx.get(base + signed("s/5-1/720/00000.ts"), headers={"Range": "bytes=256-511"})
    whole = httpx.get(base + signed("s/5-1/720/00000.ts"), headers={"Range": "bytes=0-"})
    picture = httpx.get(base + signed("s/5-1/poster.jpg"))
    words = [httpx.get(base + signed(f"s/{name}")) for name in ("empty.vtt", "5-1/sub-zh-Hans/00000.vtt")]

    assert (part.status_code, part.content) == (206, SEGMENT[256:512])
    assert (whole.status_code, whole.content) == (206, SEGMENT)
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/jpeg")
    assert [(each.text, each.headers["Content-Type"]) for each in words] == [("WEBVTT\n", "text/vtt")] * 2


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (signed("s/5-1/720/00000.ts", key="ab" * 32), 403, "bad_signature"),
        (signed("v/5-1/master.m3u8", key="ab" * 32), 403, "bad_signature"),
        (signed("s/5-1/720/00000.ts").replace("/pub/", "/hall/"), 403, "bad_signature"),
        (signed("s/5-1/720/00000.ts").replace("/t/", "/u/"), 403, "bad_signature"),
        (signed("s/5-1/720/00000.ts", last=-10), 410, "expired"),
        (signed("v/5-1/master.m3u8", last=-10), 410, "expired"),
        (signed("s/5-1/720/00001.ts"), 404, "not_found"),
        (signed("s/5-1/720/"), 404, "not_found"),
        (signed("s/5-1/../../secret"), 404, ""),
        (signed("s/5-1/%2e%2e/%2e%2e/secret"), 404, ""),
        (signed("s/..%2f..%2fsecret"), 404, "not_found"),
        (signed("s/5-1/720/00000.ts%00.jpg"), 400, ""),
        ("/_m/pub/s/5-1/720/00000.ts", 404, "not_found"),
        ("/_m/pub/v/5-1/master.m3u8", 404, ""),
    ],
    ids=[
        "forged segment",
        "forged list",
        "other class",
        "other key",
        "expired segment",
        "expired list",
        "no such segment",
        "a folder",
        "dots",
        "coded dots",
        "coded slashes",
        "a zero",
        "inner segment",
        "inner list",
    ],
)
def test_who_may_not_have_it_is_told_so(base: str, behind: Behind, path: str, status: int, code: str) -> None:
    asked = [*behind.asked]
    with httpx.Client(base_url=base) as client:
        got = client.send(client.build_request("GET", httpx.URL(base).copy_with(raw_path=path.encode())))

    assert "not for you" not in got.text
    if behind.asked != asked:
        # A path that leaves the signed part is none of nginx's: the server behind answers, and knows no such address.
        assert behind.asked[-1].endswith("secret")
        return
    assert (got.status_code, got.json()["error"] if code else "") == (status, code)
    assert got.headers.get("Cache-Control") == ("max-age=2" if code else None)
    assert not code or got.headers["Content-Type"] == "application/json"


def test_a_list_is_made_once_a_second_however_many_ask(base: str, behind: Behind) -> None:
    path = base + signed("ch/nanhu.town/540.m3u8")
    before = len(behind.asked)
    began = time.monotonic()
    with ThreadPoolExecutor(16) as pool, httpx.Client() as client:
        got = list(pool.map(lambda _: client.get(path), range(200)))
    took = time.monotonic() - began

    assert {(one.status_code, one.content) for one in got} == {(200, LIST)}
    assert 1 <= len(behind.asked) - before <= took + 2
    assert behind.asked[-1].startswith("/t/"), "the server behind sees the address with its signature"
    assert behind.clients[-1] == "127.0.0.1"


def test_another_query_is_another_list_and_all_signatures_of_a_class_share_one(base: str, behind: Behind) -> None:
    before = len(behind.asked)
    for last in (3600, 7200):
        for query in ("?utc=1", "?utc=2"):
            assert httpx.get(base + signed("ch/x/master.m3u8", last=last) + query).status_code == 200

    assert len(behind.asked) - before == 2


@pytest.mark.parametrize("written", ["ch//twisted/540.m3u8", "ch/a/%2e%2e/twisted/540.m3u8", "ch/./twisted/5%340.m3u8"])
def test_a_list_is_asked_for_as_it_is_kept(base: str, behind: Behind, written: str) -> None:
    clean = signed(f"ch/twisted/540.m3u8?turn={written}")
    raw = httpx.URL(base).copy_with(raw_path=clean.replace("ch/twisted/540.m3u8", written).encode())
    with httpx.Client() as client:
        assert client.send(client.build_request("GET", raw)).status_code == 200

    assert behind.asked[-1] == clean


def test_a_list_is_packed_for_who_takes_it(base: str) -> None:
    path = base + signed("v/5-1/720.m3u8")
    packed = httpx.get(path, headers={"Accept-Encoding": "gzip, deflate, br"})
    plain = httpx.get(path, headers={"Accept-Encoding": "identity"})
    same = httpx.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})

    assert (packed.headers["Content-Encoding"], packed.content) == ("gzip", LIST)
    assert ("Content-Encoding" in plain.headers, plain.content) == (False, LIST)
    assert same.status_code == 304


def test_a_key_is_never_kept(base: str, behind: Behind) -> None:
    before = len(behind.asked)
    for _ in range(3):
        assert httpx.get(base + signed("k/5-1")).content == bytes(16)

    assert len(behind.asked) - before == 3


def test_addresses_are_not_written_down(tmp_path: Path) -> None:
    made = front_config(Front("127.0.0.1:80", "127.0.0.1:81", tmp_path, KEYS))

    assert [line.strip() for line in made.splitlines() if "_log" in line] == [
        "error_log stderr crit;",
        "access_log off;",
    ]


def test_everything_else_is_answered_behind(base: str, behind: Behind) -> None:
    assert httpx.get(f"{base}/p/home?mac=1").status_code == 200
    assert behind.asked[-1] == "/p/home?mac=1"


@pytest.mark.parametrize(
    "change",
    [
        {"listen": "80; } http { #"},
        {"upstream": "127.0.0.1"},
        {"media": Path('/srv/"; root /')},
        {"media": Path("/srv/$uri")},
        {"media": Path("media")},
        {"keys": {}},
        {"keys": {"t": 'x"; return 200'}},
        {"user": "root; http"},
    ],
)
def test_what_nginx_would_read_otherwise_is_refused(change: dict[str, object]) -> None:
    sound: dict[str, object] = {
        "listen": "0.0.0.0:80", "upstream": "127.0.0.1:8081", "media": Path("/srv/a b"), "keys": KEYS
    }  # fmt: skip
    assert '"/srv/a b/$c/$file"' in front_config(Front(**sound))  # type: ignore[arg-type]

    with pytest.raises(BadFront):
        front_config(Front(**(sound | change)))  # type: ignore[arg-type]
