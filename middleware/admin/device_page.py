"""One box: where it stands, what it may see, what it was seen doing, and everything an operator does with it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from middleware.admin import roles, words
from middleware.admin.device_lists import CODE_LIMIT, account, boxes_of, groups, household
from middleware.admin.gate import Desk, Gate, page_id
from middleware.domain.devices import Device
from middleware.domain.errors import BadValue, DomainError, NotFound, StorageError
from middleware.domain.packages import Where, held
from middleware.services import accounts, devices
from middleware.services.ports import UnitOfWork
from middleware.web.values import Response

LINES: Final = 20
"""Lines of each log on the page."""

Act = Callable[[UnitOfWork, Desk, int], str]
"""Does something with a box for somebody; gives the line to tell."""


class DevicePage:
    """GET /admin/devices/<id> and the forms on it. `families` are titles of the key families by name."""

    def __init__(self, gate: Gate, families: Mapping[str, str]) -> None:
        self._gate = gate
        self._families = families
        gate.get("/admin/devices/", self._show, *roles.DEVICES)
        acts: Mapping[str, Act] = {
            "bind": self._bind,
            "account": self._tie,
            "unbind": self._unbind,
            "family": self._family,
            "group": self._group,
            "state": self._state,
            "pin": self._pin,
            "confirm": self._confirm,
        }
        for name, act in acts.items():
            gate.post(f"/admin/devices/{name}", self._posted(name, act), *roles.DEVICES)

    async def _show(self, desk: Desk) -> Response:
        return await self._page(desk, page_id(desk.rest), "")

    async def _page(self, desk: Desk, number: int, message: str) -> Response:
        facts = await self._gate.run(lambda uow: facts_of(uow, number), "device", write=False)
        rest = {"families": self._families, "message": message}
        return self._gate.pages.show(desk.viewer, "device.html", 422 if message else 200, **facts, **rest)

    def _posted(self, name: str, act: Act) -> Callable[[Desk], Any]:
        async def posted(desk: Desk) -> Response:
            number = desk.number("device")
            try:
                line = await self._gate.run(lambda uow: act(uow, desk, number), f"device {name}")
            except (NotFound, StorageError):
                raise
            except DomainError as error:
                return await self._page(desk, number, error.message_zh)
            return self._gate.pages.go(f"/admin/devices/{number}", line)

        return posted

    def _bind(self, uow: UnitOfWork, desk: Desk, number: int) -> str:
        code = desk.form.get("household", "")[: CODE_LIMIT + 1].strip()
        home = household(uow, code) if code else None
        devices.bind(uow, self._gate.now(), desk.staff.login, number, home.id if home else None)
        return f"已认领到 {home.code} {home.address}" if home else "已从这一户移出"

    def _tie(self, uow: UnitOfWork, desk: Desk, number: int) -> str:
        text = desk.form.get("account", "")[: CODE_LIMIT + 1].strip()
        found = account(uow, text) if text else None
        accounts.tie(uow, self._gate.now(), desk.staff.login, number, found.id if found else None)
        return f"已归到客户 {found.number} {found.full_name}" if found else "不再属于任何客户"

    def _unbind(self, uow: UnitOfWork, desk: Desk, number: int) -> str:
        devices.unbind(uow, self._gate.now(), desk.staff.login, number, identity=desk.form.get("identity") == "1")
        return "已解绑，这台机顶盒要重新登录"

    def _family(self, uow: UnitOfWork, desk: Desk, number: int) -> str:
        family = desk.form.get("family", "")
        if family and family not in self._families:
            raise BadValue("family", "没有这种遥控器")
        devices.choose_family(uow, number, family)
        uow.audit.add(self._gate.now(), desk.staff.login, "family", "device", number, {"family": family})
        return f"遥控器：{self._families.get(family, '自动识别')}"

    def _group(self, uow: UnitOfWork, desk: Desk, number: int) -> str:
        now, login = self._gate.now(), desk.staff.login
        devices.set_group(uow, now, login, number, desk.form.get("group", ""))
        devices.set_note(uow, now, login, number, desk.form.get("note", ""))
        return "分组和备注已保存"

    def _state(self, uow: UnitOfWork, desk: Desk, number: int) -> str:
        state = next((one for one in words.BOXES if one == desk.form.get("state", "")), None)
        if state is None:
            raise BadValue("state", "没有这种状态")
        devices.set_state(uow, self._gate.now(), desk.staff.login, number, state)
        return f"已改为{words.BOXES[state]}"

    def _pin(self, uow: UnitOfWork, desk: Desk, number: int) -> str:
        wanted = {"on": True, "off": False}.get(desk.form.get("pinning", ""))
        devices.reset_pin(uow, self._gate.now(), desk.staff.login, number, pinning=wanted)
        return "已重置，下次登录时重新记下设备码" if wanted is not False else "不再核对设备码"

    def _confirm(self, uow: UnitOfWork, desk: Desk, number: int) -> str:
        devices.confirm(uow, self._gate.now(), desk.staff.login, number)
        return "已核实这张卡"


def facts_of(uow: UnitOfWork, number: int) -> dict[str, Any]:
    """Everything the page of a box shows. Raises NotFound."""
    box = uow.devices.get(number)
    if box is None:
        raise NotFound("没有这台机顶盒", "no_device")
    shown = boxes_of(uow, [box])[0]
    village = uow.places.village(shown.home.village_id) if shown.home else None
    tariff = shown.account.tariff_id if shown.account else None
    where = Where(box.id, village.id if village else None, box.group, tariff)
    grants = uow.packages.grants()
    return {
        "box": box,
        "shown": shown,
        "code": devices.code_of(box),
        "home": shown.home,
        "village": village,
        "taught": uow.devices.taught(number),
        "created": uow.devices.created(number),
        "packages": held(uow.packages.all(), grants, where),
        "everything": not grants,
        "groups": groups(uow),
        **_logs(uow, box),
    }


def _logs(uow: UnitOfWork, box: Device) -> dict[str, Any]:
    return {
        "clones": uow.box_logs.clones(box.id, LINES),
        "events": uow.box_events.listing(box.id, LINES)[::-1],
        "viewing": uow.box_logs.viewing(box.id, LINES),
        "trail": uow.audit.entries("device", box.id, LINES),
    }
