"""Changes to key families that lie over each other: those of the settings, then what the operator has stored."""

from collections.abc import Iterable
from typing import Final

from twisted.logger import Logger

from keymap.families import Families
from keymap.layers import BadOverride, Override, Overrides, add
from middleware.domain.key_changes import KeyChange

_log: Final = Logger(namespace="portal.keys")


def layered(families: Families, settings: Overrides, stored: Iterable[KeyChange]) -> Overrides:
    """All that is in force. What no longer stands, because a table was changed under it, is logged and passed over."""
    found = settings
    for one in stored:
        try:
            found = add(families, found, override(one))
        except BadOverride as error:
            _log.warn("change {number} of the keys of {family} is passed over: {why}", number=one.id,
                      family=one.family, why=str(error))  # fmt: skip
    return found


def override(one: KeyChange) -> Override:
    """A stored change as keymap takes it."""
    return Override(f"change {one.id}", one.family, one.changes, one.group)
