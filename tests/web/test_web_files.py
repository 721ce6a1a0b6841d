"""Files: conditional requests, ranges, clients that read slowly or leave."""

import os
from pathlib import Path
from typing import Any

import pytest

from middleware.web.values import File

CONTENT = bytes(range(256)) * 4096  # 1 MB, over Twisted's 128 KB pieces


@pytest.fixture
def film(town: Any, tmp_path: Path) -> Path:
    path = tmp_path / "film.ts"
    path.write_bytes(CONTENT)
    os.utime(path, (1_600_000_000, 1_600_000_000))
    town.routes.exact("GET", "/v/7", lambda _r: File(path, "video/mp2t", immutable=True))
    town.routes.exact("GET", "/list", lambda _r: File(path, "application/vnd.apple.mpegurl"))
    return path


def get(headers: bytes = b"", path: bytes = b"/v/7", method: bytes = b"GET") -> bytes:
    return b"%s %s HTTP/1.1\r\n%s\r\n" % (method, path, headers)


def test_a_file_comes_whole_with_its_description(town: Any, parse: Any, film: Path) -> None:
    status, headers, body = parse(town.ask(get()))

    assert (status, body) == (200, CONTENT)
    assert headers["content-length"] == str(len(CONTENT))
    assert headers["content-type"] == "video/mp2t"
    assert headers["last-modified"] == "Sun, 13 Sep 2020 12:26:40 GMT"
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["accept-ranges"] == "bytes"
    assert parse(town.ask(get(path=b"/list")))[1]["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        (b"bytes=0-0", 0, 1),
        (b"bytes=10-19", 10, 20),
        (b"bytes=1048570-", 1048570, 1048576),
        (b"bytes=1048570-9999999", 1048570, 1048576),
        (b"bytes=-6", 1048570, 1048576),
        (b"bytes=-9999999", 0, 1048576),
        (b"Bytes = 5-7", 5, 8),
    ],
)
def test_a_range_is_cut_out(town: Any, parse: Any, film: Path, wanted: bytes, start: int, stop: int) -> None:
    status, headers, body = parse(town.ask(get(b"Range: " + wanted + b"\r\n")))

    assert (status, body) == (206, CONTENT[start:stop])
    assert headers["content-range"] == f"bytes {start}-{stop - 1}/1048576"
    assert headers["content-length"] == str(stop - start)


@pytest.mark.parametrize(
    "wanted", [b"bytes=0-1,5-6", b"items=0-5", b"bytes=5-3", b"bytes=-", b"bytes=a-b", b"bytes=1", b"bytes=\xb2-"]
)
def test_a_range_that_is_none_sends_all(town: Any, parse: Any, film: Path, wanted: bytes) -> None:
    assert parse(town.ask(get(b"Range: " + wanted + b"\r\n")))[0] == 200


@pytest.mark.parametrize("wanted", [b"bytes=1048576-", b"bytes=99999999999-", b"bytes=-0"])
def test_a_range_beyond_the_end_is_refused(town: Any, parse: Any, film: Path, wanted: bytes) -> None:
    status, headers, body = parse(town.ask(get(b"Range: " + wanted + b"\r\n")))

    assert (status, headers["content-range"], headers["content-length"], body) == (416, "bytes */1048576", "0", b"")


def test_if_range_sends_all_when_the_file_has_changed(town: Any, parse: Any, film: Path) -> None:
    tag = parse(town.ask(get()))[1]["etag"].encode()

    assert parse(town.ask(get(b"Range: bytes=0-5\r\nIf-Range: " + tag + b"\r\n")))[0] == 206
    assert parse(town.ask(get(b'Range: bytes=0-5\r\nIf-Range: "other"\r\n')))[0] == 200


def test_a_client_that_has_the_file_gets_304(town: Any, parse: Any, film: Path) -> None:
    tag = parse(town.ask(get()))[1]["etag"].encode()
    since = b"If-Modified-Since: Sun, 13 Sep 2020 12:26:%d GMT\r\n"

    assert parse(town.ask(get(b"If-None-Match: " + tag + b"\r\n")))[::2] == (304, b"")
    assert parse(town.ask(get(since % 40)))[0] == 304
    assert parse(town.ask(get(since % 39)))[0] == 200
    assert parse(town.ask(get(b"If-Modified-Since: yesterday\r\n")))[0] == 200
    assert parse(town.ask(get(b'If-None-Match: "other"\r\n' + since % 40)))[0] == 200


def test_head_tells_the_length_only(town: Any, parse: Any, film: Path) -> None:
    status, headers, body = parse(town.ask(get(method=b"HEAD")))

    assert (status, headers["content-length"], body) == (200, "1048576", b"")


def test_a_file_that_is_gone_or_no_file_is_not_found(town: Any, parse: Any, film: Path, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    town.routes.exact("GET", "/folder", lambda _r: File(tmp_path, "text/plain"))
    town.routes.exact("GET", "/fifo", lambda _r: File(fifo, "text/plain"))
    film.unlink()

    assert [parse(town.ask(get(path=path)))[0] for path in (b"/v/7", b"/folder", b"/fifo")] == [404, 404, 404]


def test_an_empty_file_is_sent(town: Any, parse: Any, film: Path) -> None:
    film.write_bytes(b"")

    assert parse(town.ask(get()))[::2] == (200, b"")


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_client_that_reads_slowly_gets_all_and_holds_one_descriptor(town: Any, parse: Any, film: Path) -> None:
    client = town.client()
    before = open_files()
    write = client.wire.write

    def one_piece_at_a_time(data: bytes) -> None:
        write(data)
        client.channel.pauseProducing()

    client.wire.write = one_piece_at_a_time
    answer = client.send(get())
    assert open_files() == before + 1
    for _ in range(8):
        client.channel.resumeProducing()
        answer += client.answer()

    assert parse(answer)[2] == CONTENT
    assert open_files() == before
    assert parse(client.send(get(b"Range: bytes=0-3\r\n")))[2] == CONTENT[:4]


def test_a_client_that_leaves_or_stops_reading_lets_go_of_the_file(town: Any, film: Path) -> None:
    before = open_files()
    leaver, sleeper = town.client(), town.client()
    for client in (leaver, sleeper):
        write = client.wire.write
        client.wire.write = lambda data, write=write, client=client: (write(data), client.channel.pauseProducing())
        client.send(get())
    assert open_files() == before + 2
    leaver.leave()
    assert open_files() == before + 1
    town.wait(62)
    assert sleeper.wire.aborted


def test_a_file_cut_short_while_it_is_sent_breaks_the_connection(town: Any, film: Path) -> None:
    client = town.client()
    write = client.wire.write
    client.wire.write = lambda data: (write(data), client.channel.pauseProducing())
    client.send(get())
    film.write_bytes(b"short")
    client.channel.resumeProducing()

    assert client.wire.aborted
