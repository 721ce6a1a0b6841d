"""Targets and forms as browsers encode them (WHATWG URL, application/x-www-form-urlencoded), decoded strictly."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import unquote_to_bytes

MAX_TARGET = 8 * 1024
MAX_FIELDS = 100
# A percent sign must start an escape: lenient decoding would let two spellings of one path meet different rules.
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
NOTHING: Mapping[str, str] = MappingProxyType({})


class Malformed(ValueError):
    """The bytes are no valid target or form; ``status`` is the HTTP status that says so (400, 413 or 415)."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.status = status


def path_of(target: bytes) -> str:
    """Decode the path of a request-target, of origin-form or absolute-form, as proxies send it.

    Raises Malformed for a broken escape, invalid UTF-8 and control characters.
    """
    path = _decode(origin_form(target).partition(b"?")[0])
    if _CONTROL.search(path):
        raise Malformed("control character in the path")
    return path


def query_of(target: bytes) -> Mapping[str, str]:
    """Decode the query of a request-target. Raises Malformed as parse_pairs does."""
    query = target.partition(b"?")[2]
    return parse_pairs(query) if query else NOTHING


def parse_pairs(data: bytes) -> Mapping[str, str]:
    """Decode ``a=b&c=d``; of fields given twice the last counts.

    Raises Malformed for a broken escape, invalid UTF-8 or more than 100 fields.
    """
    if data.count(b"&") >= MAX_FIELDS:
        raise Malformed(f"more than {MAX_FIELDS} fields", 413)
    pairs = (pair.partition(b"=") for pair in data.split(b"&") if pair)
    return {_decode_plus(name): _decode_plus(value) for name, _, value in pairs}


def origin_form(target: bytes) -> bytes:
    """Path and query of a request-target, which boxes behind a proxy send with scheme and host. Raises Malformed."""
    if target.startswith(b"/"):
        return target
    scheme, separator, rest = target.partition(b"://")
    if not separator or scheme.lower() not in {b"http", b"https"}:
        raise Malformed("the target is no path")
    authority, slash, path = rest.partition(b"/")
    if b"?" in authority:  # http://host?a=b, which browsers send as http://host/?a=b
        return b"/" + rest[rest.index(b"?") :]
    return slash + path or b"/"


def _decode_plus(raw: bytes) -> str:
    return _decode(raw.replace(b"+", b" "))


def _decode(raw: bytes) -> str:
    if b"%" in raw:
        if _BROKEN_ESCAPE.search(raw):
            raise Malformed("broken percent escape")
        raw = unquote_to_bytes(raw)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Malformed("not UTF-8") from None


def parse_raw_query(target: bytes) -> Mapping[str, str]:
    """Decode the query of a request-target as lenient servers do, for boxes that do not encode what they send.

    Split at & only, of fields given twice the first counts, + is a blank, broken escapes stay as they are and bytes
    that are no UTF-8 become U+FFFD; only the first 100 fields are read.
    """
    return parse_raw_pairs(target.partition(b"?")[2])


def parse_raw_pairs(data: bytes) -> Mapping[str, str]:
    """Decode the fields of a form in the same way."""
    found: dict[str, str] = {}
    for pair in data.split(b"&", MAX_FIELDS)[:MAX_FIELDS]:
        name, _, value = pair.partition(b"=")
        if pair:
            found.setdefault(_lenient(name), _lenient(value))
    return found


def _lenient(raw: bytes) -> str:
    if b"+" in raw:
        raw = raw.replace(b"+", b" ")
    if b"%" in raw:
        raw = unquote_to_bytes(raw)
    return raw.decode(errors="replace")
