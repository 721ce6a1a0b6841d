"""What a check of page states says: one finding per broken rule, in a sentence that names the place."""

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from portal_pages.states import Focusable, Layer, Nav, Page, Rect

FIELD: Final = "field"
"""The focusable that holds the digit boxes of a page with a field."""
LEAVE: Final = "leave"
"""The layer BACK opens once more than two digits are typed."""


@frozen
class Finding:
    """`rule` is the number in tv-pages §3, `item` the focusable, layer or words at fault (empty: the page)."""

    rule: int
    page: str
    item: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.page}#{self.item}: rule {self.rule}: {self.sentence}"


@frozen
class Scope:
    """A page or one of its layers in one variant: what can have the focus, and where the arrows lead."""

    page: str
    focusables: tuple[Focusable, ...]
    nav: dict[str, Nav]
    start: str
    full: bool = False

    def live(self) -> dict[str, Focusable]:
        """The enabled focusables by id."""
        return {f.id: f for f in self.focusables if enabled(f, full=self.full)}


def enabled(focusable: Focusable, *, full: bool) -> bool:
    """Whether it can have the focus; `full` tells whether all digits are typed."""
    return not focusable.disabled or (full and focusable.disabled == "until_full")


def scopes(page: Page) -> Iterator[Scope]:
    """The page, the page with a full digit field, and each layer."""
    yield Scope(page.id, page.focusables, page.nav, _start(page))
    if page.field:
        yield Scope(page.id, page.focusables, {**page.nav, **page.nav_full}, page.default_focus, full=True)
    for layer in page.layers:
        yield layer_scope(page, layer)


def with_layers(page: Page) -> tuple[Page | Layer, ...]:
    """The page and its layers."""
    return (page, *page.layers)


def layer_scope(page: Page, layer: Layer) -> Scope:
    """The layer as a node of its own, named page#layer."""
    return Scope(f"{page.id}#{layer.id}", layer.focusables, layer.nav, layer.default_focus)


def _start(page: Page) -> str:
    """Where the focus is before the field is full: a page that opens with a full field falls back to the field."""
    waiting = {f.id for f in page.focusables if f.disabled == "until_full"}
    return FIELD if page.default_focus in waiting else page.default_focus


def bottom(rect: Rect) -> int:
    return rect.y + rect.h


def right(rect: Rect) -> int:
    return rect.x + rect.w


def inside(inner: Rect, outer: Rect) -> bool:
    """Whether a rectangle lies in another, edges allowed."""
    return inner.x >= outer.x and inner.y >= outer.y and right(inner) <= right(outer) and bottom(inner) <= bottom(outer)


def overlap(one: Rect, two: Rect) -> bool:
    """Whether two rectangles share a pixel."""
    return one.x < right(two) and two.x < right(one) and one.y < bottom(two) and two.y < bottom(one)
