"""Messages and commands for one box or many: queued for each, given out at its polls, confirmed by the viewer."""

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, get_args

import attrs
from attrs import frozen

from middleware.domain.box_events import LONGEST, MESSAGE_LIFE, MESSAGES, BoxEvent, Kind, next_event
from middleware.domain.devices import Device
from middleware.domain.errors import BadValue, NotFound
from middleware.domain.events import BoxEventsQueued
from middleware.services.ports import UnitOfWork

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
COMMAND_LIFE: Final = timedelta(minutes=4)
"""Twice the usual pause between two polls (portal-ministra.md §6): a command that comes later surprises."""
SWITCHES: Final[frozenset[Kind]] = frozenset({"cut_off", "cut_on"})
"""They last until the other one comes, so a set that is off now must still be told when it comes on."""
LONGEST_LIFE: Final = timedelta(days=30)
PARAM_MOST: Final = 500
HIDE_MOST: Final = 3600
PLANNED_MOST: Final = timedelta(days=30)
"""How far ahead something may be planned."""
NAMED_MOST: Final = 500
"""Boxes that may be named one by one."""
WAITING_MOST: Final = 100
"""Events that may wait for one box which is addressed alone."""
_ODD: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_NAMED: Final = re.compile(r"[0-9]{1,15}(?:,[0-9]{1,15})*")
_TARGET_MOST: Final = 200
"""Characters of a target that the audit log keeps."""
_NUMBERED: Final = frozenset({"play_channel", "play_radio_channel"})


@frozen
class Queued:
    """What was sent: `batch` names it for `cancel`, `devices` are the boxes it waits for."""

    batch: str
    devices: tuple[int, ...]


@frozen
class Order:
    """What to send: `msg` is plain text for messages, a channel number for play_channel; `ttl` None = as long as usual.

    `param` is what send_msg_with_video plays after OK, `at` when it is to go out, None = now.
    """

    kind: Kind
    msg: str = ""
    param: str = ""
    ttl: timedelta | None = None
    auto_hide_s: int = 0
    reboot_after_ok: bool = False
    at: datetime | None = None


def queue(
    uow: UnitOfWork,
    now: datetime,
    sender: str,
    target: str,
    kind: Kind,
    *,
    msg: str = "",
    param: str = "",
    ttl: timedelta | None = None,
    auto_hide_s: int = 0,
    reboot_after_ok: bool = False,
    at: datetime | None = None,
) -> Queued:
    """Queue an event for the boxes of a target, all or none; it waits for those that are meant now.

    `target`: `device:ID`, `devices:ID,ID…`, `village:CODE`, `branch:CODE`, `group:NAME`, `account:NUMBER`, `online` or
    `all`; blocked and retired boxes are sent nothing but cut_off and cut_on. `at` plans it for later. Raises
    NotFound(no_boxes), BadValue(target, kind, msg, param, ttl, auto_hide, at, queue_full).
    """
    order = _checked(Order(kind, msg, param, ttl, auto_hide_s, reboot_after_ok, at))
    if at is not None and not now - COMMAND_LIFE <= at <= now + PLANNED_MOST:
        raise BadValue("at", f"发送时间要在今后 {PLANNED_MOST.days} 天以内")
    boxes = [box.id for box in boxes_of(uow, now, target) if box.usable or kind in SWITCHES]
    if not boxes:
        raise NotFound("没有要发送的机顶盒", "no_boxes")
    if len(boxes) == 1 and len(uow.box_events.waiting(boxes[0], now)) >= WAITING_MOST:
        raise BadValue("queue_full", "这台机顶盒还有很多消息没有收，先等一等")
    batch = uuid.uuid4().hex
    uow.box_events.add([_event(order, box, now, sender, batch) for box in boxes])
    if at is None or at <= now:
        uow.outbox.add(BoxEventsQueued(tuple(boxes)))
    # Not the words: a message may hold a phone number.
    told = {"target": target[:_TARGET_MOST], "kind": kind, "boxes": len(boxes)}
    planned = {"at": at.isoformat()} if at is not None else {}
    uow.audit.add(now, sender, "send", "box_event", batch, told | planned)
    return Queued(batch, tuple(boxes))


def due(uow: UnitOfWork, after: datetime, now: datetime) -> datetime | None:
    """Tell of the boxes for which something planned has come due since `after`; when the next is, None = never."""
    boxes = uow.box_events.devices_due(after, now)
    if boxes:
        uow.outbox.add(BoxEventsQueued(tuple(sorted(boxes))))
    return uow.box_events.next_due(now)


