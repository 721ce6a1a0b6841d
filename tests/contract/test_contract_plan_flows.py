"""The main ways of plans, sources and as-run on PostgreSQL too; on SQLite tests/services walks all of them."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from middleware.services import plan, sources
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.contract.conftest import empty
from tests.services import test_as_run_lines, test_guide_sources, test_plan_days

pytestmark = pytest.mark.postgres

PLANS: tuple[Callable[..., None], ...] = (
    test_plan_days.test_a_late_save_keeps_both_changes_and_names_what_collides,
    test_plan_days.test_a_new_revision_changes_the_guide_only_when_it_is_approved_and_uids_stay,
    test_plan_days.test_breaking_news_is_in_the_guide_at_once,
    test_plan_days.test_an_untouched_export_changes_nothing_whatever_the_day_holds,
)
FEEDS: tuple[Callable[..., None], ...] = (
    test_guide_sources.test_a_feed_finds_its_channel_by_name_and_keeps_uids_on_the_way_in_again,
    test_guide_sources.test_lower_sources_tell_fields_fill_what_is_free_and_come_back_when_the_higher_goes,
    test_guide_sources.test_an_unknown_channel_is_parked_and_one_press_publishes_it,
    test_guide_sources.test_a_pin_wins_over_every_feed_until_it_is_taken_off,
    test_guide_sources.test_an_approved_day_of_our_own_is_never_touched,
)
AIR: tuple[Callable[..., None], ...] = (
    test_as_run_lines.test_real_times_are_in_the_guide_and_stay_after_a_breaking_insert,
    test_as_run_lines.test_a_correction_is_a_new_line_and_the_old_one_stays_on_record,
)

channel: Any = test_plan_days.channel
town: Any = test_as_run_lines.town


@pytest.fixture
def store(postgres_engine: Engine, town_data: Any) -> Iterator[Store]:
    """PostgreSQL alone."""
    empty(postgres_engine)
    opened = Store.open(postgres_engine.url.render_as_string(hide_password=False), vault=Vault.load(town_data))
    yield opened
    opened.close()


def named(way: Callable[..., None]) -> str:
    return way.__name__.removeprefix("test_")


@pytest.mark.parametrize("way", PLANS, ids=named)
def test_days_go_their_way_on_postgresql(store: Store, channel: int, way: Callable[..., None]) -> None:
    way(**{name: value for name, value in {"store": store, "channel": channel}.items() if name in names(way)})


@pytest.mark.usefixtures("channel")
def test_two_editors_who_save_at_the_same_time_keep_both_changes(store: Store) -> None:
    seen = test_plan_days.begun(store).day
    held, rest = threading.Event(), threading.Event()

    def save(uow: Any, block: str) -> None:
        changed = test_plan_days.renamed(seen.items, block, f"新的{block}")
        plan.save(uow, test_plan_days.LATER, f"of {block}", seen, changed)

    def slowly(uow: Any) -> None:
        save(uow, "morning")
        held.set()
        rest.wait(0.2)

    first = threading.Thread(target=lambda: store.run_sync(slowly))
    first.start()
    held.wait(5)
    store.run_sync(lambda uow: save(uow, "night"))
    first.join()
    found = store.run_sync(lambda uow: uow.plans.newest(test_plan_days.CHANNEL, test_plan_days.DAY, test_plan_days.DAY))

    assert {"新的morning", "新的night"} <= {one.content.title for one in found[0].items}


def test_a_feed_that_two_servers_stage_at_the_same_time_is_published_once(store: Store) -> None:
    channel = test_guide_sources.line_up.__wrapped__(store)
    parsed = [test_guide_sources.feed("节目") for _ in range(2)]
    held, rest = threading.Event(), threading.Event()

    def slowly(uow: Any) -> None:
        sources.stage(uow, test_guide_sources.NOW, "one", "a", parsed[0])
        held.set()
        rest.wait(0.2)

    first = threading.Thread(target=lambda: store.run_sync(slowly))
    first.start()
    held.wait(5)
    second = store.run_sync(lambda uow: sources.stage(uow, test_guide_sources.NOW, "other", "a", parsed[1]))
    first.join()
    window = test_guide_sources.NOW, test_guide_sources.NOW + timedelta(days=2)
    told = store.run_sync(lambda uow: uow.sources.told(test_guide_sources.CCTV, *window), write=False)

    assert (second.added, second.changed, second.removed) == (0, 0, 0)
    assert [len(rows) for rows in (told["a"], test_guide_sources.shown(store, channel))] == [24, 24]


@pytest.mark.parametrize("way", FEEDS, ids=named)
def test_feeds_go_their_way_on_postgresql(store: Store, way: Callable[..., None]) -> None:
    way(store, test_guide_sources.line_up.__wrapped__(store))


@pytest.mark.parametrize("way", AIR, ids=named)
def test_what_was_on_goes_its_way_on_postgresql(town: Store, way: Callable[..., None]) -> None:
    way(town)


def names(way: Callable[..., None]) -> tuple[str, ...]:
    return way.__code__.co_varnames[: way.__code__.co_argcount]
