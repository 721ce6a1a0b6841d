"""The invitation to a roll-call: a layer prepared in every page, drawn by the page's script when an event arrives."""

from functools import cache
from typing import Final

import attrs

from portal_pages import layout, text, text_zh
from portal_pages.facts import Mode
from portal_pages.focus import neighbours
from portal_pages.states import Layer, Local, Page, Rect
from portal_pages.views import Rich, Run, Seal, Text

LAYER: Final = "invite"
TITLE_W: Final = 640
TITLE_SIZE: Final = 44
"""Room (px) for who calls, and its type size in both modes."""


@cache
def invitation(mode: Mode = "standard") -> Layer:
    """Two buttons over the lower part of any page, hint bar included; the script fills in who calls, how long."""
    items = (
        layout.button(mode, "iv_ok", Rect(886, 528, 296, 64), text_zh.INVITE_OK, Local("accept"), size=34),
        layout.button(
            mode, "iv_later", Rect(886, 600, 296, 64), text_zh.INVITE_LATER, Local("dismiss"), size=32, bold=False
        ),
    )
    line = (Run(text_zh.INVITE_LINE, "secondary"), Run(text.hole("left"), "accent", bold=True, name="iv_left", gap=8))
    return Layer(
        id=LAYER,
        parent="",
        rect=Rect(64, 506, 1152, 178),
        parts=(
            Seal(94, 536, 118, text_zh.INVITE_SEAL, layout.SEAL_RED),
            Text(241, 536, TITLE_W, 60, text_zh.INVITE_TITLE, TITLE_SIZE, "primary", bold=True, name="iv_title"),
            Rich(241, 604, TITLE_W, 46, line, layout.scaled(mode, 32), "primary"),
        ),
        focusables=items,
        default_focus="iv_ok",
        nav=neighbours(items),
        keys={"BACK": Local("dismiss"), "GREEN": Local("accept")},
    )


def headline(words: str) -> str:
    """Who calls, cut to fit the overlay; of 某某党支部正在点名 the name is cut, not what is going on."""
    calls = text_zh.INVITE_CALLS if words.endswith(text_zh.INVITE_CALLS) else ""
    room = TITLE_W - text.width(calls, TITLE_SIZE) * text.SLACK
    return text.cut(words.removesuffix(calls), TITLE_SIZE, room) + calls


def with_invitation(page: Page) -> Page:
    """The page with the invitation's layer, unless it must not be disturbed."""
    if not page.accepts_invitation or any(layer.id == LAYER for layer in page.layers):
        return page
    return attrs.evolve(page, layers=(*page.layers, invitation(page.mode)))
