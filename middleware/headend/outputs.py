"""Outputs of the guide on their timetable: files in drop folders and uploads, written when what they hold has changed.

Outputs of one name are one output: of several servers that have it in their settings, the first at each turn does it.
"""

import gzip
import hashlib
import re
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from epg.si.tables import Built
from middleware.config import Output
from middleware.domain.errors import DomainError, NotFound
from middleware.headend import si_files
from middleware.headend.guide_bytes import GZIP, XML, Document
from middleware.headend.long_work import long_work
from middleware.headend.playout import OnAir
from middleware.headend.ports import Storage
from middleware.headend.putting import OLD_S, NotPut, dropped, sent
from middleware.services import guide_outputs as use
from middleware.services import service_information

LOOK_S: Final = 60.0
AT_ONCE: Final = 2
"""Outputs made or sent at a time: a server that does not answer must not take all threads."""
_DATE: Final = re.compile(rb' date="[^"]*"')
_HEAD: Final = 400


@frozen
class Made:
    """A file of the guide; `tag` is that of what it holds and of where it goes, without the time it was made.

    `content` puts it together, which takes a while and is asked of those that have changed.
    """

    tag: str
    content: Callable[[], bytes]


class Outputs:
    """Writes and sends outputs when their time has come.

    `guide` gives so many days from today on as XMLTV, `on_air` the carousels that are sent from here; `in_thread` runs
    what waits or works long.
    """

    _log = Logger()

    def __init__(
        self,
        storage: Storage,
        now: Callable[[], datetime],
        reactor: Any,
        in_thread: Callable[..., Any],
        wanted: Sequence[Output],
        guide: Callable[[int], Awaitable[Document]],
        on_air: Callable[[], Mapping[str, OnAir]],
    ) -> None:
        self._storage = storage
        self._now = now
        self._in_thread = in_thread
        self._wanted = {one.name: one for one in wanted}
        self._guide = guide
        self._on_air = on_air
        self._running: set[str] = set()
        self._places = DeferredSemaphore(AT_ONCE)
        self._looking = LoopingCall(self._look)
        self._looking.clock = reactor

    def start(self) -> None:
        """Look each minute which of them have their turn; without any there is nothing to look for."""
        if self._wanted:
            self._looking.start(LOOK_S, now=True)

    def stop(self) -> None:
        """Begin no more; what is under way is there whole or not at all."""
        if self._looking.running:
            self._looking.stop()

    def _look(self) -> "Deferred[None]":
        looking = Deferred.fromCoroutine(self._due())
        return looking.addErrback(lambda failure: self._log.failure("outputs could not be looked for", failure))

    async def _due(self) -> None:
        now = self._now()
        pauses = {name: timedelta(minutes=one.every_min) for name, one in self._wanted.items()}
        for name in await self._storage.run(lambda uow: use.due(uow, now, pauses), "due outputs", write=False):
            if name not in self._running:
                self._running.add(name)
                self._begin(self._wanted[name])

    def _begin(self, output: Output) -> None:
        done = self._places.run(lambda: Deferred.fromCoroutine(self.turn(output)))
        done.addErrback(lambda failure: self._log.failure("an output of the guide ended", failure))
        done.addBoth(lambda _: self._running.discard(output.name))

    async def turn(self, output: Output) -> None:
        """One turn of an output, unless another server has taken it; a failure is kept and told in the log."""
        now, pause = self._now(), timedelta(minutes=output.every_min)
        claim = partial(use.claim, now=now, name=output.name, pause=pause)
        before = await self._storage.run(claim, "output claimed")
        if before is None:
            return
        try:
            made = await self._made(output, now)
            if made.tag == before.tag:
                await self._storage.run(lambda uow: use.unchanged(uow, output.name), "output unchanged")
                return
            size = await self._in_thread(lambda: _put(output, made, now))
        except (NotPut, DomainError) as fault:
            await self._failed(output, str(fault))
            return
        at = self._now()
        await self._storage.run(lambda uow: use.done(uow, at, output.name, made.tag, size), "output done")
        self._log.info("output {name}: {size} bytes to {place}", name=output.name, size=size, place=output.place)

    async def _failed(self, output: Output, why: str) -> None:
        self._log.warn(
            "output {name} to {place}: {why}; it is tried again in {minutes} min",
            name=output.name, place=output.place, why=why, minutes=output.every_min,
        )  # fmt: skip
        now = self._now()
        await self._storage.run(lambda uow: use.failed(uow, now, output.name, why), "output failed")

    async def _made(self, output: Output, now: datetime) -> Made:
        if output.network:
            tables = await self._tables(output.network, now)
            make = partial(_of_tables, tables, now, output)
        else:
            make = partial(_of_guide, await self._guide(output.days), output)
        made: Made = await self._in_thread(make)
        return made

    async def _tables(self, name: str, now: datetime) -> Built:
        """Those on the air, if they are sent from here; else built for this, with their versions kept."""
        running = self._on_air().get(name)
        if running is not None:
            return running.built
        try:
            told = await self._storage.run(lambda uow: si_files.asked(uow, now, name), "events of a network")
        except NotFound as fault:
            raise NotPut(f"there is no network profile {name!r}") from fault

        def build() -> tuple[Built, Built]:
            with long_work():
                return si_files.built(told, now)

        known, made = await self._in_thread(build)
        await self._storage.run(lambda uow: service_information.keep_versions(uow, known, made), "versions")
        result: Built = made
        return result


def _of_tables(tables: Built, now: datetime, output: Output) -> Made:
    return Made(_tag(output, si_files.lasting(tables)), lambda: si_files.content(tables, now, output.kind))


def _of_guide(document: Document, output: Output) -> Made:
    plain = document.plain if document.plain is not None else zlib.decompress(document.packed, 31)
    tag = _tag(output, _DATE.sub(b"", plain[:_HEAD], count=1), memoryview(plain)[_HEAD:])
    packed = output.kind == "xmltv.gz"
    return Made(tag, lambda: (document.packed or gzip.compress(plain, 6, mtime=0)) if packed else plain)


def _tag(output: Output, *parts: bytes | memoryview) -> str:
    found = hashlib.sha256(f"{output.kind} {output.address or output.place}\n".encode())
    for part in parts:
        found.update(part)
    return found.hexdigest()[:40]


def _put(output: Output, made: Made, now: datetime) -> int:
    """Write or send it; its bytes. Raises NotPut."""
    with long_work():
        content = made.content()
    if output.address:
        content_type = GZIP if output.kind.endswith(".gz") else XML
        sent(output.address, content, content_type, output.user, output.password)
    else:
        dropped(Path(output.folder) / output.file, content, now.timestamp() - OLD_S)
    return len(content)
