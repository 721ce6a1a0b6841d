"""Teaching an unknown box its keys with no working key; and counting the codes that no table knows."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keymap.families import resolve, shipped
from keymap.keys import BASIC, DIGITS, Key
from keymap.layers import with_taught
from keymap.teach import ASKED, Phase, Teach, learnt, press, prompt, wait
from keymap.unknown import MAX_KINDS, Tally, report

CODES = {key: 500 + 20 * at for at, key in enumerate(ASKED)}
PROOF = (Key.UP, Key.DOWN, Key.LEFT, Key.RIGHT, Key.OK)


def through(state: Teach, *codes: int) -> Teach:
    return reduce(press, codes, state)


def asked_through() -> Teach:
    return through(Teach(), *(CODES[key] for key in ASKED))


def test_it_asks_for_the_six_keys_first_and_proves_them_by_the_marker() -> None:
    assert prompt(Teach()) == "请按 上 键"
    assert ASKED[: len(BASIC)] == BASIC

    state = asked_through()
    assert state.phase is Phase.PROVING
    saved = through(state, *(CODES[key] for key in PROOF))

    assert saved.phase is Phase.SAVED
    family = with_taught(shipped()["pc"], learnt(saved))
    assert [resolve(family, CODES[key]) for key in BASIC] == list(BASIC)


def test_digits_follow_from_one_of_them() -> None:
    saved = through(asked_through(), *(CODES[key] for key in PROOF))

    assert [learnt(saved)[CODES[Key.D1] - 1 + n] for n in range(10)] == list(DIGITS)


def test_a_code_already_given_is_refused_with_words() -> None:
    state = through(Teach(), 500, 500)

    assert state.step == 1
    assert state.notice == "这个键已经是“上”了，请按 下 键"


def test_optional_keys_pass_by_waiting_the_six_do_not() -> None:
    state = through(Teach(), *(CODES[key] for key in BASIC))

    assert wait(Teach()) == Teach()
    while state.phase is Phase.ASKING:
        state = wait(state)
    assert set(state.given.values()) == set(BASIC)


def test_wrongly_taught_keys_start_again() -> None:
    state = asked_through()

    assert through(state, 9, 10, 11).phase is Phase.ASKING
    assert wait(state).phase is Phase.ASKING
    assert press(state, CODES[Key.BACK]).phase is Phase.ASKING


def test_ok_saves_only_after_every_arrow_was_tried() -> None:
    state = press(asked_through(), CODES[Key.OK])

    assert state.phase is Phase.PROVING
    assert "还没有试过" in state.notice
    with pytest.raises(ValueError, match="not finished"):
        learnt(state)


@given(st.lists(st.integers(0, 70_000), max_size=60))
def test_whatever_is_pressed_what_is_saved_is_a_sound_table(codes: list[int]) -> None:
    state = through(Teach(), *codes)
    if state.phase is Phase.PROVING:
        at = {key: code for code, key in state.given.items()}
        state = through(state, *(at[key] for key in PROOF))

    assert 1 <= state.row + 1 <= 3
    assert 1 <= state.column + 1 <= 3
    if state.phase is Phase.SAVED:
        assert set(BASIC) <= set(with_taught(shipped()["pc"], learnt(state)).keys.values())


def test_unknown_codes_are_counted_known_and_impossible_ones_are_not() -> None:
    family, tally = shipped()["dvn"], Tally()
    for code, hook in [
        (900, "keydown"),
        (900, "keydown"),
        (38, "keydown"),
        (601, "keydown"),
        (1, "wish"),
        (-4, "keydown"),
    ]:
        tally, _ = report(tally, family, code, hook)

    assert [(unknown.code, count) for unknown, count in tally.ranked()] == [(900, 2)]


def test_a_hostile_page_cannot_grow_the_tally_without_end() -> None:
    family, tally = shipped()["dvn"], Tally()
    for code in range(2000, 2000 + MAX_KINDS + 50):
        tally, _ = report(tally, family, code, "keydown")

    assert (len(tally.counts), tally.dropped) == (MAX_KINDS, 50)
