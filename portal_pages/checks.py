"""The rules of the page graph (tv-pages §3) as functions: a page state goes in, findings come out.

`check_page` looks at one page with its layers; `check_graph` (graph.py) at all of them together. Nothing is rendered.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Final

from portal_pages import layout, legible
from portal_pages.findings import FIELD, LEAVE, Finding, Scope, inside, layer_scope, overlap, scopes, with_layers
from portal_pages.graph import check_graph
from portal_pages.states import Focusable, Hint, Layer, Local, Nav, Open, Page, Rect, Submit, Target, Video
from portal_pages.views import Dot, Mark, Part, Seal, Triangle

__all__ = ["Finding", "check_graph", "check_page"]

ROWS: Final = 7
POSTERS: Final = 8
FORM_ITEMS: Final = 10
HINTS: Final = 6
LABEL: Final = "v_label"
LABEL_SHARE: Final = 0.02
"""The one label over a video window, gone after 5 s, covers at most this part of it."""
ARROWS: Final = ("UP", "DOWN", "LEFT", "RIGHT")
COLOURS: Final = ("RED", "GREEN", "YELLOW", "BLUE")
DIGITS: Final = tuple(f"D{i}" for i in range(10))
ALWAYS: Final = frozenset({"OK", "BACK"})
_VERBS: Final = frozenset(
    {"close", "dismiss", "accept", "delete", "clear", "retry", "play", "heard", "read", "watch", "subtitles"}
)
_VERBS_WITH: Final = frozenset({"layer", "focus", "digit", "next", "seek", "sheet", "find", "jump", "dial"})
_SHORTER_WAYS: Final = ("focus:", "jump:", "dial:", "subtitles")
"""What is also done by arrows and OK one step at a time: moves, minutes by seeking, channels from their list; and
subtitles on the page of the film; a channel shows them anyway."""
_OF_FIELD: Final = frozenset({"delete", "clear", "digit", "next"})


def check_page(page: Page) -> tuple[Finding, ...]:
    """Every fault of one page, its layers and, where it has a digit field, both its variants."""
    found = [
        *(finding for scope in scopes(page) for finding in _moves(scope)),
        *_local_targets(page),
        *_places(page),
        *_counts(page),
        *legible.check(page),
        *_field(page),
        *_hints(page),
        *_shortcuts(page),
        *_video(page),
    ]
    return tuple(dict.fromkeys(found))


# --- 1, 2: the arrows ---------------------------------------------------------------------------------------------


def _moves(scope: Scope) -> Iterator[Finding]:
    live = scope.live()
    if scope.start not in live:
        yield Finding(1, scope.page, scope.start, "the first focus is not an item that can have it")
        return
    ways = {i: _ways(scope.nav[i]) for i in live if i in scope.nav}
    yield from (Finding(2, scope.page, i, "has no row in the neighbour table") for i in live if i not in ways)
    for own, neighbours in ways.items():
        yield from _bad_neighbours(scope, own, neighbours, live)
    yield from _out_of_reach(scope, live, ways)


def _bad_neighbours(
    scope: Scope, own: str, neighbours: tuple[str, ...], live: Mapping[str, Focusable]
) -> Iterator[Finding]:
    for other in neighbours:
        if other == own:
            yield Finding(2, scope.page, own, "has itself as a neighbour")
        elif other not in live:
            there = any(f.id == other for f in scope.focusables)
            yield Finding(2, scope.page, own, f"leads to {other}, which is {'disabled' if there else 'missing'}")


def _out_of_reach(scope: Scope, live: Iterable[str], ways: Mapping[str, tuple[str, ...]]) -> Iterator[Finding]:
    back: dict[str, list[str]] = {}
    for own, neighbours in ways.items():
        for other in neighbours:
            back.setdefault(other, []).append(own)
    there, home = reach(scope.start, ways), reach(scope.start, back)
    for item in live:
        if item not in there:
            yield Finding(1, scope.page, item, f"cannot be reached by arrows from {scope.start}")
        elif item not in home:
            yield Finding(1, scope.page, item, f"no arrows lead from it back to {scope.start}")


def reach(start: str, ways: Mapping[str, Iterable[str]]) -> set[str]:
    """Everything that can be reached from `start`, itself included."""
    seen, todo = {start}, [start]
    while todo:
        for other in ways.get(todo.pop(), ()):
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return seen


def _ways(nav: Nav) -> tuple[str, ...]:
    return tuple(way for way in (nav.up, nav.down, nav.left, nav.right) if way)


# --- 3: what is done in the page ----------------------------------------------------------------------------------


def _local_targets(page: Page) -> Iterator[Finding]:
    for scope in with_layers(page):
        acts = [(f.id, f.ok) for f in scope.focusables] + list(scope.keys.items())
        for place, target in acts:
            if isinstance(target, Local) and (fault := _local_fault(page, scope, target.act)):
                yield Finding(3, page.id, place, fault)
    ids = [f.id for f in page.focusables] + [f.id for layer in page.layers for f in layer.focusables]
    yield from (Finding(3, page.id, i, "stands twice on the page") for i in {i for i in ids if ids.count(i) > 1})


def _local_fault(page: Page, scope: Page | Layer, act: str) -> str:
    verb, _, rest = act.partition(":")
    if verb not in (_VERBS_WITH if rest else _VERBS):
        return f"does {act}, which no script knows"
    if verb in _OF_FIELD and page.field is None:
        return f"does {act} on a page without a digit field"
    if verb == "layer" and rest not in {layer.id for layer in page.layers}:
        return f"opens the layer {rest}, which is missing"
    if verb == "focus" and rest not in {f.id for f in scope.focusables if not f.disabled}:
        return f"moves the focus to {rest}, which cannot have it"
    return ""


# --- 5, 6: places and counts --------------------------------------------------------------------------------------


def _places(page: Page) -> Iterator[Finding]:
    for scope in with_layers(page):
        for f in scope.focusables:
            if not inside(f.rect, layout.SAFE):
                yield Finding(5, page.id, f.id, "lies outside the safe area")
        for one, two in combinations(scope.focusables, 2):
            if overlap(one.rect, two.rect):
                yield Finding(5, page.id, one.id, f"overlaps {two.id}")


def _counts(page: Page) -> Iterator[Finding]:
    for zone in {f.zone for f in page.focusables}:
        rows = [f for f in page.focusables if f.zone == zone and f.look == "row"]
        if len(rows) > ROWS:
            yield Finding(6, page.id, zone, f"{len(rows)} rows in one list, more than {ROWS}")
    if sum(f.look == "poster" for f in page.focusables) > POSTERS:
        yield Finding(6, page.id, "", f"more than {POSTERS} posters")
    asked = [f for f in page.focusables if f.zone != "pad" and f.disabled is not True]
    if page.field and len(asked) > FORM_ITEMS:
        yield Finding(6, page.id, "", f"{len(asked)} items in a form, more than {FORM_ITEMS}")


# --- 8: digits belong to the field --------------------------------------------------------------------------------


def _field(page: Page) -> Iterator[Finding]:
    if page.field is None:
        return
    for key in sorted(set(page.keys) & set(DIGITS)):
        yield Finding(8, page.id, key, "a digit key navigates on a page with a digit field")
    if sum(page.field.groups) != page.field.length:
        yield Finding(8, page.id, FIELD, "the groups do not add up to the length")
    waiting = [f.id for f in page.focusables if f.disabled == "until_full"]
    if len(waiting) != 1:
        yield Finding(8, page.id, FIELD, "a field needs one item that waits until it is full")
    if FIELD not in {f.id for f in page.focusables}:
        yield Finding(8, page.id, FIELD, "the digit boxes stand in no focusable named field")
    if LEAVE not in {layer.id for layer in page.layers}:
        yield Finding(8, page.id, FIELD, "BACK with digits typed has no layer named leave to open")


# --- 9: the hint bar ----------------------------------------------------------------------------------------------


def _hints(page: Page) -> Iterator[Finding]:
    for zone in dict.fromkeys(f.zone for f in page.focusables):
        scope_items = tuple(f for f in page.focusables if f.zone == zone)
        hints = layout.hints_shown(page.hints, zone)
        yield from _bar(page, zone, hints, _live_keys(page, page, scope_items))
        if not hints and not _full_screen(page.video):
            yield Finding(9, page.id, zone, "has no hint bar")
    for layer in page.layers:
        scope = layer_scope(page, layer)
        yield from _bar(page, layer.id, layer.hints, _live_keys(page, layer, scope.focusables))


def _bar(page: Page, zone: str, hints: tuple[Hint, ...], live: set[str]) -> Iterator[Finding]:
    named = {key for hint in hints for key in hint.keys}
    for key in sorted({key for hint in hints for key in _dead(hint, live)}):
        yield Finding(9, page.id, zone, f"a hint names {key}, which does nothing there")
    if not hints:
        return
    for key in sorted((live & {*COLOURS, *DIGITS}) - named):
        if key in COLOURS or "DIGITS" not in named:
            yield Finding(9, page.id, zone, f"{key} works but no hint says so")
    if "BACK" not in named:
        yield Finding(9, page.id, zone, "no hint says where BACK leads")
    if len(hints) > HINTS:
        yield Finding(9, page.id, zone, f"{len(hints)} hints, more than {HINTS}")


def _dead(hint: Hint, live: set[str]) -> set[str]:
    """The keys of a hint none of whose keys does anything; ▲▼ 翻页 on a first page is sound, since DOWN works."""
    return set() if live & set(hint.keys) else set(hint.keys)


def _live_keys(page: Page, scope: Page | Layer, items: Iterable[Focusable]) -> set[str]:
    """The keys that do something while one of these items has the focus."""
    ids = {f.id for f in items}
    tables = [scope.nav, page.nav_full] if scope is page else [scope.nav]
    moves = {
        key
        for table in tables
        for i, nav in table.items()
        if i in ids
        for key, way in zip(ARROWS, (nav.up, nav.down, nav.left, nav.right), strict=True)
        if way
    }
    typed = {"DIGITS", "DELETE"} if scope is page and page.field else set()
    if any(key in scope.keys for key in DIGITS):
        typed.add("DIGITS")
    return set(ALWAYS) | moves | set(scope.keys) | typed


def _full_screen(video: Video | None) -> bool:
    return video is not None and video.rect == layout.SCREEN


# --- 10: shortcuts ------------------------------------------------------------------------------------------------


def _shortcuts(page: Page) -> Iterator[Finding]:
    """Forms and local acts must be done by OK or an arrow too; whether opened pages are in reach is for check_graph.

    What a key does to the item in focus, the page that OK opens of it does too.
    """
    for scope in with_layers(page):
        by_ok = [f.ok for f in scope.focusables if f.disabled is not True]
        offered = [*by_ok, *(scope.keys[key] for key in ARROWS if key in scope.keys)]
        yield from _arrows_with_a_meaning(page, scope)
        for key, target in scope.keys.items():
            if key in {*ARROWS, "BACK"} or _needs_no_item(target, offered):
                continue
            yield Finding(10, page.id, key, "does what neither OK on an item nor an arrow does")


def _needs_no_item(target: Target, offered: list[Target | None]) -> bool:
    moving = isinstance(target, Local) and target.act.startswith(_SHORTER_WAYS)
    of_item = isinstance(target, Submit) and target.carry and any(isinstance(ok, Open) for ok in offered)
    return isinstance(target, Open) or moving or of_item or target in offered


def _arrows_with_a_meaning(page: Page, scope: Page | Layer) -> Iterator[Finding]:
    """An arrow may have a meaning of its own only where it moves nowhere.

    Exceptions: deleting a digit with LEFT, and a page that goes on beyond its edge with the focus carried along.
    """
    for key, at in zip(ARROWS, range(4), strict=True):
        target = scope.keys.get(key)
        carried = isinstance(target, Open) and target.carry
        if target is None or carried or (page.field and target == Local("delete")):
            continue
        if any((nav.up, nav.down, nav.left, nav.right)[at] for nav in scope.nav.values()):
            yield Finding(10, page.id, key, "has a meaning of its own on a page where it also moves the focus")


# --- 12: the video window -----------------------------------------------------------------------------------------


def _video(page: Page) -> Iterator[Finding]:
    if page.video is None:
        return
    hole = page.video.rect
    if not inside(hole, layout.SCREEN) or any(n % 2 for n in (hole.x, hole.y, hole.w, hole.h)):
        yield Finding(12, page.id, "video", "the window is not in even pixels of the canvas")
    if abs(hole.w * 9 - hole.h * 16) > 16 * 2:
        yield Finding(12, page.id, "video", "the window is not 16:9")
    for part in page.parts:
        if overlap(area(part), hole) and not _is_label(part, hole):
            yield Finding(12, page.id, type(part).__name__, "is drawn over the video")
    for f in page.focusables:
        yield from _over_video(page, f, hole)


def _is_label(part: Part, hole: Rect) -> bool:
    drawn = area(part)
    return getattr(part, "name", "") == LABEL and drawn.w * drawn.h <= LABEL_SHARE * hole.w * hole.h


def _over_video(page: Page, f: Focusable, hole: Rect) -> Iterator[Finding]:
    if not overlap(f.rect, hole):
        return
    edge = layout.frame(f.look)
    free = Rect(f.rect.x + edge, f.rect.y + edge, f.rect.w - 2 * edge, f.rect.h - 2 * edge)
    see_through = f.look == "bare" or (f.look == "window" and inside(hole, free))
    if not see_through or f.parts:
        yield Finding(12, page.id, f.id, "covers the video or frames it from within")


def area(part: Part) -> Rect:
    """The rectangle a part takes."""
    if isinstance(part, Seal | Triangle | Mark | Dot):
        return Rect(part.x, part.y, part.size, part.size)
    return Rect(part.x, part.y, part.w, part.h)
