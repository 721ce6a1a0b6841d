"""What became of each output of the guide: kept for the operator, and so that of several servers one does each turn."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import evolve, frozen

from middleware.services.ports import UnitOfWork

_SCOPE: Final = "guide_output"
_TIMES: Final = ("tried", "written", "failed")


@frozen
class Outcome:
    """Of one output: the last turn, the last time it was written with bytes and tag of its content, and since when
    it has failed and why."""

    tried: datetime | None = None
    written: datetime | None = None
    size: int = 0
    tag: str = ""
    failed: datetime | None = None
    why: str = ""


def every(uow: UnitOfWork) -> Mapping[str, Outcome]:
    """By name, those of other servers' settings too."""
    return {name: _read(value) for name, value in uow.settings.all(_SCOPE).items()}


def due(uow: UnitOfWork, now: datetime, wanted: Mapping[str, timedelta]) -> tuple[str, ...]:
    """Which of these outputs, given with the time between two turns, have theirs now."""
    known = every(uow)
    return tuple(name for name, pause in wanted.items() if _due(known.get(name, Outcome()), now, pause))


def claim(uow: UnitOfWork, now: datetime, name: str, pause: timedelta) -> Outcome | None:
    """The turn of an output, for the one server that asks first; None for all others."""
    uow.guide.hold()
    found = every(uow).get(name, Outcome())
    return _keep(uow, name, evolve(found, tried=now)) if _due(found, now, pause) else None


def done(uow: UnitOfWork, now: datetime, name: str, tag: str, size: int) -> None:
    """Note that it was written, or taken by the server it was sent to."""
    _keep(uow, name, Outcome(now, now, size, tag))


def unchanged(uow: UnitOfWork, name: str) -> None:
    """Note that there was nothing new to write: whatever had failed is over."""
    _keep(uow, name, evolve(every(uow).get(name, Outcome()), failed=None, why=""))


def failed(uow: UnitOfWork, now: datetime, name: str, why: str) -> None:
    """Note that it could not be written; since when stays."""
    found = every(uow).get(name, Outcome())
    _keep(uow, name, evolve(found, failed=found.failed or now, why=why[:300]))


def again(uow: UnitOfWork, name: str) -> None:
    """Let it be written at the next look of a server, changed or not."""
    _keep(uow, name, evolve(every(uow).get(name, Outcome()), tried=None, tag=""))


def _due(found: Outcome, now: datetime, pause: timedelta) -> bool:
    """A turn in the future is that of a clock that was wrong."""
    return found.tried is None or not found.tried <= now < found.tried + pause


def _keep(uow: UnitOfWork, name: str, outcome: Outcome) -> Outcome:
    times = {key: at.isoformat() for key in _TIMES if (at := getattr(outcome, key))}
    uow.settings.put(_SCOPE, name, {**times, "size": outcome.size, "tag": outcome.tag, "why": outcome.why})
    return outcome


def _read(value: Mapping[str, Any]) -> Outcome:
    times = {key: datetime.fromisoformat(value[key]) for key in _TIMES if key in value}
    return Outcome(size=value["size"], tag=value["tag"], why=value["why"], **times)
