"""When something went wrong or has to be waited for: what happened, what to do, and two buttons."""

from typing import Final

from attrs import frozen

from portal_pages import layout, text, text_zh
from portal_pages.facts import NoticeFact, NoticeKind, Viewer
from portal_pages.focus import neighbours
from portal_pages.states import Focusable, Hint, Local, Open, Page, Rect, Target, Timers
from portal_pages.views import Part

RETRY: Final = "再试一次"
WAIT_S: Final = 30
"""A box that waits to be bound asks again after so many seconds."""


@frozen
class _Words:
    """Title and two lines: what happened, what to do."""

    title: str
    happened: str
    advice: str


_WORDS: Final[dict[NoticeKind, _Words]] = {
    "404": _Words("没有找到这一页", "这项内容可能已经撤下来了", "请回首页，再选一次"),
    "500": _Words("这一页暂时打不开", "系统出了点问题，不是您按错了", "请等一会儿，按 OK 再试"),
    "busy": _Words("现在人多", "请稍等几秒再按一次", "已经报到的不会丢"),
    "pending": _Words("这台机顶盒还没有登记到户", "请打电话告诉村干部，登记好了就能用", "登记好以后，这里会自己打开"),
    "unknown": _Words("不认识这台机顶盒", "请关掉机顶盒电源，再打开一次", "还不行，请打电话告诉广电服务人员"),
    "offline": _Words("网络不通", "连不上南湖智慧党建", "请检查网线，按 OK 再试"),
    "channels": _Words("还没有电视频道", "广电接进来以后，这里就能看", "别的内容现在就能看"),
}


def page_id(kind: NoticeKind) -> str:
    """`offline`, `error-404`."""
    return kind if kind == "offline" else f"error-{kind}"


def notice_page(viewer: Viewer, fact: NoticeFact) -> Page:
    """A notice; a box that waits to be bound looks again by itself."""
    items = _buttons(viewer, fact)
    return Page(
        id=page_id(fact.kind),
        parent="home",
        title=_WORDS[fact.kind].title,
        mode=viewer.mode,
        focusables=items,
        default_focus=items[0].id,
        parts=(*layout.header(viewer.mode, text_zh.SITE), *_told(viewer, fact)),
        nav=neighbours(items),
        hints=(Hint(("LEFT", "RIGHT"), text_zh.HINT_CHOOSE), Hint(("OK",), text_zh.HINT_OK), Hint(("BACK",), "首页")),
        timers=Timers(refresh=WAIT_S) if fact.kind == "pending" else Timers(),
        accepts_invitation=False,
    )


def _buttons(viewer: Viewer, fact: NoticeFact) -> tuple[Focusable, ...]:
    """Try again and home; what is gone for good offers home first."""
    retry: Target = Open(fact.retry) if fact.retry else Local("retry")
    offered: list[tuple[str, str, Target]] = [("retry", RETRY, retry), ("home", text_zh.TO_HOME, Open("home"))]
    if fact.kind in ("404", "channels"):
        offered.reverse()
    return tuple(
        layout.button(viewer.mode, fid, Rect(x, 456, 414, 92), words, to, size=40)
        for x, (fid, words, to) in zip((214, 652), offered, strict=True)
    )


def _told(viewer: Viewer, fact: NoticeFact) -> tuple[Part, ...]:
    words = _WORDS[fact.kind]
    step = 62 if viewer.mode == "large" else 58
    lines = (words.happened, words.advice, *((f"机顶盒号：{_serial(fact)}",) if fact.serial else ()))
    size = layout.scaled(viewer.mode, 52)
    title = layout.label(64, 150, 1152, 84, words.title, size, tier="primary", bold=True, align="center")
    return (
        title,
        *(
            layout.message(
                64, 252 + step * i, 1152, line, layout.scaled(viewer.mode, 34), "secondary" if i == 2 else "text"
            )
            for i, line in enumerate(lines)
        ),
    )


def _serial(fact: NoticeFact) -> str:
    return text.plain(fact.serial)[:24]
