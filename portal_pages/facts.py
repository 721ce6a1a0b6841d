"""What the server tells a page: frozen content values, already decided, already in the viewer's words.

Times are aware datetimes; the builder shows them in Asia/Shanghai. Nothing here knows where the facts come from.
"""

from datetime import date, datetime
from typing import Literal

import attrs
from attrs import frozen

Mode = Literal["standard", "large"]
ALL_BOARDS = ("affairs", "live", "school", "today", "pioneers", "appraise")


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
    video: bool = True
    """Whether the box can show a picture in motion inside a page; else a still stands there."""
    subtitles: bool = False
    """Whether its player can show subtitles and take them away."""
    silent: bool = False
    """The film that is asked for is to be shown without subtitles."""


@frozen
class ItemFact:
    """One row of a list: `target` is the page id that OK opens."""

    target: str
    title: str
    note: str = ""
    fresh: bool = False
    seen: bool = False
    """A film watched to its end."""


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
class NextFact:
    """The episode that follows one: its film's id and title."""

    id: int
    title: str


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
    shelf_poster: str = ""
    """The small picture, 258×145; `poster` is used where it is empty."""
    back: str = "today"
    """Page id of the shelf page it stands on."""
    sheets: int = 0
    """Sheets of small pictures, one every ten seconds, 60 a sheet; 0 = none."""
    subtitled: bool = False
    following: NextFact | None = None


@frozen
class ShelfColumn:
    """One column of the shelf with the films of the current shelf page, newest first; `total` counts all of them."""

    key: str
    title: str
    films: tuple[AssetFact, ...] = ()
    total: int = 0


@frozen
class ShelfFact:
    """The four video columns; `resume` is the film this household has begun last and not finished."""

    columns: tuple[ShelfColumn, ...]
    resume: AssetFact | None = None


@frozen
class ChannelFact:
    id: int
    number: int
    name: str
    url: str = ""
    still: str = ""
    multicast: bool = False
    """Telecom boxes may join it by its number."""


@frozen
class ProgrammeFact:
    id: int
    channel: int
    title: str
    start: datetime
    stop: datetime
    synopsis: str = ""
    reminded: bool = False
    """This box is to be reminded of it."""


@frozen
class ChannelNow:
    """A channel with what is on and what comes next; None where the guide says nothing."""

    channel: ChannelFact
    current: ProgrammeFact | None = None
    following: ProgrammeFact | None = None
    kept: bool = False
    """The channel's archive holds what is on from its start."""


@frozen
class TvFact:
    """A channel on the full screen; `previous` and `following` are those that DOWN and UP change to, 0 = none.

    `said` stands in place of what is on.
    """

    now: ChannelNow
    previous: int = 0
    following: int = 0
    said: str = ""


@frozen
class ChannelsFact:
    """The channels of one list page; `total` counts all of them."""

    channels: tuple[ChannelNow, ...] = ()
    total: int = 0


@frozen
class GuideRow:
    """A channel with its programmes that touch the window, in order of time and without overlap."""

    channel: ChannelFact
    programmes: tuple[ProgrammeFact, ...] = ()


@frozen
class GuideFact:
    """The guide from `start` for two hours: the channels of row page `page` of `pages`; `days` are the days it knows,
    in order, Asia/Shanghai. `current` when asked for as plain `guide`, which always begins at the present half hour.
    """

    start: datetime
    days: tuple[date, ...]
    rows: tuple[GuideRow, ...] = ()
    page: int = 1
    pages: int = 1
    current: bool = False
    said: Literal["", "past", "full"] = ""
    """Why the reminder that was just asked for was not set."""


