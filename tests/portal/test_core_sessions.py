"""Boxes are known from memory, and read again as soon as something about them was written, by whomever."""

from datetime import timedelta
from typing import Any

import attrs
import pytest
from twisted.internet.defer import Deferred, ensureDeferred

from middleware import config
from middleware.domain.devices import Identities
from middleware.domain.packages import Grant, Package
from middleware.portal.core.core import CoreSettings
from middleware.portal.core.sessions import Changes
from middleware.portal.dialects import DialectSettings
from middleware.services import accounts, devices, packages, sessions
from tests.portal.core_town import account, block, bound, box, core_of, done
from tests.portal.portal_town import PortalTown

FOREIGN = Identities(mac="00:1A:79:FF:00:01")


def test_a_token_is_looked_up_once(portal_town: PortalTown) -> None:
    core = core_of(portal_town)
    bound(portal_town, "T1")
    first = done(core.session("ministra", "T1"))
    portal_town.transactions.clear()

    again = [done(core.session("ministra", "T1")) for _ in range(50)]

    assert first is not None
    assert {session.device.id for session in again if session} == {portal_town.ids.boxes["01001"]}
    assert portal_town.transactions == []


def test_tokens_survive_a_restart(portal_town: PortalTown) -> None:
    bound(portal_town, "T1")

    portal_town.portal.stop()
    portal_town.start()

    found = done(core_of(portal_town).session("ministra", "T1"))
    assert found is not None
    assert found.device.id == portal_town.ids.boxes["01001"]


@pytest.mark.parametrize("token", ["", "T2", "T" * 5000])
def test_a_token_that_nobody_holds_is_nobody(portal_town: PortalTown, token: str) -> None:
    bound(portal_town, "T1")

    assert done(core_of(portal_town).session("ministra", token)) is None
    assert done(core_of(portal_town).session("jsession", "T1")) is None


def test_a_new_token_ends_the_one_before(portal_town: PortalTown) -> None:
    core = core_of(portal_town)
    bound(portal_town, "T1")
    assert done(core.session("ministra", "T1"))

    bound(portal_town, "T2")

    assert done(core.session("ministra", "T1")) is None
    assert done(core.session("ministra", "T2"))


def test_both_tokens_of_a_pair_are_live_beside_the_other_kind(portal_town: PortalTown) -> None:
    core = core_of(portal_town)
    bound(portal_town, "T1")

    done(core.bind_pair(portal_town.ids.boxes["01001"], "J" * 32, "U" * 32))

    kinds = [("ministra", "T1"), ("jsession", "J" * 32), ("usertoken", "U" * 32)]
    assert all(done(core.session(kind, token)) for kind, token in kinds)  # type: ignore[arg-type]


def test_what_another_process_writes_counts_at_once(portal_town: PortalTown) -> None:
    core = core_of(portal_town)
    bound(portal_town, "T1")
    before = done(core.session("ministra", "T1"))

    block(portal_town)
    after = done(core.session("ministra", "T1"))

    assert before is not None
    assert after is not None
    assert (before.active, after.active) == (True, False)


def test_an_account_that_is_switched_off_or_ends_stops_its_boxes(portal_town: PortalTown) -> None:
    core = core_of(portal_town)
    ends = portal_town.now() + timedelta(minutes=20)
    paid = account(portal_town, "01001", ends_at=ends)
    bound(portal_town, "T1")
    states = [box(portal_town).standing.state]

    portal_town.clock.advance(21 * 60)
    states.append(box(portal_town).standing.state)
    portal_town.write(lambda uow: accounts.change(uow, portal_town.now(), "test", _off(uow.accounts.get(paid.id))))
    after = done(core.session("ministra", "T1"))

    assert states == ["active", "expired"]
    assert after is not None
    assert (after.standing.state, after.standing.text_zh) == ("blocked", "欠费停机")


def _off(before: Any) -> Any:
    return attrs.evolve(before, on=False, block_text="欠费停机", ends_at=None)


def test_a_package_that_is_granted_changes_what_boxes_see(portal_town: PortalTown) -> None:
    core = core_of(portal_town)
    first, second = portal_town.ids.channels
    seen = [len(done(core.lineup(box(portal_town).entitled)).channels)]

    def write(uow: Any) -> None:
        made = packages.add(uow, portal_town.now(), "test", Package(0, "basic", "基本", channels=(second,)))
        packages.grant(uow, portal_town.now(), "test", Grant(made.id, "town"))

    portal_town.write(write)
    now_seen = done(core.lineup(box(portal_town).entitled)).channels

    assert seen == [2]
    assert [channel.id for channel in now_seen] == [second]
    assert done(core.way(first)) is not None, "links of other boxes go on"


def test_unbinding_ends_what_the_box_holds(portal_town: PortalTown) -> None:
    core = core_of(portal_town)
    bound(portal_town, "T1")
    assert done(core.session("ministra", "T1"))

    portal_town.write(lambda uow: devices.unbind(uow, portal_town.now(), "test", portal_town.ids.boxes["01001"]))

    assert done(core.session("ministra", "T1")) is None


