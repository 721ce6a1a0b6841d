"""The guide as files on a timetable: whole or not at all, once for each change, and sent to a real HTTP server."""

import base64
import gzip
import os
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from epg.model import Channel, Name, Programme
from epg.si.reading import EitReader, read_sections, read_stream
from epg.xmltv import read
from epg.xmltv_out import write
from middleware.config import Output
from middleware.headend import putting
from middleware.headend.faces import Faces
from middleware.headend.guide_bytes import XML, Document, document
from middleware.headend.outputs import Outputs
from middleware.services import guide, guide_outputs, service_information
from middleware.services.guide_outputs import Outcome
from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.middleware.test_playout import Direct

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHANNEL = "nhxw.nanhu.cn"
PROFILE = """
name = "rizhao"
onid = 1
network_id = 1
ts_id = 1
[[services]]
channel = "nhxw.nanhu.cn"
service_id = 101
ts_id = 1
"""
GUIDE = '<tv date="{at}"><programme>{title}</programme></tv>'


class Partner(BaseHTTPRequestHandler):
    """A partner's server; whether it takes what is sent is set by the test."""

    status, got = 201, []

    def do_PUT(self) -> None:
        """The library's name."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).got.append((self.path, dict(self.headers), body))
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Nothing on the terminal of a test."""


@pytest.fixture
def partner() -> Iterator[str]:
    Partner.status, Partner.got = 201, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Partner)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/guide/town.xml.gz?key=s3cret"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    data = tmp_path_factory.mktemp("outputs")
    db_upgrade(f"sqlite:///{data}/nanhu.db", data)
    opened = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))
    rows = [Programme("", CHANNEL, NOW + HOUR * n, NOW + HOUR * (n + 1), f"节目{n}") for n in range(12)]
    parsed = read(write([Channel(CHANNEL, (Name("南湖新闻", "zh"),), 7)], rows, at=NOW))
    opened.run_sync(lambda uow: guide.import_guide(uow, NOW, "feed", parsed, create_channels=True))
    opened.run_sync(lambda uow: service_information.save(uow, NOW, "test", PROFILE, active=False))
    yield opened
    opened.close()


class Town:
    """A server with one output, its clock, and the guide that it has."""

    def __init__(self, store: Store, output: Output) -> None:
        self.store, self.output = store, output
        self.now, self.title = NOW, "南湖新闻"
        store.run_sync(lambda uow: guide_outputs.again(uow, output.name))
        self.clock = Clock()
        self.outputs = self.server()
        self.outputs.start()

    def server(self) -> Outputs:
        return Outputs(Direct(self.store), lambda: self.now, self.clock, _at_once, [self.output], self._guide, dict)

    def _guide(self, _days: int) -> Awaitable[Document]:
        return succeed(document(GUIDE.format(at=self.now, title=self.title).encode(), XML))

    def minutes(self, count: int) -> None:
        for _ in range(count):
            self.now += timedelta(minutes=1)
            self.clock.advance(60)

    @property
    def outcome(self) -> Outcome:
        return self.store.run_sync(guide_outputs.every)[self.output.name]


def _at_once(work: Callable[[], object]) -> "Deferred[object]":
    return succeed(work())


def test_a_file_is_written_once_for_each_change_of_the_guide(store: Store, tmp_path: Path) -> None:
    town = Town(store, Output(name="town", folder=str(tmp_path), kind="xmltv", every_min=10))
    file = tmp_path / "town.xml"
    first, made = file.read_text(), file.stat().st_ino
    town.minutes(30)
    unchanged = file.stat().st_ino
    town.title = "南湖晚间"
    town.minutes(9)
    early = file.read_text()
    town.minutes(1)

    assert (unchanged, early) == (made, first)
    assert "南湖晚间" in file.read_text()
    assert town.outcome.written == NOW + timedelta(minutes=40)
    assert [one.name for one in tmp_path.iterdir()] == ["town.xml"]
    assert file.stat().st_mode & 0o777 == 0o644


