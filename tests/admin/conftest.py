"""A back office over a small town in a temporary SQLite file: no socket, no thread, a clock that tests turn."""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

import pytest
from attrs import define, field, frozen
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from middleware.admin.office import KeyCount, Office
from middleware.domain.devices import Device
from middleware.domain.registry import HouseholdDraft, Member, MemberDraft, Staff
from middleware.portal import previewing
from middleware.services.passwords import Cost, hash_password
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_entry import Box
from middleware.services.rollcall_signin import SignIn, sign_in_batch
from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from middleware.web.edge import make_site
from middleware.web.routes import Routes
from middleware.web.values import text

NOON = datetime(2025, 11, 22, 11, 30, tzinfo=UTC)
"""19:30 in the town."""

PASSWORD = "lake-side-7"
CHEAP = Cost(n=2, r=1, p=1)
"""Hashing is tested elsewhere; here it must not take time."""


class Wire(StringTransport):
    """The server's end of a connection, whose writing half may be closed alone."""

    def loseWriteConnection(self) -> None:  # noqa: N802
        self.disconnecting = True


@frozen
class Answer:
    """Status, headers by lower-case name, cookies set, and the body as text."""

    status: int
    headers: dict[str, str]
    cookies: dict[str, str]
    body: str
    raw: bytes
    raw_cookies: tuple[str, ...]

    @property
    def form_key(self) -> str:
        found = re.search(r'name="form_key" value="([0-9a-f]+)"', self.body)
        assert found, self.body[:400]
        return found[1]


