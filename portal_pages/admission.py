"""A box that nobody has admitted yet, and one that may not be used: what the viewer tells whom, in large figures."""

from typing import Final

from portal_pages import layout, text, text_zh
from portal_pages.facts import BarredFact, BarredKind, CodeFact, Viewer
from portal_pages.focus import neighbours
from portal_pages.notices import RETRY, WAIT_S
from portal_pages.states import Focusable, Hint, Local, Open, Page, Rect, Target, Timers
from portal_pages.views import Part, Role, Text

CODE: Final = "code"
"""Page id of the number that a new box tells the operator."""
AGAIN: Final = "again"
"""Address below /p/ by which a box comes in anew with the token that it has."""
_LINES: Final = 3
_STOPPED: Final[frozenset[BarredKind]] = frozenset({"blocked", "expired", "off"})
"""What only the operator can end: whom to ask is said, and the page looks again by itself."""

_TITLES: Final[dict[BarredKind, str]] = {
    "blocked": "这台机顶盒停用了",
    "expired": "这一户的服务到期了",
    "elsewhere": "这台机顶盒在别处打开了",
    "off": "电视服务暂停了",
    "denied": "这里没有开通这一项",
}
_WORDS: Final[dict[BarredKind, str]] = {
    "blocked": "机顶盒没有坏，是服务停了",
    "expired": "续上以后，这里会自己打开",
    "elsewhere": "一台机顶盒只在一处用，要在这里看，请按 OK",
    "off": "恢复以后，这里会自己打开",
    "denied": "别的内容现在就能看",
}


def code_page(viewer: Viewer, fact: CodeFact) -> Page:
    """The number to tell the operator, and whom to call; opens by itself when the box is admitted."""
    items = _two(viewer, ("home", "先看公开内容", Open("home")), ("retry", RETRY, Local("retry")))
    return Page(
        id=CODE,
        parent="home",
        title="登记机顶盒",
        mode=viewer.mode,
        focusables=items,
        default_focus="home",
        parts=(*layout.header(viewer.mode, text_zh.SITE), *_code(viewer, fact)),
        nav=neighbours(items),
        hints=_hints(),
        timers=Timers(refresh=WAIT_S),
        accepts_invitation=False,
    )


def barred_page(viewer: Viewer, fact: BarredFact) -> Page:
    """Why this box may not be used now, in the operator's words if he has any, and what to do."""
    again: tuple[str, str, Target] = ("retry", RETRY, Local("retry"))
    home: tuple[str, str, Target] = ("home", text_zh.TO_HOME, Open("home"))
    if fact.kind == "elsewhere":
        items = _one(viewer, ("again", "在这里看", Open(AGAIN)))
    elif fact.kind == "denied":
        items = _one(viewer, home)
    else:
        items = _one(viewer, again)
    return Page(
        id=f"error-{fact.kind}",
        parent="home",
        title=_TITLES[fact.kind],
        mode=viewer.mode,
        focusables=items,
        default_focus=items[0].id,
        parts=(*layout.header(viewer.mode, text_zh.SITE), *_why(viewer, fact)),
        nav=neighbours(items),
        hints=_hints()[1:],
        timers=Timers(refresh=WAIT_S) if fact.kind in _STOPPED else Timers(),
        accepts_invitation=False,
    )


def _hints() -> tuple[Hint, ...]:
    return Hint(("LEFT", "RIGHT"), text_zh.HINT_CHOOSE), Hint(("OK",), text_zh.HINT_OK), Hint(("BACK",), text_zh.HOME)


def _two(viewer: Viewer, *offered: tuple[str, str, Target]) -> tuple[Focusable, ...]:
    return tuple(
        layout.button(viewer.mode, fid, Rect(x, 540, 414, 84), words, to, size=38)
        for x, (fid, words, to) in zip((214, 652), offered, strict=True)
    )


def _one(viewer: Viewer, offered: tuple[str, str, Target]) -> tuple[Focusable, ...]:
    fid, words, to = offered
    return (layout.button(viewer.mode, fid, Rect(433, 540, 414, 84), words, to, size=38),)


def _line(viewer: Viewer, y: int, words: str, size: int, *, bold: bool = False, gold: bool = False) -> Text:
    size = layout.scaled(viewer.mode, size)
    role: Role = "accent" if gold else "text"
    return layout.label(64, y, 1152, size + 22, words, size, tier="primary", role=role, bold=bold, align="center")


def _code(viewer: Viewer, fact: CodeFact) -> tuple[Part, ...]:
    call = f"电话：{text.plain(fact.hotline)}" if fact.hotline else "也可以告诉村干部"
    if not fact.code:
        return (
            _line(viewer, 126, "没有认出这台机顶盒", 46, bold=True),
            _line(viewer, 226, "公开的内容现在就能看", 34),
            _line(viewer, 296, "要看自家的内容，请打电话给广电", 34),
            _line(viewer, 366, call, 46, bold=True, gold=True),
        )
    return (
        _line(viewer, 106, "这台机顶盒还没有登记", 46, bold=True),
        _line(viewer, 184, "请打电话给广电，报这个号：", 34),
        layout.label(64, 244, 1152, 116, fact.code, 92, tier="primary", role="accent", bold=True, align="center"),
        _line(viewer, 368, call, 46, bold=True),
        _line(viewer, 450, "登记好以后，这里会自己打开", 32),
    )


def _why(viewer: Viewer, fact: BarredFact) -> tuple[Part, ...]:
    size = layout.scaled(viewer.mode, 34)
    told = text.lines(fact.words or _WORDS[fact.kind], size, 1152, _LINES)
    step = size + 24
    ask = "有事请问广电，也可以问村干部" if fact.kind in _STOPPED else ""
    call = f"有事请打电话：{text.plain(fact.hotline)}" if fact.hotline else ask
    return (
        _line(viewer, 126, _TITLES[fact.kind], 50, bold=True),
        *(_line(viewer, 230 + step * at, line, 34) for at, line in enumerate(told)),
        *((_line(viewer, 250 + step * len(told), call, 36, bold=True, gold=True),) if call else ()),
    )
