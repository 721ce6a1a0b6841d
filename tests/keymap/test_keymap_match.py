"""Recorded boxes and presses of every family: which family a box is taken for, and what its codes mean."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from keymap.boxes import Box, Choice, Verdict, holds, match
from keymap.families import resolve, shipped
from keymap.keys import NOOP, Key, SystemEvent

FIXTURES = {
    path.stem: tomllib.loads(path.read_text("utf-8")) for path in (Path(__file__).parent / "fixtures").iterdir()
}
BOXES = [(name, box) for name, found in FIXTURES.items() for box in found.get("box", [])]
PRESSES = [(name, press) for name, found in FIXTURES.items() for press in found.get("press", [])]


def shown(box: dict[str, Any]) -> Box:
    facts = {name: value for name, value in box.items() if name not in ("source", "why", "override")}
    return Box(**{**facts, "objects": tuple(facts.get("objects", ()))})


def test_every_family_has_recorded_fixtures() -> None:
    assert set(FIXTURES) == set(shipped())
    assert [name for name, found in FIXTURES.items() if not found.get("press")] == []
    assert [n for n, f in shipped().items() if f.kind == "page" and not FIXTURES[n].get("box")] == []


@pytest.mark.parametrize(("family", "recorded"), BOXES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_recorded_box_is_taken_for_its_family(family: str, recorded: dict[str, Any]) -> None:
    box, what = shown(recorded), recorded.get("override")
    choices = [Choice(what, getattr(box, what), family)] if what else []

    assert match(shipped(), box, choices) == Verdict(family, recorded.get("why", "override"))


@pytest.mark.parametrize(("family", "recorded"), BOXES, ids=lambda value: value if isinstance(value, str) else "")
def test_matchers_of_two_families_never_both_hold(family: str, recorded: dict[str, Any]) -> None:
    box = shown(recorded)
    held = {name for name, other in shipped().items() if holds(other, box)}

    assert len(held) <= 1, "a variant is named by the operator; its boxes show themselves as the base does"
    assert family in held or recorded.get("override") or recorded["why"] == "default"


@pytest.mark.parametrize(("family", "press"), PRESSES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_recorded_press_means_its_key(family: str, press: dict[str, Any]) -> None:
    held = {name: press.get(name, False) for name in ("shift", "alt")}
    meant = press["key"]
    wanted = NOOP if meant == NOOP else Key[meant] if meant in Key.__members__ else SystemEvent[meant]

    assert resolve(shipped()[family], press["code"], **held, hook=press.get("hook", "keydown")) == wanted


def test_the_operators_word_beats_everything_the_longer_prefix_the_shorter() -> None:
    box = Box(mac="00:1a:79:01:02:03", user_agent="Mozilla/5.0 (SMART-TV; LINUX; Tizen 4.0)")
    choices = [
        Choice("mac", "00-1A-79", "mag", prefix=True),
        Choice("mac", "001A7901", "dvn", prefix=True),
        Choice("mac", "00:1A:79:01:02:04", "dth"),
    ]

    assert match(shipped(), box, choices, taught="ctc") == Verdict("dvn", "override")
    assert match(shipped(), box, choices[:1]) == Verdict("mag", "override")
    assert match(shipped(), box, [], taught="ctc") == Verdict("ctc", "taught")
    assert match(shipped(), box) == Verdict("tizen", "server")


def test_no_choice_leaves_a_box_without_keys() -> None:
    box = Box(mac="00:1A:79:01:02:03")

    assert match(shipped(), box, [Choice("mac", "001A79010203", "kodi")]) == Verdict("pc", "default")
    assert match(shipped(), box, [Choice("mac", "001A79010203", "no such family")]) == Verdict("pc", "default")
    assert match(shipped(), box, [Choice("mac", "", "dvn", prefix=True)]) == Verdict("pc", "default")
