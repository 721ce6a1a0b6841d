"""A relay from its source to the ledger: on time, slate while the source is away, back by itself, a film afterwards."""

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from attrs import define, evolve, field
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from epg.approval import Day
from epg.planning import Content, Item
from middleware.domain.errors import BadValue, NotFound
from middleware.headend.reel import Reel
from middleware.headend.relay import Means, Relays
from middleware.services import ledger, relays
from middleware.services.ports import UnitOfWork
from middleware.services.relays import Source
from middleware.services.video_ports import PoolRefs
from middleware.storage.ledger import SqlLedgers
from middleware.storage.store import Store
from vod.catalogue import Asset, Edition, Rendition
from vod.jobs import State
from vod.ladder import Rung
from vod.ledger import Draft, Film, Pool
from vod.library import Library
from vod.linear import fold, next_row
from vod.runner import Finished, ToolFailed

T = TypeVar("T")
NAME = "nanhu.town"
START = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
STOP = START + timedelta(seconds=150)
RUNGS = (Rung(90, 160, 700, 770, 1400, "3.0", "3.1"),)
BRIGHT, BLACK = bytes(range(100, 228)) * 18, bytes(64 * 36)
EDITION = Edition(
    (540_000,) * 10,
    (Rendition(360, 640, 360, 25_000, "avc1.4d401e,mp4a.40.2", 800_000, 700_000, 7200, (6,) * 10, ("a",) * 10),),
)
STREAMS = {
    "streams": [
        {"index": 0, "codec_type": "video", "codec_name": "h264", "width": 640, "height": 360},
        {"index": 1, "codec_type": "audio", "codec_name": "aac"},
    ],
    "format": {},
}


