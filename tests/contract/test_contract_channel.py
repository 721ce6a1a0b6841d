"""The publisher on both databases: rows from the plan, inserts, two publishers, as-run and guide from the rows."""

import threading
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from attrs import evolve

from epg.approval import Day
from epg.model import Programme
from epg.si.eit import Event, Of, Style, present_following
from middleware.domain.errors import BadValue, DomainError, Fenced
from middleware.services import as_run, asset_library, assets, film_uses, ledger, ledger_log, ledger_pool, plan_publish
from middleware.services import plan as plans
from middleware.services.ledger_pool import Air
from middleware.services.ports import Airing
from middleware.storage.store import Store
from tests.contract.channel_town import CHANNEL, MINUTE, NOW, S, add_film, approve, item, lock, publish, settle
from vod.catalogue import Package
from vod.jobs import State
from vod.ledger import Row

DAY = date(2026, 11, 24)


@pytest.fixture
def films(store: Store) -> dict[str, int]:
    made = settle(store)
    approve(
        store,
        item("news", 0, 10, made["bridge"], kind="fixed"),
        item("live", 10, 5),
        item("late", 15, 10, made["bridge"], kind="fixed"),
    )
    return made


def rows(store: Store) -> tuple[Row, ...]:
    return store.run_sync(lambda uow: uow.ledger.rows(CHANNEL))


def on(store: Store, at: datetime) -> tuple[str, int]:
    """Programme and film on air at an instant."""
    run = store.run_sync(lambda uow: ledger.effective(uow, CHANNEL, ms(NOW - MINUTE * 5)).at(ms(at)))
    return run.row.programme_uid, run.film.asset


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def test_a_plan_becomes_rows_to_the_second(store: Store, films: dict[str, int]) -> None:
    done = publish(store)
    stored = rows(store)

    assert done.rows == stored
    assert done.faults == ()
    assert done.end_ms >= ms(NOW + 15 * MINUTE)
    assert stored[0].start_ms == ms(NOW - 2 * MINUTE)
    assert on(store, NOW + 5 * MINUTE) == ("news", films["bridge"])
    assert [row.start_ms for row in stored if row.programme_uid == "late"] == [ms(NOW + 15 * MINUTE)]
    assert {row.asset for row in stored if row.programme_uid == "live"} <= {films["filler"], films["short"]}
    assert publish(store, NOW + S).rows == ()


def test_a_node_reads_the_same_whenever_it_comes(store: Store, films: dict[str, int]) -> None:
    publish(store)
    publish(store, NOW + 10 * MINUTE)
    whole = store.run_sync(lambda uow: ledger.effective(uow, CHANNEL, 0))
    later = store.run_sync(lambda uow: ledger.effective(uow, CHANNEL, ms(NOW + 8 * MINUTE)))

    assert len(later.pieces) < len(whole.pieces)
    at = ms(NOW + 12 * MINUTE)
    assert later.window(at) == whole.window(at)


def test_the_one_without_the_lock_writes_nothing(store: Store, films: dict[str, int]) -> None:
    publish(store, NOW, "a")
    fence = lock(store, NOW)
    publish(store, NOW + timedelta(hours=2), "b")

    with pytest.raises(Fenced):
        store.run_sync(lambda uow: ledger.publish(uow, NOW + timedelta(hours=2), CHANNEL, fence))
    with pytest.raises(Fenced):
        store.run_sync(lambda uow: ledger.publish(uow, NOW + timedelta(hours=2), CHANNEL, 0))


def test_a_server_whose_clock_is_behind_writes_nothing(store: Store, films: dict[str, int]) -> None:
    publish(store)

    assert publish(store, NOW - S).rows == ()
    with pytest.raises(DomainError, match="the clock is 2 s behind the last rows of channel"):
        publish(store, NOW - 2 * S)


def test_a_transaction_that_takes_too_long_is_given_up() -> None:
    ledger.in_time(NOW, NOW + S)
    with pytest.raises(Fenced):
        ledger.in_time(NOW, NOW + S + timedelta(milliseconds=1))


def test_a_pool_that_lacks_something_lets_no_channel_begin_and_says_what(store: Store) -> None:
    films = settle(store)
    store.run_sync(lambda uow: uow.assets.set_state(films["ident 3"], State.WITHDRAWN, NOW))
    store.run_sync(lambda uow: uow.assets.set_state(films["slate"], State.WITHDRAWN, NOW))
    done = publish(store)

    assert done.rows == ()
    assert done.faults == ("there is no slate", "there is no ident of 3 s")
    assert rows(store) == ()


