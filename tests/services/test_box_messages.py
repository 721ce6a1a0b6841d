"""Messages, commands and reminders: whom they reach, in which order they go out, when they end."""

from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from middleware.domain.accounts import Account
from middleware.domain.box_events import MESSAGES, BoxEvent, next_event
from middleware.domain.box_logs import Presence
from middleware.domain.channels import Channel
from middleware.domain.errors import BadValue, NotFound
from middleware.services import accounts, box_events, box_upkeep, devices, reminders, sessions
from middleware.services.box_events import Queued
from middleware.services.reminders import Due
from middleware.storage.store import Store
from tests.contract.small_town import MINUTE, NOW, SmallTown

DAY = timedelta(days=1)


def _send(store: Store, target: str, kind: Any = "send_msg", msg: str = "停水通知", **more: Any) -> Queued:
    return store.run_sync(lambda uow: box_events.queue(uow, NOW, "op", target, kind, msg=msg, **more))


def _next(store: Store, box: int, at: timedelta = timedelta(0)) -> BoxEvent | None:
    return store.run_sync(lambda uow: box_events.next_for(uow, NOW + at, box))


@pytest.fixture
def addressed(store: Store, town: SmallTown) -> SmallTown:
    account = store.run_sync(lambda uow: accounts.add(uow, NOW, "op", Account(0, "63001")))
    store.run_sync(lambda uow: accounts.tie(uow, NOW, "op", town.boxes["01002"], account.id))
    store.run_sync(lambda uow: devices.set_group(uow, NOW, "op", town.boxes["01001"], "试点"))
    return town


def test_every_target_reaches_its_boxes(store: Store, addressed: SmallTown) -> None:
    first, second = addressed.boxes["01001"], addressed.boxes["01002"]
    reached = {
        target: _send(store, target).devices
        for target in (f"device:{first}", "village:v01", "branch:b01", "group:试点", "account:63001", "all")
    }
    seen = [Presence(first, NOW - DAY), Presence(second, NOW - MINUTE)]
    store.run_sync(lambda uow: uow.box_logs.put_presence(seen))

    assert _send(store, "online").devices == (second,)
    assert _send(store, f"devices:{second},{first},{second}").devices == (second, first)

    assert reached == {
        f"device:{first}": (first,),
        "village:v01": (first, second),
        "branch:b01": (first, second),
        "group:试点": (first,),
        "account:63001": (second,),
        "all": (first, second),
    }


@pytest.mark.parametrize(
    "target",
    [
        "online",
        "devices:",
        "devices:1,,2",
        "devices:1,999",
        "device:x",
        "device:999",
        "village:v9",
        "branch:",
        "group:none",
        "account:9",
        "street:1",
        "",
        "village:v02",
    ],
)
def test_a_target_without_boxes_is_refused(store: Store, town: SmallTown, target: str) -> None:
    with pytest.raises((BadValue, NotFound)):
        _send(store, target)


def test_a_blocked_box_is_sent_nothing_but_its_cutting_off(store: Store, town: SmallTown) -> None:
    box = town.boxes["01001"]
    store.run_sync(lambda uow: devices.set_state(uow, NOW, "op", box, "blocked"))

    assert _send(store, "all").devices == (town.boxes["01002"],)
    assert _send(store, "all", "cut_off", "").devices == (box, town.boxes["01002"])


def test_commands_go_out_once_and_before_messages_that_wait_for_ok(store: Store, town: SmallTown) -> None:
    box = town.boxes["01001"]
    for kind, msg in (("send_msg", "一"), ("send_msg", "二"), ("play_channel", "5"), ("reload_portal", "")):
        _send(store, f"device:{box}", kind, msg)

    order = []
    for _ in range(6):
        event = _next(store, box)
        assert event is not None
        order.append(event.msg or event.kind)
    assert order == ["5", "reload_portal", "一", "一", "一", "一"]
    first = _next(store, box, MINUTE)
    assert first is not None
    assert first.sent == NOW, "it was given out first at NOW"
    assert not store.run_sync(lambda uow: box_events.confirm(uow, NOW, town.boxes["01002"], first.id))
    assert store.run_sync(lambda uow: box_events.confirm(uow, NOW, box, first.id))
    second = _next(store, box)
    assert second is not None
    assert second.msg == "二"


def test_messages_live_a_week_and_commands_two_polls(store: Store, town: SmallTown) -> None:
    box = town.boxes["01001"]
    _send(store, f"device:{box}")
    _send(store, f"device:{box}", "reboot", "")
    _send(store, f"device:{box}", "show_menu", "", ttl=timedelta(hours=1))

    late = timedelta(minutes=5)
    kinds = [event.kind if (event := _next(store, box, at)) else None for at in (late, late, 8 * DAY)]
    assert kinds == ["show_menu", "send_msg", None]


