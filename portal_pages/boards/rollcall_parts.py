"""What the pages of a roll-call share: their ids, header, names and numbers as a living room may see them."""

from typing import Final

from portal_pages import layout, text
from portal_pages.facts import Mode, RollcallFact, Viewer
from portal_pages.states import Focusable, Rect
from portal_pages.views import Part, Rich, Run, Text

TITLE: Final = "党员点名"
LEFT_TIME: Final = "点名还剩"
PRIVACY: Final = "号码只用于本次点名和联系您，不会公开"
STEP_NAMES: Final = ("输入手机号", "核对", "完成")


def page_id(fact: RollcallFact, part: str = "") -> str:
    """`rc-7`, `rc-7-number`; also the name of a form of this roll-call: `rc-7-sign`."""
    return f"rc-{fact.id}-{part}" if part else f"rc-{fact.id}"


def header(viewer: Viewer, fact: RollcallFact) -> tuple[Part, ...]:
    """The roll-call's title, and the time left while it is open (the page declares it in `countdowns`)."""
    right = _countdown(viewer, fact) if fact.state == "open" else layout.clock_only(viewer.mode)
    return layout.header(viewer.mode, fact.title or TITLE, right)


def _countdown(viewer: Viewer, fact: RollcallFact) -> tuple[Part, ...]:
    """点名还剩 12:35; the box of the figures is wide enough for the minutes left now."""
    size, small = (layout.scaled(viewer.mode, each) for each in (38, 30))
    minutes = max(int((fact.closes - viewer.now).total_seconds()) // 60, 10)
    w, words_w = text.box(f"{minutes}:00", size), text.box(LEFT_TIME, small)
    before = 1216 - (w - 20 if viewer.mode == "standard" else w) - words_w
    left = text.hole("left")
    return (
        Text(before, 38, words_w, 56, LEFT_TIME, small, role="secondary", align="right"),
        Text(1216 - w, 36, w, 56, left, size, "primary", "accent", bold=True, align="right", name="left"),
    )


def focus(viewer: Viewer, items: tuple[Focusable, ...], default: str) -> str:
    """The focus asked for, if it can have it; else the page's own."""
    return viewer.focus if viewer.focus in {f.id for f in items if not f.disabled} else default


def shown_name(name: str, *, own: bool) -> str:
    """The whole name for the own household; else 王*兰, whatever came in."""
    if own or len(name) < 2:
        return name
    return name[0] + "*" if len(name) == 2 else name[0] + "*" * (len(name) - 2) + name[-1]


def grouped(number: str) -> str:
    """138 0633 6021, or 138 **** 6021 of a masked number."""
    plain = number.replace(" ", "")
    return f"{plain[:3]} {plain[3:7]} {plain[7:]}".strip()


def fitted(words: str, w: int, mode: Mode, sizes: tuple[int, ...]) -> int:
    """The largest of the sizes (standard px, falling) at which the words fit; the last if none does."""
    scaled = [layout.scaled(mode, size) for size in sizes]
    return next((size for size in scaled if text.fits(words, size, w)), scaled[-1])


def place(branch: str, group: str) -> str:
    """Branch and group with a wide gap."""
    return "　".join(filter(None, (branch, group)))


def green_runs() -> tuple[Run, ...]:
    """按绿键，用上次的号码: the colour is said and shown."""
    return (Run("按", "text"), Run("绿键", "done", bold=True), Run("，用上次的号码", "text"))


def last_who(fact: RollcallFact, w: int, size: int) -> tuple[Run, ...]:
    """The masked number, and its name if there is one and room for it."""
    number = Run(grouped(fact.last_number), "text", bold=True)
    name = Run(text.plain(fact.last_name), "text", gap=20)
    roomy = text.box(number.words, size) + text.box(name.words, size) + name.gap <= w
    return (number, name) if name.words and roomy else (number,)


def last_line(fact: RollcallFact, rect: Rect, sizes: tuple[int, ...]) -> Rich:
    """The strip's words on one line, as much of them as there is room for; the number always."""
    number, *name = last_who(fact, rect.w, sizes[-1])
    wide = Run(number.words, number.role, bold=True, gap=20)
    short = (*green_runs()[:2], Run("，用", "text"), Run(number.words, number.role, bold=True, gap=8))
    variants = ((*green_runs(), wide, *name), (*short, *name), short, (number,))
    for runs in variants:
        for size in sizes:
            if sum(text.box(run.words, size) + run.gap for run in runs) <= rect.w:
                return Rich(rect.x, rect.y, rect.w, rect.h, runs, size)
    return Rich(rect.x, rect.y, rect.w, rect.h, (number,), sizes[-1])
