"""What became of a press in a roll-call: one full page per outcome, with what to do next in plain words."""

from typing import Final, Literal

from attrs import frozen

from portal_pages import layout, text
from portal_pages.boards import rollcall_parts as rc
from portal_pages.dates import clock, when
from portal_pages.facts import ResultFact, RollcallFact, Viewer
from portal_pages.focus import neighbours
from portal_pages.states import Focusable, Hint, Open, Page, Rect, Submit, Target, Timers
from portal_pages.views import Mark, Part, Rich, Role, Run

MARKS: Final = {"tick": "#8FE0A4", "cross": "#FFB199"}
LEAVE_S: Final = 3
"""A success page leads back to television after so many seconds."""


@frozen
class _Telling:
    """Title, lines and buttons (id, words, target) of one outcome; `shape` is drawn above the title."""

    title: str
    lines: tuple[str, ...]
    buttons: tuple[tuple[str, str, Target], ...]
    shape: Literal["tick", "cross", ""] = ""
    role: Role = "text"


def result_page(viewer: Viewer, fact: RollcallFact, result: ResultFact) -> Page:
    """The page after a press; only a sign-in that is kept leaves by itself, to television."""
    told = _telling(viewer, fact, result)
    done = result.kind == "accepted"
    items = _buttons(viewer, told)
    return Page(
        id=rc.page_id(fact, "result"),
        parent="school",
        parent_focus=rc.page_id(fact),
        title=fact.title or rc.TITLE,
        mode=viewer.mode,
        focusables=items,
        default_focus=rc.focus(viewer, items, items[0].id),
        parts=(*rc.header(viewer, fact), *_words(viewer, told), *(_leaving(viewer) if done else ())),
        nav=neighbours(items),
        form={"seq": fact.seq or text.hole("seq")},
        hints=_hints(items),
        timers=_timers(result),
        script="done.js" if done else "",
        accepts_invitation=False,
        countdowns={"left": fact.closes} if fact.state == "open" else {},
    )


def _timers(result: ResultFact) -> Timers:
    """Done leaves; whoever came too early sees the roll-call open by itself."""
    if result.kind == "accepted":
        return Timers(leave=LEAVE_S, leave_to=Open("tv"))
    return Timers(refresh=30) if result.kind == "not_open" else Timers()


# --- the words ---


def _telling(viewer: Viewer, fact: RollcallFact, result: ResultFact) -> _Telling:
    if result.kind in {"accepted", "already"}:
        return _present(viewer, result)
    if result.kind == "unknown":
        return _unknown(fact, result)
    if result.kind == "busy":
        return _busy(fact, result)
    return _refused(viewer, fact, result)


def _present(viewer: Viewer, result: ResultFact) -> _Telling:
    name = text.plain(rc.shown_name(result.name, own=result.own))
    at = f"{clock(result.at)} " if result.at and result.kind == "accepted" else ""
    before = f"{when(result.at, viewer.now)} 就报到了" if result.at else "刚才已经报到了"
    notes = (
        f"{at}报到" + ("，算迟到" if result.late else "") if result.kind == "accepted" else f"{before}，不用再报",
        "您用的是别人家的电视，村干部会看到" if result.elsewhere else "",
    )
    title = f"{name}，报到成功" if result.kind == "accepted" else f"{name}，您已经报到了"
    watch = ("tv", "回到电视", Open("tv"))
    return _Telling(title, tuple(filter(None, (*notes[:1], result.branch, *notes[1:]))), (watch,), "tick", "done")


def _unknown(fact: RollcallFact, result: ResultFact) -> _Telling:
    """Not refused: the number may be typed again, or handed to the cadre; after five only the latter."""
    review = ("review", "请干部核实", Submit(rc.page_id(fact, "review")))
    again = ("again", "重新输入", Open(rc.page_id(fact, "number")))
    if not result.tries:
        lines = ("试的号码有点多了", "请村干部核实，核实好了就算您报到")
        return _Telling("这个号码不在名册里", lines, (review,), "cross")
    lines = ("可能输错了一位，请重新输入", "号码没有错，就请村干部核实")
    return _Telling("这个号码不在名册里", lines, (again, review), "cross")


