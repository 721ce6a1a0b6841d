"""multipart/form-data (RFC 7578) read strictly: every byte belongs to a part, and everything is bounded."""

import re
from collections.abc import Mapping

from attrs import frozen

from middleware.web.urlencoded import Malformed

MAX_PARTS = 20
MAX_TEXT = 16 * 1024
MAX_HEAD = 4 * 1024
MAX_NAME = 200
_BOUNDARY = re.compile(
    r"""multipart/form-data\s*;\s*boundary=(?:"([^"]{1,70})"|([0-9A-Za-z'()+_,\-./:=?]{1,70}))\s*""", re.IGNORECASE
)
# Browsers write names and file names in UTF-8 and escape only quotes and line ends (WHATWG HTML, form submission).
_DISPOSITION = re.compile(r'form-data; name="([^"\r\n]*)"(?:; filename="([^"\r\n]*)")?', re.IGNORECASE)


@frozen
class Upload:
    """One file as it came: the last component of its name, at most MAX_NAME characters, and its bytes."""

    name: str
    body: bytes


def parse_multipart(content_type: str, body: bytes) -> tuple[Mapping[str, str], Mapping[str, Upload]]:
    """Return the text fields and the files by field name; of fields given twice the last counts.

    A file field in which nothing was chosen is left out. Raises Malformed (400, 413 or 415).
    """
    found = _BOUNDARY.fullmatch(content_type.strip())
    if found is None:
        raise Malformed("not a multipart form", 415)
    fields: dict[str, str] = {}
    uploads: dict[str, Upload] = {}
    for part in _parts(body, b"--" + (found[1] or found[2]).encode("latin-1")):
        name, file_name, content = _read(part)
        if file_name is None:
            fields[name] = _text(content)
        elif file_name or content:
            uploads[name] = Upload(file_name, content)
    return fields, uploads


def _parts(body: bytes, mark: bytes) -> list[bytes]:
    """Cut the body at its boundary lines; there is nothing before the first and nothing after the last."""
    pieces = (b"\r\n" + body).split(b"\r\n" + mark, MAX_PARTS + 2)
    if len(pieces) > MAX_PARTS + 2:
        raise Malformed(f"more than {MAX_PARTS} parts", 413)
    if len(pieces) < 2 or pieces[0] or pieces[-1] not in {b"--", b"--\r\n"}:
        raise Malformed("a multipart form that is not whole")
    if any(not piece.startswith(b"\r\n") for piece in pieces[1:-1]):
        raise Malformed("a boundary that is not alone in its line")
    return [piece[2:] for piece in pieces[1:-1]]


def _read(part: bytes) -> tuple[str, str | None, bytes]:
    head, separator, content = part.partition(b"\r\n\r\n")
    if not separator or len(head) > MAX_HEAD:
        raise Malformed("a part without a head")
    lines = (line.partition(":") for line in _decode(head).split("\r\n"))
    values = [value.strip() for name, _, value in lines if name.strip().lower() == "content-disposition"]
    found = _DISPOSITION.fullmatch(values[0]) if len(values) == 1 else None
    if found is None or len(found[1]) > MAX_NAME:
        raise Malformed("a part without a name")
    return found[1], None if found[2] is None else _base(found[2]), content


def _base(name: str) -> str:
    return re.split(r"[/\\]", name)[-1][-MAX_NAME:]


def _text(content: bytes) -> str:
    if len(content) > MAX_TEXT:
        raise Malformed("a field that is too long", 413)
    return _decode(content)


def _decode(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Malformed("not UTF-8") from None
