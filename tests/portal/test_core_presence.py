"""Boxes are on while they call, two boxes with one name are noticed, and what is written stays little."""

from datetime import UTC, datetime
from typing import Any

import pytest

from middleware.domain.box_logs import Clone, Presence
from middleware.portal.core.presence import Presences
from tests.portal.core_town import core_of
from tests.portal.portal_town import PortalTown


class Watch:
    """A clock, and the signs of clones that were told."""

    def __init__(self, watchdog_s: int = 120) -> None:
        self.now = 1_000_000.0
        self.clones: list[Clone] = []
        self.boxes = Presences(lambda: self.now, watchdog_s, self.clones.append)

    def calls(self, address: str, after: float = 1.0, device: int = 7) -> None:
        self.now += after
        self.boxes.seen(device, address)


@pytest.mark.parametrize(("watchdog_s", "within"), [(60, 150), (120, 180), (300, 450)])
def test_a_box_is_on_for_one_and_a_half_times_its_pause(watchdog_s: int, within: int) -> None:
    watch = Watch(watchdog_s)
    watch.calls("10.0.0.1")

    watch.now += within
    still = watch.boxes.online(7), watch.boxes.count()
    watch.now += 1

    assert still == (True, 1)
    assert (watch.boxes.online(7), watch.boxes.count()) == (False, 0)


def test_two_addresses_that_take_turns_are_a_clone_told_once_an_hour() -> None:
    watch = Watch()

    for _ in range(20):
        watch.calls("10.0.0.1", 30)
        watch.calls("10.9.9.9", 30)
    told = len(watch.clones)
    watch.now += 3600
    for _ in range(3):
        watch.calls("10.0.0.1", 30)
        watch.calls("10.9.9.9", 30)

    assert told == 1
    assert len(watch.clones) == 2
    assert {watch.clones[0].first, watch.clones[0].second} == {"10.0.0.1", "10.9.9.9"}
    assert watch.clones[0].what == "address"


def test_a_new_lease_is_no_clone() -> None:
    watch = Watch()

    for number in range(30):
        watch.calls(f"10.0.0.{number}", 100)
    watch.calls("10.0.0.28", 3600)

    assert watch.clones == []


@pytest.mark.parametrize("pause", [25, 60, 90, 120, 180])
def test_a_box_that_goes_on_calling_is_on_in_the_store_at_every_moment(pause: int) -> None:
    watch, stored, start = Watch(), dict[int, Presence](), 1_000_000
    for second in range(0, 1800, 5):
        watch.now = float(start + second)
        if second % pause == 0:
            watch.boxes.seen(7, "10.0.0.1")
        if second % 60 == 55:
            stored |= {row.device_id: row for row in watch.boxes.to_write()}
        if stored:
            assert stored[7].online(datetime.fromtimestamp(watch.now, UTC)), second


def test_a_box_that_goes_on_as_before_is_written_every_other_minute() -> None:
    watch = Watch()
    rows: list[list[Presence]] = []
    for _ in range(20):
        watch.calls("10.0.0.1", 60)
        rows.append(watch.boxes.to_write())

    assert sum(map(len, rows)) == 10
    watch.boxes.seen(7, "10.0.0.1", doing=2)
    assert [row.doing for row in watch.boxes.to_write()] == [2]
    assert watch.boxes.to_write() == []


def test_what_boxes_do_is_written_once_a_minute_and_polls_write_nothing(portal_town: PortalTown) -> None:
    presence = core_of(portal_town).presence
    boxes = list(portal_town.ids.boxes.values())
    portal_town.transactions.clear()
    for box in boxes:
        presence.seen(box, "10.0.0.1", doing=1)
    polled = list(portal_town.transactions)

    portal_town.clock.advance(60)
    stored: Any = portal_town.write(lambda uow: uow.box_logs.presence())

    assert polled == []
    assert {number: (row.address, row.doing) for number, row in stored.items()} == dict.fromkeys(boxes, ("10.0.0.1", 1))


def test_a_clone_is_logged(portal_town: PortalTown) -> None:
    box = portal_town.ids.boxes["01001"]
    for address in ("10.0.0.1", "10.9.9.9", "10.0.0.1"):
        portal_town.clock.advance(5)
        core_of(portal_town).presence.seen(box, address)

    lines = portal_town.write(lambda uow: uow.box_logs.clones(box))

    assert [(line.what, line.first, line.second) for line in lines] == [("address", "10.9.9.9", "10.0.0.1")]
