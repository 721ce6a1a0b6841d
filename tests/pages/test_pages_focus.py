"""Where the arrows lead is computed from rectangles (tv-pages §1.4), then overridden."""

from hypothesis import given
from hypothesis import strategies as st

from portal_pages.focus import merged, nearest, neighbours, wrap
from portal_pages.states import Focusable, Nav, Rect
from portal_pages.strokes import triangles
from portal_pages.views import Mark


def box(fid: str, x: int, y: int, w: int = 100, h: int = 50, **more: object) -> Focusable:
    return Focusable(fid, Rect(x, y, w, h), None, fid, **more)  # type: ignore[arg-type]


def test_a_grid_leads_to_its_neighbours_and_stops_at_its_edges() -> None:
    grid = [box(f"{row}{column}", 120 * column, 60 * row) for row in range(3) for column in range(3)]

    table = neighbours(grid)

    assert table["11"] == Nav("01", "21", "10", "12")
    assert table["00"] == Nav(None, "10", None, "01")


def test_an_overlapping_neighbour_beats_a_nearer_one_beside_the_way() -> None:
    own = box("own", 0, 0)

    assert nearest(own, [box("near", 110, 60), box("far", 600, 0)], "right") == "far"


def test_what_does_not_overlap_on_the_other_axis_is_no_neighbour() -> None:
    assert nearest(box("own", 0, 0), [box("aside", 110, 60)], "right") is None


def test_the_nearer_centre_wins_at_equal_gaps_and_the_earlier_on_a_tie() -> None:
    own = box("own", 0, 100, 100, 100)

    assert nearest(own, [box("high", 110, 60, h=60), box("level", 110, 130, h=60)], "right") == "level"
    assert nearest(own, [box("one", 110, 100), box("two", 110, 150)], "right") == "one"


def test_eight_pixels_of_overlap_are_tolerated_and_nine_are_not() -> None:
    own = box("own", 0, 0)

    assert nearest(own, [box("b", 92, 0)], "right") == "b"
    assert nearest(own, [box("b", 91, 0)], "right") is None


def test_disabled_items_are_passed_over_and_waiting_ones_count_when_full() -> None:
    items = [box("a", 0, 0), box("b", 120, 0, disabled=True), box("c", 240, 0, disabled="until_full"), box("d", 360, 0)]

    assert neighbours(items)["a"].right == "d"
    assert neighbours(items, full=True)["a"].right == "c"
    assert set(neighbours(items)) == {"a", "d"}


def test_overrides_win_unless_they_lead_to_nothing_or_back() -> None:
    items = [box("a", 0, 0), box("b", 120, 0), box("c", 240, 0, disabled=True)]

    table = neighbours(items, {"a": {"right": "c", "left": "b", "up": "a"}, "b": {"left": None}, "gone": {"up": "a"}})

    assert table == {"a": Nav(left="b", right="b"), "b": Nav()}


def test_lists_wrap_and_later_overrides_win() -> None:
    assert wrap(["a"]) == {}
    assert wrap(["a", "b", "c"]) == {"a": {"up": "c"}, "c": {"down": "a"}}
    assert merged(wrap(["a", "b"]), {"a": {"up": None, "left": "x"}})["a"] == {"up": None, "left": "x"}


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 600)), min_size=1, max_size=12, unique=True))
def test_no_item_is_its_own_neighbour_whatever_the_places(places: list[tuple[int, int]]) -> None:
    items = [box(f"i{n}", x, y) for n, (x, y) in enumerate(places)]

    for own, nav in neighbours(items).items():
        assert own not in (nav.up, nav.down, nav.left, nav.right)


@given(st.sampled_from(["tick", "cross"]), st.integers(16, 200))
def test_tick_and_cross_stay_in_their_square(shape: str, size: int) -> None:
    drawn = triangles(Mark(0, 0, size, shape, "#FFFFFF"))  # type: ignore[arg-type]

    assert drawn.cells
    assert all(0 <= x <= size - 2 * drawn.half and 0 <= y <= size - 2 * drawn.half for _, x, y in drawn.cells)
