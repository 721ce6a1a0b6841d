"""CRC-32/MPEG-2 (EN 300 468 annex C: polynomial 04C11DB7, start FFFFFFFF, not reflected), computed by zlib.

zlib's CRC is the same polynomial reflected: bits of every byte are turned round before, those of the result after.
"""

import zlib
from typing import Final

_TURNED: Final = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


def crc(data: bytes) -> bytes:
    """The four bytes that end a section; over a whole section, with its own CRC, they are zero."""
    found = ~zlib.crc32(data.translate(_TURNED)) & 0xFFFFFFFF
    return found.to_bytes(4, "little").translate(_TURNED)


def sound(section: bytes) -> bool:
    """Whether a section's CRC is right."""
    return crc(section) == b"\0\0\0\0"
