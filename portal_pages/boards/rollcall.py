"""在线点名 on television: who are you, is this your number, and the number page (rollcall_entry.py)."""

from typing import Final

from portal_pages import layout, text
from portal_pages.boards import rollcall_parts as rc
from portal_pages.boards.rollcall_entry import entry_page
from portal_pages.boards.rollcall_result import result_page
from portal_pages.facts import ConfirmFact, MemberFact, RollcallFact, Viewer
from portal_pages.focus import Overrides, neighbours
from portal_pages.states import Focusable, Hint, Open, Page, Rect, Submit, Target
from portal_pages.views import Chip, Dot, Panel, Part, Rich, Run, Text

__all__ = ["confirm_page", "entry_page", "pick_page", "result_page"]

WHO: Final = "您是哪一位？"
BY_PHONE: Final = "用手机号报到"
HERE: Final = "已报到"
ONE_COLUMN: Final = 3
AT_MOST: Final = 6
"""People on one page: the number keys 1 to 6."""


# --- who are you ---


def pick_page(viewer: Viewer, fact: RollcallFact) -> Page:
    """Up to six members of the household; without any, the number page at once."""
    if not fact.members:
        return entry_page(viewer, fact)
    people = fact.members[:AT_MOST]
    cards = _people(viewer, fact, people)
    items = (*cards, _by_phone(viewer, fact), *_last(viewer, fact))
    # Below a card as wide as the page lies the way that everybody can go, not the number of the last one here.
    down: Overrides = {cards[-1].id: {"down": "typed"}} if cards[-1].rect.x == layout.SAFE.x else {}
    waiting = next((f"m{m.id}" for m in people if not m.signed_in), f"m{people[0].id}")
    return Page(
        id=rc.page_id(fact),
        parent="school",
        parent_focus=rc.page_id(fact),
        title=fact.title or rc.TITLE,
        mode=viewer.mode,
        focusables=items,
        default_focus=rc.focus(viewer, items, waiting),
        parts=(*rc.header(viewer, fact), _who(viewer, fact)),
        nav=neighbours(items, down),
        keys=_pick_keys(fact, people),
        hints=_pick_hints(fact, len(people)),
        accepts_invitation=False,
        countdowns={"left": fact.closes} if fact.state == "open" else {},
    )


def _who(viewer: Viewer, fact: RollcallFact) -> Part:
    size = layout.scaled(viewer.mode, 44)
    asked = f"{text.plain(fact.caller)}点名，{WHO}"
    words = asked if fact.caller and text.fits(asked, size, 1152) else WHO
    return layout.label(64, 100, 1152, 60, words, size, tier="primary", bold=True)


