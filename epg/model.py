"""Channels and programmes as frozen values: aware instants, half-open intervals [start, stop)."""

import re
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final
from unicodedata import normalize

from attrs import evolve, frozen

CHANNEL_ID: Final = re.compile(r"[-a-zA-Z0-9]+(\.[-a-zA-Z0-9]+)+")
"""What XMLTV readers accept as the id of a channel (xmltv.dtd asks for the form of a domain name)."""
CREDITS: Final = (
    "director",
    "actor",
    "writer",
    "adapter",
    "producer",
    "composer",
    "editor",
    "presenter",
    "commentator",
    "guest",
)
"""Parts a person can have in a programme, in the order of xmltv.dtd."""
MARKS: Final = ("previously-shown", "premiere", "last-chance", "new")
"""What can be said of one showing, in the order of xmltv.dtd."""
OPEN_FOR: Final = timedelta(hours=2)
"""A programme whose end nobody told counts as on the air this long, or until the next one."""
LONGEST: Final = timedelta(hours=24)
"""No programme lasts longer: an end further off is a slip, and would hide everything behind it."""
MOVED_AT_MOST: Final = timedelta(minutes=30)
"""A programme of the same title this far away is the same one, moved."""


@frozen
class Name:
    """A display name and its language, empty when not told."""

    text: str
    lang: str = ""


@frozen
class Channel:
    """A channel as a feed tells it; `number` is where boxes find it, `icon` the address of its logo."""

    xmltv_id: str
    names: tuple[Name, ...]
    number: int | None = None
    icon: str = ""

    @property
    def name(self) -> str:
        """The Chinese name, else the first one, else the id."""
        chinese = (name.text for name in self.names if name.lang.startswith("zh"))
        return next(chinese, self.names[0].text if self.names else self.xmltv_id)


@frozen
class Credit:
    """A person and the part, one of CREDITS."""

    part: str
    name: str


@frozen
class Programme:
    """One programme on one channel.

    `uid` never changes, whatever is edited or moved. `lang` is the language of all its texts. `episode` is xmltv_ns
    without spaces (zero-based, `0.12/60.0/1`), `onscreen` the same as shown. `clump` is `n/m` for the n-th of m
    programmes that share one slot. With `open` nobody told the end, and `stop` is only how long it is shown.
    """

    uid: str
    channel: str
    start: datetime
    stop: datetime
    title: str
    sub_title: str = ""
    desc: str = ""
    lang: str = "zh"
    categories: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    credits: tuple[Credit, ...] = ()
    date: str = ""
    icon: str = ""
    episode: str = ""
    onscreen: str = ""
    rating: str = ""
    rating_system: str = ""
    marks: tuple[str, ...] = ()
    clump: str = ""
    open: bool = False

    def __attrs_post_init__(self) -> None:
        """Refuse naive instants, empty or endless intervals and empty titles with ValueError."""
        if self.start.tzinfo is None or self.stop.tzinfo is None:
            raise ValueError("a programme needs aware instants")
        if not self.start < self.stop <= self.start + LONGEST:
            raise ValueError("a programme ends after it starts, within 24 hours")
        if not self.title:
            raise ValueError("a programme has a title")


def order(programme: Programme) -> tuple[str, datetime, datetime, str]:
    """The canonical order: channel, start, stop, part of the slot."""
    return programme.channel, programme.start, programme.stop, programme.clump


def title_key(title: str) -> str:
    """A title without case, width, spaces and punctuation, for telling whether two rows mean one programme."""
    return re.sub(r"[\W_]+", "", normalize("NFKC", title)).casefold() or title


def new_uid(channel: str, start: datetime, title: str, turn: int = 0) -> str:
    """The uid of a programme that no stored one was linked to.

    Made from channel, start and title, so that two imports of one feed agree; `turn` makes another one when a moved
    programme has kept the first.
    """
    parts = [channel, str(int(start.timestamp())), title_key(title), *([str(turn)] if turn else [])]
    return blake2b("\x1f".join(parts).encode(), digest_size=10).hexdigest()


def with_uid(programme: Programme, uid: str) -> Programme:
    """The programme under a uid given before."""
    return programme if programme.uid == uid else evolve(programme, uid=uid)


def xmltv_id(told: str, source: str) -> str:
    """The id under which a feed's channel is kept: its own if readers accept it, else one made from it and the source.

    The same id and source always give the same, so that a later feed finds the channel again.
    """
    if CHANNEL_ID.fullmatch(told):
        return told
    return f"{_label(told)}.{_label(source)}"


def _label(text: str) -> str:
    """Letters, digits and hyphens for a name; two names never get the same one."""
    plain = re.sub(r"[^-a-zA-Z0-9]+", "-", text).strip("-")
    if plain == text:
        return text
    return f"{plain or 'x'}-{blake2b(text.encode(), digest_size=4).hexdigest()}"