def test_a_running_channel_goes_on_with_its_last_good_pool(store: Store, films: dict[str, int]) -> None:
    publish(store)
    store.run_sync(lambda uow: uow.assets.set_state(films["ident 3"], State.WITHDRAWN, NOW))
    done = publish(store, NOW + 12 * MINUTE)

    assert done.faults == ("there is no ident of 3 s",)
    assert done.rows[-1].pool_rev == 1
    assert set(store.run_sync(lambda uow: uow.ledger.pools(CHANNEL))) == {1}


def test_a_withdrawn_film_is_filled_from_its_next_airing_and_operators_are_told(
    store: Store, films: dict[str, int]
) -> None:
    publish(store)
    store.run_sync(lambda uow: assets.withdraw(uow, NOW, films["bridge"]))
    done = publish(store, NOW + MINUTE)

    assert films["bridge"] not in {row.asset for row in done.rows}
    assert any("late" in fault for fault in done.faults)
    assert on(store, NOW + 16 * MINUTE)[0] == "late"


def test_an_insert_is_on_air_within_45_seconds_and_the_film_goes_on(store: Store, films: dict[str, int]) -> None:
    publish(store)
    now = NOW + 3 * MINUTE
    row = store.run_sync(lambda uow: ledger.insert(uow, now, "leader", CHANNEL, films["advert"]))

    assert (row.kind, row.programme_uid) == ("insert", "news")
    # A list tells a segment a second after its end at the latest: it is in the list 45 s after it was ordered.
    assert ms(now) + 30_000 <= row.start_ms <= ms(now) + 45_000 - 6_000 - 1_000
    end = row.start_ms + 30_000
    (behind,) = [one for one in rows(store) if one.start_ms == end]
    (cut,) = [one for one in rows(store) if one.start_ms < row.start_ms and one.programme_uid == "news"]
    assert behind.asset == films["bridge"]
    assert behind.seg_from == cut.seg_from + (row.start_ms - cut.start_ms) // 6_000
    assert publish(store, now + S).rows == ()


def test_an_insert_is_ended_early(store: Store, films: dict[str, int]) -> None:
    publish(store)
    row = store.run_sync(lambda uow: ledger.insert(uow, NOW + 3 * MINUTE, "leader", CHANNEL, films["bridge"]))
    now = NOW + 5 * MINUTE
    ended = store.run_sync(lambda uow: ledger.end_insert(uow, now, "leader", CHANNEL))

    assert ended.kind == "asset"
    assert row.start_ms < ended.start_ms <= ms(now) + 45_000
    with pytest.raises(BadValue) as refused:
        store.run_sync(lambda uow: ledger.end_insert(uow, now + 2 * MINUTE, "leader", CHANNEL))
    assert refused.value.code == "no_insert"


def test_what_cannot_be_inserted_is_refused(store: Store, films: dict[str, int]) -> None:
    odd = add_film(store, "odd", [6, 5])

    def insert(asset: int) -> str:
        with pytest.raises(BadValue) as refused:
            store.run_sync(lambda uow: ledger.insert(uow, NOW, "leader", CHANNEL, asset))
        return refused.value.code

    assert insert(films["advert"]) == "not_on_air"
    publish(store)
    assert (insert(odd), insert(films["ident 3"]), insert(999_999)) == ("not_schedulable",) * 3
    store.run_sync(lambda uow: ledger_pool.put_air(uow, NOW, "operator", CHANNEL, Air(on=False)))
    assert insert(films["advert"]) == "not_on_air", "it no longer plays out"


def test_rows_become_lines_of_the_log_and_of_the_guide(store: Store, films: dict[str, int]) -> None:
    _guide(store)
    store.run_sync(lambda uow: as_run.set_by_real_times(uow, NOW, "operator", CHANNEL, on=True))
    publish(store)
    store.run_sync(lambda uow: ledger.insert(uow, NOW + 3 * MINUTE, "leader", CHANNEL, films["advert"]))
    for minute in range(4, 30, 2):
        publish(store, NOW + minute * MINUTE)
    run = store.run_sync(lambda uow: as_run.looked(uow, CHANNEL, DAY))
    lines = {line.title: line for _, line in run.lines}
    starts = {uid: min(row.start_ms for row in rows(store) if row.programme_uid == uid) for uid in ("news", "live")}

    assert set(lines) >= {"news", "live", "late", "advert"}
    assert ms(lines["news"].start) == starts["news"]
    assert lines["news"].stop == lines["live"].start == NOW + 10 * MINUTE + 30 * S
    assert lines["late"].start == NOW + 15 * MINUTE
    assert lines["advert"].stop - lines["advert"].start == 30 * S
    guide = {
        one.programme.uid: one.programme
        for one in store.run_sync(lambda uow: uow.guide.between(NOW, NOW + 30 * MINUTE))
    }
    assert (guide["live"].start, guide["live"].stop) == (lines["live"].start, lines["late"].start)
    assert len(run.lines) == len({(line.uid, line.start) for _, line in run.lines})


