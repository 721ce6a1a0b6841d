"""Where a request goes: an exact table, a table of prefixes, and answers that are ready as bytes."""

import gzip as gzip_format
import hashlib
from collections.abc import Callable, Iterable, Mapping

from attrs import define, field, frozen

from middleware.web.urlencoded import path_of
from middleware.web.values import HTML, Endpoint

MAX_BODY = 64 * 1024
_WORTH_PACKING = 512  # bytes; below that the answer fits one packet either way

_PATHS = 1024  # paths once found; exact routes in the ways that boxes spell them

Admit = Callable[[Mapping[str, str]], bool]


@frozen
class Route:
    """An endpoint, the pattern it is counted under, and how many bytes of body it takes.

    More than MAX_BODY are taken only from whom ``admit`` lets send them, by the headers of the request. ``raw``: the
    endpoint reads the query of the target itself, also one that is not encoded as it should be, and is given none.
    """

    endpoint: Endpoint
    pattern: str
    max_body: int = MAX_BODY
    admit: Admit | None = None
    raw: bool = False


@frozen
class Match:
    """The outcome of a look-up: the route and what follows its prefix, or the methods that the path does know."""

    route: Route | None
    rest: str = ""
    allow: tuple[str, ...] = ()


@frozen
class Variant:
    """One encoding of a ready answer, with the strong entity tag of exactly these bytes (RFC 9110 §8.8.3)."""

    body: bytes
    etag: bytes


@frozen
class ReadyResponse:
    """A 200 that is the same for everybody who asks, rebuilt by the app when its content changes."""

    plain: Variant
    packed: Variant | None
    content_type: str
    cache_control: str

    @classmethod
    def of(
        cls, body: bytes, content_type: str = HTML, cache_control: str = "no-cache", *, gzip: bool = True
    ) -> "ReadyResponse":
        """Tag and compress ``body``; with ``no-cache`` clients keep it but ask each time (If-None-Match)."""
        packed = gzip_format.compress(body, mtime=0) if gzip and len(body) >= _WORTH_PACKING else body
        return cls(
            Variant(body, _tag(body)),
            Variant(packed, _tag(packed)) if len(packed) < len(body) else None,
            content_type,
            cache_control,
        )


def _tag(body: bytes) -> bytes:
    return b'"%s"' % hashlib.sha256(body).hexdigest()[:20].encode()


@define
class Routes:
    """The tables of one site. Ready answers may be replaced at any time; ``revision`` counts their changes."""

    readies: dict[bytes, ReadyResponse] = field(factory=dict, init=False)
    revision: int = field(default=0, init=False)
    _exact: dict[str, dict[str, Route]] = field(factory=dict, init=False)
    _prefix: dict[str, dict[str, Route]] = field(factory=dict, init=False)
    _found: dict[tuple[str, bytes], tuple[str, Match]] = field(factory=dict, init=False)

    def exact(
        self,
        method: str,
        path: str,
        endpoint: Endpoint,
        *,
        max_body: int = MAX_BODY,
        admit: Admit | None = None,
        raw: bool = False,
    ) -> None:
        """Send ``method path`` to ``endpoint``; GET serves HEAD too. Raises ValueError when taken."""
        _add(self._exact, method, path, Route(endpoint, f"{method} {path}", max_body, admit, raw))
        self._found.clear()

    def prefix(
        self,
        method: str,
        prefix: str,
        endpoint: Endpoint,
        *,
        max_body: int = MAX_BODY,
        admit: Admit | None = None,
        raw: bool = False,
    ) -> None:
        """Send every path below ``prefix`` (which ends in ``/``) to ``endpoint``; the longest prefix wins."""
        if not prefix.endswith("/"):
            raise ValueError(f"prefix {prefix!r} does not end in /")
        _add(self._prefix, method, prefix, Route(endpoint, f"{method} {prefix}*", max_body, admit, raw))
        self._prefix = dict(sorted(self._prefix.items(), key=lambda item: -len(item[0])))

    def ready(self, target: bytes, response: ReadyResponse) -> None:
        """Answer GET of exactly ``target`` (path and query as on the wire) with ``response`` from now on."""
        self.swap({target: response})

    def swap(self, new: Mapping[bytes, ReadyResponse], retire: Iterable[bytes] = ()) -> None:
        """Replace several ready answers between two requests, and forget the targets of ``retire``."""
        for target in retire:
            self.readies.pop(target, None)
        self.readies.update(new)
        self.revision += 1

    def find_raw(self, method: str, target: bytes) -> tuple[str, Match]:
        """The decoded path of a target, and its route. Raises Malformed as path_of does."""
        key = method, target.partition(b"?")[0]
        found = self._found.get(key)
        if found is None:
            path = path_of(target)
            found = path, self.find(method, path)
            if path in self._exact:
                if len(self._found) >= _PATHS:
                    self._found.clear()
                self._found[key] = found
        return found

    def find(self, method: str, path: str) -> Match:
        """The route of a decoded path; exact ones first, then by longest prefix."""
        methods = self._exact.get(path)
        if methods is not None:
            return _match(methods, method, "")
        for prefix, methods in self._prefix.items():
            if path.startswith(prefix):
                return _match(methods, method, path[len(prefix) :])
        return Match(None)


def _add(table: dict[str, dict[str, Route]], method: str, path: str, route: Route) -> None:
    methods = table.setdefault(path, {})
    if method in methods or not path.startswith("/"):
        raise ValueError(f"{method} {path} cannot be added (taken, or no path)")
    methods[method] = route


def _match(methods: dict[str, Route], method: str, rest: str) -> Match:
    route = methods.get("GET" if method == "HEAD" else method)
    if route is not None:
        return Match(route, rest)
    allow = {*methods, "HEAD"} if "GET" in methods else set(methods)
    return Match(None, rest, tuple(sorted(allow)))
