"""Own channels by command: on the air, what is on, an insert and its end."""

import re
from datetime import UTC, datetime

from middleware.services import ledger
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.cli.conftest import Nanhu
from tests.contract.channel_town import CHANNEL, NOW, add_film, settle
from vod.jobs import State


def opened(nanhu: Nanhu) -> Store:
    return Store.open(f"sqlite:///{nanhu.data}/nanhu.db", vault=Vault.load(nanhu.data))


def turn(store: Store) -> None:
    """One turn of a server's publisher."""
    now = datetime.now(UTC)
    ms = int(now.timestamp() * 1000)

    def run(uow) -> None:
        ledger.publish(uow, now, CHANNEL, uow.ledger.lock(CHANNEL, "server", ms, ms + 20_000))

    store.run_sync(run)


def test_a_channel_goes_on_the_air_is_looked_at_and_broken_into(nanhu: Nanhu) -> None:
    store = opened(nanhu)
    films = settle(store)
    assert "begins as soon as a server runs" in nanhu.well("channel", "air", "show", CHANNEL)
    assert nanhu.fault("channel", "air", "insert", CHANNEL, str(films["advert"])).startswith(
        "this channel does not play out"
    )

    turn(store)
    shown = nanhu.well("channel", "air", "show", "1", "--minutes", "3")
    assert re.search(r"1[56] min ahead; a server writes it", shown)
    assert re.search(r"now \d\d:\d\d:\d\d  filler ", shown)
    assert "pool 1: 2 fillers, slate" in shown
    assert "idents of 2 3 4 5 s" in shown

    told = nanhu.well("channel", "air", "insert", CHANNEL, str(films["advert"]), "--reason", "停水")
    seconds = int(re.search(r"in (\d+) s", told)[1])
    assert 29 <= seconds <= 45
    assert "insert -: advert" in nanhu.well("channel", "air", "show", CHANNEL)
    assert store.run_sync(lambda uow: uow.audit.entries("channel", CHANNEL, 1))[0].detail["reason"] == "停水"
    assert "The insert ends at" in nanhu.well("channel", "air", "end-insert", CHANNEL)
    assert "insert" not in nanhu.well("channel", "air", "show", CHANNEL)
    assert "no insert is on air" in nanhu.fault("channel", "air", "end-insert", CHANNEL)
    assert "packaged for the channel" in nanhu.fault(
        "channel", "air", "insert", CHANNEL, str(add_film(store, "odd", [6, 5]))
    )
    store.close()


def test_a_channel_is_taken_off_the_air_and_put_on_with_what_it_lacks(nanhu: Nanhu) -> None:
    store = opened(nanhu)
    films = settle(store)
    assert "channel nanhu.town:" not in nanhu.well("check-config")
    turn(store)
    assert f"url: /ch/{CHANNEL}/master.m3u8" in nanhu.well("channel", "list")

    assert "no longer plays out" in nanhu.well("channel", "air", "off", CHANNEL)
    assert "url:" not in nanhu.well("channel", "list")
    assert "it no longer plays out" in nanhu.well("channel", "air", "show", CHANNEL)
    assert nanhu.fault("channel", "air", "on", CHANNEL, "--slate", "999").startswith("a slate is a film")
    told = nanhu.well("channel", "air", "on", CHANNEL)
    assert f"plays out at /ch/{CHANNEL}/master.m3u8" in told
    assert "neither today nor tomorrow is approved" in told
    store.run_sync(lambda uow: uow.assets.set_state(films["slate"], State.WITHDRAWN, NOW))
    assert "channel nanhu.town: there is no slate" in nanhu.well("check-config")
    assert "there is no channel '77'" in nanhu.fault("channel", "air", "on", "77")
    store.close()