def test_what_is_planned_waits_for_its_time_and_lives_from_then_on(store: Store, town: SmallTown) -> None:
    box, hour = town.boxes["01001"], timedelta(hours=1)
    planned = _send(store, "all", at=NOW + hour, ttl=hour)
    _send(store, f"device:{box}", "reboot", "", at=NOW - MINUTE)
    early = _next(store, box), _next(store, box, hour - MINUTE)

    told = store.run_sync(lambda uow: [one.body for one in uow.outbox.after(0) if one.kind == "BoxEventsQueued"])
    following = store.run_sync(lambda uow: box_events.due(uow, NOW, NOW + MINUTE))
    store.run_sync(lambda uow: box_events.due(uow, NOW, NOW + hour))
    after = store.run_sync(lambda uow: [one.body for one in uow.outbox.after(0) if one.kind == "BoxEventsQueued"])
    message, late = _next(store, box, hour), _next(store, box, 2 * hour)

    assert [one.kind if one else None for one in early] == ["reboot", None]
    assert (following, len(told), after[len(told) :]) == (NOW + hour, 1, [{"devices": sorted(planned.devices)}])
    assert message is not None
    assert (message.created, message.expires, late) == (NOW + hour, NOW + 2 * hour, None)


def test_something_is_planned_for_thirty_days_at_most_and_is_taken_back(store: Store, town: SmallTown) -> None:
    planned = _send(store, "all", at=NOW + 30 * DAY)

    assert store.run_sync(lambda uow: box_events.cancel(uow, NOW, "op", planned.batch)) == 2
    for at in (NOW + 31 * DAY, NOW - DAY):
        with pytest.raises(BadValue):
            _send(store, "all", at=at)


def test_a_set_that_is_off_for_days_is_still_cut_on_when_it_comes(store: Store, town: SmallTown) -> None:
    _send(store, "village:v01", "cut_on", "")
    told = _next(store, town.boxes["01001"], 6 * DAY)

    assert told is not None
    assert told.kind == "cut_on"


def test_what_was_sent_by_mistake_is_taken_back(store: Store, town: SmallTown) -> None:
    queued = _send(store, "all")
    message = _next(store, town.boxes["01001"])
    assert message is not None
    store.run_sync(lambda uow: box_events.confirm(uow, NOW, town.boxes["01001"], message.id))

    assert store.run_sync(lambda uow: box_events.cancel(uow, NOW, "op", queued.batch)) == 1
    assert _next(store, town.boxes["01002"]) is None
    with pytest.raises(NotFound):
        store.run_sync(lambda uow: box_events.cancel(uow, NOW, "op", "nothing"))


def test_a_queue_tells_the_boxes_and_is_audited_without_its_words(store: Store, town: SmallTown) -> None:
    seen = store.run_sync(lambda uow: uow.outbox.last(), write=False)
    queued = _send(store, "village:v01", msg="请打 13806336021")

    (event,) = store.run_sync(lambda uow: uow.outbox.after(seen), write=False)
    assert (event.kind, event.body["devices"]) == ("BoxEventsQueued", list(queued.devices))
    (entry,) = store.run_sync(lambda uow: uow.audit.entries("box_event"), write=False)
    assert entry.detail == {"target": "village:v01", "kind": "send_msg", "boxes": 2}


def test_a_message_is_plain_text_without_control_characters(store: Store, town: SmallTown) -> None:
    box = town.boxes["01001"]
    _send(store, f"device:{box}", msg=" <b>停\x00水</b>\n明天\x1b ")

    event = _next(store, box)
    assert event is not None
    assert event.msg == "<b>停 水</b>\n明天"


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("send_msg", {"msg": " \x00 "}),
        ("send_msg", {"msg": "长" * 1001}),
        ("send_msg", {"msg": "x", "ttl": timedelta(0)}),
        ("send_msg", {"msg": "x", "ttl": timedelta(days=31)}),
        ("send_msg", {"msg": "x", "auto_hide_s": -1}),
        ("send_msg", {"msg": "x", "auto_hide_s": 3601}),
        ("send_msg_with_video", {"msg": "x"}),
        ("send_msg_with_video", {"msg": "x", "param": "a\nb"}),
        ("play_channel", {"msg": "五"}),
        ("play_channel", {"msg": "100000"}),
        ("format_disk", {"msg": "x"}),
    ],
)
def test_an_order_that_cannot_be_is_refused(store: Store, town: SmallTown, kind: str, fields: dict[str, Any]) -> None:
    with pytest.raises(BadValue):
        _send(store, "all", kind, **fields)


