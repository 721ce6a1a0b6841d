"""An evening of roll-call in the small town: boxes press, cadres mark, the clock turns."""

from datetime import datetime

from middleware.domain.registry import Staff
from middleware.domain.rollcall import Outcome, Rollcall
from middleware.services import rollcall as life
from middleware.services.rollcall import Opening
from middleware.services.rollcall_entry import Box
from middleware.services.rollcall_signin import SignIn, sign_in_batch
from middleware.storage.store import Store
from tests.contract.small_town import MINUTE, NOW, SmallTown


def at(minute: float) -> datetime:
    """An instant of the evening; the roll-call opens at minute 0."""
    return NOW + minute * MINUTE


def opened(store: Store, minutes: int = 30, by: Staff | None = None, **fields: object) -> Rollcall:
    """Open a roll-call of the whole town at minute 0."""
    opening = Opening(**{"title": "主题党日", "scope": "town", "minutes": minutes, **fields})  # type: ignore[arg-type]
    return store.run_sync(lambda uow: life.open_rollcall(uow, at(0), by, opening))


def box(town: SmallTown, home: str | None = "01001") -> Box:
    """The box of a household; None is one at a village site."""
    return Box(town.boxes[home], town.homes[home]) if home else Box(town.boxes["01002"], None)


def pressed(
    store: Store,
    town: SmallTown,
    rollcall: int,
    name: str | None = None,
    number: str = "",
    *,
    home: str | None = "01001",
    key: str = "k1",
    minute: float = 3,
) -> Outcome:
    """Press 对，我来报到 once: with a name he was picked, with a number it was typed, else the box's entry counts."""
    member = town.members[name] if name else None
    command = SignIn(rollcall, box(town, home), key, at(minute), member, number)
    (outcome,) = store.run_sync(lambda uow: sign_in_batch(uow, [command]))
    return outcome


def kinds(store: Store) -> list[str]:
    """The kinds of all events written so far."""
    return [event.kind for event in store.run_sync(lambda uow: uow.outbox.after(0), write=False)]


def cadre(town: SmallTown, village: str = "v01") -> Staff:
    """The cadre of a village and its branch."""
    return Staff(5, f"{village}-1", "村干部", "cadre", None, town.branches[f"b{village[1:]}"], town.villages[village])
