"""Messages and commands to boxes: composed, previewed as a television shows them, taken back until they are seen."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from middleware.admin import roles
from middleware.admin.device_lists import boxes_of, groups
from middleware.admin.gate import Desk, Gate, digits
from middleware.admin.rollcall import read_instant
from middleware.domain.box_events import LONGEST, Kind
from middleware.domain.errors import BadValue, DomainError, NotFound, StorageError
from middleware.services import box_events
from middleware.services.box_batches import batches
from middleware.services.ports import UnitOfWork
from middleware.web.values import Response

KINDS: Final[tuple[Kind, ...]] = (
    "send_msg",
    "play_channel",
    "reload_portal",
    "update_channels",
    "update_epg",
    "reboot",
    "show_menu",
    "cut_off",
    "cut_on",
)
MOST_BOXES: Final = 500
"""Boxes of a batch that are listed, those that still miss it first."""
LIVES: Final = (
    ("0", "照常"),
    ("10", "10 分钟"),
    ("60", "1 小时"),
    ("720", "12 小时"),
    ("1440", "1 天"),
    ("4320", "3 天"),
)
"""Minutes after which something nobody got is given up."""
HIDES: Final = (("0", "按 OK 才消失"), ("15", "15 秒"), ("30", "30 秒"), ("60", "1 分钟"), ("300", "5 分钟"))
_FIELDS: Final = {
    "target": "all", "kind": "send_msg", "msg": "", "channel": "", "ttl": "0", "hide": "0", "reboot": "", "at": "",
}  # fmt: skip


class MessagePages:
    """/admin/messages."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        gate.get("/admin/messages", self._ask, *roles.DEVICES)
        gate.post("/admin/messages", self._send, *roles.DEVICES)
        gate.get("/admin/messages/of/", self._boxes, *roles.DEVICES)
        gate.post("/admin/messages/cancel", self._cancel, *roles.DEVICES)

    async def _ask(self, desk: Desk) -> Response:
        return await self._page(desk, {**_FIELDS, "target": desk.request.query.get("target", "all")[:80]})

    async def _page(self, desk: Desk, typed: Mapping[str, str], message: str = "") -> Response:
        now = self._gate.now()

        def read(uow: UnitOfWork) -> dict[str, Any]:
            channels = sorted(uow.guide.channels(), key=lambda one: one.number)
            sent = batches(uow, now)
            named = {one.target: target_name(uow, one.target) for one in sent}
            return {"choices": choices(uow, typed["target"]), "channels": channels, "sent": sent, "named": named}

        facts = await self._gate.run(read, "messages", write=False)
        fixed = {"kinds": KINDS, "lives": LIVES, "hides": HIDES, "longest": LONGEST}
        return self._gate.pages.show(
            desk.viewer, "messages.html", 422 if message else 200, typed=typed, message=message, **fixed, **facts
        )

    async def _send(self, desk: Desk) -> Response:
        now = self._gate.now()
        typed = {name: desk.form.get(name, usual)[: 2 * LONGEST] for name, usual in _FIELDS.items()}

        def act(uow: UnitOfWork) -> box_events.Queued:
            kind = next((one for one in KINDS if one == typed["kind"]), None)
            if kind is None:
                raise BadValue("kind", "没有这种命令")
            minutes = digits(typed["ttl"]) or 0
            return box_events.queue(
                uow,
                now,
                desk.staff.login,
                typed["target"][:80],
                kind,
                msg=typed["channel"] if kind == "play_channel" else typed["msg"] if kind == "send_msg" else "",
                ttl=timedelta(minutes=minutes) if minutes else None,
                auto_hide_s=digits(typed["hide"]) or 0,
                reboot_after_ok=typed["reboot"] == "1",
                at=read_instant(typed["at"]) if typed["at"] else None,
            )

        try:
            sent = await self._gate.run(act, "send message")
        except StorageError:
            raise
        except DomainError as error:
            return await self._page(desk, typed, error.message_zh)
        when = f"到 {typed['at'].replace('T', ' ')[:16]} 以后" if typed["at"] else "下次联系时"
        return self._gate.pages.go("/admin/messages", f"已发给 {len(sent.devices)} 台机顶盒，{when}送到")

    async def _boxes(self, desk: Desk) -> Response:
        """Which boxes of one batch have it, and which have confirmed it."""
        batch = desk.rest[:64]
        facts = await self._gate.run(lambda uow: reached(uow, batch), "boxes of a message", write=False)
        return self._gate.pages.show(desk.viewer, "message_boxes.html", batch=batch, most=MOST_BOXES, **facts)

    async def _cancel(self, desk: Desk) -> Response:
        now, batch = self._gate.now(), desk.form.get("batch", "")[:64]
        gone = await self._gate.run(lambda uow: box_events.cancel(uow, now, desk.staff.login, batch), "cancel message")
        return self._gate.pages.go("/admin/messages", f"已从 {gone} 台机顶盒撤回" if gone else "都已经看过，撤不回了")


def reached(uow: UnitOfWork, batch: str) -> dict[str, Any]:
    """The boxes of a batch, those that have not confirmed (or got) it first. Raises NotFound."""
    events = uow.box_events.of_batch(batch)
    if not events:
        raise NotFound("没有这批消息", "no_batch")
    message = events[0].message
    done = {one.id: (one.confirmed if message else one.sent) is not None for one in events}
    waiting = [one for one in events if not done[one.id]]
    some = [*waiting, *(one for one in events if done[one.id])][:MOST_BOXES]
    found = (uow.devices.get(one.device_id) for one in some)
    boxes = {one.device.id: one for one in boxes_of(uow, [box for box in found if box is not None])}
    rows = [(one, boxes.get(one.device_id)) for one in some]
    return {"event": events[0], "rows": rows, "count": len(events), "waiting": len(waiting)}


def target_name(uow: UnitOfWork, target: str) -> str:
    """Whom something was sent to, in words."""
    scope, _, name = target.partition(":")
    villages = {one.code: one.name for one in uow.places.villages()} if scope == "village" else {}
    branches = {one.code: one.name for one in uow.places.branches()} if scope == "branch" else {}
    found = (villages | branches).get(name, name)
    if scope == "devices":
        return f"{name.count(',') + 1} 台机顶盒"
    return {
        "all": "全镇",
        "online": "当时开着的",
        "device": f"机顶盒 {name}",
        "account": f"客户 {name}",
        "group": f"分组 {name}",
    }.get(scope, found)


def choices(uow: UnitOfWork, chosen: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Whom something may be sent to, as a select has it; the box or customer that a page came from stands first."""
    found = [
        ("村", [(f"village:{one.code}", one.name) for one in uow.places.villages()]),
        ("支部", [(f"branch:{one.code}", one.name) for one in uow.places.branches()]),
        ("分组", [(f"group:{one}", one) for one in groups(uow)]),
    ]
    scope, _, name = chosen.partition(":")
    box = uow.devices.get(int(name)) if scope == "device" and digits(name) else None
    if box is not None:
        found.insert(0, ("机顶盒", [(chosen, f"{box.id}  {box.mac or box.serial or box.card_no or box.iptv_user}")]))
    owner = uow.accounts.by_number(name) if scope == "account" else None
    if owner is not None:
        found.insert(0, ("客户", [(chosen, f"{owner.number} {owner.full_name}")]))
    return found
