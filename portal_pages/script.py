"""The inline data of a page for its script: key codes, neighbours, targets, captions, the digit field's words.

The handler (static/keys.js) knows only this vocabulary; everything a page can do without the network is in it:

KM {code: token} · NAV {id: "up,down,left,right,OK target"} · KEYS {layer: {token: target}} · LAY {layer: focus} ·
ZN {id: zone} · CAP {id: [words]} · FOCUS id · FD digit field or null · CF settings: mg modifiers, r {token: ms},
h hooks, k report URL, w waiting words, pb probe, sy system events, p page id, now server time, cd countdowns, t timers,
ps rung, seconds and box number of the push ladder, since last event. VIDEO, where there is one: what film.js plays.

A target is `/path` to open, `=/path choice` to post, `:layer` (`:` closes), `@id` to focus, `#7 #X #C` for the digit
field, `>/path choice` to post a full field, `!name` for push.js and film.js, `!/path?f=` to open and `!=/path ` to post
with the present focus.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import frozen

from keymap import digits
from keymap.keys import TOKENS, Key
from portal_pages import statics, text, text_zh
from portal_pages.layout import KEY_COLOURS, SCREEN, hints_shown, roomy
from portal_pages.states import DigitField, Focusable, Hint, Layer, Local, Nav, Open, Page, Submit, Target, Video
from portal_pages.views import Run


@frozen
class Literal:
    """JavaScript that is written as it stands."""

    text: str


@frozen
class Box:
    """What a page's script must know of the box family it runs on."""

    family: str = "pc"
    codes: str = "{37:'L',38:'U',39:'R',40:'D',13:'O',8:'B',27:'B'}"
    """KM as a JavaScript object literal."""
    events: str = "{}"
    """System events by code, for the `systemevent` hook."""
    mag: bool = False
    repeat_ms: int = 90
    digit_bounce_ms: int = 0
    push: str = "long"
    """long, short or refresh: the rung of the push ladder."""
    push_s: int = 25
    probe: bool = True
    """Ask the server by XHR before leaving a page, because this browser shows its own error page."""
    video: bool = True
    """Whether a picture in motion can be shown inside a page; else a still stands in the window."""
    player: str = "html5"
    """What it is shown with, one of statics.PLAYERS; all but <video> lie under the page, which has a hole for them."""
    colours: bool = True
    digits: bool = True
    lacks: frozenset[str] = frozenset()
    """Further keys that the remote does not have, such as MENU: no hint names them."""


HOOKS: Final = ("keydown", "keypress", "irkeypress", "systemevent")
_LOCAL: Final = {"close": ":", "delete": "#X", "clear": "#C"}
_LOCAL_PREFIX: Final = {"layer": ":", "focus": "@", "digit": "#"}
FIELD_PATTERN: Final = {
    "phone": r"/^1([3-9]\d*)?$/",
    "landline": r"/^0(6(3(3\d*)?)?)?$/",
}
"""What the digits typed so far may look like, as keymap.digits judges them."""


def path(page: str, focus: str = "") -> str:
    """The address of a page state."""
    return f"/p/{page}?f={focus}" if focus else f"/p/{page}"


def target(value: Target | None) -> str:
    """A target in the script's vocabulary."""
    if isinstance(value, Open):
        return f"!{path(value.page)}?f=" if value.carry else path(value.page, value.focus)
    if isinstance(value, Submit):
        return f"!={path(value.form)} " if value.carry else f"={path(value.form)} {value.choice}"
    if isinstance(value, Local):
        return _local(value.act)
    return "@"


def _local(act: str) -> str:
    verb, _, rest = act.partition(":")
    if verb in _LOCAL_PREFIX:
        return _LOCAL_PREFIX[verb] + rest
    if verb == "next":
        return f">{path(rest)} "
    return _LOCAL.get(verb, f"!{act}")


