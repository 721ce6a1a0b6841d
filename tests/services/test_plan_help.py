"""While a day is planned: findings of a drag before the drop, locked items stay, films are found to be planned."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TypeVar

import pytest
from attrs import evolve

from epg.approval import Day
from epg.asrun import AsRun
from epg.planning import Content, Item, Rules, begins
from middleware.domain.channels import Channel
from middleware.domain.errors import BadValue
from middleware.services import guide, plan
from middleware.services.plan_films import Choices, Wanted, choices
from middleware.services.plan_preview import preview
from middleware.storage.store import Store
from middleware.storage.uow import SqlUnitOfWork
from vod.catalogue import Asset
from vod.jobs import State

T = TypeVar("T")
CHANNEL = "nhxw.nanhu.cn"
DAY = date(2026, 11, 25)
NEXT = DAY + timedelta(days=1)
NOW = datetime.fromisoformat("2026-11-24T10:00:00+08:00")
BEGIN = begins(DAY, Rules(CHANNEL))
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
FILMS = (("山海情", 45, "扶贫"), ("南湖新闻", 30, ""), ("山里的歌", 90, "音乐"), ("风光", 5, ""))


def run(store: Store, work: Callable[[SqlUnitOfWork], T]) -> T:
    return store.run_sync(work)


def item(uid: str, hour: float, hours: float = 6, **more: object) -> Item:
    start = BEGIN + HOUR * hour
    return evolve(Item(uid, start, start + HOUR * hours, Content(uid, live=True), "fixed"), **more)  # type: ignore[arg-type]


@pytest.fixture
def town(store: Store) -> Store:
    """A channel with two days of four items each and no finding."""

    def write(uow: SqlUnitOfWork) -> None:
        guide.add_channel(uow, Channel(0, CHANNEL, 1, "南湖新闻"))
        for at, day in enumerate((DAY, NEXT)):
            items = tuple(item(f"{'ab'[at]}{n}", 24 * at + 6 * n) for n in range(4))
            uow.plans.put_day(Day(CHANNEL, day, 1, "draft", items, "wang", NOW))

    run(store, write)
    return store


def test_a_preview_tells_what_saving_would_and_stores_nothing(town: Store) -> None:
    before = run(town, lambda uow: uow.plans.newest(CHANNEL, DAY, NEXT))
    one = before[0].items[1]
    moved = {one.uid: (one.start + 30 * MINUTE, one.stop + 30 * MINUTE), "gone": (one.start, one.stop)}

    told = run(town, lambda uow: preview(uow, CHANNEL, [DAY], moved))[DAY]

    assert [(found.code, found.items) for found in told] == [("gap", ("a0",)), ("overlap", ("a1", "a2"))]
    assert run(town, lambda uow: uow.plans.newest(CHANNEL, DAY, NEXT)) == before
    there = [*before[0].items[:1], evolve(one, start=moved["a1"][0], stop=moved["a1"][1]), *before[0].items[2:]]
    run(town, lambda uow: plan.save(uow, NOW, "wang", before[0], there))
    view = run(town, lambda uow: plan.view(uow, CHANNEL, DAY))
    assert view is not None
    assert [found.words_zh for found in view.findings] == [found.words_zh for found in told]


def test_a_preview_across_days_tells_both_days_and_days_far_apart_are_refused(town: Store) -> None:
    over = {"a3": (BEGIN + 24 * HOUR, BEGIN + 30 * HOUR)}

    told = run(town, lambda uow: preview(uow, CHANNEL, [DAY, NEXT], over))

    assert [[found.code for found in told[day]] for day in (DAY, NEXT)] == [[], ["gap", "overlap"]]
    for days in ((), (DAY, DAY + timedelta(days=7))):
        with pytest.raises(BadValue, match="一周"):
            run(town, lambda uow, some=days: preview(uow, CHANNEL, some, {}))


def test_several_items_are_shifted_in_one_step_and_locked_ones_refuse(town: Store) -> None:
    seen = run(town, lambda uow: uow.plans.newest(CHANNEL, DAY, DAY))[0]
    later = [evolve(one, start=one.start + HOUR, stop=one.stop + HOUR) for one in seen.items[1:3]]

    done = run(town, lambda uow: plan.save(uow, NOW + MINUTE, "wang", seen, [seen.items[0], *later, seen.items[3]]))

    assert [one.start - BEGIN for one in done.day.items] == [HOUR * n for n in (0, 7, 13, 18)]
    assert run(town, lambda uow: plan.undo(uow, NOW + MINUTE, "wang", CHANNEL, DAY)).items == seen.items
    fast = evolve(seen, items=tuple(evolve(one, locked=one.uid == "a2") for one in seen.items), at=NOW + 2 * MINUTE)
    run(town, lambda uow: uow.plans.put_day(fast))
    for items in ([fast.items[0], *later, fast.items[3]], [*fast.items[:2], fast.items[3]]):
        with pytest.raises(BadValue, match="锁定"):
            run(town, lambda uow, some=items: plan.save(uow, NOW + 3 * MINUTE, "wang", fast, some))
    named = [evolve(one, content=evolve(one.content, title="改名")) for one in fast.items]
    assert run(town, lambda uow: plan.save(uow, NOW + 3 * MINUTE, "wang", fast, named)).day.items[2].locked


@pytest.fixture
def library(town: Store) -> Store:
    """Films of 5 to 90 minutes; the second was on air an hour ago and is planned again, one is being made."""

    def write(uow: SqlUnitOfWork) -> None:
        for at, (title, minutes, words) in enumerate((*FILMS, ("没有做好", 30, "")), 1):
            state = State.READY if at <= len(FILMS) else State.QUEUED
            made = Asset(0, 1, state, "style", title, title, "", minutes * 60_000, NOW, keywords=words)
            assert uow.assets.begin(made).id == at
        past = Day(
            CHANNEL, NOW.date(), 1, "approved", (shown("c0", NOW - HOUR, 2), shown("c1", NOW - 2 * HOUR, 2)), "w", NOW
        )
        uow.plans.put_day(past)
        coming = (shown("d0", BEGIN + HOUR, 2), shown("d1", BEGIN, 2), shown("d2", BEGIN + 2 * HOUR, 1))
        uow.plans.put_day(Day(CHANNEL, DAY, 2, "draft", coming, "w", NOW))

    run(town, write)
    return town


def shown(uid: str, start: datetime, asset: int) -> Item:
    return Item(uid, start, start + 30 * MINUTE, Content(uid, asset=asset))


def found(store: Store, *wanted: object) -> tuple[list[str], Choices]:
    told = run(store, lambda uow: choices(uow, NOW, CHANNEL, Wanted(*wanted)))  # type: ignore[arg-type]
    return [one.film.title for one in told.films], told


def test_films_are_found_by_words_initials_keywords_and_length(library: Store) -> None:
    assert found(library, "山")[0] == ["山海情", "山里的歌"]
    assert found(library, "nhxw")[0] == ["南湖新闻"]
    assert found(library, "fp")[0] == ["山海情"]
    assert found(library, "")[0] == ["风光", "山里的歌", "南湖新闻", "山海情"]
    assert found(library, "", 1800)[0] == ["南湖新闻", "山海情", "风光", "山里的歌"]
    assert found(library, "", 1800, "fits")[0] == ["南湖新闻", "风光"]
    assert found(library, "", 1900, "same")[0] == ["南湖新闻"]
    assert found(library, "没有")[0] == []


def test_a_film_is_shown_with_its_last_and_next_airing_and_the_list_is_bounded(library: Store) -> None:
    ((news,), told) = found(library, "nhxw")
    assert (news, told.films[0].last, told.films[0].next) == ("南湖新闻", NOW - HOUR, BEGIN)
    assert (found(library, "fg")[1].films[0].last, found(library, "fg")[1].films[0].next) == (None, None)
    line = AsRun(CHANNEL, NOW - 3 * HOUR, NOW - 2 * HOUR, "山海情", asset=1)
    run(library, lambda uow: uow.as_run.add([line]))
    assert [one.last for one in found(library, "shq")[1].films] == [NOW - 3 * HOUR]
    assert found(library, "nhxw")[1].films[0].last is None  # the log knows better than the plan

    for at in range(30):
        made = Asset(0, 1, State.READY, "style", f"山 {at}", "山", "", 60_000, NOW)
        run(library, lambda uow, one=made: uow.assets.begin(one))

    titles, many = found(library, "山")
    assert (len(titles), many.found) == (20, 32)
