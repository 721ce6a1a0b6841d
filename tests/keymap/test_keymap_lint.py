"""A key table that would leave a viewer stranded is refused, with file, line and reason."""

import pytest

from keymap.families import load, resolve, shipped
from keymap.keys import Key
from keymap.model import BadFamily

SOUND = """family = "box"
title = "盒子"
kind = "page"
modifiers = "none"
hooks = ["keydown"]
repeat_ms = 90
digit_bounce_ms = 0
quirks = []
match = [{ user_agent = "Box" }]
has = { digits = false, colours = false, delete = false, pages = false, home = false }
labels = {}
[sources]
site = "a page of the operator"
[keys.site]
38 = "UP"
40 = "DOWN"
37 = "LEFT"
39 = "RIGHT"
13 = "OK"
8 = "BACK"
"""


def faults(text: str, **others: str) -> list[str]:
    with pytest.raises(BadFamily) as refused:
        load({"box": text, **others})
    return [str(fault) for fault in refused.value.faults]


def test_a_sound_family_loads() -> None:
    assert resolve(load({"box": SOUND})["box"], 38) is Key.UP


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('8 = "BACK"\n', "", "no code for BACK, one of the six basic keys"),
        ('40 = "DOWN"\n', "", "no code for DOWN"),
        ('8 = "BACK"\n', '8 = "BACK"\n48 = "D0"\n', "some digits but not all ten"),
        ('8 = "BACK"\n', '8 = "BACK"\n70000 = "RED"\n', "code 70000 is out of range"),
        ('8 = "BACK"\n', '8 = "BACK"\n9 = "SIDEWAYS"\n', "'SIDEWAYS' is not a logical key"),
        ('8 = "BACK"\n', '8 = "BACK"\n"9+shift" = "RED"\n', "has a modifier, but modifiers is not mag"),
        ('8 = "BACK"\n', '8 = "BACK"\n0x26 = "RED"\n', "code 38 twice"),
        ('8 = "BACK"\n', '8 = "BACK"\n[system.site]\n13 = "PLAY_OK"\n', "code 13 is both a key and a system event"),
        ('site = "a page of the operator"\n', "", "keys.site has no source"),
        ("quirks = []", 'quirks = ["magic"]', "quirks: 'magic' is not known"),
        ('hooks = ["keydown"]', 'hooks = ["wish"]', "hooks: 'wish' is not known"),
        ("has = { digits = false", "has = { digits = true", "has.digits is True but the keys say False"),
        ('family = "box"', 'family = "fox"', "family must be equal to the file's name"),
        ("digit_bounce_ms = 0", "digit_bounce_ms = 200", "digit_bounce_ms must be at most 80"),
        ('match = [{ user_agent = "Box" }]', "match = [{}]", "an empty alternative would hold for every box"),
        ('title = "盒子"', 'titel = "盒子"', "unknown field 'titel'"),
    ],
)
def test_a_broken_table_is_refused_with_the_reason(old: str, new: str, said: str) -> None:
    assert old in SOUND

    assert any(said in fault and fault.startswith("box.toml") for fault in faults(SOUND.replace(old, new)))


def test_a_fault_names_its_line() -> None:
    assert "box.toml:21: 'SIDEWAYS' is not a logical key" in faults(SOUND + '9 = "SIDEWAYS"\n')


def test_all_faults_of_all_files_are_told_at_once() -> None:
    told = faults(SOUND.replace('8 = "BACK"\n', ""), other="not toml [")

    assert {fault.partition(".")[0] for fault in told} == {"box", "other"}


def test_a_variant_says_what_it_replaces_and_empties_what_it_removes() -> None:
    variant = (
        'family = "v"\ntitle = "变体"\nextends = "box"\nreplaces = [8]\n[sources]\nop = "the operator"\n[keys.op]\n'
    )

    family = load({"box": SOUND, "v": variant + '8 = "EXIT"\n640 = "BACK"\n'})["v"]

    assert (resolve(family, 8), resolve(family, 640), resolve(family, 38)) == (Key.EXIT, Key.BACK, Key.UP)
    assert any("list it in replaces" in fault for fault in faults(SOUND, v=variant.replace("[8]", "[]") + '8 = "EXIT"'))


def test_a_bridge_may_lack_back_only_with_a_reason() -> None:
    family = shipped()["nec-hisi"]

    assert family.kind == "bridge"
    assert Key.BACK not in family.keys.values()
    assert family.no_back


@pytest.mark.parametrize("text", ["", "x" * 70_000, "[[[", "a = 1", 'family = "box"\nkeys = 3'])
def test_whatever_a_file_holds_ends_in_faults(text: str) -> None:
    assert faults(text)
