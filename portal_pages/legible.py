"""Rules 7 and 11 of tv-pages §3: every word is large enough, fits its box with slack and can be drawn by a box."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import attrs
from attrs import frozen

from keymap import digits
from portal_pages import layout, text
from portal_pages.facts import Mode
from portal_pages.findings import Finding, inside, overlap, with_layers
from portal_pages.states import Focusable, Page, Rect
from portal_pages.views import Chip, Dot, Keycap, Panel, Part, Rich, Run, Seal, Text, Tier

Floors = Mapping[Tier, int]

FLOORS: Final[Mapping[Mode, Floors]] = {
    "standard": {"primary": 32, "secondary": 28, "support": 25, "keycap": 22},
    "large": {"primary": 40, "secondary": 35, "support": 31, "keycap": 22},
}
"""Least type size in px by tier; 特大字 is × 1.25, its key-caps and seals keep their places and so their size."""
READABLE: Final = Rect(64, 36, 1152, 650)
"""Words stay in the safe area; the hint bar ends at 686."""
ARROW_EM: Final = 1.2
"""A drawn mark in a line takes this much of the type size."""
FIELD_LINE: Final = "msg"
"""The line under the digit boxes."""
GLOW: Final[Mapping[str, Rect]] = {
    "secondary": Rect(1028, 548, 72, 64),
    "error": Rect(996, 528, 116, 84),
    "done": Rect(1056, 596, 12, 12),
    "live": Rect(892, 372, 340, 252),
}
"""Where the background glows so brightly that a colour falls below 4.5:1, measured on bg.jpg."""
_CAPTION = re.compile(r"cap(\d+)")


@frozen
class Words:
    """A line of words as it is checked: total width in px without slack, in a box of `w` by `h` px."""

    item: str
    words: str
    size: int
    tier: Tier
    width: float
    w: int
    h: int


def check(page: Page, floors: Floors | None = None) -> Iterator[Finding]:
    """Sizes, room and characters of all words of a page; `floors` stand in for those of the page's mode."""
    floors = floors or FLOORS[page.mode]
    for line in _lines(page):
        yield from _judged(page, line, floors)
    yield from _headless(page)
    yield from _in_the_glow(page)
    yield from _bars(page)
    yield from _boxes(page)


def _judged(page: Page, line: Words, floors: Floors) -> Iterator[Finding]:
    if not line.words and not line.width:
        return
    if line.size < floors[line.tier]:
        sentence = f"“{line.words}” is {line.size} px, {line.tier} text needs {floors[line.tier]}"
        yield Finding(7, page.id, line.item, sentence)
    if line.width * text.SLACK > line.w + 1:
        sentence = f"“{line.words}” needs {line.width * text.SLACK:.0f} px with slack and has {line.w}"
        yield Finding(11, page.id, line.item, sentence)
    if line.size > line.h:
        yield Finding(11, page.id, line.item, f"“{line.words}” is {line.size} px high in a box of {line.h}")
    if bad := text.forbidden_characters(line.words):
        codes = " ".join(f"U+{ord(c):04X}" for c in bad)
        yield Finding(11, page.id, line.item, f"“{line.words}” has characters no box can be expected to draw: {codes}")


# --- all lines of a page ------------------------------------------------------------------------------------------


def _lines(page: Page) -> Iterator[Words]:
    everywhere = [*page.focusables, *(f for layer in page.layers for f in layer.focusables)]
    for owner, parts in _parts(page):
        for part in parts:
            for each in _variants(page, part, everywhere):
                yield from _words(owner, each)


def _parts(page: Page) -> Iterator[tuple[str, tuple[Part, ...]]]:
    for scope in with_layers(page):
        yield "", scope.parts
        for f in scope.focusables:
            yield f.id, (*f.parts, *f.detail)


def _variants(page: Page, part: Part, items: list[Focusable]) -> Iterator[Part]:
    """The part with every text the page's script may write into it."""
    yield part
    if isinstance(part, Rich):
        named = {run.name for run in part.runs}
        if any(map(_CAPTION.fullmatch, named)):
            yield from (_captioned(part, f) for f in items if f.caption)
        if part.name == FIELD_LINE and page.field:
            yield from (_rich(part, words) for words in _field_words(page.field.kind))
    elif isinstance(part, Text) and (found := _CAPTION.fullmatch(part.name)):
        at = int(found[1])
        yield from (attrs.evolve(part, words=f.caption[at]) for f in items if len(f.caption) > at)
    elif isinstance(part, Text) and part.name == FIELD_LINE and page.field:
        yield from (attrs.evolve(part, words=words) for words in _field_words(page.field.kind))


def _captioned(part: Rich, f: Focusable) -> Rich:
    words = {f"cap{i}": words for i, words in enumerate(f.caption)}
    return attrs.evolve(part, runs=tuple(attrs.evolve(r, words=words.get(r.name, r.words)) for r in part.runs))


def _rich(part: Rich, words: str) -> Rich:
    return attrs.evolve(part, runs=(Run(words),))


