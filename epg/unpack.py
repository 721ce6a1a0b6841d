"""Packed guide files as plain bytes, piece by piece and within limits: gz, xz and zip by their first bytes."""

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from attrs import define, frozen

from epg.report import Refused

PIECE: Final = 65_536
_GZ, _XZ, _ZIP = b"\x1f\x8b", b"\xfd7zXZ\x00", b"PK\x03\x04"
_XZ_MEMORY = 128 << 20


@frozen
class Limits:
    """What one file may be: unpacked and packed bytes, unpacking ratio, bytes of a row, characters of a text, rows."""

    unpacked: int = 512 << 20
    packed: int = 128 << 20
    ratio: int = 200
    row: int = 1 << 20
    text: int = 100_000
    rows: int = 1_000_000
    channels: int = 10_000


LIMITS: Final = Limits()
_RATIO_FROM = 1 << 20
"""Below so much output a high ratio harms nobody: an empty guide packs very well."""


@define
class _Meter:
    """Counts what goes in and comes out, and refuses too much of it."""

    limits: Limits
    packed: int = 0
    unpacked: int = 0

    def took(self, piece: bytes) -> bytes:
        self.packed += len(piece)
        if self.packed > self.limits.packed:
            raise Refused("packed", detail=f"over {self.limits.packed >> 20} MiB")
        return piece

    def gave(self, piece: bytes, ratio: bool = True) -> bytes:
        self.unpacked += len(piece)
        if self.unpacked > self.limits.unpacked:
            raise Refused("unpacked", detail=f"over {self.limits.unpacked >> 20} MiB")
        if ratio and self.unpacked > max(_RATIO_FROM, self.packed * self.limits.ratio):
            raise Refused("ratio", detail=f"over {self.limits.ratio}:1")
        return piece


def unpacked(stream: BinaryIO, limits: Limits = LIMITS) -> Iterator[bytes]:
    """The plain bytes in pieces of at most PIECE; raises Refused beyond a limit or when the archive is damaged."""
    head = stream.read(len(_XZ))
    meter = _Meter(limits)
    try:
        if head.startswith(_GZ):
            yield from _gunzip(_rest(head, stream), meter)
        elif head == _XZ:
            yield from _unxz(_rest(head, stream), meter)
        elif head.startswith(_ZIP):
            yield from _unzip(_rest(head, stream), meter)
        else:
            yield from (meter.gave(piece, ratio=False) for piece in _rest(head, stream))
    except (zlib.error, lzma.LZMAError, zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError) as error:
        raise Refused("archive", detail=str(error)) from error


def _rest(head: bytes, stream: BinaryIO) -> Iterator[bytes]:
    piece = head + stream.read(PIECE - len(head))
    while piece:
        yield piece
        piece = stream.read(PIECE)


def _gunzip(pieces: Iterator[bytes], meter: _Meter) -> Iterator[bytes]:
    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
    for taken in pieces:
        piece = meter.took(taken)
        while piece:
            if member.eof:  # a file of several members, as `cat a.gz b.gz` makes it
                if not piece.strip(b"\0"):
                    break
                member = zlib.decompressobj(zlib.MAX_WBITS | 16)
            yield meter.gave(member.decompress(piece, PIECE))
            piece = member.unused_data or member.unconsumed_tail
    yield from _drained(member, meter)


def _drained(member: "zlib._Decompress", meter: _Meter) -> Iterator[bytes]:
    while not member.eof:
        piece = member.decompress(member.unconsumed_tail, PIECE)
        if not piece:
            raise EOFError("it ends too early")
        yield meter.gave(piece)


def _unxz(pieces: Iterator[bytes], meter: _Meter) -> Iterator[bytes]:
    stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
    for taken in pieces:
        piece = meter.took(taken)
        while not stream.eof and (piece or not stream.needs_input):
            yield meter.gave(stream.decompress(piece, PIECE))
            piece = b""
    if not stream.eof:
        raise EOFError("it ends too early")


def _unzip(pieces: Iterator[bytes], meter: _Meter) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(b"".join(meter.took(piece) for piece in pieces))) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        names = [name for name in names if name.endswith(".xml")] or names
        if len(names) != 1:
            raise Refused("members", detail=f"there are {len(names)}")
        with archive.open(names[0]) as member:
            while piece := member.read(PIECE):
                yield meter.gave(piece)
