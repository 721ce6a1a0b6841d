"""The operator's changes to key families in the settings: on the next page, or refused with their place."""

from pathlib import Path

import pytest

from keymap.families import shipped
from middleware.app import key_changes
from middleware.config import BadConfig, parse
from middleware.portal.profiles import Profiles


def test_a_changed_code_is_in_the_pages_of_that_family_and_of_no_other() -> None:
    config = parse('[portal.keys.dvn]\n641 = "BACK"\n120 = ""\n', Path("data"))

    profiles = Profiles(shipped(), overrides=key_changes(config, shipped()), hold_s=25, slot_s=60, plays=False)

    assert '641:"B"' in profiles.box("dvn", {}).codes
    assert "120:" not in profiles.box("dvn", {}).codes
    assert "641:" not in profiles.box("ctc", {}).codes


def test_every_change_that_cannot_stand_is_told_with_its_place() -> None:
    config = parse(
        '[portal.overrides]\n"001A79*" = "nokia"\n[portal.keys.dvn]\n13 = ""\n[portal.keys.sony]\n1 = "UP"\n',
        Path("data"),
    )

    with pytest.raises(BadConfig) as refused:
        key_changes(config, shipped())

    assert [str(fault) for fault in refused.value.faults] == [
        "portal.overrides.001A79*: there is no key family 'nokia'",
        "portal.keys.dvn: no code for OK, one of the six basic keys",
        "portal.keys.sony: no family 'sony'",
    ]


def test_a_change_may_hold_for_one_group_of_boxes_only() -> None:
    config = parse('[portal.keys."dvn@hotel"]\n641 = "BACK"\n', Path("data"))

    profiles = Profiles(shipped(), overrides=key_changes(config, shipped()), hold_s=25, slot_s=60, plays=False)

    assert '641:"B"' in profiles.box("dvn", {}, "hotel").codes
    assert "641:" not in profiles.box("dvn", {}, "school").codes
    assert profiles.box("dvn", {}, "school") is profiles.box("dvn", {})
