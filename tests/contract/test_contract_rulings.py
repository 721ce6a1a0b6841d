"""What editors decide of quarantined rows comes back to the last field, on both databases."""

from datetime import UTC, date, datetime, timedelta

from attrs import evolve

from epg.approval import Day
from epg.model import Credit, Programme
from epg.planning import Pattern
from middleware.domain.channels import Channel
from middleware.services import guide_upkeep
from middleware.services.guide import add_channel
from middleware.services.plan_ports import GuideSource, Ruling
from middleware.services.ports import Airing
from middleware.storage.store import Store

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
FILM = Programme(
    "", "t1", NOW, NOW + timedelta(hours=1), "电影", categories=("影视",), credits=(Credit("director", "王"),)
)
LET_IN = Ruling("a", "k1", "t1", "correct", "电影", FILM, standing=True, by="wang", at=NOW)
IGNORED = Ruling("a", "k2", "t1", "ignore", "读报", None, standing=True, by="li", at=NOW + timedelta(seconds=1))


def test_rulings_come_back_count_where_they_stand_and_go_with_their_source(store: Store) -> None:
    def write(uow):  # type: ignore[no-untyped-def]
        uow.sources.put(GuideSource(0, "a"))
        uow.sources.tie("a", "t1", "nhxw.nanhu.cn", ["南湖"])
        uow.sources.put_ruling(evolve(LET_IN, kind="release"))
        uow.sources.put_ruling(LET_IN)
        uow.sources.put_ruling(IGNORED)

    def let_in(hours: int = 0) -> dict[str, tuple[Programme, ...]]:
        start = NOW + timedelta(hours=hours)
        return dict(store.run_sync(lambda uow: uow.sources.let_in("nhxw.nanhu.cn", start, start + timedelta(hours=1))))

    store.run_sync(write)

    assert list(store.run_sync(lambda uow: uow.sources.rulings("a")).values()) == [LET_IN, IGNORED]
    assert store.run_sync(lambda uow: uow.sources.tied("a", "t1")) == "nhxw.nanhu.cn"
    assert let_in() == {"a": (evolve(FILM, channel="nhxw.nanhu.cn"),)}
    assert let_in(1) == {}
    store.run_sync(lambda uow: uow.sources.put_ruling(evolve(LET_IN, standing=False)))
    assert let_in() == {}
    store.run_sync(lambda uow: uow.sources.remove_ruling("a", "k1"))
    assert list(store.run_sync(lambda uow: uow.sources.rulings("a"))) == ["k2"]
    store.run_sync(lambda uow: uow.sources.remove("a"))
    assert store.run_sync(lambda uow: uow.sources.rulings("a")) == {}


def test_of_the_past_what_the_guide_does_not_need_is_forgotten_some_at_a_time(store: Store) -> None:
    hour, kept = timedelta(hours=1), timedelta(days=30)

    def write(uow):  # type: ignore[no-untyped-def]
        channel = add_channel(uow, Channel(0, "nhxw.nanhu.cn", 1, "南湖")).id
        uow.sources.put(GuideSource(0, "a"))
        uow.sources.tie("a", "t1", "nhxw.nanhu.cn", ["南湖"])
        rows = [evolve(FILM, start=NOW + hour * at, stop=NOW + hour * (at + 1)) for at in range(3)]
        uow.sources.replace("a", "t1", NOW, NOW + 3 * hour, rows)
        uow.sources.put_ruling(LET_IN)
        uow.sources.put_ruling(IGNORED)
        uow.guide.opening(NOW, "li", "第一次")
        uow.guide.write([Airing(0, channel, "a", evolve(row, uid=f"u{row.start:%H}")) for row in rows], (), ())

    store.run_sync(write)

    def left(at: datetime) -> tuple[int, int, list[str], int]:
        window = NOW, NOW + 3 * hour
        gone = store.run_sync(lambda uow: guide_upkeep.prune(uow, at, kept))
        told = store.run_sync(lambda uow: uow.sources.told("nhxw.nanhu.cn", *window)).get("a", ())
        rulings = store.run_sync(lambda uow: list(uow.sources.rulings("a")))
        return gone, len(told), rulings, len(store.run_sync(lambda uow: uow.guide.between(*window)))

    assert left(NOW + kept) == (0, 3, ["k1", "k2"], 3)
    assert left(NOW + kept + 1.5 * hour) == (4, 2, [], 2)
    assert store.run_sync(lambda uow: uow.sources.prune(NOW + 4 * hour, 1)) == 1
    assert store.run_sync(lambda uow: uow.guide.prune(NOW + 4 * hour, 1)) == 1
    (snapshot,) = store.run_sync(lambda uow: uow.guide.snapshots())
    assert snapshot.digest == store.run_sync(_digest)


def _digest(uow) -> str:  # type: ignore[no-untyped-def]
    """Of the guide as it is, written by itself."""
    there = uow.guide.between(NOW, NOW + timedelta(days=1))
    uow.guide.write((), (), [one.id for one in there])
    empty = uow.guide.snapshots()[0].digest
    assert int(empty, 16) == 0
    uow.guide.write(there, (), ())
    return str(uow.guide.snapshots()[0].digest)


def test_channels_that_plan_are_those_with_patterns_or_days_since_then(store: Store) -> None:
    def write(uow):  # type: ignore[no-untyped-def]
        uow.plans.put_pattern(Pattern(0, "a.cn", (1,) * 7, date(2026, 1, 1)))
        for channel, day in (("b.cn", date(2026, 11, 25)), ("c.cn", date(2026, 11, 1))):
            uow.plans.put_day(Day(channel, day, 1, "draft", (), "wang", NOW))

    store.run_sync(write)

    assert store.run_sync(lambda uow: uow.plans.channels(date(2026, 11, 24))) == ("a.cn", "b.cn")
