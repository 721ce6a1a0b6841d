"""What holds on a channel: its day, its gaps, what it must carry."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from epg.planning import Rules
from middleware.services.ports import UnitOfWork

_SPANS: Final = ("extend_at_most", "tolerance", "repeat_after")
_TUPLES: Final = ("must_carry", "watershed")
_PLAIN: Final = ("own", "day_start_s", "grid_min", "gaps")


def rules_of(uow: UnitOfWork, channel: str) -> Rules:
    """The rules of a channel: our own ones fill their gaps, imported ones leave them."""
    found: Mapping[str, Any] = uow.settings.get(f"channel:{channel}", "rules", {})
    spans = {name: timedelta(seconds=found[name]) for name in _SPANS if name in found}
    tuples = {name: tuple(tuple(one) for one in found[name]) for name in _TUPLES if name in found}
    plain = {name: value for name, value in found.items() if name in _PLAIN}
    return Rules(channel, **(plain | spans | tuples))


def set_rules(uow: UnitOfWork, now: datetime, actor: str, rules: Rules) -> None:
    """Keep the rules of a channel."""
    told = {
        "own": rules.own,
        "day_start_s": rules.day_start_s,
        "grid_min": rules.grid_min,
        "gaps": rules.gaps,
        "extend_at_most": rules.extend_at_most.total_seconds(),
        "tolerance": rules.tolerance.total_seconds(),
        "repeat_after": rules.repeat_after.total_seconds(),
        "must_carry": [list(one) for one in rules.must_carry],
        "watershed": [list(one) for one in rules.watershed],
    }
    uow.settings.put(f"channel:{rules.channel}", "rules", told)
    uow.audit.add(now, actor, "rules", "channel", rules.channel, told)
