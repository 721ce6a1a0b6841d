"""The number page of a roll-call: eleven boxes in groups of 3, 4 and 4, three buttons, the pad on the screen."""

from typing import Final

from attrs import frozen

from keymap import digits
from portal_pages import layout, text
from portal_pages.boards import rollcall_parts as rc
from portal_pages.facts import Mode, RollcallFact, Viewer
from portal_pages.focus import Overrides, Way, merged, neighbours
from portal_pages.script import field_runs
from portal_pages.states import DigitField, Focusable, Hint, Layer, Local, Open, Page, Rect, Submit, Target
from portal_pages.views import DigitBox, Dot, Part, Rich, Run

PROMPT: Final = "请用遥控器数字键输入手机号"
SHORT_PRIVACY: Final = "号码只用于点名和联系您"
LEAVE: Final = "放弃输入？"
KEPT: Final = "号码先替您留 10 分钟"
GROUPS: Final = digits.GROUPS[digits.FieldKind.PHONE]
PAD: Final = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "del", "0", "clr")


PARENT: Final = "school"
"""Not the page 您是哪一位？: with it BACK would need five presses from the confirmation to home."""


@frozen
class _Places:
    """Tops (px) of what stands below each other, and the heights that differ by mode."""

    steps: int
    prompt: tuple[int, int]
    """y and size of the prompt."""
    message: tuple[int, int]
    message_w: int
    boxes: int
    buttons: int
    strip: tuple[int, int]
    """y and height."""
    pad: tuple[int, int]
    """y and step."""
    caption: tuple[int, int, int, int]
    """x, y, w and size of the words above the pad."""


_PLACES: Final[dict[Mode, _Places]] = {
    "standard": _Places(112, (182, 42), (360, 28), 822, 254, 424, (536, 84), (240, 96), (880, 184, 336, 26)),
    "large": _Places(100, (152, 52), (216, 38), 1152, 272, 378, (480, 156), (272, 93), (824, 158, 392, 31)),
}


def entry_page(viewer: Viewer, fact: RollcallFact) -> Page:
    """Typing the number; the digits of a draft stand in the boxes again."""
    places = _PLACES[viewer.mode]
    typed = digits.restore(digits.FieldKind.PHONE, fact.draft)
    items = (
        _field(fact, places),
        *_buttons(viewer, fact, places),
        *_strip(viewer, fact, places),
        *_pad(viewer, places),
    )
    default = "next" if typed.full else "field"
    return Page(
        id=rc.page_id(fact, "number"),
        parent=PARENT,
        parent_focus=rc.page_id(fact),
        title=fact.title or rc.TITLE,
        mode=viewer.mode,
        focusables=items,
        default_focus=rc.focus(viewer, items, default),
        parts=(*rc.header(viewer, fact), *_words(viewer, places, typed.value)),
        nav=neighbours(items, _ways()),
        nav_full=neighbours(items, merged(_ways(), {"field": {"down": "next"}}), full=True),
        keys=_keys(fact),
        field=DigitField("phone", typed.length, GROUPS, typed.value, f"/p/{rc.page_id(fact, 'draft')}"),
        layers=(_leave(viewer),),
        hints=_hints(fact),
        accepts_invitation=False,
        countdowns={"left": fact.closes} if fact.state == "open" else {},
    )


def _keys(fact: RollcallFact) -> dict[str, Target]:
    keys: dict[str, Target] = {"LEFT": Local("delete")}
    if fact.last_number:
        keys["GREEN"] = Submit(rc.page_id(fact, "last"))
    return keys


def _ways() -> Overrides:
    """RIGHT enters the pad from anywhere at the left; LEFT from its edge leads back to the boxes."""
    pad: dict[str, dict[Way, str | None]] = {f"k{name}": {"left": "field"} for name in (PAD[0], PAD[3], PAD[6], PAD[9])}
    return {"field": {"left": None, "right": "k1", "down": "delete"}, "last": {"up": "delete"}, **pad}


def _hints(fact: RollcallFact) -> tuple[Hint, ...]:
    green = (Hint(("GREEN",), "用上次的号码"),) if fact.last_number else ()
    return (
        Hint(("DIGITS",), "输入", "main"),
        Hint(("LEFT",), "删一位", "main"),
        Hint(("OK",), "下一步", "main"),
        Hint(("RIGHT",), "屏幕键盘", "main"),
        Hint(("UP", "DOWN", "LEFT", "RIGHT"), "选数字", "pad"),
        Hint(("OK",), "输入", "pad"),
        Hint(("BACK",), "退出"),
        *green,
    )


# --- what stands on the page ---


