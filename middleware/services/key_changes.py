"""The operator's changes to key families, over those of the settings file: made, listed, undone; all boxes are told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from middleware.domain.errors import BadValue, NotFound
from middleware.domain.events import ContentChanged
from middleware.domain.key_changes import KeyChange
from middleware.services.ports import UnitOfWork

NOUN: Final = "keys"
MOST: Final = 200
"""Changes that may be in force at once."""
_SCOPE, _KEY = "system", "key_changes"


def listed(uow: UnitOfWork) -> tuple[KeyChange, ...]:
    """All of them in the order in which they were made; a later one wins."""
    return tuple(map(_read, uow.settings.get(_SCOPE, _KEY, [])))


def add(
    uow: UnitOfWork, now: datetime, actor: str, family: str, changes: tuple[tuple[str, str], ...], group: str = ""
) -> KeyChange:
    """Keep a change that the caller has checked; pages have it from the next one on. Raises BadValue(key_changes)."""
    known = listed(uow)
    if len(known) >= MOST:
        raise BadValue("key_changes", "按键改动太多了，先撤销几条")
    made = KeyChange(max((one.id for one in known), default=0) + 1, family, group, changes, now, actor)
    detail = {"family": family, "group": group, "changes": dict(changes)}
    uow.audit.add(now, actor, "change", "keys", made.id, detail)
    _write(uow, (*known, made))
    return made


def undo(uow: UnitOfWork, now: datetime, actor: str, number: int) -> KeyChange:
    """Take one back. Raises NotFound."""
    known = listed(uow)
    gone = next((one for one in known if one.id == number), None)
    if gone is None:
        raise NotFound("没有这条按键改动", "no_key_change")
    uow.audit.add(now, actor, "undo", "keys", number, {"family": gone.family, "group": gone.group})
    _write(uow, tuple(one for one in known if one.id != number))
    return gone


def _write(uow: UnitOfWork, rows: tuple[KeyChange, ...]) -> None:
    uow.settings.put(_SCOPE, _KEY, [_stored(one) for one in rows])
    uow.outbox.add(ContentChanged(NOUN))


def _stored(one: KeyChange) -> dict[str, Any]:
    return {
        "id": one.id,
        "family": one.family,
        "group": one.group,
        "changes": [[*pair] for pair in one.changes],
        "at": one.at.isoformat(),
        "by": one.by,
    }


def _read(row: Mapping[str, Any]) -> KeyChange:
    changes = tuple((str(subject), str(value)) for subject, value in row["changes"])
    return KeyChange(int(row["id"]), row["family"], row["group"], changes, datetime.fromisoformat(row["at"]), row["by"])
