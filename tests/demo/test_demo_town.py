"""The seeded town has the real one's proportions, its past, texts everywhere, and is not written twice."""

from collections import Counter
from datetime import timedelta

import pytest

from middleware.demo import history, running, seed, start
from middleware.demo.population import town as invented
from middleware.demo.texts import FILM_COLUMNS
from middleware.domain.articles import COLUMNS
from middleware.services import guide, rollcall, rollcall_entry
from middleware.storage.store import Store
from middleware.storage.uow import SqlUnitOfWork
from tests.demo.conftest import NOW


def _counts(uow: SqlUnitOfWork) -> dict[str, int]:
    return {
        "villages": len(uow.places.villages()),
        "centres": sum(village.centre for village in uow.places.villages()),
        "branches": len(uow.places.branches()),
        "households": len(uow.registry.households()),
        "members": len(uow.registry.members()),
        "boxes": len(uow.devices.all()),
        "cadres": sum(person.role == "cadre" for person in uow.staff.all()),
        "articles": sum(uow.articles.count(column, None, NOW) for column in COLUMNS),
        "rollcalls": len(uow.rollcalls.listing()),
        "channels": len(uow.guide.channels()),
        "events": uow.outbox.last(),
    }


def test_it_has_the_proportions_of_the_real_town(town: Store) -> None:
    found = town.run_sync(_counts, write=False)

    assert {name: found[name] for name in ("villages", "centres", "branches", "households", "members", "cadres")} == {
        "villages": 78,
        "centres": 9,
        "branches": 80,
        "households": 3000,
        "members": 2400,
        "cadres": 327,
    }
    assert found["boxes"] == 3000


def test_every_column_of_every_board_has_something_to_read(town: Store) -> None:
    filled = town.run_sync(lambda uow: {key for key in COLUMNS if uow.articles.count(key, None, NOW)}, write=False)

    assert set(COLUMNS) - filled == set(FILM_COLUMNS), "films, channels and programmes are no articles"


def test_twenty_two_bulletins_were_issued(town: Store) -> None:
    assert town.run_sync(lambda uow: uow.articles.count("bulletins", None, NOW), write=False) == 22


def test_attendance_rose_from_three_quarters_to_nine_tenths(town: Store) -> None:
    def rates(uow: SqlUnitOfWork) -> list[tuple[int, float]]:
        closed = [one for one in uow.rollcalls.listing() if one.state == "closed" and one.scope == "town"]
        figures = [rollcall.figures(uow, one).total for one in sorted(closed, key=lambda one: one.opens)]
        return [(total.expected, round(total.rate, 2)) for total in figures]

    found = town.run_sync(rates, write=False)

    assert [expected for expected, _ in found] == [2400] * 8
    assert [rate for _, rate in found] == [0.74, 0.75, 0.76, 0.85, 0.9, 0.91, 0.93, 0.93]


def test_past_sign_ins_look_like_those_of_people(town: Store) -> None:
    def standing(uow: SqlUnitOfWork) -> Counter[str]:
        last = next(one for one in uow.rollcalls.listing() if one.scope == "town")
        seen = uow.signins.standing(last.id).values()
        return Counter(
            [one.way for one in seen] + ["late" for one in seen if one.late] + ["away" for one in seen if one.elsewhere]
        )

    found = town.run_sync(standing, write=False)

    assert found["pick"] > 3 * found["number"] > 0
    assert 0 < found["late"] < 0.1 * found["pick"]
    assert 0 < found["away"] < 0.1 * found["pick"]


def test_the_pictured_household_is_invited_to_an_open_rollcall(town: Store) -> None:
    def offered(uow: SqlUnitOfWork) -> tuple[list[str], str]:
        home = uow.registry.households_by_code(["01001"])["01001"]
        running_now = uow.rollcalls.running(home.id)
        choices = rollcall_entry.choices(uow, home.id, running_now[0].id)
        assert isinstance(choices, rollcall_entry.Choices)
        return [one.name for one in choices.people], running_now[0].caller

    names, caller = town.run_sync(offered, write=False)

    assert set(names) >= {"王秀兰", "张福田", "张海涛"}
    assert caller == "南湖村党支部"


def test_six_channels_have_something_on_the_air_now(town: Store) -> None:
    now = town.run_sync(lambda uow: guide.now_next(uow, NOW), write=False)

    assert [one.channel.number for one in now] == [1, 2, 3, 4, 5, 6]
    assert all(one.present and one.following for one in now)
    ahead = town.run_sync(
        lambda uow: guide.grid(uow, NOW + timedelta(days=9), NOW + timedelta(days=9, hours=2)), write=False
    )
    assert all(row.airings for row in ahead.rows)


def test_seeding_again_adds_nothing(town: Store) -> None:
    before = town.run_sync(_counts, write=False)

    assert not town.run_sync(lambda uow: seed.seed_town(uow, NOW))
    assert not any(town.run_sync(lambda uow, one=one: history.hold(uow, NOW, one)) for one in history.meetings())
    town.run_sync(lambda uow: start.at_start(uow, NOW))

    assert town.run_sync(_counts, write=False) == before


@pytest.mark.parametrize("login", ["v01-1", "zuzhi", "admin"])
def test_nobody_logs_in_with_an_empty_password(town: Store, login: str) -> None:
    def stored(uow: SqlUnitOfWork) -> str:
        person = uow.staff.by_login(login)
        assert person is not None
        return uow.staff.password(person.id)

    assert town.run_sync(stored, write=False) == ""


def test_the_rollcall_is_prolonged_and_opened_again_at_a_start(town: Store) -> None:
    first = town.run_sync(running.latest, write=False)
    assert first is not None

    later = town.run_sync(lambda uow: running.keep_open(uow, first.closes - timedelta(minutes=5)))
    assert (later.id, later.closes) == (first.id, first.closes + running.LEAST_LEFT)

    town.run_sync(lambda uow: rollcall.close(uow, later.closes, None, later.id))
    at = later.closes + timedelta(minutes=1)
    assert town.run_sync(lambda uow: running.open_again(uow, at)) is None, "its figures can be looked at first"
    again = town.run_sync(lambda uow: running.open_again(uow, at + running.REST))
    assert again is not None
    assert again.id != first.id
    assert town.run_sync(lambda uow: running.keep_open(uow, again.opens)).id == again.id


def test_boxes_offered_for_training_belong_to_homes_of_members(town: Store) -> None:
    boxes = town.run_sync(start.offered_boxes, write=False)

    assert boxes[0].mac == invented().households[0].mac
    assert len({box.label.split()[0] for box in boxes}) > 4, "several villages"
