"""The guide from memory: whole, in order, without overlaps, and new as soon as it was written."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import attrs
from hypothesis import given
from hypothesis import strategies as st

from epg.model import Programme
from epg.times import SHANGHAI
from middleware.domain.events import ContentChanged
from middleware.portal.core.schedules import days_of
from middleware.services.guide import without_overlap
from middleware.services.ports import Airing
from tests.portal.core_town import change_channel, core_of, done
from tests.portal.portal_town import NOW, PortalTown

T0 = datetime(2026, 11, 25, tzinfo=UTC)


def airing(number: int, start: int, stop: int) -> Airing:
    """One from minute to minute."""
    told = Programme(f"u{number}", "c", T0 + timedelta(minutes=start), T0 + timedelta(minutes=stop), f"第{number}集")
    return Airing(number, 1, "test", told)


def hours(rows: tuple[Airing, ...]) -> list[float]:
    return [(row.programme.start - NOW.replace(minute=0)) / timedelta(hours=1) for row in rows]


def test_a_schedule_is_what_touches_the_time_asked_for(portal_town: PortalTown) -> None:
    core, channel = core_of(portal_town), portal_town.ids.channels[0]

    rows = done(core.schedule(channel, NOW, NOW + timedelta(hours=2)))

    assert hours(rows) == [0, 1, 2]
    assert {row.channel for row in rows} == {channel}


def test_a_programme_over_midnight_comes_once(portal_town: PortalTown) -> None:
    channel = portal_town.ids.channels[0]
    midnight = datetime(2026, 11, 25, 0, 0, tzinfo=SHANGHAI)
    late = Programme("late", "c", midnight - timedelta(minutes=40), midnight + timedelta(minutes=40), "夜场")

    def write(uow: object) -> None:
        gone = [row.id for row in uow.guide.between(NOW, NOW + timedelta(days=2), {channel})]  # type: ignore[attr-defined]
        uow.guide.write([Airing(0, channel, "test", late)], [], gone)  # type: ignore[attr-defined]
        uow.outbox.add(ContentChanged("programme"))  # type: ignore[attr-defined]

    portal_town.write(write)
    rows = done(core_of(portal_town).schedule(channel, midnight - timedelta(hours=1), midnight + timedelta(hours=30)))

    assert [row.programme.title for row in rows] == ["夜场"]


def test_many_channels_are_read_at_once_and_then_from_memory(portal_town: PortalTown) -> None:
    core = core_of(portal_town)
    portal_town.transactions.clear()

    first = done(core.schedules(portal_town.ids.channels, NOW - timedelta(days=1), NOW + timedelta(days=7)))
    again = done(core.schedules(portal_town.ids.channels, NOW - timedelta(days=1), NOW + timedelta(days=7)))

    assert first == again
    assert [len(first[channel]) for channel in portal_town.ids.channels] == [12, 12]
    assert len(portal_town.transactions) == 1


def test_a_change_of_the_guide_is_seen_at_once_and_moves_the_version(portal_town: PortalTown) -> None:
    core, channel = core_of(portal_town), portal_town.ids.channels[0]
    window = NOW, NOW + timedelta(minutes=1)
    before, version = done(core.schedule(channel, *window)), core.guide_version
    on_air = done(core.now_next())[channel]

    def rename(uow: object) -> None:
        row = uow.guide.between(*window, {channel})[0]  # type: ignore[attr-defined]
        told = attrs.evolve(row.programme, title="改了")
        uow.guide.write([], [attrs.evolve(row, programme=told)], [])  # type: ignore[attr-defined]
        uow.outbox.add(ContentChanged("programme"))  # type: ignore[attr-defined]

    portal_town.write(rename)
    after = done(core.schedule(channel, *window))

    assert [row.programme.title for row in (*before, *after)] == ["南湖播报", "改了"]
    assert core.guide_version > version
    assert on_air.present is not None
    assert on_air.present.programme.title == "南湖播报"
    now_shown = done(core.now_next())[channel].present
    assert now_shown is not None
    assert now_shown.programme.title == "改了"


def test_now_and_next_move_on_by_themselves_and_are_read_once_between(portal_town: PortalTown) -> None:
    core, channel = core_of(portal_town), portal_town.ids.channels[0]
    first = done(core.now_next())[channel]
    portal_town.transactions.clear()
    for _ in range(20):
        done(core.now_next())
    read = len(portal_town.transactions)

    portal_town.clock.advance(3600)
    second = done(core.now_next())[channel]

    assert read == 0
    assert first.following is not None
    assert second.present == first.following


def test_a_line_up_is_read_once_for_all_that_see_the_same(portal_town: PortalTown) -> None:
    core = core_of(portal_town)
    portal_town.transactions.clear()
    for home in portal_town.ids.boxes:
        session = done(core.box(portal_town.ids.boxes[home]))
        assert session is not None
        done(core.lineup(session.entitled))
    reads = [name for name, _ in portal_town.transactions].count("line-up")
    version = core.lineup_version

    change_channel(portal_town, name="新南湖")

    assert reads == 1
    assert core.lineup_version > version
    assert done(core.lineup(session.entitled)).channels[0].name == "新南湖"


def test_days_are_those_of_the_town() -> None:
    evening = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)  # 23:30 in the town

    assert [day.day for day in days_of(evening, evening + timedelta(minutes=30))] == [24]
    assert [day.day for day in days_of(evening, evening + timedelta(minutes=31))] == [24, 25]
    assert [day.day for day in days_of(evening, evening)] == [24]


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 90)), max_size=30))
def test_whatever_is_stored_no_two_programmes_overlap(slots: list[tuple[int, int]]) -> None:
    rows = sorted(
        (airing(number, start, start + length) for number, (start, length) in enumerate(slots)),
        key=lambda row: row.programme.start,
    )

    shown = without_overlap(rows)

    edges = [(row.programme.start, row.programme.stop) for row in shown]
    assert all(start < stop for start, stop in edges)
    assert all(before[1] <= after[0] for before, after in pairwise(edges))
    assert {row.programme.start for row in shown} == {row.programme.start for row in rows}
