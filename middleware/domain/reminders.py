"""Reminders: a programme that a home does not want to miss."""

from datetime import datetime

from attrs import frozen


@frozen
class Reminder:
    """One per box, channel and start; `fires` is when it pops up, `title` what it was called when it was set."""

    device_id: int
    channel_id: int
    start: datetime
    fires: datetime
    title: str
