"""What a box's pages depend on, read in one transaction: where it stands, whether it may be used, what it sees."""

from datetime import datetime
from typing import Literal

from attrs import frozen

from middleware.domain.packages import Entitled, Where, entitled
from middleware.services import devices
from middleware.services.devices import Placed
from middleware.services.ports import UnitOfWork

State = Literal["active", "pending", "guest", "blocked", "expired", "elsewhere"]
"""guest: told no name; elsewhere: another set has come in as this box since."""


@frozen
class Place:
    """A box with its state; `words` is what the operator says to a blocked one, `code` what a waiting one tells him."""

    placed: Placed
    state: State
    words: str
    code: str
    entitled: Entitled


def place(uow: UnitOfWork, now: datetime, device_id: int) -> Place | None:
    """Read a box; None when there is no such box."""
    placed = devices.placed(uow, device_id)
    if placed is None:
        return None
    device = placed.device
    account = uow.accounts.get(device.account_id) if device.account_id is not None else None
    state: State = device.state if device.state in {"pending", "active"} else "blocked"
    if account is not None and not account.open_at(now):
        state = "expired" if account.on else "blocked"
    where = Where(device_id, placed.village_id, device.group, account.tariff_id if account else None)
    seen = entitled(uow.packages.all(), uow.packages.grants(), where)
    return Place(placed, state, account.block_text if account else "", str(device_id), seen)
