"""What happened that others must learn of: written to the outbox in the same transaction, told after the commit."""

from datetime import datetime

from attrs import frozen


@frozen
class RollcallOpened:
    """A roll-call takes sign-ins now; `households` is how many were invited."""

    rollcall: int
    closes: datetime
    households: int


@frozen
class RollcallExtended:
    """The closing moved; countdowns on screen and stored deadlines change."""

    rollcall: int
    closes: datetime


@frozen
class RollcallClosed:
    """No more sign-ins; every invitation of this roll-call is withdrawn."""

    rollcall: int


@frozen
class InvitationsRenewed:
    """These households, who had said 稍后再说, are invited a second and last time."""

    rollcall: int
    households: tuple[int, ...]


@frozen
class InvitationsWithdrawn:
    """Everyone expected of these households is in: their overlays and badges go."""

    rollcall: int
    households: tuple[int, ...]


@frozen
class AttendanceMoved:
    """Somebody of these households was signed in, marked or struck: what their pages say of the roll-call is stale."""

    rollcall: int
    households: tuple[int, ...]


@frozen
class DeviceChanged:
    """A box was bound, blocked, taught, or got another family or type size: what is known of it in memory is stale."""

    device: int


@frozen
class ContentChanged:
    """Something that pages show was written: `noun` is article, asset, channel, keys, programme or package."""

    noun: str


@frozen
class BoxEventsQueued:
    """Messages or commands wait for these boxes."""

    devices: tuple[int, ...]


@frozen
class AccountChanged:
    """An account was switched, moved or got another tariff: what is known of its boxes in memory is stale."""

    account: int
    devices: tuple[int, ...]


@frozen
class LedgerGrown:
    """Rows or captured segments were added to what an own channel plays; `channel` is its xmltv_id."""

    channel: str


@frozen
class JobsMoved:
    """A film that waits to be packaged was queued, got further or ended; `state` is that of vod.jobs."""

    job: int
    state: str
