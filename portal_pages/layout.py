"""House shapes: header, hint bar, panel, button, row, tile and key-cap as pure functions in the house sizes.

All positions are canvas pixels of the 1280×720 plane (tv-pages §10). Every constructor takes the viewer's mode:
`large` (特大字) draws the same thing with type × 1.25 in a box the builder chose accordingly.
"""

from typing import Final, Literal

from portal_pages import text
from portal_pages.facts import Mode
from portal_pages.states import Focusable, Hint, Rect, Target
from portal_pages.views import Align, Chip, Dot, Keycap, Panel, Part, Rich, Role, Run, Seal, Text, Tier

SCREEN: Final = Rect(0, 0, 1280, 720)
SAFE: Final = Rect(64, 36, 1152, 648)
"""5 % on every side; the hint bar may end 2 px lower (646–686)."""
CONTENT: Final = Rect(64, 98, 1152, 542)
HINTS: Final = Rect(64, 646, 1152, 40)
FRAME: Final[dict[str, int]] = {"cell": 4, "tab": 4, "field": 0, "bare": 0}
"""Width of the focus frame where it is not 6 px; present on every item so that nothing moves."""

BOARD_COLOURS: Final[dict[str, str]] = {
    "affairs": "#C8352B",
    "live": "#C65A1E",
    "school": "#B07A12",
    "today": "#2C7A72",
    "pioneers": "#33659C",
    "appraise": "#7F4574",
}
SEAL_RED, SEAL_GOLD = "#C8352B", "#B07A12"
SEAL_TEAL, SEAL_BLUE, SEAL_PURPLE = "#2C7A72", "#33659C", "#7F4574"
KEY_COLOURS: Final[dict[str, str]] = {"RED": "#E0483C", "GREEN": "#3FA65B", "YELLOW": "#F2C230", "BLUE": "#3F7FD0"}
GOLD, DIM_DOT = "#FFC94A", "#8A4A36"
SEAL_SHARE: Final = 0.64
"""Size of a seal's character as part of its side."""


def frame(look: str) -> int:
    """Width in px of the frame of a focusable with this look."""
    return FRAME.get(look, 6)


def scaled(mode: Mode, size: int) -> int:
    """A type size (px) as this mode draws it: 特大字 is × 1.25."""
    return round(size * 1.25) if mode == "large" else size


def label(
    x: int,
    y: int,
    w: int,
    h: int,
    words: str,
    size: int,
    *,
    tier: Tier = "secondary",
    role: Role = "text",
    bold: bool = False,
    align: Align = "left",
    name: str = "",
) -> Text:
    """A line of words cut by the server to fit its box with slack."""
    return Text(x, y, w, h, text.cut(words, size, w), size, tier, role, bold, align, name)


# --- header -------------------------------------------------------------------------------------------------------


def header(mode: Mode, title: str, right: tuple[Part, ...] | None = None, seal: str = "湖") -> tuple[Part, ...]:
    """Seal and page title at the left; at the right the date and clock, or whatever the page puts there."""
    size = scaled(mode, 38)
    right = clock(mode) if right is None else right
    room = (min((_left(part) for part in right), default=1216)) - 132 - 16
    return (
        Seal(64, 36, 52, seal, SEAL_RED),
        Text(132, 36, room, 56, text.cut(title, size + 2, room), size, "primary", bold=True, spacing=1),
        *right,
    )


def _left(part: Part) -> int:
    if isinstance(part, Rich) and part.align == "right":
        wanted = sum(text.width(r.words, part.size) + r.gap for r in part.runs) * text.SLACK
        return max(part.x, part.x + part.w - int(wanted))
    return part.x


def clock(mode: Mode) -> tuple[Part, ...]:
    """Date and time; both are filled in when the page is sent, and ticked by the page's script."""
    size = scaled(mode, 30)
    runs = (
        Run(text.hole("date"), "secondary", name="date"),
        Run(text.hole("clock"), "text", bold=True, name="clock", gap=14),
    )
    return (Rich(640, 36, 576, 56, runs, size, align="right"),)


def clock_only(mode: Mode) -> tuple[Part, ...]:
    """The time alone, for pages whose header carries tabs."""
    run = Run(text.hole("clock"), "text", bold=True, name="clock")
    return (Rich(1080, 36, 136, 56, (run,), scaled(mode, 30), align="right"),)


def countdown(mode: Mode, words: str, name: str = "left") -> tuple[Part, ...]:
    """Words and a running mm:ss at the right of the header; the page declares the moment in `countdowns`."""
    size = scaled(mode, 32)
    runs = (Run(words, "secondary"), Run(text.hole("left"), "accent", bold=True, name=name, gap=8))
    return (Rich(640, 36, 576, 56, runs, size, tier="primary", align="right"),)


# --- hint bar -----------------------------------------------------------------------------------------------------

Cap = tuple[Literal["words", "arrows", "dot"], str]
_ARROWS: Final = {"UP": "up", "DOWN": "down", "LEFT": "left", "RIGHT": "right"}
_CAPS: Final = {"OK": "OK", "DIGITS": "0 – 9", "BACK": "返回", "PAGE_UP": "翻页", "PAGE_DOWN": "翻页", "DELETE": "删除"}
HINT_SIZE: Final[dict[Mode, int]] = {"standard": 25, "large": 31}
CAP_SIZE: Final[dict[Mode, int]] = {"standard": 22, "large": 26}
HINT_GAP: Final[dict[Mode, int]] = {"standard": 30, "large": 24}
"""Type sizes (px) of the hint bar, as the style sheet has them, and the room after each entry."""


