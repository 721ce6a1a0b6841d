"""Layers over a picture in motion: it cannot be played, or an episode is over and the next one follows.

They have no hints, which could not be read over a picture: their buttons say everything.
"""

from collections.abc import Mapping
from typing import Final

from portal_pages import layout
from portal_pages.facts import Mode, NextFact
from portal_pages.focus import neighbours
from portal_pages.states import Focusable, Layer, Local, Open, Rect, Target
from portal_pages.views import Part, Rich, Run

FAILED, NEXT = "fail", "next"
"""The layers as film.js opens them."""
NEXT_S: Final = 10
"""Seconds until the next episode begins by itself; film.js counts them in `nx_s`."""
_BOX: Final = Rect(190, 190, 900, 320)
_FILM_FAILED: Final = ("现在放不了这个视频", "可能是网络不稳。再试一次，还不行就换一个看")
_CHANNEL_FAILED: Final = ("这个频道现在没有信号", "先看看别的频道，过一会儿再来")
_LARGE: Final[Mapping[str, str]] = {
    _FILM_FAILED[1]: "再试一次，还不行就换一个看",
}
"""Shorter words where the type is large."""


def film_failed(mode: Mode, parent: str) -> Layer:
    """What to do about a film that cannot be played; BACK leads to `parent`, its page."""
    return _failed(mode, parent, _FILM_FAILED, ("fl_no", "不看了", Open(parent)), {})


def channel_failed(mode: Mode, keys: Mapping[str, Target]) -> Layer:
    """What to do about a channel without a signal; `keys` change the channel as on the page below."""
    return _failed(mode, "home", _CHANNEL_FAILED, ("fl_no", "看别的频道", Open("today-channels")), keys)


def _failed(
    mode: Mode, parent: str, words: tuple[str, str], other: tuple[str, str, Target], keys: Mapping[str, Target]
) -> Layer:
    again = ("fl_go", "再试一次", Local("play"))
    items = _buttons(mode, again, other)
    return Layer(
        id=FAILED,
        parent=parent,
        rect=_BOX,
        parts=_told(mode, words[0], _LARGE.get(words[1], words[1]) if mode == "large" else words[1]),
        focusables=items,
        default_focus=items[0].id,
        nav=neighbours(items),
        keys=dict(keys),
    )


def next_episode(mode: Mode, parent: str, following: NextFact, page: str) -> Layer:
    """An episode is over: the next one, on `page`, begins by itself unless the viewer does not want it."""
    items = _buttons(mode, ("nx_go", "马上看", Open(page)), ("nx_no", "不看了", Open(parent)))
    size = layout.scaled(mode, 32)
    left = (Run(str(NEXT_S), "accent", bold=True, name="nx_s"), Run("秒后开始", gap=8))
    return Layer(
        id=NEXT,
        parent=parent,
        rect=_BOX,
        parts=(
            *_told(mode, f"下一集：{following.title}", ""),
            Rich(_BOX.x + 40, _BOX.y + 112, _BOX.w - 80, size + 20, left, size, "primary", align="center"),
        ),
        focusables=items,
        default_focus=items[0].id,
        nav=neighbours(items),
    )


def _told(mode: Mode, title: str, advice: str) -> tuple[Part, ...]:
    big, small = layout.scaled(mode, 42), layout.scaled(mode, 32)
    x, w = _BOX.x + 40, _BOX.w - 80
    head = layout.label(x, _BOX.y + 36, w, big + 16, title, big, tier="primary", bold=True, align="center")
    return (head, layout.label(x, _BOX.y + 112, w, small + 20, advice, small, align="center")) if advice else (head,)


def _buttons(mode: Mode, *offered: tuple[str, str, Target]) -> tuple[Focusable, ...]:
    return tuple(
        layout.button(mode, fid, Rect(x, _BOX.y + 210, 380, 76), words, to, size=36)
        for x, (fid, words, to) in zip((_BOX.x + 50, _BOX.x + 470), offered, strict=True)
    )
