"""Accounts: one's own password, and for administrators everybody's."""

from collections.abc import Mapping
from typing import Any, Final, cast

from middleware.admin import roles, words
from middleware.admin.gate import Desk, Gate, digits, page_id
from middleware.admin.login import LogIn
from middleware.domain.errors import BadValue, DomainError, NotFound, StorageError
from middleware.domain.plan_rights import ROLES_ZH, ChannelRole, Grant
from middleware.domain.registry import Role, Staff
from middleware.services import plan_rights, staff
from middleware.services.ports import UnitOfWork
from middleware.web.values import Response

SHOWN: Final = 60


class AccountPages:
    """/admin/password and /admin/accounts; `door` opens a new session when a password changes."""

    def __init__(self, gate: Gate, door: LogIn) -> None:
        self._gate = gate
        self._door = door
        gate.get("/admin/password", self._ask_password)
        gate.post("/admin/password", self._change_own)
        gate.get("/admin/accounts", self._list, *roles.ACCOUNTS)
        gate.get("/admin/accounts/new", self._ask_new, *roles.ACCOUNTS)
        gate.post("/admin/accounts/new", self._add, *roles.ACCOUNTS)
        gate.get("/admin/accounts/", self._show, *roles.ACCOUNTS)
        gate.post("/admin/accounts/password", self._set_password, *roles.ACCOUNTS)
        gate.post("/admin/accounts/active", self._set_active, *roles.ACCOUNTS)
        gate.post("/admin/accounts/grant", self._grant, *roles.ACCOUNTS)
        gate.post("/admin/accounts/revoke", self._revoke, *roles.ACCOUNTS)

    async def _ask_password(self, desk: Desk) -> Response:
        return self._gate.pages.show(desk.viewer, "password.html", message="")

    async def _change_own(self, desk: Desk) -> Response:
        now, me, form = self._gate.now(), desk.staff, desk.form
        try:
            if form.get("new", "") != form.get("again", ""):
                raise BadValue("password", "两次填的新密码不一样")
            await self._door.check(me.login, form.get("old", ""), desk.request.client)
            changed = await self._gate.run(
                lambda uow: staff.set_password(uow, now, me, me.login, form.get("new", "")), "set password"
            )
        except StorageError:
            raise
        except DomainError as error:
            return self._gate.pages.show(desk.viewer, "password.html", 422, message=error.message_zh)
        return self._door.opened(changed, "/admin", "密码已改，别处的登录都已退出")

    async def _list(self, desk: Desk) -> Response:
        text, role = desk.request.query.get("q", "")[:32].strip(), desk.request.query.get("role", "")

        def read(uow: UnitOfWork) -> list[tuple[Staff, str]]:
            every = staff.accounts(uow, desk.staff)
            wanted = [one for one in every if role in {"", one.role} and (text in one.login or text in one.name)]
            names = places(uow)
            return [(one, place_of(one, names)) for one in wanted]

        found = await self._gate.run(read, "accounts", write=False)
        facts: dict[str, Any] = {"people": found[:SHOWN], "found": len(found), "text": text, "role": role}
        return self._gate.pages.show(desk.viewer, "accounts.html", **facts)

    async def _ask_new(self, desk: Desk) -> Response:
        return await self._form(desk, {}, "")

    async def _add(self, desk: Desk) -> Response:
        now, form = self._gate.now(), desk.form
        try:
            person = read_account(form)
            made = await self._gate.run(
                lambda uow: staff.add_account(uow, now, desk.staff, person, form.get("password", "")), "add account"
            )
        except StorageError:
            raise
        except DomainError as error:
            return await self._form(desk, form, error.message_zh)
        return self._gate.pages.go(f"/admin/accounts/{made.id}", f"已建账号 {made.login}")

    async def _form(self, desk: Desk, typed: Mapping[str, str], message: str) -> Response:
        names = await self._gate.run(places, "places", write=False)
        empty = {"login": "", "name": "", "role": "cadre", "branch": "", "village": "", "office": ""}
        facts = {"typed": {**empty, **typed}, "places": names, "message": message}
        return self._gate.pages.show(desk.viewer, "account_new.html", 422 if message else 200, **facts)

    async def _show(self, desk: Desk) -> Response:
        return await self._account(desk, page_id(desk.rest), "")

    async def _account(self, desk: Desk, number: int, message: str) -> Response:
        def read(uow: UnitOfWork) -> dict[str, Any]:
            person = uow.staff.get(number)
            if person is None:
                raise NotFound("没有这个账号", "no_account")
            done = uow.audit.entries("staff", number, 20)
            channels = sorted(uow.guide.channels(), key=lambda one: one.number) if person.role in roles.HELD else []
            mine = {"granted": plan_rights.granted(uow, number), "channels": channels, "may": ROLES_ZH}
            return {"person": person, "place": place_of(person, places(uow)), "done": done, **mine}

        facts = await self._gate.run(read, "account", write=False)
        return self._gate.pages.show(desk.viewer, "account.html", 422 if message else 200, message=message, **facts)

    async def _set_password(self, desk: Desk) -> Response:
        now, number, password = self._gate.now(), desk.number("account"), desk.form.get("password", "")

        def act(uow: UnitOfWork) -> Staff:
            person = uow.staff.get(number)
            return staff.set_password(uow, now, desk.staff, person.login if person else "", password)

        try:
            changed = await self._gate.run(act, "set password")
        except BadValue as error:
            return await self._account(desk, number, error.message_zh)
        if changed.id == desk.staff.id:
            return self._door.opened(changed, f"/admin/accounts/{number}", "密码已改")
        return self._gate.pages.go(f"/admin/accounts/{number}", "密码已改，他原来的登录都已退出")

    async def _set_active(self, desk: Desk) -> Response:
        now, number, active = self._gate.now(), desk.number("account"), desk.form.get("active") == "1"
        await self._gate.run(lambda uow: staff.set_active(uow, now, desk.staff, number, active), "set active")
        return self._gate.pages.go(f"/admin/accounts/{number}", "账号已启用" if active else "账号已停用，不能再登录")

    async def _grant(self, desk: Desk) -> Response:
        now, wanted = self._gate.now(), _grant_of(desk)
        await self._gate.run(lambda uow: plan_rights.grant(uow, now, desk.staff, wanted), "grant")
        return self._gate.pages.go(f"/admin/accounts/{wanted.staff}", "权限已给，马上生效")

    async def _revoke(self, desk: Desk) -> Response:
        now, gone = self._gate.now(), _grant_of(desk)
        await self._gate.run(lambda uow: plan_rights.revoke(uow, now, desk.staff, gone), "revoke")
        return self._gate.pages.go(f"/admin/accounts/{gone.staff}", "权限已收回")


