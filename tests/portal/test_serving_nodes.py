"""Two processes on one database give the same bytes in the same second, whatever is asked (video.md §17, 18)."""

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from middleware.portal.core.signing import Signer
from middleware.services import ledger, ledger_pool
from middleware.services.ledger_pool import Air
from tests.portal.node import KEYS
from tests.portal.portal_town import PortalTown
from tests.portal.test_serving import CHANNEL, film

SECONDS = 4


@contextmanager
def node(data: Path, off: float = 0.0) -> Iterator[http.client.HTTPConnection]:
    """A server in a process of its own, and a connection to it."""
    command = [sys.executable, "-m", "tests.portal.node", str(data), str(off)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        connection = http.client.HTTPConnection("127.0.0.1", int(process.stdout.readline()), timeout=10)
        yield connection
        connection.close()
    finally:
        process.terminate()
        process.wait(10)


def got(connection: http.client.HTTPConnection, path: str) -> tuple[int, str | None, bytes]:
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    return answer.status, answer.headers.get("ETag"), answer.read()


@pytest.fixture
def data(portal_town: PortalTown, tmp_path: Path) -> Path:
    """The folder of a town whose channel plays out since two minutes before now."""
    for n in (2, 3, 4, 5):
        film(portal_town, f"i{n}", [n], origin=f"demo:ident-{n}")
    film(portal_town, "slate", [6, 6], origin="demo:slate")
    film(portal_town, "filler", [6] * 10, origin="demo:filler")
    publish(portal_town)
    return tmp_path / "town0"


def publish(town: PortalTown) -> None:
    now = datetime.now(UTC)
    at = int(now.timestamp() * 1000)

    def write(uow) -> None:
        ledger_pool.put_air(uow, now, "test", CHANNEL, Air(on=True))
        ledger.publish(uow, now, CHANNEL, uow.ledger.lock(CHANNEL, "test", at, at + 60_000))

    town.write(write)


def test_two_nodes_agree_to_the_byte(portal_town: PortalTown, data: Path) -> None:
    sign = Signer(KEYS, time.time).address
    begun = int(time.time())
    paths = [
        sign(f"/ch/{CHANNEL}/{rest}")
        for rest in (
            "master.m3u8",
            "360.m3u8",
            "full/360.m3u8",
            f"{begun - 60}-{begun + 600}/360.m3u8",
            f"shift/{begun - 80}-{begun - 5}/360.m3u8",
        )
    ]
    pairs = []
    with node(data) as one, node(data) as two:
        for _ in range(SECONDS):
            time.sleep(1.02 - time.time() % 1)
            for path in paths:
                second = int(time.time())
                both = got(one, path), got(two, path)
                if int(time.time()) == second:
                    pairs.append(both)

    assert len(pairs) >= 2 * SECONDS
    assert {status for pair in pairs for status, _, _ in pair} == {200}
    assert [pair for pair in pairs if pair[0] != pair[1]] == []
