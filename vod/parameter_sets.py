"""The sequence parameter set of H.264: profile, level, size and kind of picture (ISO/IEC 14496-10 §7.3.2.1.1)."""

from typing import Final

from attrs import define, frozen

_WITH_CHROMA: Final = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
"""Profiles whose parameter set says how colours are kept."""


@frozen
class Shape:
    """What a decoder must be able to do. `level` is ten times the number; `chroma` 1 is 4:2:0; `depth` in bits."""

    profile: int
    constraints: int
    level: int
    chroma: int
    depth: int
    width: int
    height: int
    progressive: bool

    @property
    def codec(self) -> str:
        """As RFC 6381 writes it."""
        return f"avc1.{self.profile:02x}{self.constraints:02x}{self.level:02x}"


def read(unit: bytes) -> Shape:
    """Read a parameter set with its first byte, the kind of unit. Raises ValueError when it is cut short."""
    plain = unit.replace(b"\0\0\3", b"\0\0")
    profile, constraints, level = plain[1:4]
    bits = _Bits(plain, 32)
    bits.golomb()
    chroma, depth = _colours(bits) if profile in _WITH_CHROMA else (1, 8)
    bits.golomb()
    _order(bits)
    bits.golomb()
    bits.take(1)
    across, down = bits.golomb() + 1, bits.golomb() + 1
    progressive = bool(bits.take(1))
    rows = 1 if progressive else 2
    bits.take(1 if progressive else 2)
    left, right, top, bottom = (bits.golomb() for _ in range(4)) if bits.take(1) else (0, 0, 0, 0)
    width, height = across * 16 - 2 * (left + right), rows * (down * 16 - 2 * (top + bottom))
    return Shape(profile, constraints, level, chroma, depth, width, height, progressive)


def _colours(bits: "_Bits") -> tuple[int, int]:
    chroma = bits.golomb()
    if chroma == 3:
        bits.take(1)
    depth = 8 + bits.golomb()
    bits.golomb()
    bits.take(1)
    if bits.take(1):
        for number in range(12 if chroma == 3 else 8):
            if bits.take(1):
                _scaling_list(bits, 16 if number < 6 else 64)
    return chroma, depth


def _scaling_list(bits: "_Bits", size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _order(bits: "_Bits") -> None:
    """How pictures are put in order: nothing of it is wanted, but it stands before the size."""
    kind = bits.golomb()
    if kind == 0:
        bits.golomb()
    elif kind == 1:
        bits.take(1)
        bits.golomb()
        bits.golomb()
        for _ in range(min(bits.golomb(), 255)):
            bits.golomb()


@define
class _Bits:
    data: bytes
    at: int

    def take(self, count: int) -> int:
        """The next so many bits as a number. Raises ValueError at the end."""
        value = 0
        for _ in range(count):
            if self.at >= len(self.data) * 8:
                raise ValueError("a parameter set is cut short")
            value = value << 1 | self.data[self.at >> 3] >> (7 - self.at & 7) & 1
            self.at += 1
        return value

    def golomb(self) -> int:
        """An unsigned Exp-Golomb number (§9.1)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 32:
                raise ValueError("a parameter set is damaged")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        value = self.golomb()
        return (value + 1) // 2 if value & 1 else -(value // 2)
