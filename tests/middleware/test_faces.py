"""Faces of the guide over HTTP: forms, names, catch-up, bytes that stay, one making for many, nothing held up."""

import gzip
import json
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve, field
from lxml import etree
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from epg import m3u, xmltv
from epg.catchup import Cut, fill
from epg.matching import Matcher
from epg.model import Programme
from epg.schedule import day_bounds
from middleware.domain.channels import Channel, Genre
from middleware.headend import guide_lineup
from middleware.headend.faces import Faces
from middleware.services import guide
from middleware.services.ports import Airing, OutboxEvent
from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from middleware.web.edge import make_site
from middleware.web.routes import Routes
from middleware.web.values import text
from tests.portal.portal_town import Wire

NOW = datetime(2026, 11, 25, 11, 30, tzinfo=UTC)  # 19:30 in the town
TODAY = date(2026, 11, 25)
HOUR = timedelta(hours=1)
DTD = "/usr/share/xmltv/xmltv.dtd"
XINWEN, CCTV1, CCTV13 = "nhxw.nanhu.cn", "cctv1.cn", "cctv13.cn"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faces")
    db_upgrade(f"sqlite:///{folder}/nanhu.db", folder)
    store = Store.open(f"sqlite:///{folder}/nanhu.db", vault=Vault.load(folder))
    store.run_sync(_fill)
    store.close()
    return folder


def _fill(uow: Any) -> None:
    genre = guide.put_genre(uow, Genre(0, "本地"))
    archive = "http://10.0.0.5/a/{start}-{stop}.m3u8"
    for number, xmltv_id, name, more in (
        (
            1,
            XINWEN,
            "南湖新闻",
            {"url": "/v/5-1/master.m3u8", "archive_h": 48, "archive_url": archive, "logo": "nh.png"},
        ),
        (2, CCTV1, "CCTV-1 综合", {"url": "http://10.0.0.5/cctv1.m3u8", "radio": True}),
        (3, CCTV13, "CCTV-13 新闻", {"multicast": "igmp://239.1.1.1:5140"}),
        (4, "night.nanhu.cn", "午夜", {"url": "http://10.0.0.5/n.m3u8", "censored": True}),
    ):
        channel = guide.add_channel(uow, Channel(0, xmltv_id, number, name, genre_id=genre.id, **more))
        uow.guide.write([Airing(0, channel.id, "test", one) for one in _programmes(channel)], (), ())


def _programmes(channel: Channel) -> Iterator[Programme]:
    """Hours from three days before to four after; one runs over each midnight."""
    start = day_bounds(TODAY - timedelta(days=3))[0] + timedelta(minutes=30)
    titles = ("南湖新闻", "戏曲苑：花木兰", "天气预报", "A & B <电视剧>")
    for hour in range(7 * 24):
        at = start + timedelta(hours=hour)
        title = titles[hour % 4] if channel.number < 3 else f"节目{hour}"
        uid = f"{channel.number}-{hour}"
        yield Programme(uid, channel.xmltv_id, at, at + timedelta(hours=1), title, desc="简介", categories=("新闻",))


