"""Sheets of boxes: export, and import in two steps: first what would change, or every fault; then apply."""

from collections.abc import Callable, Mapping
from typing import Any

from middleware.admin import roles, words
from middleware.admin.gate import Desk, Gate
from middleware.admin.roster import MAX_BODY, MAX_FILE, download, kind_of
from middleware.admin.shelf import Shelf
from middleware.domain.errors import BadValue, DomainError, StorageError
from middleware.services import device_sheet
from middleware.services.device_line import HEAD
from middleware.services.device_plan import Plan
from middleware.web.values import Response

PATH = "/admin/devices/import"
MOST_SHOWN = 200
"""Boxes listed in a preview; their number is told for all."""


class DeviceFiles:
    """/admin/devices/import and /admin/devices/export. `secret` makes unguessable names for plans that wait."""

    def __init__(self, gate: Gate, families: Mapping[str, str], secret: Callable[[], str]) -> None:
        self._gate = gate
        self._families = families
        self._shelf: Shelf[Plan] = Shelf(secret, gate.now)
        gate.get(PATH, self._ask, *roles.DEVICES)
        gate.post(PATH, self._check, *roles.DEVICES, max_body=MAX_BODY)
        gate.post(f"{PATH}/apply", self._apply, *roles.DEVICES)
        gate.post("/admin/devices/export", self._export, *roles.DEVICES)

    async def _ask(self, desk: Desk) -> Response:
        return self._page(desk)

    async def _check(self, desk: Desk) -> Response:
        upload = desk.uploads.get("file")
        try:
            if upload is None or len(upload.body) > MAX_FILE:
                raise BadValue("file", "请选一个不超过 5 MB 的 Excel 或 CSV 文件")
            name, body = upload.name, upload.body
            # Read in the database thread: a large workbook takes seconds, and televisions must not wait for it.
            planned = await self._gate.run(
                lambda uow: device_sheet.plan_import(uow, device_sheet.read_boxes(body, name), self._families),
                "plan boxes",
                write=False,
            )
        except StorageError:
            raise
        except DomainError as error:
            return self._page(desk, message=error.message_zh)
        token = "" if planned.faults else self._shelf.keep(desk.staff.id, planned)
        return self._page(desk, plan=planned, file=name, token=token)

    async def _apply(self, desk: Desk) -> Response:
        now, plan = self._gate.now(), self._shelf.take(desk.staff.id, desk.form.get("plan", ""))
        if plan is None:
            return self._page(desk, message="核对的结果已过期，请重新选文件")
        done = await self._gate.run(
            lambda uow: device_sheet.apply_import(uow, now, desk.staff.login, plan, self._families), "import boxes"
        )
        return self._gate.pages.go(PATH, f"已导入。{device_sheet.counts_text(done)}")

    async def _export(self, desk: Desk) -> Response:
        now, kind = self._gate.now(), kind_of(desk.form.get("kind", ""))
        found = await self._gate.run(lambda uow: device_sheet.export_boxes(uow, now, desk.staff.login), "export boxes")
        body = await self._gate.run(lambda _uow: device_sheet.boxes_bytes(found, kind), "render boxes", write=False)
        return download(body, kind, f"boxes-{words.local(now):%Y%m%d-%H%M}.{kind}")

    def _page(
        self, desk: Desk, *, message: str = "", plan: Plan | None = None, file: str = "", token: str = ""
    ) -> Response:
        status = 422 if message or (plan is not None and plan.faults) else 200
        facts: dict[str, Any] = {"message": message, "plan": plan, "file": file, "token": token}
        rest: dict[str, Any] = {"max_file": MAX_FILE, "most": MOST_SHOWN, "families": self._families, "head": HEAD}
        return self._gate.pages.show(desk.viewer, "device_import.html", status, **facts, **rest)