def _guide(store: Store) -> None:
    def write(uow) -> None:
        (channel,) = uow.guide.channels()
        slots = (("news", 0, 10), ("live", 10, 15), ("late", 15, 25))
        told = [
            Airing(0, channel.id, "plan", Programme(uid, CHANNEL, NOW + a * MINUTE, NOW + b * MINUTE, uid))
            for uid, a, b in slots
        ]
        uow.guide.write(told, (), ())

    store.run_sync(write)


def test_a_programme_that_is_joined_keeps_its_start_in_the_guide(store: Store, films: dict[str, int]) -> None:
    _guide(store)
    store.run_sync(lambda uow: as_run.set_by_real_times(uow, NOW, "operator", CHANNEL, on=True))
    publish(store, NOW + 4 * MINUTE)
    first = store.run_sync(lambda uow: uow.guide.between(NOW, NOW + 5 * MINUTE))[0].programme

    assert (first.uid, first.start, first.stop) == ("news", NOW, NOW + 10 * MINUTE)


def test_the_log_is_written_once_also_after_the_publisher_was_away(store: Store, films: dict[str, int]) -> None:
    publish(store)
    publish(store, NOW + timedelta(hours=1))
    publish(store, NOW + timedelta(hours=6))
    lines = store.run_sync(lambda uow: uow.as_run.between(CHANNEL, NOW - MINUTE, NOW + timedelta(hours=6)))

    assert [line.uid for _, line in lines] == ["news", "live", "late"]
    assert store.run_sync(lambda uow: ledger_log.noted(uow, CHANNEL)) == ms(lines[-1][1].stop)


def test_a_film_that_is_on_air_or_fills_up_is_not_purged(store: Store, films: dict[str, int]) -> None:
    publish(store)
    purged: list[tuple[int, int]] = []
    for name in ("bridge", "filler", "advert"):
        store.run_sync(lambda uow, name=name: assets.withdraw(uow, NOW, films[name]))
    later = NOW + timedelta(days=2)
    gone = store.run_sync(lambda uow: assets.purge_due(uow, later, lambda *key: purged.append(key)))

    assert [one.id for one in gone] == [films["advert"]]
    with pytest.raises(BadValue, match=CHANNEL) as refused:
        store.run_sync(lambda uow: film_uses.refuse_used(uow, later, films["bridge"]))
    assert refused.value.code == "in_use"
    free = store.run_sync(lambda uow: film_uses.used(uow, NOW + timedelta(days=30), films["bridge"]))
    assert free == ()


def test_who_plays_out_is_set_by_operators(store: Store) -> None:
    films = settle(store)

    def put(channel: str, air: Air) -> None:
        store.run_sync(lambda uow: ledger_pool.put_air(uow, NOW, "operator", channel, air))

    assert store.run_sync(ledger_pool.playing) == (CHANNEL,)
    put(CHANNEL, Air(on=True, slate=films["short"]))
    assert store.run_sync(lambda uow: ledger_pool.found(uow, CHANNEL)[0].slate) == (films["short"], 1)
    put(CHANNEL, Air())
    assert store.run_sync(ledger_pool.playing) == ()
    for channel, air, code in (("no.such", Air(), "no_channel"), (CHANNEL, Air(slate=films["ident 2"]), "bad_slate")):
        with pytest.raises(BadValue) as refused:
            put(channel, air)
        assert refused.value.code == code


def test_a_programme_brought_into_an_approved_day_is_on_to_the_second(store: Store, films: dict[str, int]) -> None:
    publish(store)
    approve(
        store,
        evolve(item("news", 0, 10, films["bridge"], kind="fixed"), stop=NOW + 5 * MINUTE + 7 * S),
        item("notice", 5 + 7 / 60, 2, films["short"], kind="fixed"),
        item("late", 15, 10, films["bridge"], kind="fixed"),
        revision=2,
    )
    publish(store, NOW + MINUTE)

    assert on(store, NOW + 5 * MINUTE + 6 * S)[0] == "news"
    assert on(store, NOW + 5 * MINUTE + 7 * S) == ("notice", films["short"])


