"""The teach-in of an unknown remote, as a pure reducer over raw codes. It needs no key that works.

The viewer is asked for the six basic keys, the number key 1, and, if the remote has them, the colour and page keys.
Then a marker is moved by the new keys, each arrow once; OK saves, anything else that goes wrong starts again.
A remote may lack number keys as well, so all but the six are passed over after ten seconds without a press.
"""

from collections.abc import Mapping
from enum import StrEnum

import attrs
from attrs import frozen

from keymap.keys import ARROWS, BASIC, COLOURS, DIGITS, PAGES, WORDS, Key
from keymap.lint import MAX_PAGE_CODE

ASKED = (*BASIC, Key.D1, *COLOURS, *PAGES)
"""The keys in the order they are asked for."""

SKIP_AFTER_S = 10
PROOF_AFTER_S = 30
"""Seconds without a press until the proof starts again: OK itself may have been taught wrong."""

SIDE = 3
"""The marker moves on a square of this many fields a side and begins in the middle."""

STRANGERS = 3
"""So many presses of untaught codes during the proof mean that the keys were taught wrong."""


class Phase(StrEnum):
    """ASKING for keys, PROVING them by the marker, SAVED."""

    ASKING = "asking"
    PROVING = "proving"
    SAVED = "saved"


@frozen
class Teach:
    """A teach-in under way. `given` maps raw codes to keys; `notice` is what to say about the last press."""

    phase: Phase = Phase.ASKING
    step: int = 0
    given: Mapping[int, Key] = attrs.field(factory=dict)
    notice: str = ""
    column: int = SIDE // 2
    row: int = SIDE // 2
    proven: frozenset[Key] = frozenset()
    strangers: int = 0

    @property
    def asked(self) -> Key | None:
        """The key asked for now."""
        return ASKED[self.step] if self.phase is Phase.ASKING else None

    @property
    def optional(self) -> bool:
        """Whether the key asked for may be passed over."""
        return self.asked is not None and self.asked not in BASIC


def words(key: Key) -> str:
    """How the teach-in names a key."""
    return "数字 1" if key is Key.D1 else WORDS[key]


def prompt(state: Teach) -> str:
    """The large line on the screen."""
    if state.asked is not None:
        return f"请按 {words(state.asked)} 键"
    if state.phase is Phase.SAVED:
        return "学好了"
    waiting = [words(key) for key in ARROWS if key not in state.proven]
    return f"请按 {'、'.join(waiting)} 键移动方块" if waiting else "方块听话的话，请按 确定 键保存"


def press(state: Teach, code: int) -> Teach:
    """One press with a raw code, modifiers added in where the browser tells them."""
    if state.phase is Phase.ASKING:
        return _answer(state, code)
    return _prove(state, code) if state.phase is Phase.PROVING else state


def wait(state: Teach) -> Teach:
    """Nothing was pressed for SKIP_AFTER_S (asking) or PROOF_AFTER_S (proving): pass over the key, or start again."""
    if state.optional:
        return _next(state, state.given, "")
    return _again("时间到了，我们重新来一遍") if state.phase is Phase.PROVING else state


def _answer(state: Teach, code: int) -> Teach:
    asked = ASKED[state.step]
    if not 1 <= code <= MAX_PAGE_CODE:
        return attrs.evolve(state, notice="这个键用不了，请换一个键")
    if code in state.given:
        taken = words(state.given[code]) if state.given[code] not in DIGITS else "数字"
        return attrs.evolve(state, notice=f"这个键已经是“{taken}”了，请按 {words(asked)} 键")
    if asked is Key.D1:
        return _answer_digit(state, code)
    return _next(state, {**state.given, code: asked}, "")


def _answer_digit(state: Teach, code: int) -> Teach:
    """The other digits follow from 1, in a row from code - 1 (as 48 to 57 do on nearly all boxes).

    Where that row meets a key already taught, the remote's digits do not stand in a row; then it has none, and the
    pad on the screen serves instead.
    """
    run = {code - 1 + offset: key for offset, key in enumerate(DIGITS)}
    if set(run) & set(state.given) or not all(1 <= number <= MAX_PAGE_CODE for number in run):
        return _next(state, state.given, "数字键学不会，以后请用屏幕上的数字")
    return _next(state, {**state.given, **run}, "")


def _next(state: Teach, given: Mapping[int, Key], notice: str) -> Teach:
    if state.step + 1 < len(ASKED):
        return attrs.evolve(state, step=state.step + 1, given=given, notice=notice)
    return attrs.evolve(state, phase=Phase.PROVING, given=given, notice=notice)


def _again(notice: str) -> Teach:
    return Teach(notice=notice)


def _prove(state: Teach, code: int) -> Teach:
    key = state.given.get(code)
    if key is None:
        return _stranger(state)
    if key is Key.BACK:
        return _again("我们重新来一遍")
    if key is Key.OK:
        return _save(state)
    return _move(state, key) if key in ARROWS else attrs.evolve(state, notice="")


def _stranger(state: Teach) -> Teach:
    if state.strangers + 1 >= STRANGERS:
        return _again("这些键没有学过，我们重新来一遍")
    return attrs.evolve(state, strangers=state.strangers + 1, notice="这个键没有学过，请按学过的键")


def _save(state: Teach) -> Teach:
    untried = [words(key) for key in ARROWS if key not in state.proven]
    if untried:
        return attrs.evolve(state, notice=f"还没有试过 {'、'.join(untried)} 键")
    return attrs.evolve(state, phase=Phase.SAVED, notice="")


def _move(state: Teach, key: Key) -> Teach:
    right = {Key.LEFT: -1, Key.RIGHT: 1}.get(key, 0)
    down = {Key.UP: -1, Key.DOWN: 1}.get(key, 0)
    return attrs.evolve(
        state,
        column=min(max(state.column + right, 0), SIDE - 1),
        row=min(max(state.row + down, 0), SIDE - 1),
        proven=state.proven | {key},
        notice="",
    )


def learnt(state: Teach) -> Mapping[int, Key]:
    """The taught keys, for `layers.with_taught`; ValueError before the viewer has saved them."""
    if state.phase is not Phase.SAVED:
        raise ValueError("the teach-in is not finished")
    return dict(state.given)
