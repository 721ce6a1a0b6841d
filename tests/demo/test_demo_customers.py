"""The demonstration's billing: accounts to log in with, packages that hide nothing, logos, series, an API user."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from middleware.demo import customers, seed, start
from middleware.demo.films import films
from middleware.domain.packages import EVERYTHING
from middleware.services import accounts, assets, devices, lineup, operators, packages
from middleware.storage.store import Store
from middleware.storage.uow import SqlUnitOfWork
from tests.demo.conftest import NOW
from tests.demo.test_demo_start import EDITION
from vod.catalogue import Package

T = TypeVar("T")
LOGOS = Path(customers.__file__).parent / "pictures" / "logos"


@pytest.fixture(scope="module")
def read(young_town: Store) -> Callable[[Callable[[SqlUnitOfWork], Any]], Any]:
    return lambda fn: young_town.run_sync(fn, write=False)


def test_every_box_has_an_account_that_it_can_log_in_with(read: Callable[..., Any]) -> None:
    boxes = read(lambda uow: uow.devices.all())
    first = boxes[0]
    account = read(lambda uow: uow.accounts.get(first.account_id))
    word = read(lambda uow: uow.accounts.password(account.id))

    assert len({box.account_id for box in boxes}) == 3000
    assert account.household_id == first.household_id
    assert read(lambda uow: accounts.login(uow, account.login, word)) == account
    assert read(lambda uow: devices.standing(uow, NOW, first)).state == "active"


def test_the_packages_hide_nothing_from_anybody(read: Callable[..., Any]) -> None:
    entitled = read(lambda uow: packages.entitled_for(uow, uow.devices.all()[-1]))
    found = read(lambda uow: lineup.line_up(uow, entitled))

    assert entitled == EVERYTHING
    assert [one.number for one in found.channels] == [1, 2, 3, 4, 5, 6]
    assert [one.code for one in read(lambda uow: uow.packages.all())] == ["basic", "opera"]


def test_channels_have_groups_logos_and_addresses_of_every_kind(read: Callable[..., Any]) -> None:
    found = read(lambda uow: lineup.line_up(uow, EVERYTHING))
    groups = {genre.id: genre.title for genre in found.genres}

    assert {"新闻", "影视", "少儿"} <= {genre.title for genre in read(lambda uow: uow.guide.genres())}
    assert [groups[one.genre_id] for one in found.channels] == ["本地", "综合", "影视", "新闻", "农业", "戏曲"]
    assert {(LOGOS / one.logo).read_bytes()[:4] for one in found.channels} == {b"\x89PNG"}
    assert [one.multicast for one in found.channels][:2] == ["igmp://239.76.1.1:5140", "igmp://239.76.1.2:5140"]
    assert {one.hd for one in found.channels} == {True, False}


def test_films_that_belong_together_are_episodes_and_channels_can_be_looked_back_at(young_town: Store) -> None:
    def add(uow: SqlUnitOfWork) -> None:
        for film in reversed(films()):
            if uow.assets.by_origin(film.draft.origin or "") is None:
                assets.add_asset(uow, NOW - film.age, film.draft, Package(Path("x"), EDITION), lambda _a, _r: None)

    young_town.run_sync(add)
    for _ in range(2):
        young_town.run_sync(lambda uow: start.at_start(uow, NOW))

    shown = young_town.run_sync(
        lambda uow: {
            one.title: [(film.title, film.season, film.episode) for film in assets.episodes(uow, one.id)]
            for one in uow.assets.series()
        },
        write=False,
    )
    assert shown == {
        "大山里的故事": [("山路上的邮递员", 1, 1), ("大山里的一盏灯", 1, 2)],
        "农技课堂": [("茶园冬季怎么管", 1, 1), ("大棚草莓种植经", 2, 1)],
    }
    whole = young_town.run_sync(lambda uow: lineup.line_up(uow, EVERYTHING), write=False)
    assert [len(links) for links in whole.links.values()] == [1], "the town's own channel has a second link"
    assert {(one.archive_h, one.archive_url == one.url != "") for one in whole.channels} == {(72, True)}


def test_the_api_user_gets_a_secret_and_a_new_one_when_it_was_lost(young_town: Store) -> None:
    first, second = (young_town.run_sync(lambda uow: customers.renew_secret(uow, NOW)) for _ in range(2))

    found = [
        young_town.run_sync(lambda uow, word=word: operators.check(uow, customers.API_LOGIN, word), write=False)
        for word in (first, second)
    ]
    assert found[0] is None
    assert found[1] is not None


def test_settling_again_adds_nothing(young_town: Store) -> None:
    def counts(uow: SqlUnitOfWork) -> list[int]:
        grants, tariffs = len(uow.packages.grants()), len(uow.packages.tariffs())
        return [len(uow.accounts.all()), grants, tariffs, len(uow.guide.links()), len(uow.guide.genres())]

    before = young_town.run_sync(counts, write=False)
    young_town.run_sync(lambda uow: (seed.seed_town(uow, NOW), start.at_start(uow, NOW)))

    assert young_town.run_sync(counts, write=False) == before