def _words(viewer: Viewer, places: _Places, value: str) -> tuple[Part, ...]:
    """Steps, what the number is for, the prompt, the line under the boxes, and the way to the pad."""
    steps = layout.steps(viewer.mode, rc.STEP_NAMES, 1, places.steps)
    y, size = places.message
    prompt_y, prompt_size = places.prompt
    return (
        *steps,
        _privacy(viewer, places),
        layout.label(64, prompt_y, 772, prompt_size + 16, PROMPT, prompt_size, tier="primary", bold=True),
        Rich(64, y, places.message_w, size + 16, field_runs(value, "phone"), size, name="msg"),
        _pad_words(places),
    )


def _privacy(viewer: Viewer, places: _Places) -> Part:
    words = "号码只用于本次点名和联系您" if viewer.mode == "standard" else SHORT_PRIVACY
    size = layout.scaled(viewer.mode, 28)
    return layout.label(770, places.steps, 446, 44, words, size, role="secondary", align="right")


def _pad_words(places: _Places) -> Part:
    x, y, w, size = places.caption
    runs = (Run("没有数字键？按", "secondary"), Run(arrow="right", role="secondary"), Run("用这里", "secondary"))
    return Rich(x, y, w, 48, runs, size, "support", align="center")


def _field(fact: RollcallFact, places: _Places) -> Focusable:
    boxes, x = [], 0
    for index in range(sum(GROUPS)):
        x += 24 if index in (3, 7) else 0
        boxes.append(DigitBox(x, 0, 60, 92, index))
        x += 66
    rect = Rect(64, places.boxes, 768, 92)
    post = Local(f"next:{rc.page_id(fact, 'look')}")
    return Focusable("field", rect, post, "手机号", tuple(boxes), look="field")


def _buttons(viewer: Viewer, fact: RollcallFact, places: _Places) -> tuple[Focusable, ...]:
    y, post = places.buttons, Local(f"next:{rc.page_id(fact, 'look')}")
    return (
        layout.button(viewer.mode, "next", Rect(64, y, 300, 84), "下一步", post, disabled="until_full"),
        layout.button(viewer.mode, "delete", Rect(388, y, 212, 84), "删一位", Local("delete")),
        layout.button(viewer.mode, "clear", Rect(624, y, 212, 84), "全清除", Local("clear")),
    )


def _strip(viewer: Viewer, fact: RollcallFact, places: _Places) -> tuple[Focusable, ...]:
    """The number used last time, one press away: by GREEN, or by arrows and OK."""
    if not fact.last_number:
        return ()
    y, h = places.strip
    if viewer.mode == "standard":
        parts = (*_dot(), rc.last_line(fact, Rect(72, 0, 700, h), (31, 30, 28)))
    else:
        who = rc.last_who(fact, 694, 39)
        parts = (*_dot(), Rich(72, 8, 694, 70, rc.green_runs(), 39), Rich(72, 74, 694, 70, who, 39))
    words = text.plain(f"用上次的号码 {fact.last_number}")
    return (Focusable("last", Rect(64, y, 772, h), Submit(rc.page_id(fact, "last")), words, parts, look="strip"),)


def _dot() -> tuple[Part, ...]:
    return (Dot(22, 26, 32, layout.KEY_COLOURS["GREEN"]),)


def _pad(viewer: Viewer, places: _Places) -> tuple[Focusable, ...]:
    y, step = places.pad
    acts = {"del": ("删", Local("delete")), "clr": ("清", Local("clear"))}
    items = []
    for i, name in enumerate(PAD):
        words, act = acts.get(name, (name, Local(f"digit:{name}")))
        rect = Rect(880 + 116 * (i % 3), y + step * (i // 3), 104, 84)
        size = 36 if name in acts else 46
        items.append(layout.button(viewer.mode, f"k{name}", rect, words, act, size=size, zone="pad", look="pad"))
    return tuple(items)


def _leave(viewer: Viewer) -> Layer:
    """放弃输入？ with 继续输入 focused; BACK once more really leaves."""
    items = (
        layout.button(viewer.mode, "lv_stay", Rect(344, 396, 284, 84), "继续输入", Local("close"), size=38),
        layout.button(viewer.mode, "lv_go", Rect(652, 396, 284, 84), "不输了", Open(PARENT), size=38),
    )
    asked, small = layout.scaled(viewer.mode, 46), layout.scaled(viewer.mode, 28)
    return Layer(
        id="leave",
        parent=PARENT,
        rect=Rect(304, 232, 672, 288),
        parts=(
            layout.label(344, 256, 592, 66, LEAVE, asked, tier="primary", bold=True, align="center"),
            layout.label(344, 324, 592, 56, KEPT, small, role="secondary", align="center"),
        ),
        focusables=items,
        default_focus="lv_stay",
        nav=neighbours(items),
        hints=(Hint(("LEFT", "RIGHT"), "选择"), Hint(("OK",), "确定"), Hint(("BACK",), "不输了")),
    )
