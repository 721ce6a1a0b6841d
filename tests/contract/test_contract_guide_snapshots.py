"""Snapshots of the guide: what is published can be taken back in one step, on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from epg.model import Credit, Programme
from middleware.domain.channels import Channel
from middleware.domain.errors import NotFound
from middleware.services import guide_snapshots
from middleware.services.guide import add_channel
from middleware.services.ports import Airing
from middleware.storage.store import Store

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)


def programme(uid: str, hour: int, title: str, **more: Any) -> Programme:
    start = NOW + timedelta(hours=hour)
    return Programme(uid, "nhxw.nanhu.cn", start, start + timedelta(hours=1), title, **more)


@pytest.fixture
def act(store: Store) -> Callable[..., None]:
    """Write programmes in the place of all that there are, as one publishing."""
    channel = store.run_sync(lambda uow: add_channel(uow, Channel(0, "nhxw.nanhu.cn", 1, "南湖新闻"))).id

    def write(what: str, *rows: Programme) -> None:
        def run(uow: Any) -> None:
            uow.guide.opening(NOW, "li", what)
            stored = {one.programme.uid: one for one in held(uow)}
            wanted = {row.uid: row for row in rows}
            uow.guide.write(
                [Airing(0, channel, "plan", row) for uid, row in wanted.items() if uid not in stored],
                [
                    Airing(one.id, channel, "plan", wanted[uid])
                    for uid, one in stored.items()
                    if uid in wanted and one.programme != wanted[uid]
                ],
                [one.id for uid, one in stored.items() if uid not in wanted],
            )

        store.run_sync(run)

    return write


def held(uow: Any) -> tuple[Airing, ...]:
    return uow.guide.between(NOW - timedelta(days=1), NOW + timedelta(days=1))


def test_the_guide_goes_back_to_each_snapshot_with_the_rows_and_the_digest_it_had(
    store: Store, act: Callable[..., None]
) -> None:
    full = programme("a", 0, "新闻", categories=("新闻",), credits=(Credit("director", "王"),), icon="/a.png")
    acts = [
        ("第一次", (full, programme("b", 1, "天气"))),
        ("第二次", (programme("a", 0, "改名"), programme("c", 2, "戏曲"))),
        ("第三次", (programme("b", 3, "天气"),)),
        ("第四次", ()),
    ]
    stand = {}
    for what, rows in acts:
        act(what, *rows)
        newest = store.run_sync(lambda uow: uow.guide.snapshots())[0]
        stand[newest.number] = (newest.digest, store.run_sync(held))

    for number, (digest, rows) in stand.items():
        store.run_sync(lambda uow, number=number: guide_snapshots.roll_back(uow, NOW, "li", number))
        newest = store.run_sync(lambda uow: uow.guide.snapshots())[0]

        assert (newest.digest, store.run_sync(held)) == (digest, rows)
        assert not store.run_sync(lambda uow, number=number: guide_snapshots.way_back(uow, number))


def test_what_going_back_would_change_is_told_before(store: Store, act: Callable[..., None]) -> None:
    act("先", programme("a", 0, "新闻"), programme("b", 1, "天气"))
    first = store.run_sync(lambda uow: uow.guide.snapshots())[0].number
    act("后", programme("a", 0, "改名"), programme("c", 2, "戏曲"))

    way = store.run_sync(lambda uow: guide_snapshots.way_back(uow, first))

    assert [one.programme.title for one in way.back] == ["天气"]
    assert [(now.programme.title, then.programme.title) for now, then in way.changed] == [("改名", "新闻")]
    assert [one.programme.title for one in way.gone] == ["戏曲"]


def test_the_last_ten_are_kept_and_nothing_changed_makes_none(store: Store, act: Callable[..., None]) -> None:
    for n in range(13):
        act(f"第 {n} 次", programme("a", 0, f"新闻 {n}"))
    act("没有变", programme("a", 0, "新闻 12"))

    kept = store.run_sync(lambda uow: uow.guide.snapshots())

    assert [one.what for one in kept] == [f"第 {n} 次" for n in range(12, 2, -1)]
    with pytest.raises(NotFound):
        store.run_sync(lambda uow: guide_snapshots.way_back(uow, kept[-1].number - 1))
