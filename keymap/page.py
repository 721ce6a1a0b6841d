"""The export of a family to the page's ES3 script: short tokens by code, as one compact literal."""

from collections.abc import Mapping

from keymap.keys import TOKENS
from keymap.model import Family


def page_map(family: Family) -> Mapping[int, str]:
    """The token of each code that a page may use, by ascending code; ValueError for a bridge.

    Keys without a token (volume, mute, power and rarer ones) are left out, so they stay with the box.
    """
    if family.kind == "bridge":
        raise ValueError(f"{family.name} is a bridge: its codes never reach a page")
    return {
        code: TOKENS[action]
        for code, action in sorted(family.keys.items(), key=lambda item: int(item[0]))
        if isinstance(code, int) and action in TOKENS
    }


def page_script(family: Family) -> str:
    """`page_map` as a JavaScript object literal, such as {13:"O",38:"U"}; ASCII, safe inside a script element."""
    return "{" + ",".join(f'{code}:"{token}"' for code, token in page_map(family).items()) + "}"


def system_script(family: Family) -> str:
    """The system events of a family as a JavaScript object literal, such as {5202:"MEDIA_PREPARED"}."""
    return "{" + ",".join(f'{code}:"{event}"' for code, event in sorted(family.system.items())) + "}"
