"""What the fuzzer sends: real requests of every dialect, page and program, and what is done to them."""

import contextlib
import json
import random
import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

import attrs
from attrs import frozen

from tools.bench.fuzz_words import (
    ALIASES,
    FIELDS,
    FORMS,
    HOSTILE,
    METHODS,
    MINISTRA,
    NORMAL,
    OFFICE,
    OFFICE_FORMS,
    PAGES,
    REST,
    REST_FIELDS,
    SKINS,
)
from tools.stb.ctc import Ctc
from tools.stb.dialects import client
from tools.stb.http import FORM, Browser
from tools.stb.line import Line
from tools.stb.ministra import Ministra
from tools.stb.values import Box, Refused
from tools.trial_town import ADMIN, LOGIN_PASSWORD, Served, Trial, mac

FORM_KEY: Final = re.compile(r'name="form_key" value="([^"]+)"')


@frozen
class Known:
    """What a box or a program may show: bearers by MAC, headers of telecom sessions, cookies of pages, signed paths."""

    bearers: tuple[tuple[str, str], ...]
    sessions: tuple[str, ...]
    user_tokens: tuple[str, ...]
    links: tuple[str, ...]
    strangers: tuple[str, ...]
    billing: str = ""
    office: tuple[str, str] = ("", "")
    """Cookie and form key of an administrator in the back office."""


@frozen
class Sent:
    """One request as bytes; `parks` may be held for seconds, `breaks` may end the connection or leave it waiting."""

    raw: bytes
    parks: bool = False
    breaks: bool = False