def test_a_reader_has_the_old_file_when_the_new_one_could_not_be_finished(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / ".part-old"
    old.write_bytes(b"<tv")
    os.utime(old, (NOW.timestamp() - 7200,) * 2)
    town = Town(store, Output(name="half", folder=str(tmp_path), every_min=10))
    before = (tmp_path / "half.xml.gz").read_bytes()
    town.title = "南湖晚间"
    full = OSError(28, "No space left on device")
    with monkeypatch.context() as patched:
        patched.setattr("middleware.whole.os.fsync", lambda _: (_ for _ in ()).throw(full))
        town.minutes(10)
    failed, kept = town.outcome, (tmp_path / "half.xml.gz").read_bytes()
    town.minutes(10)

    assert kept == before
    assert failed.failed == NOW + timedelta(minutes=10)
    assert failed.why == f"{tmp_path}: No space left on device"
    assert "南湖晚间" in gzip.decompress((tmp_path / "half.xml.gz").read_bytes()).decode()
    assert town.outcome.why == ""
    assert [one.name for one in tmp_path.iterdir()] == ["half.xml.gz"]


def test_an_upload_that_is_refused_is_told_and_tried_again(store: Store, partner: str) -> None:
    Partner.status = 401
    town = Town(store, Output(name="sent", address=partner, user="town", password="hush", every_min=5))
    refused = town.outcome
    Partner.status = 201
    town.minutes(4)
    early = len(Partner.got)
    town.minutes(1)
    path, headers, body = Partner.got[-1]
    town.minutes(5)

    assert (refused.written, refused.failed) == (None, NOW)
    assert refused.why == "the server refuses it: HTTP 401, it does not take the user and password"
    assert (early, len(Partner.got)) == (1, 2)
    assert path == "/guide/town.xml.gz?key=s3cret"
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"town:hush").decode()
    assert headers["Content-Type"] == "application/gzip"
    assert (town.outcome.failed, town.outcome.size) == (None, len(body))
    assert "南湖新闻" in gzip.decompress(body).decode()
    assert "s3cret" not in town.output.place + repr(town.outcome)
    assert "hush" not in repr(town.output)


@pytest.mark.parametrize(("status", "words"), [(307, "leads elsewhere"), (413, "too large"), (500, "HTTP 500$")])
def test_what_a_server_says_is_told_in_plain_words(partner: str, status: int, words: str) -> None:
    Partner.status = status
    with pytest.raises(putting.NotPut, match=words):
        putting.sent(partner, b"<tv/>", XML, "town", "hush")


def test_where_nothing_can_be_put_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(putting.NotPut, match="no folder"):
        putting.dropped(tmp_path / "none" / "town.xml", b"", 0)
    with pytest.raises(putting.NotPut, match=r"does not answer: .*refused"):
        putting.sent("http://127.0.0.1:9/", b"", XML)
    monkeypatch.setattr(putting, "WHOLE_S", -1.0)
    with pytest.raises(putting.NotPut, match="takes longer"):
        putting._InTime(b"<tv/>").read(10)


def test_of_two_servers_with_the_same_output_one_sends_each_turn(store: Store, partner: str) -> None:
    town = Town(store, Output(name="both", address=partner, every_min=5))
    town.server().start()
    town.title = "南湖晚间"
    town.minutes(5)

    assert len(Partner.got) == 2


@pytest.mark.parametrize("kind", ["ts", "bin"])
def test_tables_of_a_network_are_read_back_and_written_when_they_change(
    store: Store, tmp_path: Path, kind: str
) -> None:
    town = Town(store, Output(name="si", kind=kind, folder=str(tmp_path), network="rizhao", every_min=5))
    data = (tmp_path / f"si.{kind}").read_bytes()
    made = (tmp_path / f"si.{kind}").stat().st_ino
    town.minutes(5)
    reader = EitReader(NOW)
    found = (read_sections if kind == "bin" else read_stream)(data, reader)

    assert [one.title for (each,) in [found.events.values()] for one in each] == [f"节目{n}" for n in range(12)]
    assert (found.complete, found.bad_crc, town.outcome.size) == (True, 0, len(data))
    assert (tmp_path / f"si.{kind}").stat().st_ino == made


def test_a_network_that_is_not_there_is_told(store: Store, tmp_path: Path) -> None:
    town = Town(store, Output(name="none", kind="bin", folder=str(tmp_path), network="linyi"))

    assert town.outcome.why == "there is no network profile 'linyi'"


def test_what_is_sent_is_the_guide_that_the_server_gives_at_its_address(store: Store) -> None:
    faces = Faces(Direct(store), lambda: NOW, NOW.timestamp, _at_once)  # type: ignore[arg-type]
    exported = store.run_sync(lambda uow: guide.export(uow, NOW, MIDNIGHT, MIDNIGHT + HOUR * 24), write=False)
    out: list[Document] = []
    Deferred.fromCoroutine(faces.whole(1)).addCallback(out.append)

    assert [one.plain for one in out] == [exported]
    assert exported.count(b"<programme ") == 4
