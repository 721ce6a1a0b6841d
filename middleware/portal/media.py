"""Films and channels put together: where they are kept, how they are signed, and what of them a box is told."""

from collections.abc import Callable, Mapping
from typing import Final

from middleware.clockwork import Timers
from middleware.portal.assets import Films, told_to
from middleware.portal.channel_lists import Channels
from middleware.portal.core.links import Links
from middleware.portal.core.signing import Signer
from middleware.portal.linear import Air
from middleware.portal.ports import Storage
from middleware.portal.serving import Elsewhere, Serving
from middleware.portal.streams import Streams
from middleware.web.routes import Routes
from portal_pages.script import Box
from vod.library import Library

_TOLD: Final[Mapping[str, str]] = {"html5": "full", "mag": "subs"}
"""Profiles of lists by player; all others get plain ones."""


class Media:
    """`lists` names the key families whose lists tell more or less than their player is known to take."""

    def __init__(
        self,
        storage: Storage,
        library: Library,
        timers: Timers,
        seconds: Callable[[], float],
        signer: Signer,
        lists: Mapping[str, str],
    ) -> None:
        self.signer = signer
        self.films = Films(storage, library, seconds)
        self.air = Air(storage, seconds, timers)
        self.channels = Channels(self.air, seconds)
        self._lists = lists

    def led(self, url: str, box: Box) -> str:
        """The address of a film or channel as a box of that kind is given it; others stay as they are."""
        profile = self._lists.get(box.family) or _TOLD.get(box.player, "plain")
        return self.signer.signed(told_to(url, profile))

    def streams(self, links: Links) -> Streams:
        """What lies behind links that were made for one box."""
        return Streams(links, self.films, self.channels, self.signer)

    def routes(self, routes: Routes, elsewhere: Elsewhere) -> None:
        """Register the signed addresses; `elsewhere` answers what else lies below /t/."""
        Serving(self.signer, self.films, self.channels, elsewhere).routes(routes)