@define
class Browser:
    """One browser with its cookie jar; knows nothing of scripts."""

    site: object
    jar: dict[str, str] = field(factory=dict)
    form_key: str = ""

    def get(self, path: str, *, accept: str = "text/html") -> Answer:
        return self._ask("GET", path, {"accept": accept})

    def post(
        self, path: str, *, accept: str = "text/html", headers: dict[str, str] | None = None, **form: object
    ) -> Answer:
        fields = {"form_key": self.form_key, **{name: str(value) for name, value in form.items()}}
        sent = {"accept": accept, "content-type": "application/x-www-form-urlencoded", **(headers or {})}
        return self._ask("POST", path, sent, urlencode(fields).encode())

    def upload(self, path: str, name: str, content: bytes, **form: str) -> Answer:
        """Send a file as browsers do."""
        parts = [f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}'.encode() for key, value in form.items()]
        parts.append(f'Content-Disposition: form-data; name="form_key"\r\n\r\n{self.form_key}'.encode())
        head = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: x/y\r\n\r\n'
        parts.append(head.encode() + content)
        body = b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + b"--edge--\r\n"
        return self._ask("POST", path, {"content-type": "multipart/form-data; boundary=edge"}, body)

    def log_in(self, login: str, password: str = PASSWORD) -> Answer:
        self.form_key = self.get("/admin/login").form_key
        answer = self.post("/admin/login", login=login, password=password)
        if answer.status == 303:
            self.form_key = self.get("/admin").form_key
        return answer

    def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        channel = self.site.buildProtocol(None)  # type: ignore[attr-defined]
        wire = Wire()
        channel.makeConnection(wire)
        lines = [f"{method} {path} HTTP/1.1", "host: town", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self.jar:
            lines.append("cookie: " + "; ".join(f"{name}={value}" for name, value in self.jar.items()))
        channel.dataReceived("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        answer = read_answer(wire.value())
        for name, value in answer.cookies.items():
            self.jar[name] = value
        self.jar = {name: value for name, value in self.jar.items() if value}
        return answer


def read_answer(raw: bytes) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    pairs = [(name.lower(), value) for name, _, value in (line.partition(": ") for line in lines)]
    cookies = dict(value.partition(";")[0].split("=", 1) for name, value in pairs if name == "set-cookie")
    set_cookies = tuple(value for name, value in pairs if name == "set-cookie")
    return Answer(int(status.split(" ")[1]), dict(pairs), cookies, body.decode("utf-8", "replace"), body, set_cookies)


@define
class Town:
    """The store, the site, the clock, and short ways to what tests need."""

    store: Store
    site: object
    now: datetime = NOON
    unknown: list[KeyCount] = field(factory=list)
    ids: dict[str, int] = field(factory=dict)

    def browser(self, login: str = "") -> Browser:
        browser = Browser(self.site)
        if login:
            assert browser.log_in(login).status == 303
        return browser

    def do(self, fn: Callable[[UnitOfWork], object]) -> object:
        return self.store.run_sync(fn)

    def person(self, login: str) -> Staff:
        found = self.store.run_sync(lambda uow: uow.staff.by_login(login))
        assert found is not None
        return found

    def member(self, code: str) -> Member:
        everybody = self.store.run_sync(lambda uow: uow.registry.members(active_only=False))
        return next(one for one in everybody if one.code == code)

    def rename(self, code: str, name: str) -> None:
        """Give a member a name that no roster would let in."""
        one = self.member(code)
        draft = MemberDraft(code, name, one.branch_id, one.group_no, one.household_id, one.role)
        self.do(lambda uow: uow.registry.update_members({one.id: draft}))

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def open(self, browser: Browser, place: str = "branch-lake", **form: object) -> int:
        """Open a roll-call through the page; its id."""
        scope, _, name = place.partition("-")
        where = f"{scope}-{self.ids[name]}" if name else scope
        fields = {"title": "党群直通日", "place": where, "when": "now", "minutes": 30, "late": 10, **form}
        answer = browser.post("/admin/rollcalls/new", **fields)
        assert answer.status == 303, answer.body
        return int(answer.headers["location"].rpartition("/")[2])

    def press(self, rollcall: int, code: str = "", number: str = "", key: str = "k1", home: str = "H1") -> str:
        """A remote's 对，我来报到, through the use-case that the portal calls; the code of what became of it."""
        household = self.ids[home]
        box = self.store.run_sync(lambda uow: uow.devices.of_households([household])[0])
        member = self.member(code).id if code else None
        command = SignIn(rollcall, Box(box.id, household), key, self.now, member, number)
        return self.store.run_sync(lambda uow: sign_in_batch(uow, [command])[0]).code


@cache
def hashed() -> str:
    return hash_password(PASSWORD, CHEAP)


PEOPLE = (
    ("L-1", "王秀兰", "lake", "H1", "13806330001"),
    ("L-2", "张福田", "lake", "H1", "13806330002"),
    ("L-3", "李明", "lake", "H2", "13806330003"),
    ("H-1", "赵建国", "hill", "H3", "13806330004"),
)


def settle(uow: UnitOfWork) -> dict[str, int]:
    """Two villages with a branch each, three households with boxes, four members, one account per role."""
    lake, hill = uow.places.add_village("v1", "湖西村"), uow.places.add_village("v2", "山前村")
    branches = {"lake": uow.places.add_branch("b1", "湖西村党支部", lake.id)}
    branches["hill"] = uow.places.add_branch("b2", "山前村党支部", hill.id)
    homes = [
        HouseholdDraft("H1", lake.id, "湖西村 1 号"),
        HouseholdDraft("H2", lake.id, "湖西村 2 号"),
        HouseholdDraft("H3", hill.id),
    ]
    uow.registry.add_households(homes)
    found = uow.registry.households_by_code(["H1", "H2", "H3"])
    drafts = [
        MemberDraft(code, name, branches[branch].id, 1, found[home].id, "党员", True, phone)
        for code, name, branch, home, phone in PEOPLE
    ]
    uow.registry.add_members(drafts)
    for n, home in enumerate(found.values(), 1):
        uow.devices.add(Device(0, mac=f"00:1A:79:00:00:0{n}", household_id=home.id, family="pc", state="active"), NOON)
    uow.devices.add(Device(0, mac="00:1A:79:00:00:99", serial="NEW-1"), NOON)
    for role in ("admin", "office", "operator", "editor"):
        uow.staff.add(Staff(0, role, f"{role}账号", role), hashed())  # type: ignore[arg-type]
    for name, branch in branches.items():
        uow.staff.add(Staff(0, name, f"{branch.name}书记", "cadre", None, branch.id, branch.village_id), hashed())
    ids = {name: branch.id for name, branch in branches.items()} | {code: home.id for code, home in found.items()}
    return ids | {"village-lake": lake.id, "village-hill": hill.id}


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """A data folder with the small town, made once and copied."""
    data = tmp_path_factory.mktemp("office")
    Vault.create(data)
    db_upgrade(f"sqlite:///{data}/nanhu.db", data)
    store = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))
    ids = store.run_sync(settle)
    store.close()
    return data, ids


@pytest.fixture
def town(settled: tuple[Path, dict[str, int]], tmp_path: Path) -> Iterator[Town]:
    data, ids = settled
    shutil.copytree(data, tmp_path / "data")
    store = Store.open(f"sqlite:///{tmp_path}/data/nanhu.db", vault=Vault.load(tmp_path / "data"))
    clock, routes = Clock(), Routes()
    made = Town(store, make_site(routes, clock, error_page=lambda status: text(f"page for {status}", status)), ids=ids)
    office = Office(
        store,
        lambda: made.now,
        store.vault.signing_key("staff"),
        families=(("pc", "电脑键盘"), ("ipanel", "iPanel 遥控器")),
        unknown_keys=lambda: made.unknown,
        television=previewing,
    )
    office.routes(routes)
    yield made
    store.close()
