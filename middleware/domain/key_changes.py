"""What an operator has changed in the key table of a family, as it is stored; keymap says what it means."""

from datetime import datetime

from attrs import frozen


@frozen
class KeyChange:
    """Changes to one family, for all its boxes or for one `group`: code or key to key, "noop" or "" (removed)."""

    id: int
    family: str
    group: str
    changes: tuple[tuple[str, str], ...]
    at: datetime
    by: str