def test_two_who_write_at_the_same_time_wait_for_each_other(store: Store, films: dict[str, int]) -> None:
    publish(store)
    fence = lock(store)
    held, rest = threading.Event(), threading.Event()

    def slowly(uow) -> None:
        ledger.publish(uow, NOW + 3 * MINUTE, CHANNEL, fence)
        held.set()
        rest.wait(0.3)

    publisher = threading.Thread(target=lambda: store.run_sync(slowly))
    publisher.start()
    held.wait(5)
    store.run_sync(lambda uow: ledger.insert(uow, NOW + 3 * MINUTE, "leader", CHANNEL, films["advert"]))
    publisher.join()

    assert [row.seq for row in rows(store)] == list(range(1, len(rows(store)) + 1))
    assert publish(store, NOW + 3 * MINUTE + S).rows == ()


def test_guide_log_and_picture_agree_at_every_minute(store: Store, films: dict[str, int]) -> None:
    lengths = (5, 10, 12 + 1 / 60, 7.5, 20, 33 + 7 / 60, 6, 11)
    starts = [sum(lengths[:at]) for at in range(len(lengths))]
    kinds = ("fixed", "flow", "flow", "fixed")
    plan = [
        item(f"p{at}", start, length, (films["bridge"], None, films["short"])[at % 3], kind=kinds[at % 4])
        for at, (start, length) in enumerate(zip(starts, lengths, strict=True))
    ]
    approve(store, *plan, revision=2)
    store.run_sync(lambda uow: as_run.set_by_real_times(uow, NOW, "operator", CHANNEL, on=True))
    store.run_sync(lambda uow: plan_publish.publish(uow, NOW, CHANNEL, DAY))
    for minute in range(0, 100, 7):
        if minute == 28:
            now, news = NOW + minute * MINUTE, item("break", 30, 1, films["advert"])
            store.run_sync(lambda uow, now=now, it=news: plans.break_in(uow, now, "leader", CHANNEL, DAY, it, "急"))
        publish(store, NOW + minute * MINUTE)
        if minute in {14, 42}:
            now = NOW + minute * MINUTE + S
            store.run_sync(lambda uow, now=now: ledger.insert(uow, now, "leader", CHANNEL, films["advert"]))

    known = store.run_sync(lambda uow: ledger.effective(uow, CHANNEL, 0))
    told = store.run_sync(lambda uow: uow.guide.between(NOW, NOW + 2 * 60 * MINUTE))
    lines = [line for _, line in store.run_sync(lambda uow: as_run.looked(uow, CHANNEL, DAY)).lines if line.uid]
    numbers = {one.programme.uid: number for number, one in enumerate(told, 1)}
    events = [event(one.programme, numbers[one.programme.uid]) for one in told]
    (rest,) = [item for item in approved(store).items if item.content.rest_of == "p3"]
    assert (rest.start, rest.uid in numbers) == (NOW + 31 * MINUTE, True)
    for minute in range(1, 90):
        at = NOW + minute * MINUTE
        picture = known.at(ms(at)).row.programme_uid
        guide = [one.programme.uid for one in told if one.programme.start <= at < one.programme.stop]
        log = [line.uid for line in lines if line.start <= at < line.stop]
        assert (guide, log) == ([picture], [picture]), minute
        present, _ = present_following(Of(1, 1, 1), events, at, Style())
        assert int.from_bytes(present.body[6:8], "big") == numbers[picture], minute


def event(one: Programme, number: int) -> Event:
    return Event(number, one.start, int((one.stop - one.start).total_seconds()), one.title)


def approved(store: Store) -> Day:
    (found,) = store.run_sync(lambda uow: uow.plans.approved(CHANNEL, DAY, DAY))
    return found


def test_a_replaced_film_goes_on_in_its_new_revision(store: Store, films: dict[str, int]) -> None:
    publish(store)
    for name in ("bridge", "filler"):
        edition = store.run_sync(lambda uow, name=name: uow.assets.edition(films[name], 1))
        package = Package(Path("unused"), edition, channel=True)
        store.run_sync(
            lambda uow, name=name, package=package: asset_library.replace(
                uow, NOW, "editor", films[name], package, lambda *_key: None
            )
        )
    publish(store, NOW + MINUTE)
    known = store.run_sync(lambda uow: ledger.effective(uow, CHANNEL, ms(NOW)))
    before, after = known.at(ms(NOW + MINUTE)), known.at(ms(NOW + 3 * MINUTE))

    assert (before.film.rev, after.film.rev) == (1, 2)
    assert after.film.asset == films["bridge"]
    assert after.first == 30
    assert [refs.loop for refs in store.run_sync(lambda uow: uow.ledger.pools(CHANNEL)).values()] == [
        ((films["filler"], 1), (films["short"], 1)),
        ((films["filler"], 2), (films["short"], 1)),
    ]
    store.run_sync(lambda uow: uow.assets.remove_edition(films["filler"], 1))
    assert set(store.run_sync(lambda uow: ledger_pool.pools(uow, CHANNEL))) == {2}
