"""Names of channels in sources: a list, one more, one less, and the whole as a sheet."""

from typing import Any

from middleware.admin import roles
from middleware.admin.gate import Desk, Gate, told
from middleware.admin.plan_read import channel_of
from middleware.domain.errors import BadValue
from middleware.services import aliases
from middleware.services.ports import UnitOfWork
from middleware.services.spreadsheet import MEDIA_TYPES, Kind
from middleware.services.spreadsheet_read import MOST_BYTES
from middleware.web.values import Response

_HERE = "/admin/sources/aliases"


class AliasPages:
    """/admin/sources/aliases."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        gate.get(_HERE, self._list, *roles.PLAN)
        gate.post(f"{_HERE}/add", self._add, *roles.PLAN)
        gate.post(f"{_HERE}/remove", self._remove, *roles.PLAN)
        gate.post(f"{_HERE}/export", self._export, *roles.PLAN)
        gate.post(f"{_HERE}/import", self._import, *roles.PLAN, max_body=MOST_BYTES + 4096)

    async def _list(self, desk: Desk) -> Response:
        def read(uow: UnitOfWork) -> dict[str, Any]:
            channels = sorted(uow.guide.channels(), key=lambda one: one.number)
            return {"aliases": aliases.listed(uow), "channels": channels}

        facts = await self._gate.run(read, "aliases", write=False)
        return self._gate.pages.show(desk.viewer, "source_aliases.html", longest=aliases.LONGEST, **facts)

    async def _add(self, desk: Desk) -> Response:
        form, now, who = desk.form, self._gate.now(), desk.staff.login

        def act(uow: UnitOfWork) -> None:
            aliases.add(uow, now, who, channel_of(uow, form.get("channel", ""), who).xmltv_id, form.get("name", ""))

        await self._gate.run(act, "add alias")
        return told(self._gate.pages, desk, _HERE, "别名已记下，来源下次取到时用", to=_HERE)

    async def _remove(self, desk: Desk) -> Response:
        name, now, who = desk.form.get("name", "")[:200], self._gate.now(), desk.staff.login
        await self._gate.run(lambda uow: aliases.remove(uow, now, who, name), "remove alias")
        return told(self._gate.pages, desk, _HERE, "别名已删除，来源下次取到时不再用", to=_HERE)

    async def _export(self, desk: Desk) -> Response:
        kind: Kind = "csv" if desk.form.get("kind") == "csv" else "xlsx"
        body = await self._gate.run(lambda uow: aliases.export(uow, kind), "export aliases", write=False)
        name = f'attachment; filename="aliases.{kind}"'
        return Response(200, body, MEDIA_TYPES[kind], (("Content-Disposition", name),))

    async def _import(self, desk: Desk) -> Response:
        upload, now, who = desk.uploads.get("file"), self._gate.now(), desk.staff.login
        if upload is None or not upload.body:
            raise BadValue("file", "请先选一个文件")
        rows = aliases.read_file(upload.body, upload.name)
        new = await self._gate.run(lambda uow: aliases.take(uow, now, who, rows), "import aliases")
        return told(self._gate.pages, desk, _HERE, f"读了 {len(rows)} 行，新记下 {new} 个别名", to=_HERE)
