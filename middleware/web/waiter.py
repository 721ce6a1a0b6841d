"""A parked request: the request itself is dropped, only the connection is held."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from middleware.web.channel import Channel
    from middleware.web.meter import Tally


class ParkedWaiter:
    """Answers one parked request, once. Thousands exist at a time, hence the slots."""

    __slots__ = ("_at_stop", "_channel", "_content_type", "_gone", "_tally")

    def __init__(self, channel: "Channel", at_stop: bytes, content_type: str, tally: "Tally") -> None:
        self._channel: Channel | None = channel
        self._at_stop = at_stop
        self._content_type = content_type
        self._tally = tally
        self._gone: Callable[[], None] | None = None
        channel.waiter = self
        channel.site.meter.parked += 1

    def answer(self, body: bytes) -> None:
        """Send ``body`` with status 200; does nothing when the client has gone or was answered."""
        channel = self._channel
        if channel is None:
            return
        self._leave(channel)
        self._gone = None
        keep = channel.persistent and not channel.site.stopping
        channel.transport.write(channel.site.heads.parked(body, self._content_type, keep=keep))
        self._tally.hit(0.0)  # the wait is meant, it says nothing about our speed
        channel.answered()

    def on_gone(self, callback: Callable[[], None]) -> None:
        """Call back once when the client leaves unanswered (at once if it has left)."""
        if self._channel is None:
            callback()
        else:
            self._gone = callback

    def dismiss(self) -> None:
        """The server stops: tell the client what was agreed for that case."""
        gone = self._gone
        self.answer(self._at_stop)
        if gone is not None:
            gone()

    def lost(self) -> None:
        """The connection has gone."""
        if self._channel is not None:
            self._leave(self._channel)
        gone, self._gone = self._gone, None
        if gone is not None:
            gone()

    def _leave(self, channel: "Channel") -> None:
        self._channel = None
        channel.waiter = None
        channel.site.meter.parked -= 1