def _busy(fact: RollcallFact, result: ResultFact) -> _Telling:
    send: Target = (
        Open(rc.page_id(fact, "number")) if result.again == "number" else Submit(rc.page_id(fact, result.again))
    )
    lines = ("请稍等几秒再按一次", "多按几次也只算一次报到")
    return _Telling("现在人多", lines, (("retry", "再按一次", send), _back()), "")


def _back() -> tuple[str, str, Target]:
    return ("back", "回到列表", Open("school"))


def _refused(viewer: Viewer, fact: RollcallFact, result: ResultFact) -> _Telling:
    number: tuple[str, str, Target] = ("again", "重新输入", Open(rc.page_id(fact, "number")))
    pick: tuple[str, str, Target] = ("pick", "重新选择", Open(rc.page_id(fact)))
    kinds: dict[str, _Telling] = {
        "needs_review": _Telling(
            "已经交给村干部核实",
            ("核实好了就算您报到", "您可以接着看电视"),
            (("tv", "回到电视", Open("tv")), _back()),
            "tick",
        ),
        "not_on_roll": _Telling(
            "这次点名没有您", ("这次只点别的支部或党小组的党员", "有疑问请联系村干部"), (_back(), number)
        ),
        "closed": _Telling(
            "点名已经结束", (f"{when(fact.closes, viewer.now)} 结束", "没有赶上，请联系村干部说明"), (_back(),)
        ),
        "not_open": _Telling(
            "点名还没有开始", (f"{when(fact.opens, viewer.now)} 开始", "到时候电视上会提醒您"), (_back(),)
        ),
        "bad_number": _Telling(
            "这个号码输得不对",
            (result.words or "手机号是 11 位，1 开头", "请检查以后重新输入"),
            (number, _back()),
            "cross",
        ),
        "no_rollcall": _Telling("没有这次点名", ("可能已经取消了", "请回到列表看看"), (_back(),)),
        "not_yours": _Telling(
            "请选自己家里的人", ("这台电视上没有这个人", "也可以用手机号报到"), (pick, number), "cross"
        ),
    }
    return kinds[result.kind]


# --- how it is drawn ---


def _words(viewer: Viewer, told: _Telling) -> tuple[Part, ...]:
    """Mark, title and lines in the middle of the page, above the buttons."""
    step = 60 if viewer.mode == "large" else 54
    marks = (Mark(595, 100, 90, told.shape, MARKS[told.shape]),) if told.shape else ()
    y = 194 if marks else 160
    size = rc.fitted(told.title, 1152, viewer.mode, (56, 46, 40, 34, 32))
    title = layout.label(64, y, 1152, 80, told.title, size, tier="primary", role=told.role, bold=True, align="center")
    lines = tuple(
        layout.message(64, y + 86 + step * i, 1152, words, rc.fitted(words, 1152, viewer.mode, (34, 32)))
        for i, words in enumerate(told.lines)
    )
    return (*marks, title, *lines)


def _leaving(viewer: Viewer) -> tuple[Part, ...]:
    """3 秒后回到电视; the page's script counts down what is named `leave`."""
    size = layout.scaled(viewer.mode, 28)
    runs = (Run(str(LEAVE_S), "accent", bold=True, name="leave"), Run("秒后回到电视", "secondary", gap=8))
    return (Rich(64, 576, 1152, 52, runs, size, align="center"),)


def _buttons(viewer: Viewer, told: _Telling) -> tuple[Focusable, ...]:
    """One button in the middle, or two beside each other."""
    lefts = (433,) if len(told.buttons) == 1 else (214, 652)
    return tuple(
        layout.button(viewer.mode, fid, Rect(x, 472, 414, 92), words, to, size=40)
        for x, (fid, words, to) in zip(lefts, told.buttons, strict=True)
    )


def _hints(items: tuple[Focusable, ...]) -> tuple[Hint, ...]:
    choose = (Hint(("LEFT", "RIGHT"), "选择"),) if len(items) > 1 else ()
    return (*choose, Hint(("OK",), items[0].label if len(items) == 1 else "确定"), Hint(("BACK",), "回到列表"))