def boxes_of(uow: UnitOfWork, now: datetime, target: str) -> tuple[Device, ...]:
    """The boxes of a target, by id. Raises BadValue(target), NotFound."""
    if target == "all":
        return uow.devices.all()
    if target == "online":
        return uow.devices.by_ids([one.device_id for one in uow.box_logs.presence().values() if one.online(now)])
    scope, _, name = target.partition(":")
    if scope == "devices" and _NAMED.fullmatch(name) and name.count(",") < NAMED_MOST:
        return tuple(_device(uow, one)[0] for one in dict.fromkeys(name.split(",")))
    finders: dict[str, Callable[[UnitOfWork, str], tuple[Device, ...]]] = {
        "device": _device,
        "village": _village,
        "branch": _branch,
        "group": _group,
        "account": _account,
    }
    if scope not in finders or not 1 <= len(name) <= 64:
        raise BadValue("target", "发送范围不对")
    return finders[scope](uow, name)


def cancel(uow: UnitOfWork, now: datetime, actor: str, batch: str) -> int:
    """Take back what of a batch nobody has had yet; returns how many."""
    events = uow.box_events.of_batch(batch)
    if not events:
        raise NotFound("没有这批消息", "no_batch")
    gone = uow.box_events.cancel([one.id for one in events])
    uow.audit.add(now, actor, "cancel", "box_event", batch, {"boxes": gone})
    uow.outbox.add(BoxEventsQueued(tuple(one.device_id for one in events)))
    return gone


def next_for(uow: UnitOfWork, now: datetime, device_id: int) -> BoxEvent | None:
    """The event to give out to a box: a command once, a message again until it is confirmed or expires."""
    found = next_event(uow.box_events.waiting(device_id, now), now)
    if found is None or found.sent is not None:
        return found
    uow.box_events.sent(found.id, now)
    return attrs.evolve(found, sent=now)


def confirm(uow: UnitOfWork, now: datetime, device_id: int, event_id: int) -> bool:
    """Note that the viewer pressed OK; False for an event that is not this box's or was confirmed before."""
    return uow.box_events.confirm(device_id, event_id, now)


def _checked(order: Order) -> Order:
    text = _ODD.sub(" ", order.msg[: 2 * LONGEST]).strip()
    if order.kind not in KINDS:
        raise BadValue("kind", "没有这种命令")
    if len(text) > LONGEST or (order.kind in MESSAGES and not text):
        raise BadValue("msg", f"消息要有 1 到 {LONGEST} 个字")
    if order.kind in _NUMBERED and not re.fullmatch(r"[1-9][0-9]{0,4}", text):
        raise BadValue("msg", "频道号应为 1 到 99999 的数字")
    if len(order.param) > PARAM_MOST or _ODD.search(order.param) or "\n" in order.param:
        raise BadValue("param", f"参数不能超过 {PARAM_MOST} 个字符，也不能换行")
    if order.kind == "send_msg_with_video" and not order.param:
        raise BadValue("param", "要写明确认后播放什么")
    if not 0 <= order.auto_hide_s <= HIDE_MOST:
        raise BadValue("auto_hide", f"自动隐藏应为 0 到 {HIDE_MOST} 秒")
    if order.ttl is not None and not timedelta(0) < order.ttl <= LONGEST_LIFE:
        raise BadValue("ttl", f"有效期不能超过 {LONGEST_LIFE.days} 天")
    return attrs.evolve(order, msg=text)


def _event(order: Order, box: int, now: datetime, sender: str, batch: str) -> BoxEvent:
    usual = MESSAGE_LIFE if order.kind in MESSAGES | SWITCHES else COMMAND_LIFE
    begins = max(order.at or now, now)
    return BoxEvent(
        0,
        box,
        order.kind,
        created=begins,
        expires=begins + (order.ttl or usual),
        msg=order.msg,
        param=order.param,
        reboot_after_ok=order.reboot_after_ok,
        auto_hide_s=order.auto_hide_s,
        sender=sender[:64],
        batch=batch,
    )


def _device(uow: UnitOfWork, name: str) -> tuple[Device, ...]:
    found = uow.devices.get(int(name)) if re.fullmatch(r"[0-9]{1,15}", name) else None
    if found is None:
        raise NotFound("没有这台机顶盒", "no_device")
    return (found,)


def _village(uow: UnitOfWork, code: str) -> tuple[Device, ...]:
    village = next((one for one in uow.places.villages() if one.code == code), None)
    if village is None:
        raise NotFound("没有这个村", "no_village")
    return uow.devices.of_households([home.id for home in uow.registry.households(village.id)])


def _branch(uow: UnitOfWork, code: str) -> tuple[Device, ...]:
    branch = next((one for one in uow.places.branches() if one.code == code), None)
    if branch is None:
        raise NotFound("没有这个支部", "no_branch")
    members = uow.registry.members(branch_id=branch.id)
    return uow.devices.of_households({one.household_id for one in members if one.household_id is not None})


def _group(uow: UnitOfWork, name: str) -> tuple[Device, ...]:
    return uow.devices.in_group(name)


def _account(uow: UnitOfWork, number: str) -> tuple[Device, ...]:
    account = uow.accounts.by_number(number)
    if account is None:
        raise NotFound("没有这个客户", "no_account")
    return uow.devices.of_accounts([account.id])