@pytest.fixture(scope="module")
def segments(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Segments of exactly 6 s as an encoder writes them, one after the other."""
    folder = tmp_path_factory.mktemp("relay")
    given = "-f lavfi -i color=c=navy:s=160x90:r=25 -f lavfi -i anullsrc=r=48000 -t 300"
    pictures = "-c:v libx264 -preset ultrafast -g 50 -sc_threshold 0 -pix_fmt yuv420p"
    hls = "-c:a aac -ac 2 -muxdelay 0 -muxpreload 0 -f hls -hls_time 6 -hls_list_size 0"
    words = [*given.split(), *pictures.split(), *hls.split()]
    subprocess.run(["ffmpeg", "-v", "error", *words, folder / "i.m3u8"], check=True)
    return [(folder / f"i{number}.ts").read_bytes() for number in range(50)]


@define
class Site:
    """A channel with a plan, a source that gives a segment each 6 s, and a clock that a test turns."""

    store: Store
    folder: Path
    segments: list[bytes]
    clock: Clock = field(factory=Clock)
    giving: bool = False
    black: bool = False
    encoder: "Deferred[Finished] | None" = None
    place: Path | None = None
    next_number: int = 0
    began: float = 0.0
    late: float = 0.0
    fence: int = 1
    begun: list[Relays] = field(factory=list)

    def now(self) -> datetime:
        return START - timedelta(seconds=90) + timedelta(seconds=self.clock.seconds() + self.late)

    def run(self, fn: Callable[[UnitOfWork], T], name: str = "", *, write: bool = True) -> "Deferred[T]":
        return succeed(self.store.run_sync(fn))

    async def tool(
        self, _reactor: Any, tool: str, args: list[str], *, folder: Path | None = None, **_: Any
    ) -> Finished:
        if tool == "ffprobe":
            if not self.giving:
                raise ToolFailed("exit", "Connection refused", 1)
            return Finished(json.dumps(STREAMS).encode(), "")
        if "rawvideo" in args:
            return Finished(BLACK if self.black else BRIGHT, "")
        self.place, self.began = folder, self.clock.seconds()
        self.next_number = int(args[args.index("-start_number") + 1])
        self.encoder = Deferred()
        return await self.encoder

    def lose(self) -> None:
        """The source breaks off."""
        self.giving = False
        encoder, self.encoder = self.encoder, None
        if encoder is not None:
            encoder.errback(ToolFailed("exit", "End of file", 1))

    def turn(self, seconds: float) -> None:
        """Let time pass; what the source sent in it lies there as whole segments, 2 s after it was sent."""
        for _ in range(int(seconds * 2)):
            self.clock.advance(0.5)
            since = self.clock.seconds() - self.began - 2
            if self.encoder is not None and self.place is not None and since > 0 and since % 6 == 0:
                for rung in RUNGS:
                    path = self.place / str(rung.height) / f"{self.next_number:05d}.ts"
                    path.write_bytes(self.segments[self.next_number])
                self.next_number += 1


@pytest.fixture
def site(store: Store, tmp_path: Path, segments: list[bytes]) -> Iterator[Site]:
    made = Site(store, tmp_path, segments)
    store.run_sync(lambda uow: _written(uow, made.now()))
    yield made
    for each in made.begun:
        each.stop()


def _written(uow: UnitOfWork, now: datetime) -> None:
    relays.put_source(uow, now, "operator", Source("县台", "http://192.0.2.1/live.ts"))
    asset = Asset(0, 1, State.READY, "channel", "填充片", "填充片", "", 60_000, now, channel=True)
    filler, slate = (uow.assets.add(asset, EDITION) for _ in range(2))
    uow.plans.put_day(_day(STOP))
    refs = PoolRefs(1, ((filler.id, 1),), (slate.id, 1), ())
    fence = uow.ledger.lock(NAME, "here", _ms(now), _ms(now) + 3_600_000)
    uow.ledger.put_pool(NAME, refs, fence)
    films = {(one.id, 1): Film(one.id, 1, EDITION.seg_ticks) for one in (filler, slate)}
    pool = Pool(1, (films[filler.id, 1],), films[slate.id, 1])
    first = Draft("filler", filler.id, 1, 0, 10, pool_rev=1, start_ms=_ms(START) - 120_000)
    row = next_row(fold((), (), films, {1: pool}, channel=NAME), first, _ms(now))
    uow.ledger.append(NAME, [row], fence)


def _day(stop: datetime | None, revision: int = 1) -> Day:
    """The day with the relay, or without it."""
    item = Item("news", START, stop or STOP, Content("县里新闻", relay="县台"), kind="fixed")
    return Day(NAME, START.date(), revision, "approved", (item,) if stop else (), "editor", START)


def _plan(site: Site, stop: datetime | None) -> None:
    site.store.run_sync(lambda uow: uow.plans.put_day(_day(stop, 2)))


def _kept(asset: int, rev: int) -> None:
    raise AssertionError(f"the files of {asset}-{rev} are still wanted")


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _relays(site: Site, *, ours: bool = True) -> Relays:
    site.fence = 1 if ours else 0
    means = Means(
        site,
        Library(site.folder),
        site.clock,
        site.now,
        lambda _name: site.fence,
        lambda fn, *args: succeed(fn(*args)),
        rungs=RUNGS,
        run=site.tool,
    )
    made = Relays(means, lambda: [NAME])
    made.start()
    site.begun.append(made)
    return made


def _shown(site: Site, first: datetime, last: datetime) -> list[tuple[str, int, int]]:
    """What the channel shows between two instants: kind, and from and to in seconds after the planned start."""
    known = site.store.run_sync(lambda uow: ledger.effective(uow, NAME, _ms(START) - 60_000))
    runs = known.runs(_ms(first), _ms(last))
    return [(run.kind, (run.start_ms - _ms(START)) // 1000, (run.end_ms - _ms(START)) // 1000) for run in runs]


def _recording(site: Site) -> Asset:
    found = site.store.run_sync(lambda uow: uow.assets.by_origin(f"relay:{NAME}:news:1"))
    assert found
    return found


def test_a_relay_is_on_at_its_second_and_twelve_seconds_behind(site: Site) -> None:
    site.giving = True
    _relays(site)
    site.turn(90 + 60)
    known = site.store.run_sync(lambda uow: ledger.effective(uow, NAME, _ms(START) - 60_000))
    run = known.at(_ms(START))

    assert run
    assert (run.kind, run.start_ms, run.row.programme_uid) == ("relay", _ms(START), "news")
    captured_at = site.began + 6 * run.first
    assert 6 <= 90 - captured_at <= 18, "seconds between what the source sent and what the channel shows"
    assert {kind for kind, *_ in _shown(site, START, START + timedelta(seconds=55))} == {"relay"}


def test_while_the_source_is_away_the_slate_is_shown_and_it_comes_back_by_itself(site: Site) -> None:
    site.giving = True
    _relays(site)
    site.turn(90 + 20)
    site.lose()
    site.turn(30)
    site.giving = True
    site.turn(90)

    kinds = [kind for kind, *_ in _shown(site, START, START + timedelta(seconds=135))]
    assert [kind for at, kind in enumerate(kinds) if at == 0 or kinds[at - 1] != kind] == ["relay", "slate", "relay"]


def test_a_source_that_sends_black_is_as_good_as_lost(site: Site) -> None:
    site.giving = site.black = True
    _relays(site)
    site.turn(90 + 40)

    assert {kind for kind, *_ in _shown(site, START, START + timedelta(seconds=30))} == {"filler"}


def test_a_source_that_comes_late_is_shown_from_the_first_edge_that_can_be_met(site: Site) -> None:
    _relays(site)
    site.turn(90 + 5)
    site.giving = True
    site.turn(90)

    shown = _shown(site, START, START + timedelta(seconds=90))
    kind, since, _ = shown[-1]
    assert (kind, shown[0][0]) == ("relay", "filler")
    assert 45 <= since <= 66, "12 s of steady segments, 31 s ahead"


def test_afterwards_the_recording_is_a_film_like_any_other(site: Site) -> None:
    site.giving = True
    made = _relays(site)
    site.turn(90 + 150 + 65)
    film = _recording(site)

    assert made.taking == ()
    assert film.state is State.READY
    assert (film.title, film.column, film.channel) == ("县里新闻", "channel", True)
    edition = site.store.run_sync(lambda uow: uow.assets.edition(film.id, 1))
    assert edition
    assert film.duration_ms == edition.duration_ms == 6000 * len(edition.seg_ticks)
    assert len(edition.seg_ticks) > 40
    assert not list(Library(site.folder).folder(film.id, 1).rglob("*.m3u8"))

    _plan(site, STOP + timedelta(seconds=300))
    site.turn(15)
    assert made.taking == ("news",), "given more time after its end, it is taken into another film"
    origins = site.store.run_sync(lambda uow: sorted(one.origin for one in uow.assets.all() if one.origin))
    assert origins == [f"relay:{NAME}:news:1", f"relay:{NAME}:news:1:2"]


def test_a_recording_with_a_gap_is_no_film_but_stays_for_catch_up(site: Site) -> None:
    site.giving = True
    _relays(site)
    site.turn(90 + 20)
    broke_at = site.next_number
    site.lose()
    site.giving = True
    site.turn(30)
    captured = site.store.run_sync(lambda uow: uow.ledger.captured(NAME))
    assert max(one.k for one in captured) == broke_at - 1, "two encoders never share a row: their times begin anew"
    site.turn(120 + 60)
    film = _recording(site)

    assert film.state is State.FAILED
    kept = Library(site.folder).folder(film.id, 1) / "90"
    left = [(kept / f"{broke_at + n:05d}.ts").exists() for n in (-1, 0, 1)]
    assert left == [True, False, True]


def test_only_the_server_that_holds_the_lock_takes_a_source(site: Site) -> None:
    site.giving = True
    made = _relays(site, ours=False)
    site.turn(60)

    assert made.taking == ()
    assert site.store.run_sync(lambda uow: uow.assets.by_origin(f"relay:{NAME}:news:1")) is None


def test_two_servers_never_write_into_one_recording(site: Site) -> None:
    """One that has lost the lock without hearing of it may still encode when the other begins."""
    site.giving = True
    made = _relays(site)
    site.turn(40)
    before = site.place
    site.fence = 3
    site.turn(25)

    assert made.taking == ("news",)
    assert (before, site.place) == tuple(Library(site.folder).folder(number, 1) for number in (3, 4))


def test_after_a_restart_the_recording_goes_on_with_the_next_number(site: Site) -> None:
    site.giving = True
    first = _relays(site)
    site.turn(90 + 20)
    taken = site.next_number
    first.stop()
    site.lose()
    site.giving = True
    _relays(site)
    site.turn(10)

    assert site.next_number >= taken
    assert len(site.store.run_sync(lambda uow: [one for one in uow.assets.all() if one.origin])) == 1


def test_what_an_encoder_left_of_a_segment_is_passed_over(tmp_path: Path, segments: list[bytes]) -> None:
    rungs = (RUNGS[0], evolve(RUNGS[0], height=180, width=320))
    reel = Reel(tmp_path, rungs)
    reel.prepare()
    assert reel.begin() == 0
    for rung, number in ((90, 0), (180, 0), (90, 1)):
        (tmp_path / str(rung) / f"{number:05d}.ts").write_bytes(segments[number])
    assert [number for number, _ in reel.new()] == [0]
    assert reel.begin() == 3
    for rung in (90, 180):
        (tmp_path / str(rung) / "00003.ts").write_bytes(segments[3])

    assert [number for number, _ in reel.new()] == [3]
    (tmp_path / "90" / "00004.ts").write_bytes(segments[4][: 188 * 9])
    (tmp_path / "180" / "00004.ts").write_bytes(b"G" + bytes(187))
    assert reel.new() == []
    assert reel.edition() is None


def test_a_programme_that_is_given_more_time_is_taken_for_longer(site: Site) -> None:
    site.giving = True
    made = _relays(site)
    site.turn(90 + 100)
    _plan(site, STOP + timedelta(seconds=120))
    site.turn(125)

    assert made.taking == ("news",), "beyond its old end and the minute behind it"
    kinds = {kind for kind, *_ in _shown(site, STOP, STOP + timedelta(seconds=60))}
    assert kinds == {"relay"}


def test_a_programme_that_leaves_the_plan_is_not_put_on_air(site: Site) -> None:
    site.giving = True
    made = _relays(site)
    site.turn(35)
    assert made.taking == ("news",)
    _plan(site, None)
    site.turn(90)

    assert made.taking == ()
    assert {kind for kind, *_ in _shown(site, START, START + timedelta(seconds=30))} == {"filler"}


def test_a_transaction_that_took_too_long_puts_nothing_on_air(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other servers may have shown the slate by then: what is shown once never changes."""
    site.giving = True
    _relays(site)
    site.turn(90 + 10)
    told = len(site.store.run_sync(lambda uow: uow.ledger.captured(NAME)))
    real = SqlLedgers.capture

    def slow(self: SqlLedgers, *given: Any) -> None:
        real(self, *given)
        site.late += 1.5

    with monkeypatch.context() as busy:
        busy.setattr(SqlLedgers, "capture", slow)
        site.turn(4.5)
    assert site.late > 0
    assert len(site.store.run_sync(lambda uow: uow.ledger.captured(NAME))) == told > 0
    site.late = 0.0
    site.turn(1)

    assert len(site.store.run_sync(lambda uow: uow.ledger.captured(NAME))) > told


def test_a_clock_that_is_set_back_puts_nothing_on_air(site: Site) -> None:
    """By its stamps all would have come in time, though other servers have shown the slate by then."""
    site.giving = True
    _relays(site)
    site.turn(90 + 10)
    told = len(site.store.run_sync(lambda uow: uow.ledger.captured(NAME)))
    site.late = -60
    site.turn(13)

    assert len(site.store.run_sync(lambda uow: uow.ledger.captured(NAME))) == told > 0


def test_a_look_that_fails_is_not_the_last(site: Site, monkeypatch: pytest.MonkeyPatch, lost_errors: list[str]) -> None:
    site.giving = True
    with monkeypatch.context() as broken:
        broken.setattr(relays, "due", lambda *_, **__: 1 / 0)
        made = _relays(site)
        site.turn(25)
        assert made.taking == ()
    assert len(lost_errors) == 1, "told once"
    lost_errors.clear()
    site.turn(10)

    assert made.taking == ("news",)


def test_recordings_with_gaps_go_when_catch_up_needs_them_no_more(site: Site) -> None:
    begun = site.store.run_sync(lambda uow: relays.recording(uow, START, relays.due(uow, START, NAME)[0], 1))
    site.store.run_sync(lambda uow: relays.finish(uow, START, begun, None))
    gone: list[tuple[int, int]] = []
    for days in (7, 9, 10):
        later = START + timedelta(days=days)
        site.store.run_sync(lambda uow, at=later: relays.tidy(uow, at, lambda *key: gone.append(key)))

    assert gone == [(begun.id, 1)]
    found = site.store.run_sync(lambda uow: uow.assets.get(begun.id))
    assert found
    assert found.state is State.PURGED


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "concat:a|b", "http:///x", "udp://", "http://a b/", "javascript:1"]
)
def test_a_source_is_an_address_on_the_network_and_nothing_else(store: Store, address: str) -> None:
    with pytest.raises(BadValue) as told:
        store.run_sync(lambda uow: relays.put_source(uow, START, "operator", Source("县台", address)))

    assert told.value.code == "bad_address"


