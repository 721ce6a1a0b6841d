"""What the server tells a page: frozen content values, already decided, already in the viewer's words.

Times are aware datetimes; the builder shows them in Asia/Shanghai. Nothing here knows where the facts come from.
"""

from datetime import datetime
from typing import Literal

import attrs
from attrs import frozen

Mode = Literal["standard", "large"]


@frozen
class Viewer:
    """The household before the set, and how it likes its pages."""

    now: datetime
    family: str = "pc"
    mode: Mode = "standard"
    home: Literal["live", "boards"] = "live"
    village: str = ""
    focus: str | None = None
    """Focus asked for by `f=` or remembered; ignored when the page has no such focusable."""


@frozen
class ItemFact:
    """One row of a list: `target` is the page id that OK opens."""

    target: str
    title: str
    note: str = ""
    fresh: bool = False


@frozen
class ColumnFact:
    """One column of a board with the rows of the current list page."""

    key: str
    title: str
    items: tuple[ItemFact, ...] = ()
    total: int = 0


@frozen
class Paragraph:
    text: str


@frozen
class Table:
    """A table of an article. `money` holds the indices of right-aligned columns; `total` marks a last row of sums."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    money: frozenset[int] = frozenset()
    total: bool = False


@frozen
class Picture:
    """`url` is rooted on this server, `width` and `height` its pixels."""

    url: str
    width: int
    height: int
    caption: str = ""


Block = Paragraph | Table | Picture


@frozen
class ArticleFact:
    """A notice, disclosure, lesson or profile as the viewer reads it."""

    id: int
    column: str
    column_title: str
    back: str
    """Page id of the list it stands in."""
    title: str
    source: str
    published: datetime
    until: datetime | None = None
    blocks: tuple[Block, ...] = ()
    portrait: Picture | None = None
    """With a portrait the article is shown as a profile."""


@frozen
class AssetFact:
    """A film. `seen` is the part watched, 0 to 1; `resume_s` where to go on, in seconds."""

    id: int
    title: str
    short_title: str
    column: str
    poster: str
    duration_s: float
    added: datetime
    synopsis: str = ""
    seen: float = 0.0
    resume_s: float = 0.0
    playlist: str = ""


@frozen
class ChannelFact:
    id: int
    number: int
    name: str
    url: str = ""
    still: str = ""


@frozen
class ProgrammeFact:
    id: int
    channel: int
    title: str
    start: datetime
    stop: datetime
    synopsis: str = ""


@frozen
class MemberFact:
    """A member as one television may show him: `name` is whole for the own household, masked for others."""

    id: int
    name: str
    branch: str
    group: str = ""
    masked_phone: str = ""
    signed_in: bool = False


@frozen
class RollcallFact:
    id: int
    title: str
    caller: str
    """Who calls, such as 南湖村党支部."""
    opens: datetime
    late_after: datetime
    closes: datetime
    state: Literal["scheduled", "open", "closed"] = "open"
    members: tuple[MemberFact, ...] = ()
    last_number: str = ""
    """Masked number used last time on this box, or empty."""
    last_name: str = ""
    draft: str = ""
    """Digits typed before the set was switched off."""
    seq: str = ""
    """Key that makes a repeated POST harmless."""


@frozen
class InviteFact:
    """An invitation to a roll-call as the overlay shows it."""

    event: int
    rollcall: int
    title: str
    closes: datetime


@frozen
class HomeFact:
    """What home says beside the board names."""

    channel: ChannelFact | None
    lines: dict[str, tuple[str, str]] = attrs.field(factory=dict)
    """Board key to two short lines; the second is the most urgent fact."""
    urgent: str = ""
    urgent_hint: str = ""
    urgent_target: str = ""
    badge: str = ""
    """A dismissed invitation that still waits, in a few words; the urgent target leads to it."""
    last_board: str = ""
    """Key of the board this household used last; RIGHT from the live window leads there."""
