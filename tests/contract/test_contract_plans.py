"""Schedules, sources and service information on both databases: what is written comes back, to the last field."""

from datetime import date, timedelta

from attrs import evolve

from epg.approval import Day
from epg.asrun import AsRun
from epg.filling import Filler, Pool
from epg.merging import Pin
from epg.model import Credit, Programme
from epg.planning import Block, Content, DayTemplate, Item, OneOff, Pattern
from epg.si.ids import Given, Ids
from epg.si.versions import Version
from middleware.services.plan_ports import GuideSource, StoredNetwork, Unmatched
from middleware.storage.store import Store
from tests.contract.small_town import NOW

CHANNEL = "nhxw.nanhu.cn"
DAY = date(2026, 11, 25)
NEXT = DAY + timedelta(days=1)
CONTENT = Content("山海情", "第一集", "一村人", "影视", 12, 5, 2700, False, False, "first", "山海情", 1, 1, "")
ITEM = Item(
    "u1",
    NOW,
    NOW + timedelta(minutes=45),
    CONTENT,
    "grace",
    timedelta(seconds=90),
    "template",
    "b1",
    True,
    True,
    True,
    True,
)
DRAFT = Day(
    CHANNEL, DAY, 1, "draft", (ITEM, evolve(ITEM, uid="u2", content=Content("天气"))), "wang", NOW, "初稿", ("li",)
)


def put(store: Store, *days: Day) -> None:
    for day in days:
        store.run_sync(lambda uow, one=day: uow.plans.put_day(one))


def test_a_day_comes_back_to_the_last_field_and_revisions_are_kept(store: Store) -> None:
    approved = evolve(DRAFT, state="approved")
    again = evolve(DRAFT, revision=2, items=(), reason="改")
    put(store, DRAFT, approved, again, evolve(DRAFT, day=NEXT), evolve(DRAFT, channel="other.tv"))

    plans = store.run_sync(
        lambda uow: (
            uow.plans.newest(CHANNEL, DAY, NEXT),
            uow.plans.approved(CHANNEL, DAY, NEXT),
            uow.plans.revisions(CHANNEL, DAY),
        ),
        write=False,
    )

    assert plans == ((again, evolve(DRAFT, day=NEXT)), (approved,), (again, approved))


def test_templates_patterns_one_offs_and_pools_come_back(store: Store) -> None:
    blocks = (Block("b1", 0, 1800, CONTENT, "fixed", 30, 15, True, True), Block("b2", 1800, 60, Content("天气")))
    one_off = OneOff("e1", CHANNEL, DAY, "insert", content=CONTENT, offset_s=60, length_s=600)
    pool = Pool((Filler(1, 300, "风光", True, frozenset({1, 2})), Filler(2, 60, "公益")), 3, 2, "欣赏")

    def write(uow):
        template = uow.plans.put_template(CHANNEL, DayTemplate(0, "工作日", blocks))
        pattern = uow.plans.put_pattern(Pattern(0, CHANNEL, (template.id, None, None, None, None, None, None), DAY))
        uow.plans.put_one_off(one_off)
        uow.plans.put_pool(CHANNEL, Pool(()))
        uow.plans.put_pool(CHANNEL, pool)
        return template, pattern

    template, pattern = store.run_sync(write)
    renamed = evolve(template, name="周末")
    store.run_sync(lambda uow: uow.plans.put_template(CHANNEL, renamed))
    ending = evolve(pattern, last=NEXT, priority=5)
    store.run_sync(lambda uow: uow.plans.put_pattern(ending))

    def read(uow):
        return (
            uow.plans.templates(CHANNEL),
            uow.plans.patterns(CHANNEL),
            uow.plans.one_offs(CHANNEL, DAY, DAY),
            uow.plans.one_offs(CHANNEL, NEXT, NEXT),
            uow.plans.pool(CHANNEL),
            uow.plans.pool("other.tv"),
        )

    assert store.run_sync(read, write=False) == ((renamed,), (ending,), (one_off,), (), pool, None)

    def clear(uow):
        uow.plans.remove_one_off(CHANNEL, DAY, "e1")
        uow.plans.remove_pattern(pattern.id)
        uow.plans.remove_template(template.id)

    store.run_sync(clear)
    assert store.run_sync(read, write=False)[:3] == ((), (), ())


def test_as_run_lines_are_numbered_and_pruned(store: Store) -> None:
    first = AsRun(CHANNEL, NOW, NOW + timedelta(minutes=5), "天气", "u2", 7)
    store.run_sync(lambda uow: uow.as_run.add([first, evolve(first, channel="other.tv")]))
    ((number, found),) = store.run_sync(
        lambda uow: uow.as_run.between(CHANNEL, NOW, NOW + timedelta(hours=1)), write=False
    )
    store.run_sync(lambda uow: uow.as_run.add([evolve(first, title="天气预报", corrects=number)]))

    lines = store.run_sync(lambda uow: uow.as_run.between(CHANNEL, NOW, NOW + timedelta(hours=1)), write=False)

    assert (found, [line.corrects for _, line in lines]) == (first, [None, number])
    assert store.run_sync(lambda uow: uow.as_run.prune(NOW + timedelta(hours=1))) == 3


def programme(minutes: int, title: str) -> Programme:
    start = NOW + timedelta(minutes=minutes)
    return Programme(
        title,
        "told.id",
        start,
        start + timedelta(minutes=30),
        title,
        credits=(Credit("actor", "甲"),),
        categories=("影视",),
    )


