"""Logging in and out: a brake on guessing, a form that only our own page can send, an audited success."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import attrs

from middleware.admin.gate import COOKIE, Desk, Gate, own_path, same_site
from middleware.admin.pages import Pages
from middleware.domain.brake import Brake, pause_left, succeeded, tried
from middleware.domain.errors import DomainError, Forbidden
from middleware.domain.registry import Staff
from middleware.services import staff as accounts
from middleware.web.values import Request, Response

DOOR: Final = "door"
_DOOR_SECONDS: Final = 3600


class LogIn:
    """The log-in page. `secret` makes unguessable text."""

    def __init__(self, gate: Gate, secret: Callable[[], str]) -> None:
        self._gate = gate
        self._pages: Pages = gate.pages
        self._secret = secret
        self._brake = Brake()
        gate.routes.exact("GET", "/admin/login", self._ask)
        gate.routes.exact("POST", "/admin/login", self._try)
        gate.post("/admin/logout", self._leave)

    def _ask(self, request: Request) -> Response:
        said = self._pages.said(request.cookies.get("said", ""))
        return self._form(request, own_path(request.query.get("to", "")), said.text if said else "")

    async def _try(self, request: Request) -> Response:
        form = request.form()
        login, back = accounts.tidy_login(form.get("login", "")), own_path(form.get("to", ""))
        try:
            self._check_door(request, form.get("form_key", ""))
            person = await self.check(login, form.get("password", ""), request.client)
        except DomainError as error:
            status = 429 if error.code == "wait" else 403 if isinstance(error, Forbidden) else 401
            return self._form(request, back, error.message_zh, login, status)
        return await self._welcome(person, request, back)

    def _check_door(self, request: Request, sent: str) -> None:
        same_site(request)
        door = request.cookies.get(DOOR, "")
        if not door or not accounts.good_form(self._gate.key, door, sent):
            raise Forbidden("页面放得太久了，请再填一次", "stale_form")

    async def check(self, login: str, password: str, address: str) -> Staff:
        """The account with this password, braked. Raises DomainError(wait, wrong)."""
        now = self._gate.now()
        wait = pause_left(self._brake, login, address, now)
        if wait > timedelta(0):
            raise DomainError("wait", f"试错的次数多了，请 {_words(wait)}后再试")
        self._brake = tried(self._brake, login, address, now)
        person = await self._gate.run(lambda uow: accounts.log_in(uow, login, password), "log_in", write=False)
        if person is None:
            raise DomainError("wrong", "账号或密码不对")
        self._brake = succeeded(self._brake, login, address)
        return person

    async def _welcome(self, person: Staff, request: Request, back: str) -> Response:
        now = self._gate.now()
        await self._gate.run(lambda uow: accounts.note_log_in(uow, now, person, request.client), "log_in")
        return self.opened(person, back)

    def opened(self, person: Staff, back: str, text: str = "") -> Response:
        """Send somebody to a page with a new session."""
        answer = self._pages.go(back, text)
        token = accounts.issue(self._gate.key, person, self._gate.now())
        self._gate.ended.discard(token)  # within one second a log-in gives the same token again
        session = self._pages.cookie(COOKIE, token, int(accounts.SESSION.total_seconds()))
        return attrs.evolve(answer, headers=(*answer.headers, session, self._pages.cookie(DOOR, "", 0)))

    async def _leave(self, desk: Desk) -> Response:
        self._gate.end(desk.request)
        answer = self._pages.go("/admin/login", "已退出登录")
        return attrs.evolve(answer, headers=(*answer.headers, self._pages.cookie(COOKIE, "", 0)))

    def _form(self, request: Request, back: str, message: str = "", login: str = "", status: int = 200) -> Response:
        door = request.cookies.get(DOOR, "") or self._secret()
        key = accounts.form_key(self._gate.key, door)
        cookies = (self._pages.cookie(DOOR, door, _DOOR_SECONDS), self._pages.cookie("said", "", 0))
        facts = {"form_key": key, "back": back, "message": message, "login": login, "good": message.startswith("已")}
        return self._pages.bare("login.html", status, cookies, **facts)


def _words(wait: timedelta) -> str:
    seconds = int(wait.total_seconds()) + 1
    return f"{seconds} 秒" if seconds < 90 else f"{-(-seconds // 60)} 分钟"