def hint_cap(hint: Hint) -> Cap:
    """What is drawn before the words of a hint: key-cap words, drawn arrows (`up down`), or a colour dot."""
    first = hint.keys[0]
    if first in KEY_COLOURS:
        return "dot", KEY_COLOURS[first]
    if hint.cap:
        return "words", hint.cap
    if first in _ARROWS:
        ways = [_ARROWS[key] for key in hint.keys if key in _ARROWS]
        return ("words", "方向键") if len(ways) == 4 else ("arrows", " ".join(ways))
    return "words", _CAPS.get(first, first)


def hint_width(hint: Hint, mode: Mode = "standard") -> int:
    """Pixels one entry of the hint bar takes, with the gap that follows it."""
    kind, what = hint_cap(hint)
    if kind == "dot":
        cap = 26.0
    elif kind == "arrows":
        cap = 22.0 + 22 * len(what.split())
    else:
        cap = 22 + text.width(what, CAP_SIZE[mode])
    return int(cap + 9 + text.width(hint.words, HINT_SIZE[mode]) + HINT_GAP[mode])


def hints_shown(hints: tuple[Hint, ...], zone: str) -> tuple[Hint, ...]:
    """The hints of one zone in order."""
    return tuple(h for h in hints if h.zone in ("", zone))


def roomy(hints: tuple[Hint, ...], mode: Mode) -> tuple[Hint, ...]:
    """The hints that have room in the bar: in 特大字 those of arrows, then that of OK, give way to the rarer keys."""
    for spared in (_ARROWS, {"OK"}):
        if mode == "standard" or sum(hint_width(h, mode) for h in hints) <= HINTS.w + HINT_GAP[mode]:
            return hints
        hints = tuple(h for h in hints if h.keys[0] not in spared)
    return hints


# --- shapes -------------------------------------------------------------------------------------------------------


def keycap(x: int, y: int, number: int | str, side: int = 40, mode: Mode = "standard") -> Keycap:
    """The small framed number of a row or tile."""
    return Keycap(x, y, side, side, str(number), min(scaled(mode, 25), side - 12) if side >= 34 else 23)


def button(
    mode: Mode,
    fid: str,
    rect: Rect,
    words: str,
    ok: Target | None,
    *,
    size: int = 36,
    bold: bool = True,
    disabled: bool | Literal["until_full"] = False,
    zone: str = "main",
    look: str = "button",
) -> Focusable:
    """A button (≥ 64 px high) with centred words."""
    part = label(8, 0, rect.w - 16, rect.h, words, scaled(mode, size), tier="primary", bold=bold, align="center")
    return Focusable(fid, rect, ok, words, (part,), disabled, look, zone)


def row(
    mode: Mode,
    fid: str,
    rect: Rect,
    title: str,
    ok: Target | None,
    *,
    number: int | None = None,
    seal: tuple[str, str] | None = None,
    note: str = "",
    chip: Chip | None = None,
    size: int = 38,
    bold: bool = True,
    zone: str = "main",
    caption: tuple[str, ...] = (),
    role: Role = "text",
) -> Focusable:
    """A list row: seal, title, note and key-cap from left to right; what has no room is cut."""
    parts: list[Part] = []
    left, right = 20, rect.w - 18
    if seal:
        side = rect.h - 26 if rect.h > 72 else rect.h - 22
        parts.append(Seal((rect.h - side) // 2 + 3, (rect.h - side) // 2, side, *seal))
        left = (rect.h - side) // 2 + side + 20
    if number is not None:
        side = 40 if rect.h > 72 else 38
        parts.append(keycap(right - side, (rect.h - side) // 2, number, side, mode))
        right -= side + 5
    if chip:
        parts.append(chip)
        right = min(right, chip.x - 12)
    parts.extend(_title_and_note(mode, rect, (left, right), title, note, (size, bold, role)))
    return Focusable(fid, rect, ok, title, tuple(parts), look="row", zone=zone, caption=caption)


def _title_and_note(
    mode: Mode, rect: Rect, span: tuple[int, int], title: str, note: str, style: tuple[int, bool, Role]
) -> list[Part]:
    (left, right), (size, bold, role) = span, style
    size, small = scaled(mode, size), scaled(mode, 27)
    room = right - left
    note_w = min(text.box(note, small), room // 2) if note else 0
    parts: list[Part] = [
        label(left, 0, room - note_w - (12 if note else 0), rect.h, title, size, tier="primary", role=role, bold=bold)
    ]
    if note:
        parts.append(
            label(right - note_w, 0, note_w, rect.h, note, small, tier="support", role="secondary", align="right")
        )
    return parts


def page_dots(x: int, y: int, at: int, of: int) -> tuple[Dot, ...]:
    """Up to six dots, the current page in gold."""
    if of > 6:
        return ()
    return tuple(Dot(x + 28 * i, y, 20, GOLD if i == at - 1 else DIM_DOT) for i in range(of))


def steps(mode: Mode, names: tuple[str, ...], at: int, y: int = 112) -> tuple[Part, ...]:
    """The numbered steps of a flow, the current one in gold."""
    size, x = scaled(mode, 30), 64
    parts: list[Part] = []
    for i, name in enumerate(names, start=1):
        now, w = i == at, text.box(name, size)
        parts += [
            Dot(x, y, 44, GOLD if now else "#5B241D", str(i), 25, "focus" if now else "secondary"),
            label(x + 56, y, w, 44, name, size, role="text" if now else "secondary", bold=now),
        ]
        x += 56 + int(text.width(name, size)) + 14
        if i < len(names):
            parts.append(Panel(x, y + 21, 56, 3, "line"))
            x += 76
    return tuple(parts)


def message(x: int, y: int, w: int, words: str, size: int, role: Role = "text", align: Align = "center") -> Text:
    """A line of plain guidance."""
    return label(x, y, w, size + 20, words, size, tier="primary", role=role, align=align)
