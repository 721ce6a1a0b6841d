"""The pages of the back office as answers: templates, chrome, the said line, and the headers that guard them."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

import attrs
from attrs import frozen
from jinja2 import Environment, PackageLoader, StrictUndefined

from middleware.admin import roles, words
from middleware.domain.registry import Staff, mask_phone
from middleware.web.routes import ReadyResponse, Routes
from middleware.web.values import HeaderPairs, Response, html, redirect

STATIC: Final = "/admin/static/"
SAID: Final = "said"
SAID_SECONDS: Final = 30
_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
GUARD: Final[HeaderPairs] = (("Content-Security-Policy", _POLICY), ("Cross-Origin-Opener-Policy", "same-origin"))


@frozen
class Said:
    """One line told on the next page: what was done, or why it was not."""

    text: str
    good: bool = True


@frozen
class Place:
    """An entry of the menu; `roles` are those who see it."""

    path: str
    title: str
    icon: str
    roles: tuple[str, ...]


MENU: Final = (
    Place("/admin", "首页", "home", tuple(words.ROLES)),
    Place("/admin/rollcalls", "点名", "rollcall", roles.ROLLCALL),
    Place("/admin/members", "党员", "members", roles.ROLLCALL),
    Place("/admin/roster", "名册", "roster", roles.ROSTER),
    Place("/admin/plan", "节目编排", "plan", roles.PLAN),
    Place("/admin/sources", "节目来源", "sources", roles.PLAN),
    Place("/admin/networks", "前端网络", "networks", roles.NETWORKS),
    Place("/admin/devices", "机顶盒", "devices", roles.DEVICES),
    Place("/admin/customers", "客户", "customers", roles.DEVICES),
    Place("/admin/packages", "套餐", "packages", roles.DEVICES),
    Place("/admin/messages", "消息", "messages", roles.DEVICES),
    Place("/admin/keys", "按键", "keys", roles.DEVICES),
    Place("/admin/accounts", "账号", "accounts", roles.ACCOUNTS),
)


@frozen
class Viewer:
    """Who looks at a page: the account, what his forms carry, the line to tell him, and the address he is at."""

    staff: Staff
    form_key: str
    path: str
    said: Said | None = None


@frozen
class Pages:
    """Makes the answers. `key` signs the said line, `now` is the wall clock, `secure` says that HTTPS stands before."""

    key: bytes = attrs.field(repr=False)
    now: Callable[[], datetime]
    town: str
    secure: bool = False

    def show(self, viewer: Viewer, template: str, status: int = 200, **facts: Any) -> Response:
        """A page inside the chrome of one who is logged in."""
        places = [place for place in MENU if viewer.staff.role in place.roles]
        chrome = {"viewer": viewer, "menu": places, "here": _here(places, viewer.path), "now": self.now()}
        headers = (*GUARD, _cookie(SAID, "", "/admin", 0, self.secure)) if viewer.said else GUARD
        return attrs.evolve(html(self.text(template, **chrome, **facts), status), headers=headers)

    def bare(self, template: str, status: int = 200, headers: HeaderPairs = (), **facts: Any) -> Response:
        """A page for one who is not logged in."""
        body = self.text(template, now=self.now(), **facts)
        return attrs.evolve(html(body, status), headers=(*GUARD, *headers))

    def text(self, template: str, **facts: Any) -> str:
        """A template filled in; facts are escaped."""
        return environment().get_template(template).render(town=self.town, **facts)

    def go(self, location: str, text: str = "", *, good: bool = True) -> Response:
        """Send the browser to a page of ours after a form, with a line to tell there."""
        answer = redirect(location, 303)
        said = (self.cookie(SAID, self._pack(Said(text, good)), SAID_SECONDS),) if text else ()
        return attrs.evolve(answer, headers=(*answer.headers, *said))

    def said(self, cookie: str) -> Said | None:
        """The line of a cookie that we signed."""
        body, _, signature = cookie[:2048].rpartition(".")
        if not body or not hmac.compare_digest(signature.encode("ascii", "replace"), self._sign(body).encode()):
            return None
        try:
            text, good = json.loads(base64.urlsafe_b64decode(body))
        except (ValueError, binascii.Error):
            return None
        return Said(str(text), bool(good))

    def cookie(self, name: str, value: str, max_age: int) -> tuple[str, str]:
        """A cookie that only our own pages send back and no script reads; `max_age` in seconds."""
        return _cookie(name, value, "/admin", max_age, self.secure)

    def _pack(self, said: Said) -> str:
        body = base64.urlsafe_b64encode(json.dumps([said.text[:200], said.good]).encode()).decode()
        return f"{body}.{self._sign(body)}"

    def _sign(self, body: str) -> str:
        return hmac.new(self.key, f"said:{body}".encode(), hashlib.sha256).hexdigest()[:32]


def framing(answer: Response) -> Response:
    """A page that may hold another page of ours."""
    policy = f"{_POLICY}; frame-src 'self'"
    headers = tuple((name, policy if name == GUARD[0][0] else value) for name, value in answer.headers)
    return attrs.evolve(answer, headers=headers)


def _cookie(name: str, value: str, path: str, max_age: int, secure: bool) -> tuple[str, str]:
    end = "; Secure" if secure else ""
    return "Set-Cookie", f"{name}={value}; Path={path}; Max-Age={max_age}; HttpOnly; SameSite=Strict{end}"


def _here(places: list[Place], path: str) -> str:
    """The menu entry that a page belongs to: the longest path it begins with."""
    inside = [place.path for place in places if path == place.path or path.startswith(place.path + "/")]
    return max(inside, key=len, default="")


@cache
def environment() -> Environment:
    """The templates, with every value escaped and every missing one an error."""
    env = Environment(
        loader=PackageLoader("middleware.admin"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.filters.update(
        clock=words.clock, clock_s=words.clock_s, day=words.day, moment=words.moment, percent=words.percent,
        span=words.span, mask_phone=mask_phone, way=words.way,
    )  # fmt: skip
    env.globals.update(words=words, static=static_url, left=words.left)
    return env


@cache
def static_files() -> Mapping[str, bytes]:
    """The style sheet, scripts and pictures by plain name."""
    folder = files("middleware.admin") / "static"
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.name.rpartition(".")[2] in _TYPES}


@cache
def static_url(name: str) -> str:
    """The address of a static file, which changes with its content."""
    stem, _, kind = name.rpartition(".")
    return f"{STATIC}{stem}.{hashlib.sha256(static_files()[name]).hexdigest()[:10]}.{kind}"


def add_static(routes: Routes) -> None:
    """Serve the static files as ready bytes that browsers keep for a year."""
    for name, body in static_files().items():
        answer = ReadyResponse.of(body, _TYPES[name.rpartition(".")[2]], "public, max-age=31536000, immutable")
        routes.ready(static_url(name).encode(), answer)
