"""Feeds of the guide by HTTP on their timetable: one request at a time per source, nothing half-taken, with ETag."""

import contextlib
import http.client
import os
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final

from attrs import evolve, frozen
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from epg.xmltv import Feed
from middleware.domain.errors import DomainError
from middleware.headend.ports import Storage
from middleware.services import guide
from middleware.services import sources as use
from middleware.services.plan_ports import GuideSource
from middleware.services.ports import UnitOfWork
from middleware.services.sources import Staged

LOOK_S: Final = 60.0
SILENT_S: Final = 15.0
"""A server that says nothing for so long has failed."""
WHOLE_S: Final = 600.0
"""A feed that takes longer to come is broken off."""
MOST_BYTES: Final = 512 * 1024 * 1024
OLD_S: Final = 3600.0
"""A body that has lain so long is read by nobody, not even by another server on the same folder."""
_PIECE: Final = 64 * 1024
_BODY: Final = "feed-"


class NotFetched(Exception):
    """The feed could not be had; the text says why, for operators."""


@frozen
class Answer:
    """What a server sent: `path` of the body in a temporary file, None for nothing new (304)."""

    path: Path | None
    etag: str = ""
    modified: str = ""


class Fetcher:
    """Fetches sources when their time has come. `in_thread` runs what waits or works long; `folder` holds bodies."""

    _log = Logger()

    def __init__(
        self, storage: Storage, now: Callable[[], datetime], reactor: Any, in_thread: Callable[..., Any], folder: Path
    ) -> None:
        self._storage = storage
        self._now = now
        self._in_thread = in_thread
        self._folder = folder
        self._running: set[str] = set()
        self._looking = LoopingCall(self._look)
        self._looking.clock = reactor

    def start(self) -> None:
        """Look for due sources each minute; what a power cut left of old bodies goes."""
        forget_bodies(self._folder, self._now().timestamp() - OLD_S)
        self._looking.start(LOOK_S, now=True)

    def stop(self) -> None:
        """Begin no more; what is under way has no effect any more once the store is closed."""
        if self._looking.running:
            self._looking.stop()

    def _look(self) -> "Deferred[None]":
        looking = Deferred.fromCoroutine(self._due())
        return looking.addErrback(lambda failure: self._log.failure("sources could not be looked for", failure))

    async def _due(self) -> None:
        now = self._now()
        for one in await self._storage.run(lambda uow: use.due(uow, now), "due sources", write=False):
            if one.name not in self._running:
                source = await self._storage.run(partial(use.claim, now=now, name=one.name), "source claimed")
                if source is not None:
                    self._begin(source)

    @property
    def running(self) -> Collection[str]:
        """Names of the sources that are being fetched."""
        return frozenset(self._running)

    def begin(self, source: GuideSource, *, force: bool = False) -> bool:
        """Fetch a source now; False when that is under way. `force` takes channels that shrank, too."""
        if source.name in self._running:
            return False
        self._begin(source, force=force)
        return True

    def _begin(self, source: GuideSource, *, force: bool = False) -> None:
        def ended(result: object) -> None:
            self._running.discard(source.name)
            if isinstance(result, BaseException):
                raise result

        self._running.add(source.name)
        done = Deferred.fromCoroutine(self.fetch(source, force=force))
        done.addCallbacks(lambda _: ended(None), lambda failure: ended(failure.value))
        done.addErrback(lambda failure: self._told(source.name, failure))

    def _told(self, name: str, failure: Any) -> None:
        if failure.check(NotFetched, DomainError):
            why = failure.getErrorMessage()
            self._log.warn("source {name}: {why}; the guide is as before", name=name, why=why)
        else:
            self._log.failure("a source could not be fetched", failure)

    async def fetch(self, source: GuideSource, *, force: bool = False) -> Staged | None:
        """Fetch one source now; None for nothing new. Raises NotFetched, BadGuide, StorageError."""
        plain = evolve(source, etag="", modified="") if force else source
        try:
            answer = await self._in_thread(lambda: asked(plain, self._folder))
            if answer.path is None:
                await self._storage.run(lambda uow: use.unchanged(uow, self._now(), source.name), "source unchanged")
                return None
            parsed = await self._in_thread(lambda: _read(answer.path, source))
        except (NotFetched, DomainError) as fault:
            words = str(fault)
            await self._storage.run(lambda uow: use.failed(uow, self._now(), source.name, words), "source failed")
            raise
        return await self._staged(source, answer, parsed, force)

    async def _staged(self, source: GuideSource, answer: Answer, parsed: Feed, force: bool) -> Staged:
        now = self._now()

        def stage(uow: UnitOfWork) -> Staged:
            staged = use.stage(uow, now, "timetable", source.name, parsed, force=force)
            use.kept_tags(uow, source.name, answer.etag, answer.modified)
            return staged

        staged = await self._storage.run(stage, "stage feed")
        if staged.held:
            held = ", ".join(staged.held)
            self._log.warn("source {name}: {held} shrank by half and wait for an operator", name=source.name, held=held)
        return staged


def asked(source: GuideSource, folder: Path) -> Answer:
    """Ask a source's server; the body is in a temporary file. Blocks. Raises NotFetched."""
    headers = {"User-Agent": "nanhu-tv"}
    if source.etag:
        headers["If-None-Match"] = source.etag
    if source.modified:
        headers["If-Modified-Since"] = source.modified
    if not source.url.startswith(("http://", "https://")):
        raise NotFetched("the address is neither http nor https")
    try:
        request = urllib.request.Request(source.url, headers=headers)  # noqa: S310 (the scheme was looked at)
        with urllib.request.urlopen(request, timeout=SILENT_S) as response:  # noqa: S310
            path = _body(response, folder)
            return Answer(path, response.headers.get("ETag", ""), response.headers.get("Last-Modified", ""))
    except urllib.error.HTTPError as fault:
        if fault.code == 304:
            return Answer(None)
        raise NotFetched(f"HTTP {fault.code}") from fault
    except (OSError, http.client.HTTPException, ValueError) as fault:
        raise NotFetched(f"the server does not answer: {str(fault) or type(fault).__name__}") from fault


def _body(response: BinaryIO, folder: Path) -> Path:
    handle, name = tempfile.mkstemp(prefix=_BODY, dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            _copy(response, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def forget_bodies(folder: Path, before: float) -> None:
    """Remove bodies last written before an instant (epoch seconds), left by a server that was killed."""
    for left in folder.glob(f"{_BODY}*"):
        with contextlib.suppress(OSError):  # another server may remove it as well
            if left.stat().st_mtime < before:
                left.unlink()


def _copy(response: BinaryIO, file: BinaryIO) -> None:
    end, left = time.monotonic() + WHOLE_S, MOST_BYTES
    while piece := response.read(_PIECE):
        left -= len(piece)
        if left < 0:
            raise NotFetched(f"the feed is larger than {MOST_BYTES >> 20} MB")
        if time.monotonic() > end:
            raise NotFetched("the feed takes too long to come")
        file.write(piece)


def _read(path: Path, source: GuideSource) -> Feed:
    try:
        with path.open("rb") as stream:
            return guide.open_feed(stream, use.reading_of(source))
    finally:
        path.unlink(missing_ok=True)