def js(value: object) -> str:
    """A value as JavaScript that may stand inside a <script> element."""
    if isinstance(value, Literal):
        return value.text
    if isinstance(value, dict):
        return "{" + ",".join(f"{_name(str(k))}:{js(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(js, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("<", "\\x3c").replace("\u2028", "").replace("\u2029", "")


def _name(key: str) -> str:
    plain = key.isidentifier() and key.isascii() and key not in _RESERVED
    return key if plain else js(key)


_RESERVED: Final = frozenset(
    re.findall(
        r"\w+",
        """abstract boolean break byte case catch char class const continue debugger default delete do double else enum
        export extends false final finally float for function goto if implements import in instanceof int interface
        long native new null package private protected public return short static super switch synchronized this throw
        throws transient true try typeof var void volatile while with""",
    )
)
"""Words that ECMAScript 3 does not take as plain property names."""


def _row(item: Focusable, nav: Nav) -> str:
    """What the arrows and OK do on one item; OK on an item without a target stays where it is."""
    ok = target(item.ok or Local(f"focus:{item.id}"))
    return ",".join((nav.up or "", nav.down or "", nav.left or "", nav.right or "", ok))


def _tables(page: Page) -> dict[str, str]:
    scopes: list[Page | Layer] = [page, *page.layers]
    return {
        f.id: _row(f, scope.nav.get(f.id, Nav()))
        for scope in scopes
        for f in scope.focusables
        if f.disabled is not True
    }


def _keys(keys: Mapping[str, Target], back: str) -> dict[str, str]:
    return {"B": back} | {TOKENS[Key(name)]: target(to) for name, to in keys.items()}


def _scopes(page: Page) -> dict[str, dict[str, str]]:
    out = {"": _keys(page.keys, path(page.parent, page.parent_focus))}
    for layer in page.layers:
        out[layer.id] = _keys(layer.keys, path(layer.parent) if layer.parent else ":")
    return out


def all_focusables(page: Page) -> list[Focusable]:
    """The focusables of the page and of its layers."""
    return [*page.focusables, *(f for layer in page.layers for f in layer.focusables)]


def zones(page: Page) -> dict[str, str]:
    """Focusable to hint bar, for those outside `main`; a layer is its own zone."""
    out = {f.id: f.zone for f in page.focusables if f.zone != "main"}
    return out | {f.id: layer.id for layer in page.layers for f in layer.focusables}


def bars(page: Page, box: Box) -> list[tuple[str, tuple[Hint, ...]]]:
    """The hint bars of a page, one per zone and one per layer, without keys that this box lacks."""
    names = list(dict.fromkeys(f.zone for f in page.focusables)) or ["main"]
    out = [(zone, hints_shown(page.hints, zone)) for zone in names]
    out += [(layer.id, layer.hints) for layer in page.layers]
    return [(zone, roomy(tuple(h for h in hints if _has(box, h)), page.mode)) for zone, hints in out]


def _has(box: Box, hint: Hint) -> bool:
    first = hint.keys[0]
    if box.lacks.issuperset(hint.keys):
        return False
    if first in KEY_COLOURS:
        return box.colours
    return box.digits or not (first == "DIGITS" or (first[0] == "D" and first[1:].isdigit()))


def field_runs(value: str, kind: str) -> tuple[Run, ...]:
    """The line under the digit boxes for what has been typed: figures in gold, a fault with its cross."""
    field = digits.restore(digits.FieldKind(kind), value)
    words = digits.message(field)
    if field.odd:
        before, asked, after = digits.ODD_WORDS
        return (Run(before), Run(asked, "accent", bold=True), Run(after))
    if field.wrong_at is None:
        return _gold_figures(words)
    before, _, after = words.partition(digits.LEFT_MARK)
    return (
        Run(arrow="cross", role="error"),
        Run(before.rstrip(), "error", bold=True),
        Run(arrow="left", role="error"),
        Run(after.lstrip(), "error", bold=True),
    )


def _gold_figures(words: str) -> tuple[Run, ...]:
    pieces = re.split(r"(\d+)", words)
    return tuple(Run(p, "accent" if p.isdigit() else "", bold=p.isdigit()) for p in pieces if p)


def runs_html(runs: Iterable[Run]) -> str:
    """Runs as the page's script writes them into a line; the same marks as the template's."""
    return "".join(map(_run_html, runs))


def arrow_class(run: Run) -> str:
    """The classes of a drawn mark in a line: au ad al ar for triangles, ac for a cross, at for a dot."""
    shape = "at" if run.arrow == "dot" else f"a{run.arrow[0]}"
    return f"{shape} {run.role}" if run.role not in ("", "text") else shape


def _run_html(run: Run) -> str:
    if run.arrow:
        return f'<i class="{arrow_class(run)}"></i>'
    style = " ".join(filter(None, (run.role, "B" if run.bold else "")))
    return f'<b class="{style}">{run.words}</b>' if style else run.words


def _field_words(kind: str) -> dict[str, Any]:
    """m: progress (# digits typed, % to come), full, full but odd by pattern o; e: faults by position; q: too few."""
    whole = digits.Field(digits.FieldKind(kind)).length
    progress = runs_html(field_runs("", kind)).replace(">0<", ">#<").replace(f">{whole}<", ">%<")
    valid = AREA_OR_MOBILE[kind]
    full, odd = (runs_html(field_runs(f"{start:0<{whole}}", kind)) for start in (valid + "2", ODD_START[kind]))
    faults = [runs_html(field_runs(valid[:at] + WRONG[kind][at], kind)) for at in range(len(valid))]
    missing = digits.ok_message(digits.Field(digits.FieldKind(kind))).replace(str(whole), "%")
    return {
        "m": (progress, full, odd),
        "o": Literal(f"/^{digits.ODD[digits.FieldKind(kind)]}$/"),
        "e": ("", *faults),
        "q": f"<b class=error>{missing}</b>",
    }


AREA_OR_MOBILE: Final = {"phone": "13", "landline": digits.AREA_CODE}
ODD_START: Final = {"phone": "140", "landline": digits.AREA_CODE + "0"}
WRONG: Final = {"phone": "22", "landline": "1111"}


def _field(page: Page, field: DigitField) -> dict[str, Any]:
    waiting = next((f.id for f in page.focusables if f.disabled == "until_full"), "")
    items = {f.id: f for f in page.focusables}
    full = {i: _row(items[i], n) for i, n in page.nav_full.items() if page.nav.get(i) != n}
    return {"n": field.length, "v": field.value, "x": waiting, "f": full, "d": field.draft, **_field_words(field.kind)}


def data(page: Page, box: Box) -> str:
    """The page's inline script: one `var` statement."""
    shown = all_focusables(page)
    settings = {
        "mg": int(box.mag),
        "fm": box.family,
        "h": HOOKS,
        "sy": Literal(re.sub(r'"\w+"', "1", box.events)),
        "k": f"/k?profile={box.family}&code=",
        "w": (text_zh.OPENING, text_zh.NO_NETWORK),
        "pb": int(box.probe),
        "p": page.id,
        "now": text.hole("now"),
        "cd": {name: int(at.timestamp()) for name, at in page.countdowns.items()},
        "t": _timers(page),
        "ps": (box.push, box.push_s, text.hole("slot")),
        "since": text.hole("since"),
        "r": _throttle(box),
    }
    values = {
        "CF": js(settings),
        "NAV": js(_tables(page)),
        "KEYS": js(_scopes(page)),
        "LAY": js({layer.id: layer.default_focus for layer in page.layers}),
        "ZN": js(zones(page)),
        "CAP": js({f.id: f.caption for f in shown if f.caption}),
        "FOCUS": js(page.default_focus),
        "FD": _field_js(page),
    }
    if page.video and box.video:
        values["VIDEO"] = js(_video(page.video, box))
    return f"var KM={box.codes}," + ",".join(f"{name}={value}" for name, value in values.items())


def _video(video: Video, box: Box) -> dict[str, Any]:
    """What film.js and the box's player must know of the picture in motion."""
    no_signal = text_zh.NO_SIGNAL_OTHER if video.rect == SCREEN else text_zh.NO_SIGNAL
    told = (text_zh.PLAYING, text_zh.PAUSED, text_zh.MUTED, text_zh.NO_FILM, text_zh.BUFFERING, no_signal)
    words = (*told, text_zh.MINUTE, text_zh.SUBTITLES_ON, text_zh.SUBTITLES_OFF)
    facts = {"url": video.url, "at": round(video.resume_s), "film": video.asset, "live": int(video.live)}
    facts |= {"sheets": video.sheets, "subs": int(video.subtitles)}
    facts |= {"whole": round(video.whole_s)} if video.whole_s else {}
    facts |= {"halt": 1} if video.halted else {}
    facts |= {"rect": (video.rect.x, video.rect.y, video.rect.w, video.rect.h), "words": words}
    if box.player == "html5":
        return {**facts, "hls": statics.hls()}
    joins = {"join": video.number} if box.player == "ctc" and video.number else {}
    return {**facts, "still": video.poster, **joins}


def _throttle(box: Box) -> dict[str, int]:
    bounces = dict.fromkeys("0123456789", box.digit_bounce_ms) if box.digit_bounce_ms else {}
    return dict.fromkeys("UDLR", box.repeat_ms) | bounces


def _timers(page: Page) -> dict[str, Any]:
    timers = page.timers
    out: dict[str, Any] = {}
    if timers.idle:
        out["i"] = (timers.idle, target(timers.idle_to))
    if timers.leave:
        out["l"] = (timers.leave, target(timers.leave_to))
    return out


def _field_js(page: Page) -> str:
    if page.field is None:
        return "null"
    return f"{js(_field(page, page.field))[:-1]},p:{FIELD_PATTERN[page.field.kind]}}}"
