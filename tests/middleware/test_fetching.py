"""Feeds are fetched from a real HTTP server: with its tags, in bounds, and without harm when it fails."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from epg.model import Channel as FedChannel
from epg.model import Name, Programme
from epg.xmltv_out import write
from middleware.domain.channels import Channel
from middleware.headend import fetching
from middleware.headend.fetching import Fetcher, NotFetched
from middleware.services import guide, source_reports, sources
from middleware.services.plan_ports import GuideSource
from middleware.services.sources import Staged
from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.middleware.test_playout import Direct

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
FEED = write(
    [FedChannel("a.b", (Name("南湖新闻", "zh"),))],
    [Programme("", "a.b", NOW + timedelta(hours=n), NOW + timedelta(hours=n + 1), f"节目{n}") for n in range(12)],
    at=NOW,
)


class Partner(BaseHTTPRequestHandler):
    """A partner's server; what it answers is set by the test."""

    status, body, asked = 200, FEED, []

    def do_GET(self) -> None:
        """The library's name."""
        type(self).asked.append(dict(self.headers))
        if self.headers.get("If-None-Match") == '"v1"' and self.status == 200:
            self.send_response(304)
            self.end_headers()
            return
        self.send_response(self.status)
        self.send_header("ETag", '"v1"')
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_arguments: object) -> None:
        """Nothing on the terminal of a test."""


@pytest.fixture
def partner() -> Iterator[str]:
    Partner.status, Partner.body, Partner.asked = 200, FEED, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Partner)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/epg.xml"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    db_upgrade(f"sqlite:///{tmp_path}/nanhu.db", tmp_path)
    opened = Store.open(f"sqlite:///{tmp_path}/nanhu.db", vault=Vault.load(tmp_path))
    opened.run_sync(lambda uow: guide.add_channel(uow, Channel(0, "nhxw.nanhu.cn", 1, "南湖新闻")))
    yield opened
    opened.close()


def fetcher(store: Store, folder: Path) -> Fetcher:
    return Fetcher(Direct(store), lambda: NOW, Clock(), lambda work: _now(work), folder)


def _now(work: object) -> "Deferred[object]":
    return succeed(work())  # type: ignore[operator]


def fetched(store: Store, folder: Path) -> "Staged | None":
    source = store.run_sync(lambda uow: uow.sources.by_name("p"))
    assert source is not None
    out: list[object] = []
    Deferred.fromCoroutine(fetcher(store, folder).fetch(source)).addBoth(out.append)
    if hasattr(out[0], "value"):
        raise out[0].value
    return out[0]  # type: ignore[return-value]


def add(store: Store, url: str) -> None:
    store.run_sync(lambda uow: sources.put(uow, NOW, "test", GuideSource(0, "p", url)))


def test_a_feed_comes_in_once_and_is_not_read_again_while_its_tag_stands(
    store: Store, partner: str, tmp_path: Path
) -> None:
    add(store, partner)

    first, second = fetched(store, tmp_path), fetched(store, tmp_path)

    assert first is not None
    assert (first.published, first.added) == (("南湖新闻",), 12)
    assert second is None
    assert Partner.asked[1]["If-None-Match"] == '"v1"'
    assert list(tmp_path.glob("feed-*")) == []


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [(500, b"", "HTTP 500"), (404, b"", "HTTP 404"), (200, b"<html>", "well formed"), (200, b"", "empty")],
)
def test_a_server_that_fails_leaves_the_guide_and_is_noted(
    store: Store, partner: str, tmp_path: Path, status: int, body: bytes, words: str
) -> None:
    add(store, partner)
    fetched(store, tmp_path)
    store.run_sync(lambda uow: sources.kept_tags(uow, "p", "", ""))
    Partner.status, Partner.body = status, body

    with pytest.raises(Exception, match=words):
        fetched(store, tmp_path)

    source, rows = store.run_sync(
        lambda uow: (uow.sources.by_name("p"), uow.guide.between(NOW, NOW + timedelta(hours=12)))
    )
    assert (source.failed, len(rows)) == (NOW, 12)
    assert words in source.fault
    assert list(tmp_path.glob("feed-*")) == []


def test_nobody_there_and_too_much_are_told(
    store: Store, partner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(store, "http://127.0.0.1:9/epg.xml")
    with pytest.raises(NotFetched, match="does not answer"):
        fetched(store, tmp_path)
    add(store, partner)
    monkeypatch.setattr(fetching, "MOST_BYTES", 1000)

    with pytest.raises(NotFetched, match="larger"):
        fetched(store, tmp_path)

    assert list(tmp_path.glob("feed-*")) == []


def test_a_channel_that_shrank_waits_until_an_operator_takes_it_and_the_report_is_kept(
    store: Store, partner: str, tmp_path: Path
) -> None:
    add(store, partner)
    fetched(store, tmp_path)
    store.run_sync(lambda uow: sources.kept_tags(uow, "p", "", ""))
    Partner.body = write(
        [FedChannel("a.b", (Name("南湖新闻", "zh"),))],
        [Programme("", "a.b", NOW, NOW + timedelta(hours=12), "只剩一个")],
        at=NOW,
    )
    fetched(store, tmp_path)
    waiting = store.run_sync(lambda uow: source_reports.last(uow, "p"))
    source = store.run_sync(lambda uow: uow.sources.by_name("p"))
    assert source is not None
    work = fetcher(store, tmp_path)

    assert work.begin(source, force=True)

    taken = store.run_sync(lambda uow: source_reports.last(uow, "p"))
    assert waiting is not None
    assert taken is not None
    assert (waiting.held, waiting.rows) == (["南湖新闻"], 1)
    assert (taken.held, taken.told["published"]) == ([], ["南湖新闻"])
    titles = [
        one.programme.title for one in store.run_sync(lambda uow: uow.guide.between(NOW, NOW + timedelta(hours=12)))
    ]
    assert titles == ["只剩一个"]
    assert work.running == frozenset()


def test_two_at_once_are_one(store: Store, partner: str, tmp_path: Path) -> None:
    add(store, partner)
    source = store.run_sync(lambda uow: uow.sources.by_name("p"))
    assert source is not None
    held: list[tuple[object, Deferred[object]]] = []

    def later(work: object) -> "Deferred[object]":
        held.append((work, Deferred()))
        return held[-1][1]

    both = Fetcher(Direct(store), lambda: NOW, Clock(), later, tmp_path)
    begun = both.begin(source), both.begin(source)
    both.start()  # its time has come as well
    running = both.running
    while held:
        work, waiting = held.pop(0)
        waiting.callback(work())  # type: ignore[operator]
    both.stop()

    assert (begun, running, len(Partner.asked)) == ((True, False), frozenset({"p"}), 1)
    assert both.running == frozenset()
    assert len(store.run_sync(lambda uow: uow.guide.between(NOW, NOW + timedelta(hours=12)))) == 12
