"""Films whose files are damaged or lost leave the shelf and the channel's coming hours."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from attrs import evolve, frozen

from middleware.domain.events import ContentChanged
from middleware.services.ports import UnitOfWork
from vod.catalogue import Asset, Edition
from vod.jobs import State, move

NAMED: Final = 5
"""Files that the trail names; of a lost disk there would be thousands."""


@frozen
class Kept:
    """A film that can be watched, and the index row that its files must agree with."""

    asset: Asset
    edition: Edition


def kept(uow: UnitOfWork, asset_id: int) -> Kept | None:
    """A film to look at, or None when it is not on the shelf any more."""
    found = uow.assets.get(asset_id)
    if found is None or found.state is not State.READY:
        return None
    edition = uow.assets.edition(found.id, found.rev)
    return None if edition is None else Kept(found, edition)


def ready(uow: UnitOfWork) -> tuple[int, ...]:
    """The numbers of all films that can be watched."""
    return tuple(each.id for each in uow.assets.all() if each.state is State.READY)


def withdraw_damaged(uow: UnitOfWork, now: datetime, looked_at: Kept, files: Sequence[str], actor: str) -> Asset | None:
    """Withdraw a film of which these files are damaged; None when it has been withdrawn or replaced meanwhile."""
    found = uow.assets.get(looked_at.asset.id)
    if found is None or found.state is not State.READY or found.rev != looked_at.asset.rev:
        return None
    uow.assets.set_state(found.id, move(found.state, State.WITHDRAWN), now)
    uow.audit.add(now, actor, "damaged", "asset", found.id, {"files": len(files), "first": list(files[:NAMED])})
    uow.outbox.add(ContentChanged("asset"))
    return evolve(found, state=State.WITHDRAWN)
