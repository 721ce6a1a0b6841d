"""One call as handlers get it, and what a handler is."""

from collections.abc import Awaitable, Callable, Mapping
from zoneinfo import ZoneInfo

from attrs import field, frozen

from middleware.portal.core.sessions import Session
from middleware.portal.ministra.caller import Caller
from middleware.portal.ministra.wire import Ready, Values
from middleware.web.values import Response


@frozen
class Call:
    """What a box has sent: parameters, cookies, bearer, the address it came from and the host that it asked."""

    kind: str
    action: str
    values: Values = field(repr=False)
    caller: Caller = field(repr=False)
    bearer: str = field(default="", repr=False)
    client: str = ""
    host: str = ""


@frozen
class Ask:
    """A call of a box that is let in; `here` is the zone of its texts, `base` begins addresses, `lang` is zh or en."""

    call: Call
    session: Session
    here: ZoneInfo
    lang: str
    base: str

    @property
    def values(self) -> Values:
        """The parameters."""
        return self.call.values


Open = Callable[[Call], Ready | Awaitable[Ready | Response]]
"""Answers one of the four actions that need no token."""
Act = Callable[[Ask], Awaitable[Ready]]
"""Answers any other action."""
Answer = Act | Ready
"""Or the answer itself, where it is the same for all."""
AtHand = Callable[[Call, Session], Ready | None]
"""The answer to an action if it is in memory: most of what boxes ask is, and need not wait a turn for it."""
Table = Mapping[tuple[str, str], Answer]
