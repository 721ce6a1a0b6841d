"""Tokens, messages, logs and reminders of boxes on both databases."""

from datetime import timedelta

import attrs

from middleware.domain.box_events import BoxEvent
from middleware.domain.box_logs import Clone, Presence, Viewed, Viewing
from middleware.domain.channels import Channel
from middleware.domain.reminders import Reminder
from middleware.domain.tokens import BoxToken, digest_of
from middleware.storage.store import Store
from tests.contract.small_town import MINUTE, NOW, settle

DAY = timedelta(days=1)


def _two_boxes(store: Store) -> tuple[int, int]:
    town = settle(store)
    return town.boxes["01001"], town.boxes["01002"]


def test_a_token_is_found_by_kind_and_digest_only(store: Store) -> None:
    box, _ = _two_boxes(store)
    token = BoxToken(digest_of("T1"), "ministra", box, NOW, NOW)
    store.run_sync(lambda uow: uow.tokens.put(token))

    assert store.run_sync(lambda uow: uow.tokens.find("ministra", digest_of("T1")), write=False) == token
    assert store.run_sync(lambda uow: uow.tokens.find("jsession", digest_of("T1")), write=False) is None
    assert store.run_sync(lambda uow: uow.tokens.find("ministra", digest_of("T2")), write=False) is None


def test_tokens_of_a_box_end_by_kind_but_the_one_kept(store: Store) -> None:
    box, other = _two_boxes(store)
    rows = [(box, "ministra", "a"), (box, "ministra", "b"), (box, "usertoken", "c"), (other, "ministra", "d")]
    for owner, kind, token in rows:
        store.run_sync(lambda uow, o=owner, k=kind, t=token: uow.tokens.put(BoxToken(digest_of(t), k, o, NOW, NOW)))

    assert store.run_sync(lambda uow: uow.tokens.end(box, ("ministra",), digest_of("b"))) == 1
    left = store.run_sync(lambda uow: (uow.tokens.of_device(box), uow.tokens.of_device(other)), write=False)
    assert [[one.digest for one in of] for of in left] == [[digest_of("b"), digest_of("c")], [digest_of("d")]]


def test_tokens_not_used_for_long_are_forgotten(store: Store) -> None:
    box, _ = _two_boxes(store)
    for token in "ab":
        store.run_sync(lambda uow, t=token: uow.tokens.put(BoxToken(digest_of(t), "ministra", box, NOW, NOW)))
    store.run_sync(lambda uow: uow.tokens.used({digest_of("b"): NOW + DAY, digest_of("gone"): NOW}))
    store.run_sync(lambda uow: uow.tokens.used({}))

    assert store.run_sync(lambda uow: uow.tokens.prune(NOW + MINUTE)) == 1
    (left,) = store.run_sync(lambda uow: uow.tokens.of_device(box), write=False)
    assert (left.digest, left.used, left.issued) == (digest_of("b"), NOW + DAY, NOW)


def _event(box: int, kind: str, **fields: object) -> BoxEvent:
    return attrs.evolve(BoxEvent(0, box, kind, NOW, NOW + DAY, msg=kind, batch="b1"), **fields)  # type: ignore[arg-type]


def test_a_message_waits_until_it_is_confirmed_and_a_command_until_it_is_sent(store: Store) -> None:
    box, other = _two_boxes(store)
    full = _event(
        box, "send_msg", msg="停水", param="p", reboot_after_ok=True, auto_hide_s=9, sender="站", expires=NOW + 2 * DAY
    )
    events = [full, _event(box, "reboot"), _event(box, "cut_on", expires=NOW), _event(other, "reboot")]
    store.run_sync(lambda uow: uow.box_events.add(events))
    store.run_sync(lambda uow: uow.box_events.add([]))

    message, command = store.run_sync(lambda uow: uow.box_events.waiting(box, NOW), write=False)
    assert attrs.evolve(message, id=0) == full
    assert command.kind == "reboot"
    assert store.run_sync(lambda uow: uow.box_events.devices_waiting(NOW), write=False) == {box, other}

    for event in (message, command):
        store.run_sync(lambda uow, event=event: uow.box_events.sent(event.id, NOW + MINUTE))
        store.run_sync(lambda uow, event=event: uow.box_events.sent(event.id, NOW + 2 * MINUTE))
    (again,) = store.run_sync(lambda uow: uow.box_events.waiting(box, NOW), write=False)
    assert again == attrs.evolve(message, sent=NOW + MINUTE)

    told = [
        store.run_sync(lambda uow, who=who: uow.box_events.confirm(who, message.id, NOW)) for who in (other, box, box)
    ]
    assert told == [False, True, False]
    assert store.run_sync(lambda uow: uow.box_events.waiting(box, NOW), write=False) == ()
    assert store.run_sync(lambda uow: uow.box_events.devices_waiting(NOW), write=False) == {other}


