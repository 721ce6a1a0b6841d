"""Boxes for the operator: which there are, which wait for being let in, which codes of remotes nobody knows."""

from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen

from middleware.admin import roles
from middleware.admin.device_lists import SHOWN, listing
from middleware.admin.gate import Desk, Gate, digits, status_of
from middleware.domain.errors import DomainError, StorageError
from middleware.services import devices
from middleware.web.values import Response


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
        gate.post("/admin/devices/code", self._code, *roles.DEVICES)
        gate.post("/admin/devices/approve", self._approve, *roles.DEVICES)
        gate.get("/admin/keys", self._keys, *roles.DEVICES)

    async def _list(self, desk: Desk, code: str = "", error: DomainError | None = None) -> Response:
        """The list; after a code that leads nowhere with what was typed and what is wrong with it."""
        query = desk.request.query
        state, text = query.get("state", ""), query.get("q", "")[:64].strip()
        first = (digits(query.get("page", "")) or 0) * SHOWN
        facts = await self._gate.run(lambda uow: listing(uow, state, text, first), "devices", write=False)
        rest: dict[str, Any] = {"state": state, "text": text, "page": first // SHOWN, "families": self._families}
        typed: dict[str, Any] = {"code": code, "message": error.message_zh if error else ""}
        status = status_of(error) if error else 200
        return self._gate.pages.show(desk.viewer, "devices.html", status, **facts, **rest, **typed)

    async def _code(self, desk: Desk) -> Response:
        code = desk.form.get("code", "")[:16]
        try:
            box = await self._gate.run(lambda uow: devices.by_code(uow, code), "box by code", write=False)
        except StorageError:
            raise
        except DomainError as error:
            return await self._list(desk, code, error)
        return self._gate.pages.go(f"/admin/devices/{box.id}")

    async def _approve(self, desk: Desk) -> Response:
        now, number = self._gate.now(), desk.number("device")
        await self._gate.run(
            lambda uow: devices.set_state(uow, now, desk.staff.login, number, "active"), "approve device"
        )
        return self._gate.pages.go("/admin/devices?state=pending", f"机顶盒 {number} 已批准使用")

    async def _keys(self, desk: Desk) -> Response:
        return self._gate.pages.show(desk.viewer, "keys.html", keys=self._unknown()[:200], families=self._families)