@frozen
class Draft:
    """A request before it is written down."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def learn(served: Served, trial: Trial) -> Known:
    """Log in as the boxes of every dialect that are still let in, and keep what they were given."""
    sessions, bearers, users, links = list[str](), list[tuple[str, str]](), list[str](), list[str]()
    line = Line(saw=lambda _ask, answer, _s: sessions.extend(v for k, v in answer.headers if k == "set-cookie"))
    for address in trial.mags:
        with contextlib.suppress(Refused):
            token, link = _mag(served, line, address)
            bearers.append((address, token))
            links.append(link)
    for dialect, one in zip(("ctc-a", "ctc-b", "ctc-c"), trial.telecoms, strict=False):
        box = Box(served.base, dialect, mac=one.mac, serial=one.serial, user=one.user, password=one.password)
        with contextlib.suppress(Refused):
            users.append(_telecom(line, box))
    for card, address in trial.cards:
        with contextlib.suppress(Refused):
            line.run(client(Box(served.base, "cable", mac=address, card=card), _quiet).login())
    line.close()
    cookies = tuple(dict.fromkeys(cookie.partition(";")[0] for cookie in sessions))
    strangers = tuple(mac(at, 0x001A79550000) for at in range(6))
    entered = _office(served, trial)
    return Known(tuple(bearers), cookies, tuple(users), tuple(links), strangers, trial.billing, entered)


def _office(served: Served, trial: Trial) -> tuple[str, str]:
    """Cookie and form key of the administrator."""
    line, browser = Line(), Browser("Mozilla/5.0 (X11; Linux x86_64)")
    door = line.run(browser.get(f"{served.base}/admin/login")).text
    fields = {"login": ADMIN, "password": trial.billing, "form_key": FORM_KEY.findall(door)[0]}
    line.run(browser.post(f"{served.base}/admin/login", fields, FORM, ("Origin", served.base)))
    inside = line.run(browser.get(f"{served.base}/admin/packages/new")).text
    line.close()
    return dict(browser.jar.headers())["Cookie"], FORM_KEY.findall(inside)[0]


def warm_up(served: Served, trial: Trial) -> None:
    """Let every database thread hash a password, which takes and keeps 16 MB: many log-ins at once."""
    with ThreadPoolExecutor(4) as together:
        list(together.map(lambda _turn: _office(served, trial), range(16)))


def _mag(served: Served, line: Line, address: str) -> tuple[str, str]:
    """The bearer of a MAG box and a link to a stream; its first device_id is the one that it stays pinned to."""
    box = Ministra(Box(served.base, "ministra", mac=address, device_id="D" * 32), _quiet)
    line.run(box.login())
    return box.token, _path(line.run(box.stream(line.run(box.channels())[0])))


def _telecom(line: Line, box: Box) -> str:
    """The UserToken of a telecom box."""
    made = client(box, _quiet)
    assert isinstance(made, Ctc)
    line.run(made.login())
    return made.user_token


def _quiet(_name: str, _learned: str) -> None:
    pass


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def request(known: Known, dice: random.Random) -> Sent:
    """One request: a real one, or one changed in one to three ways."""
    draft = dice.choices(MAKERS, WEIGHTS)[0](known, dice)
    for _ in range(dice.choices((0, 1, 2, 3), (30, 40, 20, 10))[0]):
        draft = dice.choice(CHANGES)(draft, known, dice)
    raw = written(draft)
    parks = "poll" in draft.path
    if dice.random() < 0.05:
        return Sent(bent(raw, dice), parks, breaks=True)
    return Sent(raw, parks, breaks=draft.method not in {"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"})


def written(draft: Draft) -> bytes:
    """A draft as bytes; query values stand as given when they are already escaped, as boxes send them."""
    query = "&".join(f"{name}={escaped(value)}" for name, value in draft.query)
    target = f"{draft.path}{'&' if '?' in draft.path else '?'}{query}" if query else draft.path
    lines = [f"{draft.method} {target} HTTP/1.1", "Host: tv.test"]
    lines += [f"{name}: {value}" for name, value in draft.headers]
    if draft.body or draft.method in {"POST", "PUT", "PATCH"}:
        lines.append(f"Content-Length: {len(draft.body)}")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + draft.body


def escaped(value: str) -> str:
    """Most of the time safe to stand in a request line; what is escaped already stays so."""
    if value.isascii() and value.isprintable() and " " not in value:
        return value
    return quote(value, safe="%", errors="surrogateescape")


def value(dice: random.Random) -> str:
    """A value: mostly a normal one."""
    return dice.choice(NORMAL if dice.random() < 0.6 else HOSTILE)


def _filled(text: str, known: Known, dice: random.Random) -> str:
    """A pattern with its places filled."""
    places: Mapping[str, Callable[[], str]] = {
        "{c}": lambda: dice.choice(("1", "2", "801", "0", quote(value(dice), errors="surrogateescape"))),
        "{n}": lambda: dice.choice(("0", "1", "-1", "-7", "13", "65535", "99999999999")),
        "{h}": lambda: "".join(dice.choices("0123456789ABCDEF", k=dice.choice((15, 16, 240, 2000)))),
        "{u}": lambda: dice.choice(known.user_tokens),
        "{m}": lambda: dice.choice([*(address for address, _ in known.bearers), *known.strangers]),
        "{s}": lambda: dice.choice(known.strangers),
        "{t}": lambda: dice.choice(known.links).split("/")[2],
    }
    for place, fill in places.items():
        while place in text:
            text = text.replace(place, fill(), 1)
    return text


def ministra(known: Known, dice: random.Random) -> Draft:
    """An action of a box with its bearer."""
    address, token = dice.choice(known.bearers)
    kind = dice.choice(tuple(MINISTRA))
    action = dice.choice(MINISTRA[kind].split(" "))
    fields = tuple((name, value(dice)) for name in dice.sample(FIELDS, dice.randint(0, 6)))
    cookie = (
        f"mac={quote(address)}; stb_lang=zh; timezone={dice.choice(('Asia/Shanghai', 'Europe/London', 'No/Where'))}"
    )
    headers = (("Cookie", cookie), ("Authorization", f"Bearer {token}"))
    query = (("type", kind), ("action", action), *fields)
    if dice.random() < 0.25:
        form = ("Content-Type", "application/x-www-form-urlencoded")
        body = "&".join(f"{name}={escaped(text)}" for name, text in query).encode("utf-8", "surrogateescape")
        return Draft("POST", dice.choice(ALIASES[:-1]), (("JsHttpRequest", "1-xml"),), (*headers, form), body)
    return Draft("GET", dice.choice(ALIASES), query, headers)


def telecom(known: Known, dice: random.Random) -> Draft:
    """A page or guide that telecom boxes GET."""
    return Draft("GET", _filled(dice.choice(SKINS), known, dice), (), _session(known, dice))


def posted(known: Known, dice: random.Random) -> Draft:
    """A form that boxes, pages or editors POST."""
    path = dice.choice(tuple(FORMS))
    fields = {name: _field(name, known, dice) for name in FORMS[path].split(" ")}
    if "VSP" in path or "batch" in path:
        body = json.dumps(_playbill(dice) if "VSP" in path else fields).encode("utf-8", "replace")
    else:
        body = urlencode(fields, errors="surrogateescape").encode()
    kind = dice.choice(("application/x-www-form-urlencoded", "application/json;charset=utf-8", "text/plain", ""))
    headers = (*_session(known, dice), *((("Content-Type", kind),) if kind else ()))
    return Draft("POST", path, (), (*headers, ("VIS-AJAX", "AjaxHttpRequest")), body)


def _field(name: str, known: Known, dice: random.Random) -> str:
    if name == "UserID" and dice.random() < 0.8:
        return f"0763{dice.randint(1, 30):04d}"
    if name in {"UserToken", "userToken"}:
        return dice.choice(known.user_tokens)
    if name == "Authenticator":
        return "".join(dice.choices("0123456789abcdefABCDEF", k=dice.choice((240, 240, 16, 17, 1040))))
    return value(dice)


def _playbill(dice: random.Random) -> object:
    whole = {
        "queryChannel": {"channelIDs": [dice.choice((1, "1", None, 801))]},
        "queryPlaybill": {"type": "0", "startTime": value(dice), "endTime": value(dice), "count": "100", "offset": "0"},
        "needChannel": "0",
    }
    return dice.choice(
        (whole, [], None, 1, {"queryChannel": []}, {"queryChannel": {"channelIDs": {}}}, whole | {"x": []})
    )


def page(known: Known, dice: random.Random) -> Draft:
    """A page, picture, playlist or way in."""
    return Draft("GET", _filled(dice.choice(PAGES), known, dice), (), _session(known, dice))


def poll(known: Known, dice: random.Random) -> Draft:
    """A long-poll; it may be held."""
    query = (
        ("since", dice.choice(("0", "1795600000000", value(dice)))),
        ("p", dice.choice(("home", "long", value(dice)))),
    )
    return Draft("GET", "/poll", query, _session(known, dice))


def rest(known: Known, dice: random.Random) -> Draft:
    """What billing asks, mostly with a login that is not good."""
    path = _filled(f"{dice.choice(('/stalker_portal/api/', '/api/'))}{dice.choice(REST)}", known, dice)
    good, bad = (b64encode(f"billing:{secret}".encode()).decode() for secret in (known.billing, LOGIN_PASSWORD))
    wrong = dice.choice((f"Basic {bad}", "Basic", "Basic %%%", "Bearer x", ""))
    login = f"Basic {good}" if dice.random() < 0.95 else wrong
    method = dice.choice(("GET", "POST", "PUT", "DELETE"))
    fields = {name: value(dice) for name in dice.sample(REST_FIELDS, dice.randint(0, 5))}
    body = urlencode(fields, errors="surrogateescape").encode() if method in {"POST", "PUT"} else b""
    return Draft(method, path, (), (("Authorization", login),) if login else (), body)


def office(known: Known, dice: random.Random) -> Draft:
    """A page or form of the back office."""
    cookie, key = known.office
    if dice.random() < 0.5:
        return Draft("GET", dice.choice(OFFICE), (), (("Cookie", cookie),))
    names = dice.sample(office_names(), dice.randint(0, 8))
    fields = {"form_key": key} | {name: value(dice) for name in names}
    headers = (("Cookie", cookie), ("Content-Type", FORM), ("Origin", "http://tv.test"))
    body = urlencode(fields, errors="surrogateescape").encode()
    return Draft("POST", dice.choice(OFFICE_FORMS), (), headers, body)


@lru_cache(maxsize=1)
def office_names() -> tuple[str, ...]:
    """The fields of every form of the back office, as its templates have them."""
    folder = Path(__file__).resolve().parents[2] / "middleware" / "admin" / "templates"
    texts = (path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.html")))
    return tuple(sorted({name for text in texts for name in re.findall(r'name="(\w+)"', text)} - {"form_key"}))


def _session(known: Known, dice: random.Random) -> tuple[tuple[str, str], ...]:
    """Cookies of a log-in, of several at once, damaged ones, or none."""
    chance = dice.random()
    if chance < 0.1:
        return ()
    cookies = dice.sample(known.sessions, min(len(known.sessions), dice.randint(1, 3)))
    if chance < 0.25:
        cookies = [cookie[: len(cookie) // 2] + dice.choice("xyz;=,%\x7f") for cookie in cookies]
    token = (("Authorization", dice.choice(known.user_tokens)),) if chance > 0.8 else ()
    return (("Cookie", "; ".join(cookies)), *token)


MAKERS: Final[Sequence[Callable[[Known, random.Random], Draft]]] = (ministra, telecom, posted, page, poll, rest, office)
WEIGHTS: Final = (36, 15, 13, 18, 1, 8, 9)


def _other_value(draft: Draft, _known: Known, dice: random.Random) -> Draft:
    if not draft.query:
        return attrs.evolve(draft, query=((dice.choice(FIELDS), dice.choice(HOSTILE)),))
    query = list(draft.query)
    at = dice.randrange(len(query))
    query[at] = (query[at][0], dice.choice(HOSTILE))
    return attrs.evolve(draft, query=tuple(query))


def _doubled(draft: Draft, _known: Known, dice: random.Random) -> Draft:
    more = tuple((name, value(dice)) for name, _ in draft.query[: dice.randint(1, 3)])
    return attrs.evolve(draft, query=(*more, *draft.query) if dice.random() < 0.5 else (*draft.query, *more))


def _left_out(draft: Draft, _known: Known, dice: random.Random) -> Draft:
    return attrs.evolve(draft, query=tuple(pair for pair in draft.query if dice.random() < 0.6))


def _many(draft: Draft, _known: Known, dice: random.Random) -> Draft:
    return attrs.evolve(draft, query=(*draft.query, *((f"x{at}", "1") for at in range(dice.choice((20, 300))))))


def _other_method(draft: Draft, _known: Known, dice: random.Random) -> Draft:
    return attrs.evolve(draft, method=dice.choice(METHODS))


def _other_headers(draft: Draft, known: Known, dice: random.Random) -> Draft:
    odd = (
        *(
            ("Range", "bytes=0-"),
            ("Range", "bytes=9-1,-"),
            ("If-None-Match", '"x"'),
            ("Accept-Encoding", "gzip, br;q=x"),
        ),
        *(("Cookie", "mac=zz; mac=%00; timezone=../../etc; stb_lang="), ("Cookie", "a" * 5000), ("Cookie", "; ;=;x")),
        *(
            ("Authorization", "Bearer undefined"),
            ("Authorization", "Bearer " + "F" * 32),
            ("Authorization", "Basic Og=="),
        ),
        *(
            ("X-Forwarded-For", "1.2.3.4, x"),
            ("Content-Type", "multipart/form-data; boundary=x"),
            ("X" * 200, "y" * 4000),
        ),
        *(("User-Agent", "ztebw(Chrome) Fhbw2.0 iPanel"), ("Host", "evil:99999"), ("Expect", "100-continue")),
        ("Authorization", f"Bearer {dice.choice(known.bearers)[1]}"),
    )
    return attrs.evolve(draft, headers=(*draft.headers, dice.choice(odd)))


def _bare(draft: Draft, _known: Known, dice: random.Random) -> Draft:
    return attrs.evolve(draft, headers=tuple(pair for pair in draft.headers if dice.random() < 0.3))


def _other_path(draft: Draft, _known: Known, dice: random.Random) -> Draft:
    ends = ("/", "/..", "%2f", "/1", "-2", "-99999999999", "?", "/../../x", ";x=1", "%", "%c3%28", "/" + "a" * 2000)
    if dice.random() < 0.3:
        return attrs.evolve(draft, path=f"http://tv.test{draft.path}")  # absolute form, as some boxes ask
    return attrs.evolve(draft, path=draft.path.partition("?")[0] + dice.choice(ends))


def _other_body(draft: Draft, _known: Known, dice: random.Random) -> Draft:
    bodies = (
        *(
            b"",
            b"\x00" * 50,
            b"\xff\xfe" * 40,
            b"a=%zz&b=%&=&&;",
            b"{",
            b'{"a":' * 400,
            b"null",
            b"UserID=&UserID=1&UserID=2",
        ),
        *(b"x" * 70_000, bytes(dice.randrange(256) for _ in range(200)), draft.body[: len(draft.body) // 2]),
    )
    return attrs.evolve(draft, body=dice.choice(bodies))


CHANGES: Final[Sequence[Callable[[Draft, Known, random.Random], Draft]]] = (
    *(_other_value, _other_value, _doubled, _left_out, _many, _other_method, _other_headers, _other_headers),
    *(_bare, _other_path, _other_body),
)


def bent(raw: bytes, dice: random.Random) -> bytes:
    """The bytes of a request with a few of them changed, doubled or missing, or cut off."""
    data = bytearray(raw)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(data))
        match dice.randrange(4):
            case 0:
                data[at] = dice.randrange(256)
            case 1:
                del data[at : at + dice.randint(1, 20)]
            case 2:
                data[at:at] = bytes(data[at : at + dice.randint(1, 20)])
            case _:
                data[at:at] = dice.choice(
                    (b"\r\n", b"\x00", b" ", b":", b"\r\n\r\n", b"Transfer-Encoding: chunked\r\n")
                )
        data = data or bytearray(b"\r\n")
    return bytes(data)