def test_events_are_listed_cancelled_and_forgotten(store: Store) -> None:
    box, other = _two_boxes(store)
    store.run_sync(lambda uow: uow.box_events.add([_event(one, "send_msg") for one in (box, other, box)]))
    listed = store.run_sync(lambda uow: uow.box_events.listing(limit=2), write=False)
    mine = store.run_sync(lambda uow: uow.box_events.listing(box), write=False)
    batch = store.run_sync(lambda uow: uow.box_events.of_batch("b1"), write=False)

    assert [one.device_id for one in listed] == [other, box]
    assert [one.id for one in mine] == [batch[0].id, batch[2].id]
    store.run_sync(lambda uow: uow.box_events.confirm(box, batch[0].id, NOW))
    assert store.run_sync(lambda uow: uow.box_events.cancel([one.id for one in batch[:2]])) == 1
    assert store.run_sync(lambda uow: uow.box_events.prune(NOW + DAY)) == 0
    assert store.run_sync(lambda uow: uow.box_events.prune(NOW + DAY + MINUTE)) == 2


def test_logs_come_newest_first_and_old_lines_are_forgotten(store: Store) -> None:
    box, other = _two_boxes(store)
    clones = [Clone(NOW + at * MINUTE, one, "address", "10.0.0.1", "10.9.9.9") for at, one in ((0, box), (1, other))]
    lines = [Viewing(NOW + at * MINUTE, box, "play", f"channel:{at}", "detail") for at in range(3)]
    for clone in clones:
        store.run_sync(lambda uow, clone=clone: uow.box_logs.add_clone(clone))
    store.run_sync(lambda uow: (uow.box_logs.add_viewing(lines), uow.box_logs.add_viewing([])))

    assert store.run_sync(lambda uow: uow.box_logs.clones(), write=False) == tuple(reversed(clones))
    assert store.run_sync(lambda uow: uow.box_logs.clones(box), write=False) == (clones[0],)
    assert store.run_sync(lambda uow: uow.box_logs.viewing(box, 2), write=False) == (lines[2], lines[1])
    assert store.run_sync(lambda uow: uow.box_logs.viewing(other), write=False) == ()
    again = [Viewing(NOW + MINUTE, one, what, "channel:1") for one, what in ((other, "play"), (box, "claim"))]
    store.run_sync(lambda uow: uow.box_logs.add_viewing(again))
    assert store.run_sync(lambda uow: uow.box_logs.viewed(NOW, NOW + 2 * MINUTE), write=False) == (
        Viewed("claim", "channel:1", 1, 1),
        Viewed("play", "channel:1", 2, 2),
        Viewed("play", "channel:0", 1, 1),
    )
    assert store.run_sync(lambda uow: uow.box_logs.prune(NOW + MINUTE)) == 2
    assert set(store.run_sync(lambda uow: uow.box_logs.viewing(), write=False)) == {*lines[1:], *again}


def test_presence_holds_the_last_call_of_each_box(store: Store) -> None:
    box, other = _two_boxes(store)
    first = [Presence(one, NOW, "10.0.0.1", 1) for one in (box, other)]
    later = Presence(box, NOW + MINUTE, "fe80::1", 11)
    store.run_sync(lambda uow: uow.box_logs.put_presence(first))
    store.run_sync(lambda uow: (uow.box_logs.put_presence([later]), uow.box_logs.put_presence([])))

    assert store.run_sync(lambda uow: uow.box_logs.presence(), write=False) == {box: later, other: first[1]}
    assert store.run_sync(lambda uow: uow.box_logs.presence([box, 999_999]), write=False) == {box: later}
    assert store.run_sync(lambda uow: uow.box_logs.presence([]), write=False) == {}


def test_reminders_come_by_the_time_they_fire(store: Store) -> None:
    box, other = _two_boxes(store)
    channel = store.run_sync(lambda uow: uow.guide.add_channel(Channel(0, "nanhu.tv", 1, "南湖"))).id
    late = Reminder(box, channel, NOW + DAY, NOW + DAY - MINUTE, "晚会")
    soon = Reminder(box, channel, NOW + 2 * MINUTE, NOW + MINUTE, "新闻")
    theirs = Reminder(other, channel, NOW + 2 * MINUTE, NOW, "新闻")
    assert store.run_sync(lambda uow: uow.reminders.next_due(), write=False) is None
    for one in (late, soon, theirs, attrs.evolve(late, title="元旦晚会")):
        store.run_sync(lambda uow, one=one: uow.reminders.put(one))
    late = attrs.evolve(late, title="元旦晚会")

    assert store.run_sync(lambda uow: uow.reminders.of_device(box), write=False) == (soon, late)
    assert store.run_sync(lambda uow: uow.reminders.due(NOW + MINUTE), write=False) == (theirs, soon)
    assert store.run_sync(lambda uow: uow.reminders.next_due(), write=False) == NOW
    assert store.run_sync(lambda uow: uow.reminders.next_due(NOW), write=False) == soon.fires
    assert store.run_sync(lambda uow: uow.reminders.prune(NOW + MINUTE)) == 1
    store.run_sync(lambda uow: uow.reminders.remove(box, channel, soon.start))
    assert store.run_sync(lambda uow: uow.reminders.due(NOW + 2 * DAY), write=False) == (late,)