def _people(viewer: Viewer, fact: RollcallFact, people: tuple[MemberFact, ...]) -> tuple[Focusable, ...]:
    """Cards in one column for three, in two for more, read from left to right."""
    top, h, step = (172, 104, 116) if viewer.mode == "standard" else (166, 116, 124)
    columns, w = (1, 1152) if len(people) <= ONE_COLUMN else (2, 564)
    return tuple(
        _person(viewer, fact, member, i + 1, Rect(64 + 588 * (i % columns), top + step * (i // columns), w, h))
        for i, member in enumerate(people)
    )


def _person(viewer: Viewer, fact: RollcallFact, member: MemberFact, number: int, rect: Rect) -> Focusable:
    """Name in full, branch and group below, the key at the right; a chip tells who has signed in."""
    right = rect.w - 24
    small, chip_w = layout.scaled(viewer.mode, 28), layout.scaled(viewer.mode, 100)
    parts: list[Part] = [layout.keycap(right - 44, (rect.h - 44) // 2, number, 44, viewer.mode)]
    room = right - 44 - 16 - 26
    if member.signed_in:
        parts.append(Chip(26 + room - chip_w, 12, chip_w, small + 14, HERE, "done", layout.scaled(viewer.mode, 28)))
    name_w = room - (chip_w + 12 if member.signed_in else 0)
    size = rc.fitted(member.name, name_w, viewer.mode, (40, 36, 32))
    upper = rect.h * 56 // 100
    parts += [
        layout.label(26, 4, name_w, upper, member.name, size, tier="primary", bold=True),
        layout.label(26, upper - 4, room, rect.h - upper - 6, rc.place(member.branch, member.group), small)
        if viewer.mode == "standard"
        else layout.label(26, upper - 2, room, rect.h - upper - 6, member.branch, small),
    ]
    form = Submit(rc.page_id(fact, "pick"), str(member.id))
    return Focusable(f"m{member.id}", rect, form, member.name, tuple(parts))


def _by_phone(viewer: Viewer, fact: RollcallFact) -> Focusable:
    w = 1152 if not fact.last_number else 340 if viewer.mode == "standard" else 372
    return layout.button(
        viewer.mode, "typed", Rect(64, 552, w, 84), BY_PHONE, Open(rc.page_id(fact, "number")), size=34
    )


def _last(viewer: Viewer, fact: RollcallFact) -> tuple[Focusable, ...]:
    if not fact.last_number:
        return ()
    x, sizes = (424, (31, 30, 28)) if viewer.mode == "standard" else (456, (38, 35))
    line = rc.last_line(fact, Rect(72, 0, 1216 - x - 80, 84), sizes)
    parts = (Dot(22, 26, 32, layout.KEY_COLOURS["GREEN"]), line)
    rect = Rect(x, 552, 1216 - x, 84)
    return (Focusable("last", rect, Submit(rc.page_id(fact, "last")), fact.last_number, parts, look="strip"),)


def _pick_keys(fact: RollcallFact, people: tuple[MemberFact, ...]) -> dict[str, Target]:
    keys: dict[str, Target] = {
        f"D{i}": Submit(rc.page_id(fact, "pick"), str(member.id)) for i, member in enumerate(people, start=1)
    }
    if fact.last_number:
        keys["GREEN"] = Submit(rc.page_id(fact, "last"))
    return keys


def _pick_hints(fact: RollcallFact, people: int) -> tuple[Hint, ...]:
    digits = tuple(f"D{i}" for i in range(1, people + 1))
    green = (Hint(("GREEN",), "用上次的号码"),) if fact.last_number else ()
    return (
        Hint(("UP", "DOWN", "LEFT", "RIGHT"), "选择"),
        Hint(("OK",), "确定"),
        Hint(digits, "直接选人", cap=f"1 – {people}" if people > 1 else "1"),
        *green,
        Hint(("BACK",), "回到列表"),
    )


# --- is it you ---


def confirm_page(viewer: Viewer, fact: RollcallFact, confirm: ConfirmFact) -> Page:
    """A look before it counts: the number large, whose it is, and two buttons."""
    again = rc.page_id(fact, "number") if confirm.number or not fact.members else rc.page_id(fact)
    items = (
        layout.button(
            viewer.mode, "yes", Rect(214, 456, 414, 104), "对，我来报到", Submit(rc.page_id(fact, "sign")), size=44
        ),
        layout.button(
            viewer.mode,
            "no",
            Rect(652, 456, 414, 104),
            "不对，重新输" if confirm.number else "不对，重新选",
            Open(again),
            size=44,
        ),
    )
    return Page(
        id=rc.page_id(fact, "confirm"),
        parent=again,
        title=fact.title or rc.TITLE,
        mode=viewer.mode,
        focusables=items,
        default_focus=rc.focus(viewer, items, "yes"),
        parts=(*rc.header(viewer, fact), *_asked(viewer, confirm), *_whose(viewer, confirm), _privacy(viewer)),
        nav=neighbours(items),
        form={"seq": fact.seq or text.hole("seq")},
        hints=(
            Hint(("LEFT", "RIGHT"), "选择"),
            Hint(("OK",), "确定"),
            Hint(("BACK",), "回去修改" if confirm.number else "回去重选"),
        ),
        accepts_invitation=False,
        countdowns={"left": fact.closes} if fact.state == "open" else {},
    )


def _asked(viewer: Viewer, confirm: ConfirmFact) -> tuple[Part, ...]:
    """The question, and in the cream panel the number; of a person without a known number the name."""
    number = rc.grouped(confirm.number or confirm.masked_phone)
    question = "请核对您的手机号" if confirm.number else "是您本人报到吗？"
    words = number or _name(confirm)
    asked = layout.scaled(viewer.mode, 44)
    size = next((s for s in (92, 80, 64, 48, 40) if text.fits(words, s, 820)), 40)
    return (
        layout.label(64, 131, 1152, 64, question, asked, tier="primary", bold=True, align="center"),
        Panel(214, 212, 852, 140, "cream"),
        Text(214, 212, 852, 140, words, size, "primary", "dark", bold=True, align="center", spacing=3 if number else 0),
    )


def _whose(viewer: Viewer, confirm: ConfirmFact) -> tuple[Part, ...]:
    """Name, branch and group on one line; the branch is cut first, the name never."""
    name, branch, group = _name(confirm), text.plain(confirm.branch), text.plain(confirm.group)
    size = rc.fitted(name + branch + group + "　　", 1152, viewer.mode, (34, 32))
    room = 1152 - text.box(name, size) - 72
    if not text.fits(branch + group, size, room):
        group = ""
    branch = text.cut(branch, size, room - (text.box(group, size) if group else 0))
    runs = (Run(name, "accent", bold=True), Run(branch, gap=36), *((Run(group, gap=36),) if group else ()))
    return (Rich(64, 372, 1152, 56, runs, size, "primary", align="center"),)


def _name(confirm: ConfirmFact) -> str:
    return text.plain(rc.shown_name(confirm.name, own=confirm.own))


def _privacy(viewer: Viewer) -> Part:
    size = layout.scaled(viewer.mode, 28)
    return layout.label(64, 576, 1152, 52, rc.PRIVACY, size, role="secondary", align="center")