def test_a_known_box_is_found_by_any_of_its_names(portal_town: PortalTown) -> None:
    core = core_of(portal_town)

    told = done(core.known(Identities(mac="00:1A:79:00:00:01", serial="SN-7")))
    found = done(core.known(Identities(serial="SN-7")))

    assert told is not None
    assert found is not None
    assert found.device.serial == "SN-7"
    assert done(core.known(FOREIGN)) is None


def test_a_new_box_is_registered_as_pending_once(portal_town: PortalTown) -> None:
    core = core_of(portal_town)

    first = done(core.register(FOREIGN, "10.0.0.1"))
    second = done(core.register(FOREIGN, "10.0.0.1"))

    assert first is not None
    assert second is not None
    assert first.device.id == second.device.id
    assert first.standing.state == "pending"


def test_registering_is_bounded_by_address_and_by_the_hour(portal_town_with: Any) -> None:
    town = portal_town_with(dialects=DialectSettings(devices=config.Devices(per_hour=8)))
    core = core_of(town)

    def register(number: int, client: str) -> bool:
        return done(core.register(Identities(mac=f"00:1A:79:AA:00:{number:02X}"), client)) is not None

    one_address = [register(number, "10.0.0.1") for number in range(3)]
    others = [register(number, f"10.0.1.{number}") for number in range(10, 18)]
    town.clock.advance(3601)

    assert one_address == [True, True, False]
    assert others == [True] * 6 + [False] * 2
    assert register(40, "10.0.0.1")


@pytest.mark.parametrize(("unknown", "state"), [("login", "login"), ("refuse", None)])
def test_strangers_are_asked_to_log_in_or_refused(portal_town_with: Any, unknown: str, state: str | None) -> None:
    town = portal_town_with(dialects=DialectSettings(devices=config.Devices(unknown=unknown)))

    found = done(core_of(town).register(FOREIGN, "10.0.0.1"))

    assert (found.standing.state if found else None) == state


def test_guessed_tokens_are_not_looked_up_for_ever_while_a_known_box_passes(portal_town: PortalTown) -> None:
    core = core_of(portal_town)
    bound(portal_town, "T1")
    assert done(core.session("ministra", "T1", "10.0.0.1"))
    portal_town.transactions.clear()

    guesses = [done(core.session("ministra", f"guess{number}", "10.0.0.1")) for number in range(1000)]

    assert not any(guesses)
    assert len(portal_town.transactions) <= 300
    assert done(core.session("ministra", "T1", "10.0.0.1"))


def test_that_a_token_is_used_is_written_once_a_day(portal_town: PortalTown) -> None:
    bound(portal_town, "T1")
    portal_town.clock.advance(40 * 86_400)
    assert done(core_of(portal_town).session("ministra", "T1"))

    portal_town.clock.advance(61)
    token, _, _ = portal_town.write(lambda uow: sessions.of(uow, "ministra", "T1"))

    assert portal_town.now() - token.used < timedelta(minutes=2)


def test_what_was_read_before_a_change_is_not_kept_after_it() -> None:
    changes = Changes(kept=3)
    since = changes.count
    changes.of(7)

    assert not changes.none(7, since)
    assert changes.none(8, since)
    for device in range(20, 24):
        changes.of(device)
    assert not changes.none(8, since), "more changes than are remembered: nobody knows"
    assert changes.none(8, changes.count)
    changes.of_all()
    assert not changes.none(8, changes.count - 1)


def test_the_settings_of_the_core_come_from_their_sections() -> None:
    settings = DialectSettings(
        devices=config.Devices(unknown="login", per_hour=5),
        ministra=config.Ministra(watchdog_s=60),
        streams=config.Streams(per_account=2, open_s=90),
    )

    assert settings.core == CoreSettings("login", 5, 60, 90, 2)


def test_boxes_that_see_the_same_share_what_they_see(portal_town: PortalTown) -> None:
    def write(uow: Any) -> None:
        made = packages.add(uow, portal_town.now(), "test", Package(0, "basic", "基本", channels=(1, 2)))
        packages.grant(uow, portal_town.now(), "test", Grant(made.id, "town"))

    portal_town.write(write)

    first, second = box(portal_town, "01001"), box(portal_town, "01002")

    assert box(portal_town, "01001") is first
    assert first.entitled is second.entitled
    assert first.device.state is second.device.state


def test_a_token_that_is_replaced_while_it_is_read_is_not_kept(portal_town: PortalTown) -> None:
    bound(portal_town, "T1")
    portal_town.portal.stop()
    portal_town.start()
    core = core_of(portal_town)
    waiting: list[Any] = []
    storage = core._sessions._storage

    class Slow:
        def run(self, fn: Any, name: str = "", *, write: bool = True) -> Any:
            result, answer = done(storage.run(fn, name, write=write)), Deferred()
            waiting.append(lambda: answer.callback(result))
            return answer

    core._sessions._storage = Slow()  # type: ignore[assignment]
    reading = ensureDeferred(core.session("ministra", "T1"))
    core._sessions._storage = storage
    bound(portal_town, "T2")
    waiting[0]()

    assert reading.called
    assert core.at_hand("ministra", "T1") is None
    assert done(core.session("ministra", "T1")) is None