class Direct:
    """The store without threads, its reading put off until the test says so when `held` is a list."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.names: list[str] = []
        self.held: list[Callable[[], None]] | None = None

    def run(self, fn: Callable[..., object], name: str = "", *, write: bool = True) -> "Deferred[object]":
        self.names.append(name)
        if self.held is None:
            return succeed(self._store.run_sync(fn, name, write=write))
        waiting: Deferred[object] = Deferred()
        self.held.append(lambda: waiting.callback(self._store.run_sync(fn, name, write=write)))
        return waiting


@define
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        return json.loads(self.body)


@define
class Site:
    """Faces on a site, asked over the wire."""

    store: Store
    clock: Clock
    storage: Direct
    faces: Faces
    site: Any
    channels: list[Any] = field(factory=list)

    def ask(self, path: str, **headers: str) -> Wire:
        channel = self.site.buildProtocol(None)
        wire = Wire()
        channel.makeConnection(wire)
        self.channels.append(channel)
        lines = [f"GET {path} HTTP/1.1", "Host: tv.test", *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items())]
        channel.dataReceived("\r\n".join([*lines, "", ""]).encode())
        return wire

    def get(self, path: str, **headers: str) -> Answer:
        return told(self.ask(path, **headers))

    def json(self, path: str) -> Any:
        found = self.get(path)
        assert found.status == 200, found
        assert found.headers["content-type"] == "application/json"
        return found.told

    def edit(self, title: str) -> None:
        """Change the title of what is on now on the first channel, and tell."""

        def write(uow: Any) -> None:
            one = uow.guide.named("1-91")
            uow.guide.write((), [evolve(one, programme=evolve(one.programme, title=title))], ())

        self.store.run_sync(write)
        self.faces.tell(OutboxEvent(1, "ContentChanged", {"noun": "programme"}))


def told(wire: Wire) -> Answer:
    head, _, body = wire.value().partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Answer(int(status.split()[1]), headers, body)


@pytest.fixture
def site(data: Path, tmp_path: Path) -> Iterator[Site]:
    shutil.copytree(data, tmp_path / "town")
    store = Store.open(f"sqlite:///{tmp_path}/town/nanhu.db", vault=Vault.load(tmp_path / "town"))
    clock = Clock()
    clock.advance(NOW.timestamp())
    storage = Direct(store)
    faces = Faces(
        storage,  # type: ignore[arg-type]
        lambda: datetime.fromtimestamp(clock.seconds(), UTC),
        clock.seconds,
        lambda work: succeed(work()),
    )
    routes = Routes()
    faces.routes(routes)
    yield Site(store, clock, storage, faces, make_site(routes, clock, error_page=lambda n: text("", n)))
    store.close()


def test_channels_are_told_with_logos_and_days_of_catch_up(site: Site) -> None:
    first, second, *_ = site.json("/epg/v1/channels")["channels"]

    assert first == {
        "id": XINWEN, "name": "南湖新闻", "number": 1, "logo": "http://tv.test/logos/nh.png", "catchup_days": 2,
    }  # fmt: skip
    assert (second["logo"], second["catchup_days"]) == ("", 0)


def test_now_and_next_follow_the_clock(site: Site) -> None:
    before = site.json("/epg/v1/now")["now"]
    site.clock.advance(3600)
    after = site.json("/epg/v1/now")["now"]

    assert [row["channel"]["number"] for row in before] == [1, 2, 3, 4]
    assert before[0]["present"]["start_iso"] == "2026-11-25T19:30:00+08:00"
    assert before[0]["following"] == after[0]["present"]


def test_a_window_of_a_channel_by_id_number_or_name_in_any_spelling(site: Site) -> None:
    wanted = "from=2026-11-25T19:00:00%2B08:00&to=2026-11-25T21:00:00%2B08:00"
    by_id = site.json(f"/epg/v1/guide?channel={CCTV1}&{wanted}")
    same = [
        site.json(f"/epg/v1/guide?channel={name}&{wanted}") for name in ("2", "cctv01", "%E4%B8%AD%E5%A4%AE1%E5%A5%97")
    ]

    assert [one["start_iso"][11:16] for one in by_id["programmes"]] == ["18:30", "19:30", "20:30"]
    assert same == [by_id] * 3
    assert by_id["from"] == int(datetime(2026, 11, 25, 11, tzinfo=UTC).timestamp())
    assert site.json("/epg/v1/guide?channel=CCTV13")["channel"]["id"] == CCTV13
    assert site.get("/epg/v1/guide?channel=CCTV").status == 404


@pytest.mark.parametrize(
    "query",
    ["from=x", "from=2026-13-01", "from=2026-11-25&to=2026-11-24", "from=0&to=99999999999", "from=999999999999999999"],
)
def test_times_that_cannot_be_are_refused(site: Site, query: str) -> None:
    assert site.get(f"/epg/v1/guide?channel=1&{query}").status == 400


def test_catch_up_is_none_ahead_ready_while_it_is_kept_and_expired_later(site: Site) -> None:
    rows = site.json("/epg/v1/guide?channel=1&from=2026-11-22&to=2026-11-27")["programmes"]
    states = [(one["stop"], one["catchup"]["state"]) for one in rows]
    now = int(NOW.timestamp())
    ready = next(one for one in rows if one["catchup"]["state"] == "ready")

    assert {state for stop, state in states if stop > now} == {"none"}
    assert {state for stop, state in states if now - 47 * 3600 < stop <= now} == {"ready"}
    assert {state for stop, state in states if stop < now - 49 * 3600} == {"expired"}
    assert ready["catchup"]["link"] == f"http://10.0.0.5/a/{ready['start']}-{ready['stop']}.m3u8"
    one = site.json(f"/epg/v1/programme/{ready['uid']}")
    assert one == ready
    assert site.get("/epg/v1/programme/nothing").status == 404


@pytest.mark.parametrize("query", ["nhxw", "6499", "%E5%8D%97%E6%B9%96"])
def test_search_finds_channels_and_programmes_to_come_and_kept_ones_after(site: Site, query: str) -> None:
    found = site.json(f"/epg/v1/search?q={query}")
    rows = [one for one in found["programmes"] if one["title"] == "南湖新闻"]
    now = int(NOW.timestamp())
    ahead = [one["stop"] > now for one in rows]

    assert [one["id"] for one in found["channels"]] == [XINWEN]
    assert len(rows) > 20
    assert ahead == sorted(ahead, reverse=True)
    assert {one["channel"] for one in rows if one["stop"] <= now} == {XINWEN}
    assert {one["catchup"]["state"] for one in rows if one["stop"] <= now} == {"ready"}


def test_search_for_nothing_finds_nothing(site: Site) -> None:
    assert site.json("/epg/v1/search?q=")["programmes"] == []
    assert site.json("/epg/v1/search?q=zzzz")["channels"] == []


def test_diyp_asks_by_name_and_day_and_what_runs_over_midnight_is_cut(site: Site) -> None:
    found = site.json("/epg/diyp?ch=CCTV1%E9%AB%98%E6%B8%85&date=2026-11-26")

    assert {name: found[name] for name in ("channel_name", "date", "url", "icon")} == {
        "channel_name": "CCTV-1 综合", "date": "2026-11-26", "url": "", "icon": "",
    }  # fmt: skip
    assert list(found) == ["channel_name", "date", "url", "icon", "epg_data"]
    assert (found["epg_data"][0]["start"], found["epg_data"][0]["end"]) == ("00:00", "00:30")
    assert found["epg_data"][-1]["end"] == "00:00"
    assert set(found["epg_data"][0]) == {"start", "end", "title", "desc"}
    assert site.get("/epg/diyp?ch=CCTV-5").status == 404
    assert site.get("/epg/diyp?ch=CCTV1&date=x").status == 400


def test_super_live_asks_by_channel_on_the_same_address(site: Site) -> None:
    found = site.json("/epg/diyp?channel=%E5%8D%97%E6%B9%96%E6%96%B0%E9%97%BB")["南湖新闻"]

    assert list(found) == ["isLive", "liveSt", "channelName", "lvUrl", "icon", "program"]
    assert found["liveSt"] == int(NOW.timestamp())
    assert list(found["program"][0]) == ["st", "et", "t", "eventId", "eventType", "showTime", "duration"]
    assert len(found["program"]) == 25


def test_without_a_channel_the_same_address_gives_the_whole_guide_packed(site: Site) -> None:
    found = site.get("/epg/diyp")

    assert found.headers["content-type"] == "application/gzip"
    assert gzip.decompress(found.body) == site.get("/epg.xml").body
    assert site.get("/epg.xml.gz").body == found.body


def test_a_list_of_channels_leaves_out_what_cannot_be_played_by_everybody(site: Site) -> None:
    found = site.get("/epg/channels.m3u")
    first, second = m3u.read(found.body).playlist.entries

    assert found.headers["content-type"].startswith("audio/x-mpegurl")
    assert m3u.read(found.body).playlist.guides == ("http://tv.test/epg.xml.gz",)
    assert (first.name, first.url, first.tvg_id, first.number) == (
        "南湖新闻", "http://tv.test/v/5-1/master.m3u8", XINWEN, 1,
    )  # fmt: skip
    assert (first.catchup, first.days, first.groups) == ("default", 2, ("本地",))
    cut = Cut(NOW, NOW + timedelta(hours=1), NOW)
    assert fill(first.source, cut) == "http://10.0.0.5/a/1795606200-1795609800.m3u8"
    assert (second.tvg_id, second.catchup, second.source, second.radio, first.radio) == (CCTV1, "", "", True, False)


def test_xmltv_is_valid_and_days_add_up_to_the_range(site: Site) -> None:
    whole = site.get("/epg.xml?offset=0&days=3").body
    days = [site.get(f"/epg.xml?offset={n}&days=1").body for n in range(3)]
    tree = etree.fromstring(whole)
    rows = [xmltv.read(part).programmes for part in days]
    head = [etree.fromstring(part) for part in days]

    assert etree.DTD(DTD).validate(tree)
    assert sorted((one for part in rows for one in part), key=lambda one: (one.channel, one.start)) == list(
        xmltv.read(whole).programmes
    )
    assert {tuple(one.attrib.items()) for one in head} == {tuple(tree.attrib.items())}
    assert len(rows[0]) == 4 * 24


def test_the_file_of_the_command_line_and_the_face_are_the_same_programmes(site: Site) -> None:
    start = day_bounds(TODAY)[0]
    exported = site.store.run_sync(lambda uow: guide.export(uow, NOW, start, start + timedelta(days=3)), write=False)

    assert site.get("/epg.xml?offset=0&days=3").body == exported


def test_xmltv_of_some_channels_and_for_kodi(site: Site) -> None:
    found = etree.fromstring(site.get(f"/epg.xml?channel={XINWEN},2&flavour=kodi&days=1&offset=0").body)

    assert {one.get("id") for one in found.iter("channel")} == {XINWEN, CCTV1}
    assert found.find("programme").get("catchup-id") == "2-72"
    assert site.get("/epg.xml?channel=CCTV-5").status == 404
    assert [site.get(f"/epg.xml?{query}").status for query in ("days=0", "days=32", "offset=x", "flavour=y")] == [
        400
    ] * 4


@pytest.mark.parametrize(
    "path",
    ["/epg.xml", "/epg.xml.gz", "/epg/v1/now", "/epg/v1/guide?channel=2", "/epg/diyp?ch=CCTV1", "/epg/v1/channels"],
)
def test_who_has_the_bytes_is_told_so_also_after_an_import_that_changed_nothing(site: Site, path: str) -> None:
    first = site.get(path, Accept_Encoding="gzip")
    site.faces.tell(OutboxEvent(1, "ContentChanged", {"noun": "programme"}))
    again = site.get(path, Accept_Encoding="gzip", If_None_Match=first.headers["etag"])
    plain = site.get(path)

    assert (again.status, again.body) == (304, b"")
    assert "max-age" in first.headers["cache-control"]
    assert (
        path.endswith(".gz")
        or plain.headers["etag"] != first.headers["etag"]
        or "content-encoding" not in first.headers
    )
    body = gzip.decompress(first.body) if first.headers.get("content-encoding") == "gzip" else first.body
    assert body == plain.body


def test_an_edit_is_on_every_face_at_once_and_renders_its_days_only(site: Site) -> None:
    site.get("/epg.xml")
    before = site.faces.files.rendered
    date_before = etree.fromstring(site.get("/epg.xml").body).get("date")
    site.clock.advance(60)
    site.edit("改了的节目")
    new = site.get("/epg.xml").body

    assert "改了的节目" in new.decode()
    assert etree.fromstring(new).get("date") != date_before
    assert site.faces.files.rendered - before == 1
    for path in (
        "/epg/v1/now",
        "/epg/v1/guide?channel=1",
        "/epg/diyp?ch=1",
        "/epg/diyp?channel=1",
        "/epg/v1/search?q=gldjm",
    ):
        assert "改了的节目" in site.get(path).body.decode(), path


def test_what_is_known_is_told_without_the_store(site: Site) -> None:
    paths = [
        "/epg.xml",
        "/epg/v1/now",
        "/epg/v1/guide?channel=1",
        "/epg/diyp?ch=1",
        "/epg/channels.m3u",
        "/epg/v1/search?q=nh",
    ]
    for path in paths:
        site.get(path)
    site.storage.names.clear()
    bodies = [site.get(path).status for path in paths]

    assert bodies == [200] * len(paths)
    assert site.storage.names == []


def test_many_who_ask_at_once_are_told_of_one_making_also_when_the_first_leaves(site: Site) -> None:
    site.get("/epg/v1/channels")
    site.storage.held = []
    site.channels.clear()
    first, *others = [site.ask("/epg.xml") for _ in range(5)]
    held, site.storage.held = site.storage.held, None
    site.channels[0].connectionLost(Failure(ConnectionDone()))
    for go_on in held:
        go_on()

    assert len(held) == 1
    assert first.value() == b""
    assert [told(wire).status for wire in others] == [200] * 4
    assert site.faces.files.made == 1


def test_what_changes_while_it_is_made_serves_who_asked_and_is_made_anew(site: Site) -> None:
    site.get("/epg/v1/channels")
    site.storage.held = []
    old = site.ask("/epg.xml")
    held, site.storage.held = site.storage.held, None
    site.edit("改了的节目")
    new = site.get("/epg.xml")
    for go_on in held:
        go_on()

    assert told(old).status == 200
    assert "改了的节目" in new.body.decode()
    assert site.get("/epg.xml").body == new.body


def test_who_asks_too_often_waits(site: Site) -> None:
    statuses = [site.get("/epg/v1/search?q=nh").status for _ in range(60)]
    site.clock.advance(10)

    assert statuses[:40] == [200] * 40
    assert statuses[-1] == 429
    assert site.get("/epg/v1/search?q=nh").status == 200


class Apart:
    """A store and threads whose CPU time is not counted as the reactor's."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.apart = 0.0

    def run(self, fn: Callable[..., object], name: str = "", *, write: bool = True) -> "Deferred[object]":
        return self.in_thread(lambda: self._store.run_sync(fn, name, write=write))

    def in_thread(self, work: Callable[[], object]) -> "Deferred[object]":
        begun = time.thread_time()
        found = work()
        self.apart += time.thread_time() - begun
        return succeed(found)