def _grant_of(desk: Desk) -> Grant:
    return Grant(
        desk.number("account"), desk.form.get("channel", "")[:100], cast("ChannelRole", desk.form.get("role", "")[:20])
    )


def places(uow: UnitOfWork) -> dict[str, dict[int, str]]:
    """The names of branches, villages and offices by id."""
    return {
        "branch": {one.id: one.name for one in uow.places.branches()},
        "village": {one.id: one.name for one in uow.places.villages()},
        "office": {one.id: one.name for one in uow.places.offices()},
    }


def place_of(person: Staff, names: Mapping[str, Mapping[int, str]]) -> str:
    """What somebody answers for, in words."""
    bound = (("office", person.office_id), ("village", person.village_id), ("branch", person.branch_id))
    return "、".join(names[kind][number] for kind, number in bound if number is not None and number in names[kind])


def read_account(form: Mapping[str, str]) -> Staff:
    """Read the form of a new account. Raises BadValue(role, place)."""
    role = form.get("role", "")
    if role not in words.ROLES:
        raise BadValue("role", "请选一种角色")
    branch, village, office = (_place(form.get(kind, "")) for kind in ("branch", "village", "office"))
    name = form.get("name", "")[:40].strip()
    return Staff(0, form.get("login", "")[:64], name, cast("Role", role), office, branch, village)


def _place(text: str) -> int | None:
    found = digits(text)
    if text and found is None:
        raise BadValue("place", "没有这个村、支部或办公室")
    return found
