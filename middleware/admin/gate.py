"""The door of the back office: who asks, may he, did the form come from our page; and what refusals look like."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urlsplit

import attrs
from attrs import frozen

from middleware.admin.pages import SAID, Pages, Viewer
from middleware.domain.errors import BadValue, DomainError, Forbidden, NotFound, StorageError
from middleware.domain.registry import Staff
from middleware.services import staff as accounts
from middleware.services.ports import UnitOfWork
from middleware.web.multipart import Upload, parse_multipart
from middleware.web.routes import MAX_BODY, Routes
from middleware.web.values import Request, Response, json_

T = TypeVar("T")

COOKIE: Final = "staff"
_FORM_FIELD: Final = "form_key"


class Run(Protocol):
    """`Store.run`: one transaction in a database thread."""

    def __call__(
        self, fn: Callable[[UnitOfWork], T], name: str = "", *, write: bool = True
    ) -> Awaitable[T]: ...  # pragma: no cover


class NotLoggedIn(DomainError):
    """There is no session, or it is over."""

    def __init__(self) -> None:
        super().__init__("not_logged_in", "登录已过期，请重新登录")


@frozen
class Desk:
    """One request of one who is logged in; `form` holds the fields of a POST, `uploads` its files."""

    staff: Staff
    request: Request
    viewer: Viewer
    form: Mapping[str, str]
    uploads: Mapping[str, Upload]

    @property
    def rest(self) -> str:
        """What follows the prefix of the page."""
        return self.request.rest

    @property
    def wants_json(self) -> bool:
        """Whether a script of our page asks, which wants values instead of a page."""
        return wants_json(self.request)

    def number(self, field: str) -> int:
        """A positive whole number of the form. Raises BadValue(number)."""
        return whole(self.form.get(field, ""))


Action = Callable[[Desk], Awaitable[Response]]


@frozen
class Gate:
    """Puts pages and actions behind the log-in. `key` signs sessions (signing_key("staff"))."""

    run: Run
    now: Callable[[], datetime]
    key: bytes = attrs.field(repr=False)
    pages: Pages
    routes: Routes
    ended: set[str] = attrs.field(factory=set, init=False, repr=False)
    """Sessions that were logged out and have not run out: somebody may have a copy of their tokens."""

    def get(self, path: str, action: Action, *roles: str) -> None:
        """Show a page to these roles (nobody named = everybody); a path that ends in / takes what follows it."""
        add = self.routes.prefix if path.endswith("/") else self.routes.exact
        add("GET", path, lambda request: self.answer(request, action, roles))

    def post(self, path: str, action: Action, *roles: str, max_body: int = MAX_BODY) -> None:
        """Let these roles send a form; a long one is read only from who is logged in."""
        admit = None if max_body <= MAX_BODY else self._known
        self.routes.exact(
            "POST", path, lambda request: self.answer(request, action, roles), max_body=max_body, admit=admit
        )

    def ticket(self, request: Request) -> accounts.Ticket | None:
        """What the session cookie says, checked without the database: good for what tells nothing of people."""
        token = request.cookies.get(COOKIE, "")
        return None if token in self.ended else accounts.read(self.key, token, self.now())

    def _known(self, headers: Mapping[str, str]) -> bool:
        return self.ticket(Request("POST", "", b"", headers=headers)) is not None

    def end(self, request: Request) -> None:
        """Take the session of this request no more; those that have run out are forgotten."""
        now = self.now()
        self.ended.difference_update([token for token in self.ended if accounts.read(self.key, token, now) is None])
        self.ended.add(request.cookies.get(COOKIE, ""))

    async def answer(self, request: Request, action: Action, roles: tuple[str, ...]) -> Response:
        """Do what is asked, or say in the viewer's language why not."""
        desk: Desk | None = None
        try:
            desk = await self._desk(request)
            if roles and desk.staff.role not in roles:
                raise Forbidden("您的账号不能打开这一页")
            return await action(desk)
        except NotLoggedIn as error:
            return self._to_log_in(request, error)
        except DomainError as error:
            return self._refusal(request, desk, error)

    async def _desk(self, request: Request) -> Desk:
        ticket = self.ticket(request)
        person = await self._holder(ticket) if ticket else None
        if person is None:
            raise NotLoggedIn
        token = request.cookies[COOKIE]
        said = self.pages.said(request.cookies.get(SAID, ""))
        viewer = Viewer(person, accounts.form_key(self.key, token), request.path, said)
        form, uploads = read_form(request) if request.method == "POST" else ({}, {})
        if request.method == "POST":
            same_site(request)
            if not accounts.good_form(self.key, token, form.get(_FORM_FIELD, "")):
                raise Forbidden("页面已过期，请刷新后再试一次", "stale_form")
        return Desk(person, request, viewer, form, uploads)

    async def _holder(self, ticket: accounts.Ticket) -> Staff | None:
        return await self.run(lambda uow: accounts.holder(uow, ticket), "staff", write=False)

    def _to_log_in(self, request: Request, error: NotLoggedIn) -> Response:
        if wants_json(request):
            return json_({"error": error.message_zh, "code": error.code}, 401)
        if request.method == "GET" and request.path != "/admin":
            return self.pages.go(f"/admin/login?to={request.path}")
        return self.pages.go("/admin/login")

    def _refusal(self, request: Request, desk: Desk | None, error: DomainError) -> Response:
        status = status_of(error)
        if wants_json(request):
            return json_({"error": error.message_zh, "code": error.code}, status)
        if desk is None:
            return self.pages.bare("refused_bare.html", status, message=error.message_zh)
        back = request.headers.get("referer", "")
        return self.pages.show(desk.viewer, "refused.html", status, message=error.message_zh, back=own_path(back))


