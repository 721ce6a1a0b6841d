"""What was sent to boxes, batch by batch: to whom, by whom, and how many have seen it."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from attrs import frozen

from middleware.domain.box_events import MESSAGES, Delivery, Kind
from middleware.services.ports import AuditEntry, UnitOfWork

NEWEST = 50


@frozen
class Batch:
    """One order: `boxes` were meant, `sent` got it, `confirmed` pressed OK; `waiting` = some may still get it.

    `goes` is when it was to go out: when it was ordered, or later.
    """

    batch: str
    created: datetime
    goes: datetime
    kind: Kind
    msg: str
    target: str
    sender: str
    boxes: int
    sent: int
    confirmed: int
    waiting: bool

    @property
    def message(self) -> bool:
        """Whether viewers press OK to it."""
        return self.kind in MESSAGES


def batches(uow: UnitOfWork, now: datetime, limit: int = NEWEST) -> tuple[Batch, ...]:
    """The newest batches as the audit log has them, with how far each has come; the words go when all is taken back."""
    orders = [one for one in uow.audit.entries("box_event", limit=4 * limit) if one.verb == "send"][:limit]
    found = uow.box_events.deliveries([one.noun_id for one in orders])
    return tuple(_batch(one, found, now) for one in orders)


def _batch(order: AuditEntry, found: Mapping[str, Delivery], now: datetime) -> Batch:
    detail, delivery = order.detail, found.get(order.noun_id)
    kind = cast("Kind", detail["kind"])
    reached = delivery.confirmed if delivery and kind in MESSAGES else delivery.sent if delivery else 0
    return Batch(
        order.noun_id,
        order.at,
        max(order.at, datetime.fromisoformat(detail["at"])) if "at" in detail else order.at,
        kind,
        delivery.msg if delivery else "",
        str(detail["target"]),
        order.actor,
        int(detail["boxes"]),
        delivery.sent if delivery else 0,
        delivery.confirmed if delivery else 0,
        waiting=delivery is not None and now < delivery.expires and reached < delivery.boxes,
    )
