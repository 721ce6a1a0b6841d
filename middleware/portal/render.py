"""A page state as the bytes a box receives. The only module that uses the page templates (Jinja2)."""

import hashlib
import html
import re
from functools import cache

from attrs import frozen
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from keymap import digits
from middleware.portal import styles
from portal_pages import layout, script, statics, strokes
from portal_pages.facts import Mode
from portal_pages.invitation import with_invitation
from portal_pages.script import Box
from portal_pages.states import DigitField, Focusable, Layer, Page
from portal_pages.views import DigitBox, Rich, Run, Text

_HOLE = re.compile("\ue000(\\w+)\ue001")


@frozen
class RenderedPage:
    """A page with holes for what is personal or of the moment: text, name of a hole, text, …; `version` names it."""

    pieces: tuple[bytes, ...]
    holes: tuple[str, ...]
    version: str

    def fill(self, **values: str | int) -> bytes:
        """The finished page; a hole without a value stays empty. Values are escaped."""
        out = [self.pieces[0]]
        for name, piece in zip(self.holes, self.pieces[1:], strict=True):
            value = values.get(name, "")
            out.append(html.escape(value).encode() if isinstance(value, str) else b"%d" % value)
            out.append(piece)
        return b"".join(out)

    def partly(self, **values: str | int) -> "RenderedPage":
        """The page with these holes filled and the others left."""
        pieces, holes = [self.pieces[0]], []
        for name, piece in zip(self.holes, self.pieces[1:], strict=True):
            if name in values:
                pieces[-1] += html.escape(str(values[name])).encode() + piece
            else:
                holes.append(name)
                pieces.append(piece)
        return RenderedPage(tuple(pieces), tuple(holes), self.version)


@cache
def _environment() -> Environment:
    env = Environment(
        loader=PackageLoader("portal_pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        auto_reload=False,
    )
    env.filters["kind"] = lambda part: type(part).__name__
    env.filters["frame"] = lambda f: layout.frame(f.look)
    env.filters["off"] = _is_off
    env.filters["cap"] = layout.hint_cap
    env.filters["looks"] = _looks
    env.filters["arrow"] = script.arrow_class
    env.filters["slot"] = _slot
    env.filters["triangles"] = strokes.triangles
    env.filters["attribute"] = styles.attribute
    env.filters["style"] = styles.style
    env.filters["item_style"] = styles.item_style
    return env


def _looks(part: Text | Rich | Run) -> str:
    """Classes of colour, weight and side."""
    side = {"center": "c", "right": "r"}.get(getattr(part, "align", ""), "")
    return " ".join(filter(None, (part.role if part.role != "text" else "", "B" if part.bold else "", side)))


def _slot(box: DigitBox, field: DigitField | None) -> str:
    """The state of one digit box, as keys.js shows it: value, error, next (or next while it must wait), empty."""
    typed = digits.restore(digits.FieldKind(field.kind), field.value) if field else None
    if typed is None:
        return ""
    if box.index + 1 == typed.wrong_at:
        return "e"
    if box.index != len(typed.value):
        return "v" if box.index < len(typed.value) else ""
    return "n" if typed.wrong_at is None else "m"


def _is_off(focusable: Focusable, field: DigitField | None) -> bool:
    if focusable.disabled == "until_full":
        return field is None or len(field.value) < field.length
    return focusable.disabled


def render(page: Page, box: Box) -> RenderedPage:
    """Render one page state for the boxes of one family."""
    page = with_invitation(page)
    bars = script.bars(page, box)
    text = (
        _environment()
        .get_template("page.html")
        .render(
            page=page,
            box=box,
            bars=bars,
            shown=next((f.zone for f in page.focusables if f.id == page.default_focus), "main"),
            strips=_strips(page),
            form=_form(page),
            data=Markup(script.data(page, box)),  # noqa: S704 -- script.js() escapes what could end the element
            css=statics.url("tv.css"),
            js=statics.url("tv.js"),
            media=statics.media(box.player) if box.video else "",
            native=box.video and box.player != "html5",
            own=statics.url(page.script) if page.script else "",
            bg=statics.url("bg.jpg"),
        )
    )
    return _split(text)


@frozen
class _Sized:
    """What the macros of parts ask of a page."""

    mode: Mode


def layer_html(layer: Layer, mode: Mode) -> str:
    """A layer that stands in no page beforehand, for a script to put into one."""
    return _environment().get_template("layer.html").render(layer=layer, page=_Sized(mode)).strip()


def _split(text: str) -> RenderedPage:
    pieces = _HOLE.split(text)
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    return RenderedPage(tuple(p.encode() for p in pieces[::2]), tuple(pieces[1::2]), version)


def _form(page: Page) -> list[tuple[str, str]]:
    number = [("number", page.field.value)] if page.field else []
    return [*page.form.items(), ("choice", ""), *number]


def _strips(page: Page) -> list[tuple[int, int, int, int]]:
    """The background around a video window: above, below, left, right of the hole."""
    if page.video is None:
        return []
    hole = page.video.rect
    right, bottom = hole.x + hole.w, hole.y + hole.h
    strips = [
        (0, 0, 1280, hole.y),
        (0, bottom, 1280, 720 - bottom),
        (0, hole.y, hole.x, hole.h),
        (right, hole.y, 1280 - right, hole.h),
    ]
    return [strip for strip in strips if strip[2] > 0 and strip[3] > 0]
