"""Boxes for the operator: which there are, where they stand, which remote they have, which codes nobody knows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from attrs import frozen

from middleware.admin import roles, words
from middleware.admin.gate import Desk, Gate, digits, page_id
from middleware.domain.devices import Device, State
from middleware.domain.errors import BadValue, NotFound
from middleware.domain.registry import Household
from middleware.services import devices
from middleware.services.ports import UnitOfWork
from middleware.web.values import Response

SHOWN: Final = 50
_CODE_LIMIT: Final = 32


@frozen
class KeyCount:
    """An unknown key code as the boxes reported it: the family the box was taken for, the hook, how often."""

    profile: str
    code: int
    hook: str
    count: int


class DevicePages:
    """/admin/devices and /admin/keys. `families` are name and title of every key family."""

    def __init__(
        self, gate: Gate, families: Sequence[tuple[str, str]], unknown_keys: Callable[[], Sequence[KeyCount]]
    ) -> None:
        self._gate = gate
        self._families = dict(families)
        self._unknown = unknown_keys
        gate.get("/admin/devices", self._list, *roles.DEVICES)
        gate.get("/admin/devices/", self._show, *roles.DEVICES)
        gate.post("/admin/devices/bind", self._bind, *roles.DEVICES)
        gate.post("/admin/devices/family", self._family, *roles.DEVICES)
        gate.post("/admin/devices/state", self._state, *roles.DEVICES)
        gate.get("/admin/keys", self._keys, *roles.DEVICES)

    async def _list(self, desk: Desk) -> Response:
        query = desk.request.query
        state, text = query.get("state", ""), query.get("q", "")[:64].strip()
        first = (digits(query.get("page", "")) or 0) * SHOWN
        facts = await self._gate.run(lambda uow: listing(uow, state, text, first), "devices", write=False)
        rest: dict[str, Any] = {"state": state, "text": text, "page": first // SHOWN, "families": self._families}
        return self._gate.pages.show(desk.viewer, "devices.html", **facts, **rest)

    async def _show(self, desk: Desk) -> Response:
        return await self._device(desk, page_id(desk.rest), "")

    async def _device(self, desk: Desk, number: int, message: str) -> Response:
        def read(uow: UnitOfWork) -> dict[str, Any]:
            box = uow.devices.get(number)
            if box is None:
                raise NotFound("没有这台机顶盒", "no_device")
            home = uow.registry.household(box.household_id) if box.household_id is not None else None
            village = uow.places.village(home.village_id) if home else None
            return {"box": box, "home": home, "village": village, "taught": uow.devices.taught(number)}

        facts = await self._gate.run(read, "device", write=False)
        rest = {"families": self._families, "message": message}
        return self._gate.pages.show(desk.viewer, "device.html", 422 if message else 200, **facts, **rest)

    async def _bind(self, desk: Desk) -> Response:
        now, number = self._gate.now(), desk.number("device")
        code = desk.form.get("household", "")[: _CODE_LIMIT + 1].strip()

        def act(uow: UnitOfWork) -> Household | None:
            home = household(uow, code) if code else None
            devices.bind(uow, now, desk.staff.login, number, home.id if home else None)
            return home

        try:
            home = await self._gate.run(act, "bind")
        except BadValue as error:
            return await self._device(desk, number, error.message_zh)
        line = f"已认领到 {home.code} {home.address}" if home else "已从这一户移出"
        return self._gate.pages.go(f"/admin/devices/{number}", line)

    async def _family(self, desk: Desk) -> Response:
        now, number, family = self._gate.now(), desk.number("device"), desk.form.get("family", "")
        if family and family not in self._families:
            raise BadValue("family", "没有这种遥控器")

        def act(uow: UnitOfWork) -> None:
            devices.choose_family(uow, number, family)
            uow.audit.add(now, desk.staff.login, "family", "device", number, {"family": family})

        await self._gate.run(act, "family")
        return self._gate.pages.go(f"/admin/devices/{number}", f"遥控器：{self._families.get(family, '自动识别')}")

    async def _state(self, desk: Desk) -> Response:
        now, number, state = self._gate.now(), desk.number("device"), desk.form.get("state", "")
        if state not in words.BOXES:
            raise BadValue("state", "没有这种状态")
        wanted = cast("State", state)
        await self._gate.run(lambda uow: devices.set_state(uow, now, desk.staff.login, number, wanted), "device state")
        return self._gate.pages.go(f"/admin/devices/{number}", f"已改为{words.BOXES[state]}")

    async def _keys(self, desk: Desk) -> Response:
        return self._gate.pages.show(desk.viewer, "keys.html", keys=self._unknown()[:200], families=self._families)


def household(uow: UnitOfWork, code: str) -> Household:
    """The household with this code. Raises BadValue(household)."""
    found = uow.registry.households_by_code([code]).get(code) if len(code) <= _CODE_LIMIT else None
    if found is None:
        raise BadValue("household", "没有这个户号，请对照名册再填")
    return found


def listing(uow: UnitOfWork, state: str, text: str, first: int) -> Mapping[str, Any]:
    """One page of the boxes in a state whose names or household code hold the text, and how many there are."""
    every = uow.devices.all()
    homes = {home.id: home for home in uow.registry.households()}
    counts = {name: sum(box.state == name for box in every) for name in words.BOXES}
    wanted = [box for box in every if state in {"", box.state} and holds(box, homes.get(box.household_id or 0), text)]
    page = wanted[first : first + SHOWN]
    return {"boxes": [(box, homes.get(box.household_id or 0)) for box in page], "found": len(wanted), "counts": counts}


def holds(box: Device, home: Household | None, text: str) -> bool:
    """Whether a box is known by this text, in part and without regard to case."""
    names = (box.mac, box.serial, box.card_no, box.iptv_user, home.code if home else "", home.address if home else "")
    return not text or any(text.lower() in name.lower() for name in names)
