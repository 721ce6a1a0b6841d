"""H.264 sequence parameter sets and levels (ISO/IEC 14496-10 §7.3.2.1.1, table A-1), read for the checker."""

from typing import Final

from attrs import define, frozen

HIGH: Final = 100
_WITH_CHROMA: Final = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
LEVELS: Final = (
    (10, 1_485, 99),
    (11, 3_000, 396),
    (12, 6_000, 396),
    (13, 11_880, 396),
    (20, 11_880, 396),
    (21, 19_800, 792),
    (22, 20_250, 1_620),
    (30, 40_500, 1_620),
    (31, 108_000, 3_600),
    (32, 216_000, 5_120),
    (40, 245_760, 8_192),
    (41, 245_760, 8_192),
    (42, 522_240, 8_704),
    (50, 589_824, 22_080),
    (51, 983_040, 36_864),
    (52, 2_073_600, 36_864),
)
"""Level × 10, macroblocks per second, macroblocks per picture."""


class BadParameters(ValueError):
    """A parameter set ends too early or counts beyond sense."""


@frozen
class Parameters:
    """What a picture stream is: RFC 6381 words, size in macroblocks, depth, chroma and whether it is progressive."""

    codec: str
    profile: int
    level: int
    wide: int
    high: int
    bits: int
    chroma: int
    progressive: bool

    def needed_level(self, fps: float) -> int:
        """The lowest level × 10 for this size at a frame rate; level 5.2 for what is beyond all."""
        size = self.wide * self.high
        fitting = (level for level, rate, most in LEVELS if size <= most and size * fps <= rate)
        return next(fitting, LEVELS[-1][0])


@define
class _Bits:
    """Reads bits; `data` is free of emulation prevention."""

    data: bytes
    at: int = 0

    def take(self, count: int) -> int:
        """The next so many bits as a number. Raises BadParameters at the end."""
        if self.at + count > len(self.data) * 8:
            raise BadParameters("too short")
        end = self.at + count
        value = int.from_bytes(self.data[self.at // 8 : (end + 7) // 8], "big") >> (-end % 8)
        self.at = end
        return value & ((1 << count) - 1)

    def ue(self) -> int:
        """An unsigned Exp-Golomb number (§9.1)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 31:
                raise BadParameters("no number")
        return (1 << zeros) - 1 + (self.take(zeros) if zeros else 0)

    def se(self) -> int:
        value = self.ue()
        return (value + 1) // 2 if value % 2 else -(value // 2)


def parameters(unit: bytes) -> Parameters:
    """Read a NAL unit of type 7, its header byte included. Raises BadParameters."""
    raw = unit[1:].replace(b"\0\0\3", b"\0\0")
    bits = _Bits(raw)
    profile, flags, level = bits.take(8), bits.take(8), bits.take(8)
    bits.ue()
    chroma, depth = _chroma(bits) if profile in _WITH_CHROMA else (1, 8)
    bits.ue()
    _order_count(bits)
    bits.ue()
    bits.take(1)
    wide, high = bits.ue() + 1, bits.ue() + 1
    progressive = bool(bits.take(1))
    codec = f"avc1.{profile:02x}{flags:02x}{level:02x}"
    return Parameters(codec, profile, level, wide, high * (1 if progressive else 2), depth, chroma, progressive)


def _chroma(bits: _Bits) -> tuple[int, int]:
    """Chroma format and the greater of both depths; scaling lists are passed over."""
    chroma = bits.ue()
    if chroma == 3:
        bits.take(1)
    depth = 8 + max(bits.ue(), bits.ue())
    bits.take(1)
    if bits.take(1):
        for number in range(12 if chroma == 3 else 8):
            if bits.take(1):
                _scaling_list(bits, 16 if number < 6 else 64)
    return chroma, depth


def _scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se()) % 256
        last = following or last


def _order_count(bits: _Bits) -> None:
    kind = bits.ue()
    if kind == 0:
        bits.ue()
    elif kind == 1:
        bits.take(1)
        bits.se()
        bits.se()
        for _ in range(min(bits.ue(), 255)):
            bits.se()
