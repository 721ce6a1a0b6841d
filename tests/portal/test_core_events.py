"""Messages and commands reach their boxes, and a poll without news touches no database."""

from datetime import timedelta
from typing import Any

from middleware.services import box_events
from tests.portal.core_town import core_of, done
from tests.portal.portal_town import PortalTown


def queue(town: PortalTown, kind: str, msg: str = "", home: str = "01001", **more: Any) -> str:
    sent = town.write(
        lambda uow: box_events.queue(
            uow,
            town.now(),
            "test",
            f"device:{town.ids.boxes[home]}",
            kind,
            msg=msg,
            **more,  # type: ignore[arg-type]
        )
    )
    return str(sent.batch)


def polled(town: PortalTown, home: str = "01001") -> str:
    """What a box is told at a poll."""
    event = done(core_of(town).events.next(town.ids.boxes[home]))
    return f"{event.kind} {event.msg}".strip() if event else ""


def test_idle_polls_of_a_thousand_boxes_touch_no_database(portal_town: PortalTown) -> None:
    core = core_of(portal_town)
    portal_town.transactions.clear()

    for device in range(1000):
        assert not core.events.waiting(device)
        assert done(core.events.next(device)) is None

    assert portal_town.transactions == []


def test_a_message_repeats_until_ok_and_only_for_its_box(portal_town: PortalTown) -> None:
    core, box = core_of(portal_town), portal_town.ids.boxes["01001"]
    queue(portal_town, "send_msg", "停水通知")

    told = [polled(portal_town) for _ in range(3)]
    event = done(core.events.next(box))
    assert event is not None
    confirmed = [done(core.events.confirm(box, event.id)), done(core.events.confirm(box, event.id))]

    assert told == ["send_msg 停水通知"] * 3
    assert polled(portal_town, "01002") == ""
    assert confirmed == [True, False]
    assert polled(portal_town) == ""
    assert not core.events.waiting(box)


def test_a_message_that_nobody_confirms_is_repeated_from_memory(portal_town: PortalTown) -> None:
    queue(portal_town, "send_msg", "停水通知")
    polled(portal_town)
    portal_town.transactions.clear()

    told = {polled(portal_town) for _ in range(100)}

    assert told == {"send_msg 停水通知"}
    assert portal_town.transactions == []


def test_a_command_overtakes_a_message_and_comes_once(portal_town: PortalTown) -> None:
    queue(portal_town, "send_msg", "停水通知")
    first = polled(portal_town)
    queue(portal_town, "play_channel", "101")

    told = [first, polled(portal_town), polled(portal_town)]

    assert told == ["send_msg 停水通知", "play_channel 101", "send_msg 停水通知"]


def test_what_expires_is_told_no_more(portal_town: PortalTown) -> None:
    queue(portal_town, "send_msg", "停水通知", ttl=timedelta(minutes=2))
    queue(portal_town, "reboot", home="01002")
    before = polled(portal_town)

    portal_town.clock.advance(5 * 60)

    assert before == "send_msg 停水通知"
    assert polled(portal_town) == ""
    assert polled(portal_town, "01002") == ""


def test_what_is_taken_back_is_told_no_more(portal_town: PortalTown) -> None:
    batch = queue(portal_town, "send_msg", "停水通知", home="01001")
    assert polled(portal_town)
    other = queue(portal_town, "send_msg", "开会", home="01002")

    for each in (batch, other):
        portal_town.write(lambda uow, each=each: box_events.cancel(uow, portal_town.now(), "test", each))

    assert polled(portal_town, "01002") == ""


def test_what_waited_before_a_restart_waits_after_it(portal_town: PortalTown) -> None:
    queue(portal_town, "send_msg", "停水通知")

    portal_town.portal.stop()
    portal_town.start()

    assert core_of(portal_town).events.waiting(portal_town.ids.boxes["01001"])
    assert polled(portal_town) == "send_msg 停水通知"
