"""A channel with films, fillers, idents, a slate and an approved evening: enough for its publisher."""

from datetime import UTC, datetime, timedelta

from attrs import evolve

from epg.approval import Day
from epg.filling import Filler, Pool
from epg.planning import Content, Item
from middleware.domain.channels import Channel
from middleware.services import ledger, ledger_pool
from middleware.services.ledger import Published
from middleware.services.ledger_pool import Air
from middleware.storage.store import Store
from vod.catalogue import Asset, Edition, Rendition
from vod.jobs import State

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
"""19:00 in the town."""
CHANNEL = "nanhu.town"
MINUTE = timedelta(minutes=1)
S = timedelta(seconds=1)


def add_film(store: Store, title: str, seconds: list[int], **given: object) -> int:
    """A film of segments of so many seconds; returns its id."""
    count = len(seconds)
    sizes, digests = (100_000,) * count, ("",) * count
    rendition = Rendition(360, 640, 360, 25_000, "avc1.4d401e,mp4a.40.2", 800_000, 700_000, 7200, sizes, digests)
    edition = Edition(tuple(each * 90_000 for each in seconds), (rendition,))
    made = Asset(0, 1, State.READY, "channel", title, title[:8], "", sum(seconds) * 1000, NOW, channel=True)
    return store.run_sync(lambda uow: uow.assets.add(evolve(made, **given), edition)).id


def settle(store: Store, number: int = 1) -> dict[str, int]:
    """Write the channel and its films; returns their ids by title."""
    films = {f"ident {n}": add_film(store, f"ident {n}", [n], origin=f"demo:ident-{n}") for n in (2, 3, 4, 5)}
    films["slate"] = add_film(store, "slate", [6, 6], origin="demo:slate")
    films["filler"] = add_film(store, "filler", [6] * 10, origin="demo:filler")
    films["short"] = add_film(store, "short", [6] * 3)
    films["bridge"] = add_film(store, "bridge", [6] * 100, column="films")
    films["advert"] = add_film(store, "advert", [6] * 5)
    pool = Pool(tuple(Filler(films[name], 1, name) for name in ("filler", "short")))

    def write(uow) -> None:
        uow.guide.add_channel(Channel(0, CHANNEL, number, "今日南湖"))
        uow.plans.put_pool(CHANNEL, pool)
        ledger_pool.put_air(uow, NOW, "command line", CHANNEL, Air(on=True))

    store.run_sync(write)
    return films


def item(uid: str, minute: float, minutes: float, asset: int | None = None, **given: object) -> Item:
    """A programme from so many minutes behind NOW on."""
    start = NOW + minute * MINUTE
    return Item(uid, start, start + minutes * MINUTE, Content(uid, asset=asset, live=asset is None), **given)


def approve(store: Store, *items: Item, revision: int = 1) -> None:
    """Make these the approved items of NOW's day."""
    local = (NOW + timedelta(hours=8)).date()
    day = Day(CHANNEL, local, revision, "approved", items, "editor", NOW)
    store.run_sync(lambda uow: uow.plans.put_day(day))


def lock(store: Store, now: datetime = NOW, holder: str = "a") -> int:
    """Take or keep the channel's lock for an hour."""
    ms = int(now.timestamp() * 1000)
    return store.run_sync(lambda uow: uow.ledger.lock(CHANNEL, holder, ms, ms + 3_600_000))


def publish(store: Store, now: datetime = NOW, holder: str = "a") -> Published:
    """One turn of the publisher."""
    fence = lock(store, now, holder)
    return store.run_sync(lambda uow: ledger.publish(uow, now, CHANNEL, fence))