def test_sources_are_kept_by_name_and_forgotten(store: Store) -> None:
    for address in ("http://192.0.2.1/a.m3u8", "udp://239.0.0.1:5140"):
        store.run_sync(lambda uow, to=address: relays.put_source(uow, START, "operator", Source("县台", to)))

    assert store.run_sync(relays.sources) == (Source("县台", "udp://239.0.0.1:5140"),)
    store.run_sync(lambda uow: relays.remove_source(uow, START, "operator", "县台"))
    with pytest.raises(NotFound):
        store.run_sync(lambda uow: relays.remove_source(uow, START, "operator", "县台"))


def test_old_recordings_leave_the_library_when_catch_up_needs_them_no_more(site: Site) -> None:
    begun = site.store.run_sync(lambda uow: relays.recording(uow, START, relays.due(uow, START, NAME)[0], 1))
    site.store.run_sync(lambda uow: relays.finish(uow, START, begun, EDITION))

    assert site.store.run_sync(lambda uow: relays.tidy(uow, START + timedelta(days=7), _kept)) == 0
    assert site.store.run_sync(lambda uow: relays.tidy(uow, START + timedelta(days=9), _kept)) == 1
    assert _recording(site).state is State.WITHDRAWN


def test_what_a_server_that_died_was_recording_is_ended_a_day_later(site: Site) -> None:
    site.store.run_sync(lambda uow: relays.recording(uow, START, relays.due(uow, START, NAME)[0], 1))

    assert site.store.run_sync(lambda uow: relays.tidy(uow, START + timedelta(hours=23), _kept)) == 0
    assert site.store.run_sync(lambda uow: relays.tidy(uow, START + timedelta(hours=25), _kept)) == 1
    assert _recording(site).state is State.FAILED
