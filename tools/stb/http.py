"""What the dialects share about HTTP: cookies, forms, queries, and the checks that every answer must pass."""

import gzip
import zlib
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlencode, urljoin, urlsplit

from attrs import evolve

from tools.stb.values import Answer, Ask, Flow, Refused

FORM = "application/x-www-form-urlencoded"
HOPS = 8


class Jar:
    """The cookies of a box: one jar for all hosts of a portal, as the boxes' own browsers are said to keep it."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def take(self, answer: Answer) -> None:
        """Remember what an answer sets."""
        for name, value in answer.headers:
            if name == "set-cookie":
                try:
                    found = SimpleCookie(value)
                except CookieError:
                    continue
                self.cookies.update({key: morsel.value for key, morsel in found.items()})

    def headers(self) -> tuple[tuple[str, str], ...]:
        line = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return (("Cookie", line),) if line else ()


class Browser:
    """Asks with one jar; every method is a flow."""

    def __init__(self, agent: str) -> None:
        self.jar = Jar()
        self._agent = (("User-Agent", agent), ("Accept", "*/*"), ("Accept-Encoding", "gzip"))

    def get(self, url: str, *headers: tuple[str, str]) -> Flow[Answer]:
        """GET without following anything."""
        return (yield from self._ask(Ask("GET", url, (*self._agent, *self.jar.headers(), *headers))))

    def post(
        self, url: str, fields: Mapping[str, str] | bytes, kind: str = FORM, *headers: tuple[str, str]
    ) -> Flow[Answer]:
        """POST a form, or ready bytes of another kind."""
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        head = (*self._agent, *self.jar.headers(), ("Content-Type", kind), *headers)
        return (yield from self._ask(Ask("POST", url, head, body)))

    def follow(self, url: str) -> Flow[Answer]:
        """GET and follow redirects to the page."""
        for _ in range(HOPS):
            answer = yield from self.get(url)
            if answer.status not in {301, 302, 303, 307}:
                return answer
            url = urljoin(url, answer.header("location"))
        raise Refused(f"{url}: more than {HOPS} redirects")

    def _ask(self, ask: Ask) -> Flow[Answer]:
        answer = unpacked((yield ask))
        self.jar.take(answer)
        return answer


def unpacked(answer: Answer) -> Answer:
    """The answer with its body as it was before gzip. Raises Refused for a packing that was not asked for."""
    packing = answer.header("content-encoding")
    if packing in {"", "identity"}:
        return answer
    if packing != "gzip":
        raise Refused(f"{answer.url}: is packed as {packing!r}, which was not asked for")
    try:
        return evolve(answer, body=gzip.decompress(answer.body))
    except (OSError, EOFError, zlib.error) as error:
        raise Refused(f"{answer.url}: is no gzip: {error}") from None


def well(answer: Answer, *statuses: int) -> Answer:
    """The answer, when it has one of these statuses (200 without any). Raises Refused."""
    if answer.status not in (statuses or (200,)):
        words = " ".join(answer.text.split())[:120]
        raise Refused(f"{answer.url}: answers {answer.status} {words}".rstrip())
    return answer


def origin(url: str) -> str:
    """Scheme and host of an address. Raises Refused when it has none."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise Refused(f"{url!r} is no address such as http://10.0.0.1:8080")
    return f"{parts.scheme}://{parts.netloc}"


def query(**fields: object) -> str:
    """A query in the order given, blanks as %20 as boxes write them."""
    return "&".join(f"{name}={quote(str(value), safe='')}" for name, value in fields.items())