def test_no_rebuild_of_a_large_guide_holds_up_the_reactor(site: Site) -> None:
    """In CPU time of this thread, which the load of the machine does not change."""

    def grow(uow: Any) -> None:
        for number in range(10, 60):
            one = guide.add_channel(uow, Channel(0, f"c{number}.cn", number, f"频道{number}"))
            start = day_bounds(TODAY)[0]
            rows = [
                Programme(
                    f"{number}-{n}",
                    one.xmltv_id,
                    start + n * HOUR,
                    start + (n + 1) * HOUR,
                    f"节目{n}",
                    desc="简介" * 60,
                )
                for n in range(24 * 8)
            ]
            uow.guide.write([Airing(0, one.id, "test", row) for row in rows], (), ())

    site.store.run_sync(grow)
    apart = Apart(site.store)
    now = lambda: NOW  # noqa: E731 (a clock that stands)
    faces = Faces(apart, now, NOW.timestamp, apart.in_thread)  # type: ignore[arg-type]
    routes = Routes()
    faces.routes(routes)
    large = evolve(site, faces=faces, site=make_site(routes, site.clock, error_page=lambda n: text("", n)))
    held = {}
    for turn in ("cold", "edited"):
        for path in ("/epg.xml", "/epg/v1/now", "/epg/v1/search?q=jm", "/epg/v1/guide?channel=c20.cn&to=2026-12-02"):
            before, apart.apart = time.thread_time(), 0.0
            assert large.get(path, Accept_Encoding="gzip").status == 200
            held[turn, path] = round(time.thread_time() - before - apart.apart, 4)
        large.edit("改了的节目")

    assert max(held.values()) < 0.020, held


def test_our_own_channel_leads_players_to_what_was_on_by_itself() -> None:
    own = Channel(
        1, "nanhu.town", 1, "今日南湖", "/ch/nanhu.town/master.m3u8", archive_h=168,
        archive_url="/ch/nanhu.town/{start}-{stop}/master.m3u8",
    )  # fmt: skip
    lineup = guide_lineup.Lineup((own,), Matcher({}, {}, {}, {}, {}), {})
    written = guide_lineup.playlist(lineup, "http://tv.test", lambda path: f"/t/9/x/pub{path}")
    (entry,) = m3u.read(written).playlist.entries
    cut = Cut(NOW, NOW + HOUR, NOW + HOUR)

    assert entry.url == "http://tv.test/t/9/x/pub/ch/nanhu.town/master.m3u8"
    assert (entry.catchup, entry.days) == ("default", 7)
    assert entry.source == "http://tv.test/t/9/x/pub/ch/nanhu.town/{utc}-{utcend}/master.m3u8"
    assert fill(entry.source, cut) == "http://tv.test/t/9/x/pub/ch/nanhu.town/1795606200-1795609800/master.m3u8"