def wants_json(request: Request) -> bool:
    """Whether the Accept header asks for JSON, as the scripts of our pages do."""
    return request.headers.get("accept", "").startswith("application/json")


def read_form(request: Request) -> tuple[Mapping[str, str], Mapping[str, Upload]]:
    """The fields and files of a POST. Raises Malformed."""
    kind = request.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() == "multipart/form-data":
        return parse_multipart(kind, request.body)
    return request.form(), {}


def same_site(request: Request) -> None:
    """Refuse what a browser says was sent by another site. Raises Forbidden.

    Origin is not compared with Host: proxies change it, and without Fetch Metadata the form's key still guards.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden("这个请求不是从本系统的页面发出的", "foreign_site")


def own_path(address: str) -> str:
    """The path of an address when it is a page of the back office, else its start page."""
    try:
        parts = urlsplit(address[:500] if address.isascii() else "")
    except ValueError:  # such as //[ without an end
        return "/admin"
    good = parts.path.startswith("/admin/") and "//" not in parts.path and "\\" not in address
    query = f"?{parts.query}" if parts.query else ""
    return parts.path + query if good and not parts.path.startswith("/admin/login") else "/admin"


def digits(text: str) -> int | None:
    """A whole number as addresses and forms write it, 0 to 999,999,999; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def whole(text: str) -> int:
    """Read an id or a count, 1 to 999,999,999. Raises BadValue(number)."""
    found = digits(text)
    if not found:
        raise BadValue("number", "这里要填一个数")
    return found


def page_id(text: str) -> int:
    """Read the id at the end of an address. Raises NotFound."""
    try:
        return whole(text)
    except BadValue:
        raise NotFound from None


def status_of(error: DomainError) -> int:
    """The HTTP status of a refusal."""
    kinds: tuple[tuple[type[DomainError], int], ...] = (
        (NotFound, 404),
        (Forbidden, 403),
        (BadValue, 422),
        (StorageError, 503),
    )
    return next((status for kind, status in kinds if isinstance(error, kind)), 409)


def told(pages: Pages, desk: Desk, location: str, text: str, **values: Any) -> Response:
    """Say that something was done: values to a script, a redirect with the line to a plain form."""
    return json_({"said": text, **values}) if desk.wants_json else pages.go(location, text)
