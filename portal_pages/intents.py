"""What a step asks of the world: the closed union of things that leave the page or need the network."""

from typing import Literal

from attrs import frozen

from portal_pages.states import Open, Submit


@frozen
class Go:
    """Open a page."""

    target: Open


@frozen
class Post:
    """Send the page's form; `number` are the digits of its field, None without one."""

    target: Submit
    number: str | None = None


@frozen
class Draft:
    """Keep what has been typed, without waiting for an answer."""

    path: str
    number: str


@frozen
class Missing:
    """Say how many digits are still to come; nothing is sent."""

    digits: int


@frozen
class Report:
    """Tell the server what became of an invitation."""

    event: int
    state: Literal["seen", "accepted", "dismissed"]


@frozen
class Reload:
    """Fetch this page again."""


@frozen
class Play:
    """Something for the player: `play`, `seek:-10`, `jump:4`, `subtitles`, `dial:1`."""

    act: str


Intent = Go | Post | Draft | Missing | Report | Reload | Play
