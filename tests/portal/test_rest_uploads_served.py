"""A film sent in parts to the running program by a real HTTP client, over a connection that breaks."""

import hashlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from middleware.domain.uploads import PART_MOST
from middleware.services import operators
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.portal.rest_town import NOW, basic
from tests.portal.test_rest_openapi import serving

PART = 96 * 1024
FILM = "-f lavfi -i testsrc2=s=320x180:r=25:d=2 -c:v mpeg4 -b:v 600k -f matroska"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds in three parts."""
    path = tmp_path_factory.mktemp("film") / "film"
    subprocess.run(["ffmpeg", "-v", "error", *FILM.split(), str(path)], check=True)
    made = path.read_bytes()
    assert 2 * PART < len(made) <= 3 * PART
    return made


@pytest.fixture(scope="module")
def logins(portal_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, httpx.Client]]:
    """Clients of two programs, on one server."""
    data = tmp_path_factory.mktemp("uploads") / "data"
    shutil.copytree(portal_data, data)
    store = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))
    secrets = {
        name: store.run_sync(lambda uow, name=name: operators.make(uow, NOW, "test", name))[1]
        for name in ("boss", "second")
    }
    store.close()
    config = data / "fast.toml"
    config.write_text('[video]\npreset = "ultrafast"\nworkers = 1\n', encoding="utf-8")
    with serving(data, data / "server.log", "--config", str(config)) as base:
        made = {name: httpx.Client(base_url=base + "/api", auth=(name, secret)) for name, secret in secrets.items()}
        yield made
        for client in made.values():
            client.close()
    assert "Traceback" not in (data / "server.log").read_text(encoding="utf-8")


@pytest.fixture
def boss(logins: dict[str, httpx.Client]) -> httpx.Client:
    return logins["boss"]


def begin(client: httpx.Client, film: bytes, **more: object) -> str:
    fields = {"title": "红船", "column": "films", "size": len(film), "part_size": PART}
    return str(results(client.post("/video_uploads", data=fields | more))["id"])


def results(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "OK", answer.text
    return answer.json()["results"]


def part(film: bytes, number: int) -> bytes:
    return film[number * PART : (number + 1) * PART]


def put(client: httpx.Client, upload: str, number: int, body: bytes) -> httpx.Response:
    return client.put(f"/video_parts/{upload}-{number}", content=body)


def break_off(client: httpx.Client, upload: str, number: int, body: bytes) -> None:
    """Send half of a part and hang up."""
    auth = client.auth
    assert isinstance(auth, httpx.BasicAuth)
    head = (
        f"PUT /api/video_parts/{upload}-{number} HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: {auth._auth_header}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((client.base_url.host, client.base_url.port or 80)) as wire:
        wire.sendall(head.encode() + body[: len(body) // 2])
        time.sleep(0.1)


def test_a_film_in_three_parts_over_a_breaking_connection_is_packaged(boss: httpx.Client, film: bytes) -> None:
    upload = begin(boss, film, sha256=hashlib.sha256(film).hexdigest())
    results(put(boss, upload, 0, part(film, 0)))
    break_off(boss, upload, 1, part(film, 1))
    (seen,) = results(boss.get(f"/video_uploads/{upload}"))
    assert (seen["missing"], seen["received"]) == ([1, 2], PART)
    for number in (1, 1, 2):
        told = results(put(boss, upload, number, part(film, number)))
        assert told["sha256"] == hashlib.sha256(part(film, number)).hexdigest()
    number = results(boss.put(f"/video_uploads/{upload}"))["job"]
    end = time.monotonic() + 60
    while (job := results(boss.get(f"/video_jobs/{number}"))[0])["state"] not in {"ready", "refused", "failed"}:
        assert time.monotonic() < end, job
        time.sleep(0.2)

    assert (job["state"], job["title"], job["column"], job["code"]) == ("ready", "红船", "films", "")
    assert int(job["film"]) > 0


def test_another_film_than_the_hash_says_is_not_queued(boss: httpx.Client) -> None:
    upload = begin(boss, b"other", sha256="0" * 64)
    results(put(boss, upload, 0, b"other"))
    answer = boss.put(f"/video_uploads/{upload}").json()

    assert answer == {
        "status": "ERROR",
        "error": "The film that came is not the one of this sha256",
        "results": None,
    }
    assert results(boss.get(f"/video_uploads/{upload}"))[0]["job"] == ""
    assert results(boss.delete(f"/video_uploads/{upload}")) is True
    assert boss.get(f"/video_uploads/{upload}").json()["error"] == "Upload not found"


def test_what_is_too_large_is_refused_before_it_is_read(boss: httpx.Client) -> None:
    upload = begin(boss, b"x" * (PART + 1))
    fields = {"title": "红船", "column": "films", "size": str(10**12 - 1)}

    assert boss.post("/video_uploads", data=fields).json()["error"] == "The film is empty or too large"
    assert put(boss, upload, 1, b"xx").json()["error"] == "The part has not the length that it should have"
    assert declared(boss, upload, PART_MOST + 1) == 413
    assert put(boss, upload, 1, b"x").json()["status"] == "OK"


def declared(client: httpx.Client, upload: str, length: int) -> int:
    """The status of a part that is said to be so long and never sent."""
    head = f"PUT /api/video_parts/{upload}-0 HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"
    with socket.create_connection((client.base_url.host, client.base_url.port or 80)) as wire:
        wire.settimeout(5)
        wire.sendall(head.encode())
        return int(wire.recv(4096).split(b" ")[1])


def test_another_program_and_a_stranger_find_nothing(logins: dict[str, httpx.Client], boss: httpx.Client) -> None:
    upload, second = begin(boss, b"film"), logins["second"]
    stranger = {"Authorization": basic("boss", "guess")}

    assert put(second, upload, 0, b"film").json()["error"] == "Upload not found"
    assert second.put(f"/video_uploads/{upload}").json()["error"] == "Upload not found"
    assert second.delete(f"/video_uploads/{upload}").json()["error"] == "Upload not found"
    assert results(second.get("/video_uploads")) == []
    assert boss.put(f"/video_parts/{upload}-0", content=b"film", headers=stranger, auth=None).status_code == 401
    assert boss.put("/video_parts/x-0", content=b"x" * 2 * PART, headers=stranger, auth=None).status_code == 403
    assert results(boss.get(f"/video_uploads/{upload}"))[0]["received"] == 0