def _field_words(kind: str) -> set[str]:
    """Everything the line under a digit field may say; marks stand for drawn arrows of the same width."""
    states = {"", "2", "12", "1111", "14000000000", *("13333333333"[:n] for n in range(12))}
    fields = [digits.restore(digits.FieldKind(kind), value) for value in states]
    said = {digits.message(f) for f in fields} | {digits.ok_message(f) for f in fields} - {""}
    return {words.replace(digits.LEFT_MARK, "　　") for words in said}


def _words(owner: str, part: Part) -> Iterator[Words]:
    if isinstance(part, Text):
        wide = text.width(part.words, part.size) + part.spacing * len(part.words)
        yield Words(owner, part.words, part.size, part.tier, wide, part.w, part.h)
    elif isinstance(part, Rich):
        words = "".join(run.words for run in part.runs)
        yield Words(
            owner, words, part.size, part.tier, sum(_run_width(r, part.size) for r in part.runs), part.w, part.h
        )
    elif isinstance(part, Keycap):
        yield Words(owner, part.words, part.size, "keycap", text.width(part.words, part.size), part.w, part.h)
    elif isinstance(part, Chip):
        tier: Tier = "keycap" if part.look == "fresh" else "support"
        yield Words(owner, part.words, part.size, tier, text.width(part.words, part.size), part.w, part.h)
    elif isinstance(part, Seal):
        size = round(part.size * layout.SEAL_SHARE)
        yield Words(owner, part.char, size, "keycap", text.width(part.char, size), part.size, part.size)
    elif isinstance(part, Dot):
        wide = text.width(part.words, part.text_size)
        yield Words(owner, part.words, part.text_size, "keycap", wide, part.size, part.size)


def _run_width(run: Run, size: int) -> float:
    """Words, the gap before them (which needs no slack), and drawn marks."""
    mark = ARROW_EM * size if run.arrow else 0
    return text.width(run.words, size) + run.gap / text.SLACK + mark


# --- places of words ----------------------------------------------------------------------------------------------


def _headless(page: Page) -> Iterator[Finding]:
    """A list row, button or tile without primary text would escape the floor of its kind."""
    for f in page.focusables:
        if f.look in {"row", "button", "card"} and not any(getattr(p, "tier", "") == "primary" for p in f.parts):
            yield Finding(7, page.id, f.id, "has no text of the primary size")


def _in_the_glow(page: Page) -> Iterator[Finding]:
    """Where the background glows only primary colours stand out; other words need a panel behind them (§10)."""
    grounds = [Rect(p.x, p.y, p.w, p.h) for p in page.parts if isinstance(p, Panel)]
    for part in page.parts:
        if not isinstance(part, Text | Rich) or (isinstance(part, Rich) and part.look):
            continue
        roles = {run.role or part.role for run in part.runs if run.words} if isinstance(part, Rich) else {part.role}
        place = Rect(part.x, part.y, part.w, part.h)
        backed = any(inside(place, ground) for ground in grounds)
        pale = any(overlap(_inked(part), GLOW[role]) for role in roles if role in GLOW)
        if pale and not backed and page.video is None:
            yield Finding(7, page.id, "", f"“{_said(part)}” is too pale for the glow of the background")


def _inked(part: Text | Rich) -> Rect:
    """Where the words of a line really stand in their box."""
    wide = round(text.width(_said(part), part.size)) + (sum(r.gap for r in part.runs) if isinstance(part, Rich) else 0)
    wide = min(wide, part.w)
    left = {"left": 0, "center": (part.w - wide) // 2, "right": part.w - wide}[part.align]
    return Rect(part.x + left, part.y + (part.h - part.size) // 2, wide, part.size)


def _said(part: Text | Rich) -> str:
    return "".join(run.words for run in part.runs) if isinstance(part, Rich) else part.words


def _boxes(page: Page) -> Iterator[Finding]:
    for scope in with_layers(page):
        for part in scope.parts:
            yield from _outside(page, "", part, READABLE)
        for f in scope.focusables:
            own = Rect(0, 0, f.rect.w, f.rect.h)
            for part in f.parts:
                yield from _outside(page, f.id, part, own)
            for part in f.detail:
                yield from _outside(page, f.id, part, READABLE)


def _outside(page: Page, item: str, part: Part, room: Rect) -> Iterator[Finding]:
    if not isinstance(part, Text | Rich | Chip | Keycap):
        return
    if not inside(Rect(part.x, part.y, part.w, part.h), room):
        words = "".join(r.words for r in part.runs) if isinstance(part, Rich) else part.words
        yield Finding(11, page.id, item, f"the box of “{words}” leaves {'the item' if item else 'the safe area'}")


def _bars(page: Page) -> Iterator[Finding]:
    zones = dict.fromkeys(f.zone for f in page.focusables)
    bars = {zone: layout.hints_shown(page.hints, zone) for zone in zones}
    bars |= {layer.id: layer.hints for layer in page.layers}
    for zone, hints in bars.items():
        wide = sum(layout.hint_width(hint, page.mode) for hint in layout.roomy(hints, page.mode))
        if wide > layout.HINTS.w + layout.HINT_GAP[page.mode]:
            yield Finding(11, page.id, zone, f"the hint bar takes {wide} px of {layout.HINTS.w}")
        for hint in hints:
            if bad := text.forbidden_characters(hint.words + hint.cap):
                yield Finding(11, page.id, zone, f"the hint “{hint.words}” has characters no box can draw: {bad}")
