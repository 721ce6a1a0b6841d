"""The roster: export, and import in two steps: first what would change, or every fault with its cell; then apply."""

from collections.abc import Callable
from typing import Final, cast

import attrs

from middleware.admin import roles, words
from middleware.admin.gate import Desk, Gate
from middleware.admin.shelf import Shelf
from middleware.domain.errors import BadValue, DomainError, StorageError
from middleware.services import roster
from middleware.services.roster_plan import Plan
from middleware.services.spreadsheet import MEDIA_TYPES, Kind
from middleware.web.values import Response

MAX_FILE: Final = 5 * 1024 * 1024
MAX_BODY: Final = MAX_FILE + 64 * 1024


class RosterPages:
    """/admin/roster. `secret` makes unguessable names for plans that wait."""

    def __init__(self, gate: Gate, secret: Callable[[], str]) -> None:
        self._gate = gate
        self._shelf: Shelf[Plan] = Shelf(secret, gate.now)
        gate.get("/admin/roster", self._ask, *roles.ROSTER)
        gate.post("/admin/roster", self._check, *roles.ROSTER, max_body=MAX_BODY)
        gate.post("/admin/roster/apply", self._apply, *roles.ROSTER)
        gate.post("/admin/roster/export", self._export, *roles.ROSTER)

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
                lambda uow: roster.plan_import(uow, roster.read_roster(body, name)), "plan roster", write=False
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
        done = await self._gate.run(lambda uow: roster.apply_import(uow, now, desk.staff, plan), "import roster")
        return self._gate.pages.go("/admin/roster", f"已导入。{roster.counts_text(done).splitlines()[1]}")

    async def _export(self, desk: Desk) -> Response:
        now, kind = self._gate.now(), kind_of(desk.form.get("kind", ""))
        found = await self._gate.run(lambda uow: roster.export_roster(uow, now, desk.staff), "export roster")
        body = await self._gate.run(lambda _uow: roster.roster_bytes(found, kind), "render roster", write=False)
        return download(body, kind, f"roster-{words.local(now):%Y%m%d-%H%M}.{kind}")

    def _page(
        self, desk: Desk, *, message: str = "", plan: Plan | None = None, file: str = "", token: str = ""
    ) -> Response:
        status = 422 if message or (plan is not None and plan.faults) else 200
        facts = {"message": message, "plan": plan, "file": file, "token": token, "max_file": MAX_FILE}
        return self._gate.pages.show(desk.viewer, "roster.html", status, **facts)


def kind_of(text: str) -> Kind:
    """Read the kind of a file. Raises BadValue(kind)."""
    if text not in MEDIA_TYPES:
        raise BadValue("kind", "只能导出 Excel 或 CSV")
    return cast("Kind", text)


def download(body: bytes, kind: Kind, name: str) -> Response:
    """A file that the browser saves; `name` is ASCII."""
    headers = (("Content-Disposition", f'attachment; filename="{name}"'),)
    return attrs.evolve(Response(200, body, MEDIA_TYPES[kind]), headers=headers)
