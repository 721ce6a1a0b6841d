"""Bytes of the API: hostile parameters read by type, the three refusals, the JSON envelope, answers ready in gzip."""

import gzip
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote_plus

from attrs import field, frozen

from middleware.web.values import HTML, JSON, Response

MOST: Final = 2**31 - 1
"""Clients read ids as int32 (portal-ministra.md §2)."""
PAGE: Final = 14
_NUMBER: Final = re.compile(r"\s*([+-]?[0-9]{1,18})")
_ON: Final = frozenset({"1", "true", "on", "yes"})
Values = Mapping[str, str]
Row = dict[str, Any]
"""One JSON object of a reply."""


def _refusal(words: bytes) -> Response:
    return Response(200, words, HTML)


AUTHORIZATION: Final = _refusal(b"Authorization failed.")
"""The bearer is missing, unknown or another box's, or a log-in is due."""
DENIED: Final = _refusal(b"Access denied.")
"""The box is known and not served."""
UNAUTHORIZED: Final = _refusal(b"Unauthorized request.")
"""There is no MAC cookie."""


def text(values: Values, name: str, most: int = 200) -> str:
    """A parameter as text of at most so many characters, without NUL; empty when it is not there."""
    return values.get(name, "")[:most].replace("\0", "").strip()


def whole(values: Values, name: str, default: int = 0, least: int = 0, most: int = MOST) -> int:
    """A parameter as a whole number between the bounds; the default for what begins with no digits."""
    found = _NUMBER.match(values.get(name, ""))
    return min(max(int(found[1]), least), most) if found else default


def flag(values: Values, name: str) -> bool:
    """A parameter as a truth: 1, true, on, yes."""
    return text(values, name, 8).lower() in _ON


def ids(values: Values, name: str, most: int) -> tuple[int, ...]:
    """A list such as `1,2,3`: at most so many ids, each once, in their order; what is no id is left out."""
    parts = values.get(name, "")[: most * 11].split(",")
    found = (int(part) for part in map(str.strip, parts) if part.isascii() and part.isdigit() and len(part) < 11)
    return tuple(dict.fromkeys(one for one in found if 1 <= one <= MOST))[:most]


def decoded(cmd: str) -> str:
    """A cmd that came back encoded once more (portal-ministra.md §5)."""
    return unquote_plus(cmd) if "%" in cmd else cmd.replace("+", " ")


def numeral(number: int) -> str:
    """An id as clients take it: digits of 1…2147483647 without a leading zero."""
    return str((number - 1) % MOST + 1)


def dump(value: object) -> bytes:
    """Compact JSON in UTF-8; a lone surrogate, which no client could read, becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def body(js: bytes) -> bytes:
    """The reply around a JSON value."""
    return b'{"js":' + js + b',"text":""}'


@frozen
class Ready:
    """A reply as it is sent, plain and in gzip; made once for all who get the same."""

    plain: Response = field(repr=False)
    packed: Response = field(repr=False)

    @classmethod
    def of(cls, js: bytes, level: int = 6, least: int = 512) -> "Ready":
        """The reply to a JSON value, in gzip from `least` bytes on."""
        whole_body = body(js)
        plain = Response(200, whole_body, JSON)
        if len(whole_body) < least:
            return cls(plain, plain)
        headers = (("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
        packed = Response(200, gzip.compress(whole_body, level, mtime=0), JSON, headers)
        return cls(plain, packed)

    def sent(self, *, gzip: bool) -> Response:
        """The reply for a client that takes gzip, or does not."""
        return self.packed if gzip else self.plain

    @property
    def size(self) -> int:
        """Bytes that it holds in memory."""
        return len(self.plain.body) + (len(self.packed.body) if self.packed is not self.plain else 0)


def reply(value: object) -> Ready:
    """The reply to a value of one box: packing what fits two packets costs more than it saves."""
    return Ready.of(dump(value), 1, 3000)


FALSE: Final = reply(False)
TRUE: Final = reply(True)
EMPTY_LIST: Final = reply([])


def envelope(rows: Sequence[Row], total: int | None = None, size: int = PAGE, page: int = 0, selected: int = 0) -> Row:
    """The list object; without `total` the rows are all there are."""
    return {
        "total_items": len(rows) if total is None else total,
        "max_page_items": size,
        "selected_item": selected,
        "cur_page": page,
        "data": [*rows],
    }


NOTHING: Final = reply(envelope(()))
"""The empty list object."""


@frozen
class Page:
    """Which rows of a list are shown: `first` counts from 0; `number` and `selected` are 0 unless asked for."""

    first: int
    size: int
    number: int = 0
    selected: int = 0

    def of(self, rows: Sequence[Any]) -> Sequence[Any]:
        """The rows on it."""
        return rows[self.first : self.first + self.size]


def page(values: Values, current: int | None = None, size: int = PAGE) -> Page:
    """The page asked for by `p`; p=0 asks for the one that holds the `current` row (from 0), the first without one."""
    number = whole(values, "p", 1, 0, 1_000_000)
    if number:
        return Page((number - 1) * size, size)
    if current is None:
        return Page(0, size, 1)
    at = current // size
    return Page(at * size, size, at + 1, current - at * size + 1)


def listed(rows: Sequence[Row], wanted: Page) -> Row:
    """The list object of one page out of all rows."""
    return envelope(wanted.of(rows), len(rows), wanted.size, wanted.number, wanted.selected)
