"""What the operator and the household lay over a table: remove, swallow, remap, undo, and never a stranded viewer."""

import pytest

from keymap.families import compose, resolve, shipped
from keymap.keys import NOOP, Key
from keymap.layers import BadOverride, Override, Overrides, add, effective, remove, with_taught
from keymap.page import page_map, page_script, system_script

FAMILIES = shipped()


def _with(*entries: Override) -> Overrides:
    found = Overrides()
    for entry in entries:
        found = add(FAMILIES, found, entry)
    return found


def test_an_override_remaps_removes_and_swallows() -> None:
    overrides = _with(Override("op-1", "dvn", (("641", "BACK"), ("120", ""), ("77", "noop"))))

    family = effective(FAMILIES, overrides, "dvn")

    assert [resolve(family, code) for code in (640, 641, 120, 77)] == [Key.BACK, Key.BACK, None, NOOP]
    assert resolve(FAMILIES["dvn"], 120) is Key.PAGE_UP


def test_an_override_may_name_a_key_instead_of_its_codes() -> None:
    family = effective(FAMILIES, _with(Override("op-1", "ctc", (("STOP", "BACK"),))), "ctc")

    assert resolve(family, 270) is Key.BACK


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ((("BACK", ""),), "no code for BACK"),
        ((("13", "noop"),), "no code for OK"),
        ((("50", "RED"),), "some digits but not all ten"),
        ((("99999", "RED"),), "out of range"),
        ((("9+shift", "RED"),), "does not add modifiers"),
        ((("9", "LOUDER"),), "not a logical key"),
        ((("500", ""),), "does not have it"),
        ((("HELP", "RED"),), "has no code"),
        ((), "1 to 200 changes"),
    ],
)
def test_a_bad_override_is_refused_with_the_reason(changes: tuple[tuple[str, str], ...], said: str) -> None:
    with pytest.raises(BadOverride, match=said):
        add(FAMILIES, Overrides(), Override("op-1", "dvn", changes))


def test_undo_brings_the_table_back() -> None:
    overrides = _with(Override("op-1", "dvn", (("641", "BACK"),)))

    undone = remove(FAMILIES, overrides, "op-1")

    assert effective(FAMILIES, undone, "dvn") == FAMILIES["dvn"]
    with pytest.raises(BadOverride, match="no override"):
        remove(FAMILIES, undone, "op-1")


def test_what_a_later_override_rests_on_cannot_be_undone_before_it() -> None:
    overrides = _with(Override("a", "dvn", (("641", "BACK"),)), Override("b", "dvn", (("640", ""), ("8", ""))))

    with pytest.raises(BadOverride, match="no code for BACK"):
        remove(FAMILIES, overrides, "a")


def test_a_groups_override_lies_over_the_familys_and_touches_no_other_box() -> None:
    overrides = _with(Override("all", "dvn", (("641", "BACK"),)), Override("west", "dvn", (("641", "RED"),), "west"))

    assert resolve(effective(FAMILIES, overrides, "dvn", group="west"), 641) is Key.RED
    assert resolve(effective(FAMILIES, overrides, "dvn", group="east"), 641) is Key.BACK


def test_taught_keys_lie_over_the_family_and_under_the_operator() -> None:
    taught = {64: Key.BACK, 65: Key.OK}
    overrides = _with(Override("op", "pc", (("64", "MENU"),)))

    assert resolve(effective(FAMILIES, Overrides(), "pc", taught=taught), 64) is Key.BACK
    assert resolve(effective(FAMILIES, overrides, "pc", taught=taught), 64) is Key.MENU


def test_a_household_that_taught_its_remote_keeps_working_keys_whatever_the_operator_removes() -> None:
    only = dict(zip(range(300, 306), Key, strict=False))
    own = with_taught(FAMILIES["dvn"], only)
    overrides = _with(Override("op", "dvn", (("300", "noop"), ("38", "noop"), ("641", "UP"))))

    family = effective(FAMILIES, overrides, "dvn", taught=only)

    assert {Key.UP, Key.OK, Key.BACK} <= set(family.keys.values())
    assert resolve(own, 300) is Key.UP


def test_digits_go_together_when_a_taught_arrow_sits_on_one() -> None:
    family = with_taught(FAMILIES["ctc"], {48: Key.UP})

    assert resolve(family, 48) is Key.UP
    assert not family.has["digits"]


def test_modifiers_are_added_only_where_the_family_says_so() -> None:
    assert compose(FAMILIES["mag"], 9, shift=True) == 1009
    assert compose(FAMILIES["ctc"], 9, shift=True) == 9


@pytest.mark.parametrize("name", [name for name, family in FAMILIES.items() if family.kind == "page"])
def test_the_pages_table_agrees_with_the_family(name: str) -> None:
    family, table = FAMILIES[name], page_map(FAMILIES[name])

    assert {"U", "D", "L", "R", "O", "B"} <= set(table.values())
    assert all(code in family.keys for code in table)
    assert page_script(family).isascii()
    assert "<" not in page_script(family) + system_script(family)


def test_a_bridge_never_reaches_a_page() -> None:
    with pytest.raises(ValueError, match="bridge"):
        page_map(FAMILIES["kodi"])