def test_what_sources_tell_is_kept_apart_parked_and_matched_later(store: Store) -> None:
    rows = (programme(0, "一"), programme(30, "二"), programme(90, "三"))
    window = (NOW, NOW + timedelta(hours=2))

    def write(uow):
        uow.sources.put(GuideSource(0, "feed", "http://x/epg.xml", rank=5, fields={"title": 1}))
        uow.sources.put(GuideSource(0, "other", rank=1))
        uow.sources.replace("feed", "told.id", *window, rows)
        uow.sources.tie("feed", "told.id", None, ["某台"])
        uow.sources.add_alias(CHANNEL, "某频道")

    store.run_sync(write)
    assert [one.name for one in store.run_sync(lambda uow: uow.sources.all(), write=False)] == ["other", "feed"]
    assert store.run_sync(lambda uow: uow.sources.unmatched(), write=False) == (
        Unmatched("feed", "told.id", ("某台",), 3, ("一", "二", "三")),
    )
    assert store.run_sync(lambda uow: uow.sources.aliases(), write=False) == {CHANNEL: ("某频道",)}

    store.run_sync(lambda uow: uow.sources.match_by_hand("feed", "told.id", CHANNEL))

    told = store.run_sync(lambda uow: uow.sources.told(CHANNEL, *window), write=False)
    assert told == {"feed": tuple(evolve(one, channel=CHANNEL) for one in rows)}
    assert store.run_sync(lambda uow: (uow.sources.by_hand("feed"), uow.sources.unmatched()), write=False) == (
        {"told.id": CHANNEL},
        (),
    )
    store.run_sync(lambda uow: uow.sources.replace("feed", "told.id", NOW, NOW + timedelta(hours=1), rows[:1]))
    left = store.run_sync(lambda uow: uow.sources.told(CHANNEL, *window), write=False)["feed"]
    assert [one.title for one in left] == ["一", "三"]
    store.run_sync(lambda uow: uow.sources.remove("feed"))
    assert store.run_sync(lambda uow: uow.sources.told(CHANNEL, *window), write=False) == {}


def test_a_sources_state_and_pins_come_back(store: Store) -> None:
    source = GuideSource(0, "feed", etag='"a"', tried=NOW, failed=NOW, fault="404", active=False)
    stored = store.run_sync(lambda uow: uow.sources.put(source))
    pin, several = Pin("u1", "title", "手改"), Pin("u1", "categories", ("党建", "教育"))

    def write(uow):
        for one in (pin, several):
            uow.sources.put_pin(one)

    store.run_sync(write)

    assert store.run_sync(lambda uow: uow.sources.by_name("feed"), write=False) == stored
    assert store.run_sync(lambda uow: uow.sources.pins(["u1", "u2"]), write=False) == (several, pin)
    store.run_sync(lambda uow: uow.sources.remove_pin("u1", "title"))
    assert store.run_sync(lambda uow: uow.sources.pins(["u1"]), write=False) == (several,)


def test_event_ids_versions_and_profiles_are_counted_on(store: Store) -> None:
    ids = Ids({"u1": Given(5, NOW), "u2": Given(6, NOW)}, 6)
    later = Ids({"u2": Given(6, NOW + timedelta(hours=1)), "u3": Given(7, NOW)}, 7)
    places = {
        ((0x12, 0x50, 101, 1 << 16 | 0x2016), 8): Version(31, b"d" * 12),
        ((0x12, 0x4E, 101, 0), 0): Version(0, b"e" * 12),
    }

    def write(uow):
        uow.service_information.put_ids(CHANNEL, ids)
        uow.service_information.put_ids(CHANNEL, later)
        uow.service_information.put_network(StoredNetwork("rizhao", "name = 'x'"))
        uow.service_information.put_network(StoredNetwork("rizhao", "name = 'rizhao'", active=True))
        uow.service_information.put_versions("rizhao", CHANNEL, places)

    store.run_sync(write)

    def read(uow):
        info = uow.service_information
        return info.ids(CHANNEL), info.ids("other.tv"), info.networks(), info.versions("rizhao")

    assert store.run_sync(read, write=False) == (
        later,
        Ids({}),
        (StoredNetwork("rizhao", "name = 'rizhao'", active=True),),
        {CHANNEL: places},
    )
    store.run_sync(lambda uow: uow.service_information.remove_network("rizhao"))
    assert store.run_sync(read, write=False)[2:] == ((), {})


def test_airings_of_films_are_told_by_plan_and_by_log(store: Store) -> None:
    hour = timedelta(hours=1)
    film = evolve(ITEM, uid="u3", start=NOW + hour, stop=NOW + 2 * hour, content=Content("纪录片", asset=7))
    put(store, evolve(DRAFT, state="approved"), evolve(DRAFT, revision=2, items=(ITEM, film)))
    lines = [
        AsRun(CHANNEL, NOW, NOW + hour, "山海情", asset=5),
        AsRun(CHANNEL, NOW + hour, NOW + 2 * hour, "山海情", asset=5),
        AsRun(CHANNEL, NOW + 2 * hour, NOW + 3 * hour, "报错的", asset=5),
        AsRun("other.tv", NOW + hour, NOW + 2 * hour, "别处", asset=7),
    ]
    store.run_sync(lambda uow: uow.as_run.add(lines))
    wrong = store.run_sync(lambda uow: uow.as_run.between(CHANNEL, NOW + 2 * hour, NOW + 3 * hour), write=False)[0][0]
    store.run_sync(lambda uow: uow.as_run.add([evolve(lines[2], asset=None, corrects=wrong)]))

    planned, valid, logged = store.run_sync(
        lambda uow: (
            uow.plans.airings(CHANNEL, DAY, NEXT),
            uow.plans.airings(CHANNEL, DAY, NEXT, approved=True),
            uow.as_run.last(CHANNEL, NOW, NOW + 9 * hour),
        ),
        write=False,
    )

    assert (planned, valid) == (((5, NOW), (7, NOW + hour)), ((5, NOW),))
    assert logged == {5: NOW + hour}