@frozen
class ProgrammePageFact:
    """One programme in full with its channel; `page` is the row page of the guide that its channel stands on.

    `about` are short words such as its episode and rating. With `kept` the channel's archive holds it from its start.
    """

    programme: ProgrammeFact
    channel: ChannelFact
    page: int = 1
    about: tuple[str, ...] = ()
    kept: bool = False
    grows: bool = False
    """What is kept is a list of ours, which goes on while the programme is on."""
    reminded: bool = False
    """This box is to be reminded of it."""
    full: bool = False
    """It could not be noted: the box has as many reminders as it may have."""
    query: str = ""
    """Digits of the search that it was found by, where BACK leads to."""
    found_on: int = 1
    """The result page of that search."""
    listed: bool = False
    """It was opened from the list of reminders, where BACK leads to."""


@frozen
class FoundFact:
    """A row of a search: `target` is the page id that OK opens, `kind` says what it is."""

    kind: Literal["channel", "programme", "film"]
    target: str
    title: str
    note: str = ""


@frozen
class SearchFact:
    """What the digits `query` found: the rows of result page `page`; `total` counts all of them."""

    query: str = ""
    found: tuple[FoundFact, ...] = ()
    total: int = 0
    page: int = 1


@frozen
class RemindFact:
    """A reminder as the pop-up shows it: `target` is the page id that 收看 opens."""

    title: str
    channel: str
    start: datetime
    target: str


@frozen
class ReminderFact:
    """A reminder in the list: `id` is what forms know it by, `target` the page id that OK opens."""

    id: str
    title: str
    channel: str
    start: datetime
    target: str


@frozen
class RemindersFact:
    """The reminders of one list page, the next first; `total` counts all of them."""

    reminders: tuple[ReminderFact, ...] = ()
    total: int = 0


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
class ConfirmFact:
    """Who is about to sign in. The number is whole only on the box where it was typed."""

    name: str
    """Whole for the own household; the page masks it for all others, whatever stands here."""
    branch: str
    group: str = ""
    number: str = ""
    """The eleven digits typed; empty for a person who was picked or a number used last time."""
    masked_phone: str = ""
    own: bool = False


ResultKind = Literal[
    "accepted",
    "already",
    "needs_review",
    "not_on_roll",
    "unknown",
    "closed",
    "not_open",
    "bad_number",
    "no_rollcall",
    "not_yours",
    "busy",
]
"""The codes of the roll-call's outcomes, and `busy` for a press that could not be kept yet."""


@frozen
class ResultFact:
    """What became of a press in a roll-call."""

    kind: ResultKind
    name: str = ""
    own: bool = False
    """Only with `own` the name is shown whole."""
    branch: str = ""
    at: datetime | None = None
    """When this person signed in."""
    late: bool = False
    elsewhere: bool = False
    """The box of another household was used."""
    tries: int = 0
    """Unknown numbers that may still be tried on this box."""
    words: str = ""
    """For bad_number: what is wrong with it."""
    again: Literal["sign", "review", "number"] = "sign"
    """For busy: what the retry sends, with the same RollcallFact.seq; `number` opens the number page."""


NoticeKind = Literal["404", "500", "busy", "pending", "unknown", "offline", "channels"]


@frozen
class NoticeFact:
    """Something went wrong or has to be waited for. `pending`: box not yet bound; `unknown`: box not known.

    `channels`: the town has none, so television has nothing to show.
    """

    kind: NoticeKind
    retry: str = ""
    """Page id that the retry opens; empty = this page again."""
    serial: str = ""
    """Serial or card number that the viewer may read out to the service desk."""


BarredKind = Literal["blocked", "expired", "elsewhere", "off", "denied"]


@frozen
class CodeFact:
    """What a box that waits to be admitted tells the operator; an empty code is a box that told no name."""

    code: str
    hotline: str = ""


@frozen
class BarredFact:
    """Why a box may not be used; `words` are the operator's, empty for the usual ones.

    `elsewhere`: another set came in as this box; `off`: cut off for now; `denied`: in none of its packages.
    """

    kind: BarredKind
    words: str = ""
    hotline: str = ""


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
    boards: tuple[str, ...] = ALL_BOARDS
    """Keys of the boards that this box sees, in their order."""
    waiting: bool = False
    """The box waits to be admitted: home leads to the number that it tells the operator."""
