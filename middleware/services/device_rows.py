"""Reading and writing one box: what all use-cases about boxes share."""

import re
from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from middleware.domain.box_logs import Clone
from middleware.domain.devices import Device
from middleware.domain.errors import BadValue, NotFound
from middleware.domain.events import DeviceChanged
from middleware.services.ports import UnitOfWork

_ODD: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_LOOKED_AT: Final = 20
"""Signs of clones of one box per hour at most; a clone that tries for days must not fill the disk."""


def device_of(uow: UnitOfWork, device_id: int) -> Device:
    """A box that there is. Raises NotFound."""
    device = uow.devices.get(device_id)
    if device is None:
        raise NotFound("没有这台机顶盒", "no_device")
    return device


def save(uow: UnitOfWork, device: Device) -> Device:
    """Write a box and tell those who keep it in memory."""
    uow.devices.save(device)
    uow.outbox.add(DeviceChanged(device.id))
    return device


def changed(uow: UnitOfWork, now: datetime, actor: str, verb: str, before: Device, **new: Any) -> Device:
    """Change fields of a box, with a line in the audit log that holds them; nothing is written when nothing changes."""
    after = attrs.evolve(before, **new)
    if after == before:
        return before
    uow.audit.add(now, actor, verb, "device", after.id, new)
    return save(uow, after)


def note_clone(uow: UnitOfWork, clone: Clone) -> None:
    """Log a sign of a clone: the same one once a day, and no more than twenty an hour of one box."""
    recent = uow.box_logs.clones(clone.device_id, _LOOKED_AT)
    same = any(
        (one.what, one.first, one.second) == (clone.what, clone.first, clone.second)
        and clone.at - one.at < timedelta(days=1)
        for one in recent
    )
    flooded = len(recent) == _LOOKED_AT and clone.at - recent[-1].at < timedelta(hours=1)
    if not same and not flooded:
        uow.box_logs.add_clone(clone)


def tidy(text: str, most: int, field: str, name_zh: str) -> str:
    """A line somebody typed, without control characters and outer blanks. Raises BadValue(field) when too long."""
    line = _ODD.sub(" ", text[: 2 * most + 2]).strip()
    if len(line) > most:
        raise BadValue(field, f"{name_zh}不能超过 {most} 个字")
    return line


def cut(text: str, most: int) -> str:
    """What a box told, without control characters, cut to `most`."""
    return _ODD.sub("", text[: 2 * most])[:most].strip()
