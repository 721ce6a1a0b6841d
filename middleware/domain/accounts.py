"""The operator's customers: an account stands for a household with any number of boxes. No prices, no payments."""

from datetime import datetime

from attrs import frozen


@frozen
class Account:
    """A customer as billing knows him.

    `number` is billing's own, `login` what is typed on a box (may be empty), `on` False blocks every box of it with
    `block_text` (Chinese; empty = the usual words). `ends_at`: service ends then. `streams`: pictures at once, 0 = any
    number. Password and phone are sealed in the store and are no part of this value.
    """

    id: int
    number: str
    login: str = ""
    full_name: str = ""
    household_id: int | None = None
    tariff_id: int | None = None
    on: bool = True
    block_text: str = ""
    ends_at: datetime | None = None
    streams: int = 0
    comment: str = ""

    def open_at(self, now: datetime) -> bool:
        """Whether its boxes are served at this moment."""
        return self.on and (self.ends_at is None or now < self.ends_at)
