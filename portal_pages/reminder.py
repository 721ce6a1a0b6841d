"""A reminder that is due: a layer over the lower part of any page, drawn when it arrives like an operator's message."""

from typing import Final

from portal_pages import layout, text
from portal_pages.dates import clock
from portal_pages.facts import Mode, RemindFact
from portal_pages.focus import neighbours
from portal_pages.message import GO, LAYER
from portal_pages.states import Layer, Local, Rect
from portal_pages.views import Rich, Run, Seal, Text

AWAY: Final = "nt_no"
"""The button beside the message's own: push.js knows both."""
WATCH, HEARD = "收看", "知道了"
_X, _W, _SIZE = 241, 640, 44


def reminder(mode: Mode, fact: RemindFact) -> Layer:
    """What begins when on which channel, with 收看 and 知道了; BACK is 知道了."""
    items = (
        layout.button(mode, GO, Rect(886, 528, 296, 64), WATCH, Local("watch"), size=34),
        layout.button(mode, AWAY, Rect(886, 600, 296, 64), HEARD, Local("heard"), size=32, bold=False),
    )
    size = layout.scaled(mode, 32)
    when = f"{clock(fact.start)} 开始"
    channel = text.cut(fact.channel, size, _W - text.box(when, size) - 20)
    line = (Run(when, "accent", bold=True), Run(channel, "secondary", gap=20))
    return Layer(
        id=LAYER,
        parent="",
        rect=Rect(64, 506, 1152, 178),
        parts=(
            Seal(94, 536, 118, "看", layout.SEAL_TEAL),
            Text(_X, 536, _W, 60, text.cut(fact.title, _SIZE, _W), _SIZE, "primary", bold=True),
            Rich(_X, 604, _W, 46, line, size, "primary"),
        ),
        focusables=items,
        default_focus=GO,
        nav=neighbours(items),
        keys={"BACK": Local("heard")},
    )