def test_one_box_is_not_buried(store: Store, town: SmallTown) -> None:
    target = f"device:{town.boxes['01001']}"
    for number in range(box_events.WAITING_MOST):
        _send(store, target, msg=str(number))

    with pytest.raises(BadValue):
        _send(store, target)


@given(
    st.lists(
        st.tuples(st.sampled_from(["send_msg", "reboot"]), st.integers(0, 9), st.integers(1, 9), st.booleans()),
        max_size=12,
    )
)
def test_the_next_event_is_the_oldest_of_the_most_urgent(rows: list[tuple[Any, int, int, bool]]) -> None:
    events = tuple(
        BoxEvent(at + 1, 1, kind, NOW + begun * MINUTE, NOW + life * MINUTE, sent=NOW if sent else None)
        for at, (kind, begun, life, sent) in enumerate(rows)
    )

    found = next_event(events, NOW + 5 * MINUTE)

    waiting = [one for one in events if one.waits(NOW + 5 * MINUTE)]
    assert (found is None) == (not waiting)
    if found is not None:
        urgent = [one for one in waiting if one.kind not in MESSAGES] or waiting
        assert found == min(urgent, key=lambda one: (one.created, one.id))


@pytest.fixture
def channel(store: Store) -> int:
    return store.run_sync(lambda uow: uow.guide.add_channel(Channel(0, "nanhu.tv", 1, "南湖"))).id


def test_a_reminder_pops_up_until_it_is_answered(store: Store, town: SmallTown, channel: int) -> None:
    box, start = town.boxes["01001"], NOW + 10 * MINUTE
    put = store.run_sync(
        lambda uow: reminders.put(uow, NOW, box, channel, start, title="晚会\x00" * 99, fires=start - MINUTE)
    )
    assert len(put.title) <= 200
    assert store.run_sync(lambda uow: reminders.of_device(uow, NOW, box), write=False) == (put,)

    told = [store.run_sync(lambda uow, at=at: reminders.due(uow, NOW + at * MINUTE)) for at in (8, 9, 9)]
    store.run_sync(lambda uow: reminders.remove(uow, NOW, box, channel, start))
    last = store.run_sync(lambda uow: reminders.due(uow, NOW + 9 * MINUTE))

    assert told == [Due((), put.fires), Due((put,), None), Due((put,), None)]
    assert last == Due((), None)


def test_a_reminder_that_comes_far_too_late_is_dropped(store: Store, town: SmallTown, channel: int) -> None:
    start = NOW + MINUTE
    store.run_sync(lambda uow: reminders.put(uow, NOW, town.boxes["01001"], channel, start, title="x"))

    assert store.run_sync(lambda uow: reminders.due(uow, start + 11 * MINUTE)) == Due((), None)
    assert store.run_sync(lambda uow: uow.reminders.next_due(), write=False) is None


def test_reminders_are_bounded(store: Store, town: SmallTown, channel: int) -> None:
    box = town.boxes["01001"]
    for number in range(reminders.MOST):
        start = NOW + (number + 1) * MINUTE
        store.run_sync(lambda uow, start=start: reminders.put(uow, NOW, box, channel, start, title="x"))
    store.run_sync(lambda uow: reminders.put(uow, NOW, box, channel, NOW + MINUTE, title="again"))

    wrong = [(channel, NOW + 200 * MINUTE), (channel, NOW - MINUTE), (channel, NOW + 31 * DAY), (999, NOW + MINUTE)]
    for one in wrong:
        with pytest.raises((BadValue, NotFound)):
            store.run_sync(lambda uow, one=one: reminders.put(uow, NOW, box, *one, title="x"))
    store.run_sync(lambda uow: reminders.remove(uow, NOW, box, channel, NOW + MINUTE))
    store.run_sync(lambda uow: reminders.put(uow, NOW, box, *wrong[0], title="x"))


def test_nothing_of_boxes_grows_without_end(store: Store, town: SmallTown, channel: int) -> None:
    box = town.boxes["01001"]
    store.run_sync(lambda uow: sessions.bind(uow, NOW, box, "ministra", "T"))
    _send(store, f"device:{box}")
    store.run_sync(lambda uow: reminders.put(uow, NOW, box, channel, NOW + MINUTE, title="x"))
    store.run_sync(lambda uow: uow.devices.save(attrs.evolve(uow.devices.get(box), pin="P")))
    store.run_sync(lambda uow: devices.check_pin(uow, NOW, box, "Q"))

    assert store.run_sync(lambda uow: box_upkeep.prune(uow, NOW)) == 0
    assert store.run_sync(lambda uow: box_upkeep.prune(uow, NOW + 91 * DAY)) == 4
