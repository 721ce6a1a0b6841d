"""GET /epg.xml: the guide as XMLTV, made once and kept as bytes until programmes change."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from middleware.portal.ports import Storage
from middleware.portal.shared import Shared
from middleware.services import guide
from middleware.web.values import Request, Response

XML: Final = "application/xml; charset=utf-8"
KEPT: Final = timedelta(minutes=10)
BEFORE, AFTER = timedelta(days=1), timedelta(days=14)
"""What the document reaches over, from now."""


class GuideOut:
    """Serves the document; who asks while it is made waits for the same one."""

    def __init__(self, storage: Storage, now: Callable[[], datetime]) -> None:
        self._storage = storage
        self._now = now
        self._made: tuple[datetime, Response] | None = None
        self._changes = 0
        self._shared: Shared[Response] = Shared()

    def stale(self) -> None:
        """Programmes or channels have changed."""
        self._changes += 1
        self._made = None
        self._shared.forget(XML)

    async def document(self, _request: Request) -> Response:
        """The document as of the last change, at most ten minutes old."""
        now = self._now()
        if self._made is not None and now - self._made[0] < KEPT:
            return self._made[1]
        return await self._shared.get(XML, lambda: self._make(now))

    async def _make(self, now: datetime) -> Response:
        changes = self._changes
        body = await self._storage.run(
            lambda uow: guide.export(uow, now, now - BEFORE, now + AFTER), "XMLTV out", write=False
        )
        response = Response(200, body, XML, (("Cache-Control", "public, max-age=300"),))
        if changes == self._changes:  # else what was read may be old already: it serves who asked for it
            self._made = (now, response)
        return response
