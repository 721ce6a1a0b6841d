"""An XLSX file as an archive: bounded, without macros and entities, packed anew so that nothing in it can lie."""

import io
import re
import struct
import zipfile
import zlib

from middleware.domain.errors import BadValue

HIGHEST_RATIO = 50
"""Unpacked to packed: real tables reach 15, a bomb thousands."""

MOST_UNPACKED = 64 * 2**20
MOST_PARTS = 200

DAMAGED_ZH = "这个表格打不开，请在 Excel 里另存一份再试"
_DECLARED = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"'](?!utf-?8[\"']|us-ascii[\"'])", re.IGNORECASE)
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ValueError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
)
"""What zipfile lets through when an archive is not what it should be."""


def clean_workbook(data: bytes) -> bytes:
    """Return an archive of the XML parts alone, uncompressed.

    Raises BadValue(file_damaged, file_bomb, file_macros, file_entities).
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _check(parts, len(data))
            return _packed({part.filename: _body(archive, part) for part in parts if _is_xml(part.filename)})
    except _BROKEN as error:
        raise BadValue("file_damaged", DAMAGED_ZH, str(error)[:200]) from error


def _check(parts: list[zipfile.ZipInfo], packed: int) -> None:
    if sum(part.file_size for part in parts) > min(MOST_UNPACKED, HIGHEST_RATIO * packed):
        raise BadValue("file_bomb", "这个文件解压后太大，不能导入")
    if len(parts) > MOST_PARTS or any("vbaproject" in part.filename.lower() for part in parts):
        raise BadValue("file_macros", "不接受带宏的表格，请另存为普通的 .xlsx")


def _is_xml(name: str) -> bool:
    return name.endswith((".xml", ".rels"))


def _body(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    # Asked for a number of bytes zipfile unpacks no more; asked for all, two gigabytes before it looks at the size.
    with archive.open(part) as file:
        body = file.read(part.file_size)
    if _suspect(body):
        raise BadValue("file_entities", "这个表格含有不允许的内容，请在 Excel 里另存一份再试")
    return body


def _suspect(part: bytes) -> bool:
    """Whether an XML part declares a document type, or hides one in an encoding that Excel never writes."""
    try:
        part.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return b"\0" in part or b"<!DOCTYPE" in part or b"<!ENTITY" in part or _DECLARED.search(part[:200]) is not None


def _packed(bodies: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, body in bodies.items():
            archive.writestr(name, body)
    return out.getvalue()
