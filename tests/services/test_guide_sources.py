"""Sources of the guide: kept apart, matched, merged, pinned; a failing or shrinking one leaves the guide as it was."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TypeVar

import pytest
from attrs import evolve

from epg.model import Channel as FedChannel
from epg.model import Name, Programme
from epg.planning import Content, Item, Rules, begins
from epg.si.reading import Found, ReadEvent, ServiceKey
from epg.xmltv import Parsed, read
from epg.xmltv_out import write
from middleware.domain.channels import Channel
from middleware.domain.errors import BadValue, NotFound
from middleware.services import eit_import, guide, plan, service_information, source_order, sources
from middleware.services.plan_ports import GuideSource
from middleware.storage.store import Store
from middleware.storage.uow import SqlUnitOfWork

T = TypeVar("T")
CCTV = "cctv1.national"
NOW = datetime.fromisoformat("2026-11-24T06:00:00+08:00")
DAY = date(2026, 11, 24)


def run(store: Store, work: Callable[[SqlUnitOfWork], T]) -> T:
    return store.run_sync(work)


@pytest.fixture(autouse=True)
def line_up(store: Store) -> int:
    def write_(uow: SqlUnitOfWork) -> int:
        made = guide.add_channel(uow, Channel(0, CCTV, 2, "CCTV-1 综合"))
        guide.add_channel(uow, Channel(0, "nanhu.town", 1, "今日南湖"))
        sources.put(uow, NOW, "test", GuideSource(0, "a", "http://a/epg.xml", rank=1))
        sources.put(uow, NOW, "test", GuideSource(0, "b", rank=2))
        return made.id

    return run(store, write_)


def feed(
    word: str, hours: int = 24, *, told: str = "c1", name: str = "中央1高清", desc: str = "", minutes: int = 0
) -> Parsed:
    rows = [
        Programme(
            "",
            told,
            NOW + timedelta(hours=n, minutes=minutes),
            NOW + timedelta(hours=n + 1, minutes=minutes),
            f"{word}{n}",
            desc=desc,
        )
        for n in range(hours)
    ]
    channel = FedChannel(told if "." in told else f"{told}.x", (Name(name, "zh"),))
    return read(write([channel], [evolve(row, channel=channel.xmltv_id) for row in rows], at=NOW))


def stage(store: Store, name: str, parsed: Parsed, **rest: bool) -> sources.Staged:
    return run(store, lambda uow: sources.stage(uow, NOW, "test", name, parsed, **rest))


def shown(store: Store, channel: int, hours: int = 30) -> list[tuple[str, str]]:
    rows = run(store, lambda uow: uow.guide.between(NOW, NOW + timedelta(hours=hours), {channel}))
    return [(one.programme.title, one.programme.desc) for one in rows]


def test_a_feed_finds_its_channel_by_name_and_keeps_uids_on_the_way_in_again(store: Store, line_up: int) -> None:
    done = stage(store, "a", feed("节目"))
    first = run(store, lambda uow: uow.guide.between(NOW, NOW + timedelta(hours=24), {line_up}))

    again = stage(store, "a", feed("节目"))

    assert (done.published, done.added) == (("CCTV-1 综合",), 24)
    assert (again.added, again.changed, again.removed) == (0, 0, 0)
    assert run(store, lambda uow: uow.guide.between(NOW, NOW + timedelta(hours=24), {line_up})) == first


def test_lower_sources_tell_fields_fill_what_is_free_and_come_back_when_the_higher_goes(
    store: Store, line_up: int
) -> None:
    stage(store, "b", feed("节目", 26, desc="简介"))
    stage(store, "a", feed("节目", 24))

    assert shown(store, line_up)[0] == ("节目0", "简介")
    assert len(shown(store, line_up)) == 26
    run(store, lambda uow: sources.remove(uow, NOW, "test", "a"))
    assert len(shown(store, line_up)) == 26
    run(store, lambda uow: sources.remove(uow, NOW, "test", "b"))
    assert shown(store, line_up) == []


def test_a_channel_believes_its_own_order_first_and_the_ranks_again_without_one(store: Store, line_up: int) -> None:
    run(store, lambda uow: sources.put(uow, NOW, "test", GuideSource(0, "c", rank=3, fields={"desc": 0})))
    for name, word in (("a", "甲"), ("b", "乙"), ("c", "丙")):
        stage(store, name, feed(f"{word}的节目单", 2, desc=word))
    before = shown(store, line_up)

    run(store, lambda uow: sources.order(uow, NOW, "test", CCTV, ["c", "b"]))

    assert (before[0], shown(store, line_up)[0]) == (("甲的节目单0", "丙"), ("丙的节目单0", "丙"))
    assert run(store, lambda uow: source_order.trust_of(uow, CCTV).order) == ("c", "b", "a")
    assert run(store, lambda uow: source_order.trust_of(uow, "nanhu.town").order) == ("a", "b", "c")
    run(store, lambda uow: sources.remove(uow, NOW, "test", "c"))
    assert shown(store, line_up)[0] == ("乙的节目单0", "乙")
    run(store, lambda uow: sources.order(uow, NOW, "test", CCTV, ()))
    assert shown(store, line_up)[0] == ("甲的节目单0", "甲")
    for wrong in (["x"], ["b", "b"]):
        with pytest.raises(BadValue):
            run(store, lambda uow, names=wrong: sources.order(uow, NOW, "test", CCTV, names))  # type: ignore[misc]


PROFILE = """name = "{name}"
onid = {onid}
network_id = 1
ts_id = 1
[[services]]
channel = "{channel}"
service_id = 101
ts_id = 1
"""


@pytest.mark.parametrize("kept", [True, False])
def test_services_of_a_foreign_stream_find_our_channels_by_the_triplets_of_every_profile(
    store: Store, line_up: int, kept: bool
) -> None:
    read_by = run(store, lambda uow: service_information.read_profile(PROFILE.format(name="x", onid=7, channel="x.y")))
    ours = PROFILE.format(name="county", onid=8214, channel=CCTV)
    run(store, lambda uow: service_information.save(uow, NOW, "test", ours, active=False))
    events = tuple(ReadEvent(n, NOW + timedelta(hours=n), 3600, f"节目{n}") for n in range(3))
    heard = run(store, lambda uow: guide.change_channel(uow, evolve(uow.guide.channel(line_up), radio=True)))
    carried = run(store, lambda uow: service_information.networks(uow))
    assert (heard.radio, carried[0].services[0].kind) == (True, 2)
    found = Found({ServiceKey(8214, 1, 101): events, ServiceKey(8214, 1, 102): events}, complete=True)

    if kept:
        done = stage(store, "a", eit_import.feed("a", read_by, found))
        assert (done.published, done.parked) == (("CCTV-1 综合",), ("dvb.8214.1.102",))
        assert [one.rows for one in run(store, lambda uow: sources.unmatched(uow))] == [3]
    else:
        report = run(store, lambda uow: eit_import.take(uow, NOW, "air", read_by, found)).report
        assert (report.kept, report.unmatched) == (3, 3)

    assert [title for title, _ in shown(store, line_up)] == ["节目0", "节目1", "节目2"]


def test_an_unknown_channel_is_parked_and_one_press_publishes_it(store: Store, line_up: int) -> None:
    staged = stage(store, "a", feed("节目", told="9", name="央一套综合台"))
    assert (staged.parked, shown(store, line_up)) == (("央一套综合台",), [])
    (waiting,) = run(store, lambda uow: sources.unmatched(uow))
    assert (waiting.rows, waiting.samples) == (24, ("节目0", "节目1", "节目2"))

    run(store, lambda uow: sources.match(uow, NOW, "test", "a", waiting.told, CCTV, alias=True))

    assert len(shown(store, line_up)) == 24
    assert run(store, lambda uow: sources.unmatched(uow)) == ()
    other = stage(store, "b", feed("别的", 30, told="77", name="央一套综合台"))
    assert other.published == ("CCTV-1 综合",)
    with pytest.raises(NotFound):
        run(store, lambda uow: sources.match(uow, NOW, "test", "a", "x", "no.such"))


def test_a_feed_that_shrinks_by_half_waits_for_an_operator(store: Store, line_up: int) -> None:
    stage(store, "a", feed("节目"))

    held = stage(store, "a", feed("新", 5))

    assert held.held == ("CCTV-1 综合",)
    assert shown(store, line_up)[0][0] == "节目0"
    forced = stage(store, "a", feed("新", 5), force=True)
    assert forced.published == ("CCTV-1 综合",)
    assert shown(store, line_up)[0][0] == "新0"


def test_a_failed_fetch_leaves_the_guide_and_says_since_when(store: Store, line_up: int) -> None:
    stage(store, "a", feed("节目"))
    later = NOW + timedelta(hours=1)
    run(store, lambda uow: sources.failed(uow, later, "a", "HTTP 500"))
    run(store, lambda uow: sources.failed(uow, later + timedelta(hours=1), "a", "HTTP 502"))

    found = run(store, lambda uow: uow.sources.by_name("a"))

    assert found is not None
    assert (found.failed, found.fault, len(shown(store, line_up))) == (later, "HTTP 502", 24)
    stage(store, "a", feed("节目"))
    again = run(store, lambda uow: uow.sources.by_name("a"))
    assert again is not None
    assert again.failed is None


def test_a_pin_wins_over_every_feed_until_it_is_taken_off(store: Store, line_up: int) -> None:
    stage(store, "a", feed("节目"))
    airing = run(store, lambda uow: uow.guide.between(NOW, NOW + timedelta(minutes=1), {line_up}))[0]

    run(store, lambda uow: sources.pin(uow, NOW, "test", airing.id, "title", "手改的片名"))

    assert shown(store, line_up)[0][0] == "手改的片名"
    stage(store, "a", feed("节目", desc="新的简介"))
    assert shown(store, line_up)[0] == ("手改的片名", "新的简介")
    told = run(store, lambda uow: sources.provenance(uow, airing.id))
    assert (told.came["title"], told.came["desc"], told.told["a"].title) == ("hand", "a", "节目0")
    run(store, lambda uow: sources.unpin(uow, NOW, "test", airing.id, "title"))
    assert shown(store, line_up)[0][0] == "节目0"
    with pytest.raises(BadValue):
        run(store, lambda uow: sources.pin(uow, NOW, "test", airing.id, "start", "x"))


def test_an_approved_day_of_our_own_is_never_touched(store: Store, line_up: int) -> None:
    rules = Rules(CCTV)
    window = begins(DAY, rules), begins(DAY + timedelta(days=1), rules)
    item = Item("own", window[0], window[1], Content("自己的一天", live=True))

    def approve(uow: SqlUnitOfWork) -> None:
        day = plan.begin_empty(uow, NOW, "wang", CCTV, DAY)
        plan.save(uow, NOW, "wang", day, (item,))
        plan.submit(uow, NOW, "wang", CCTV, DAY)
        plan.sign(uow, NOW, "li", CCTV, DAY)

    run(store, approve)

    stage(store, "a", feed("节目", 30))

    assert [title for title, _ in shown(store, line_up)] == ["自己的一天", *(f"节目{n}" for n in range(24, 30))]
    alone = feed("别的", 30, told=CCTV)
    assert run(store, lambda uow: guide.import_guide(uow, NOW, "file", alone)).added == 6
    assert [title for title, _ in shown(store, line_up)] == ["自己的一天", *(f"别的{n}" for n in range(24, 30))]


def test_a_source_set_to_the_wrong_zone_is_noticed(store: Store) -> None:
    stage(store, "a", feed("节目", 48))
    stage(store, "b", feed("节目", 48, minutes=480))

    (found,) = run(store, lambda uow: sources.drifts(uow, NOW))

    assert (found.source, found.against, found.apart) == ("b", "a", timedelta(hours=8))


def test_sources_are_due_by_their_minutes_and_bad_ones_are_refused(store: Store) -> None:
    assert [one.name for one in run(store, lambda uow: sources.due(uow, NOW))] == ["a"]
    claimed = [run(store, lambda uow, name=name: sources.claim(uow, NOW, name)) for name in ("a", "a", "b")]
    assert [one and one.name for one in claimed] == ["a", None, None], "of several servers one fetches it"
    run(store, lambda uow: sources.unchanged(uow, NOW, "a"))
    assert run(store, lambda uow: sources.due(uow, NOW + timedelta(minutes=5))) == ()
    assert len(run(store, lambda uow: sources.due(uow, NOW + timedelta(hours=7)))) == 1
    for bad in (GuideSource(0, ""), GuideSource(0, "x", "ftp://x"), GuideSource(0, "x", minutes=1)):
        with pytest.raises(BadValue):
            run(store, lambda uow, bad=bad: sources.put(uow, NOW, "test", bad))
