"""Films that programs send in parts: who may, how much at once, and the way into the queue of films."""

import shutil
from collections.abc import Callable, Collection, Coroutine
from datetime import datetime
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any, Final, TypeVar

from attrs import evolve
from twisted.internet.defer import Deferred, DeferredLock, DeferredSemaphore
from twisted.logger import Logger

from middleware.domain.errors import BadValue, Busy, NotFound, StorageError
from middleware.domain.uploads import KEPT, MINE_MOST, OPEN_MOST, Upload, check_upload
from middleware.headend import upload_files as files
from middleware.headend.incoming import mark_of
from middleware.headend.ports import Storage
from middleware.headend.upload_files import Sent
from middleware.services import jobs
from middleware.services import uploads as use
from middleware.services.job_ports import IngestJob
from middleware.services.uploads import Kept
from vod import posters, subtitles
from vod.errors import PackagingFailed, Refused
from vod.library import SPARE_BYTES, Library
from vod.probe import MOST_BYTES

T = TypeVar("T")
AT_DISK: Final = 2
"""Parts written and films read through at once."""
IN_LINE: Final = 8
"""What may wait for that, with its part in memory."""
SWEEPER: Final = "uploads"
"""Who the audit log names for what was given up because nobody went on with it."""


class Uploading:
    """The `Uploads` port of this server. `in_thread` runs what waits for the disk; films lie below `root`."""

    _log = Logger()

    def __init__(
        self,
        storage: Storage,
        library: Library,
        now: Callable[[], datetime],
        in_thread: Callable[[Callable[[], Any]], "Deferred[Any]"],
        root: Path,
        node: str,
    ) -> None:
        self._storage = storage
        self._library = library
        self._now = now
        self._in_thread = in_thread
        self._root = root.absolute()
        self._node = node
        self._sent: dict[str, Sent] = {}
        self._beginning = DeferredLock()
        self._disk = DeferredSemaphore(AT_DISK)
        self._in_line = 0

    def prepare(self) -> None:
        """Go on with what an earlier run left. Blocks. Raises OSError."""
        self._sent = {each.upload.id: each for each in files.read_all(self._root)}

    async def start(self) -> None:
        """Learn of films that were queued just before a crash; call it before anybody may ask. Raises StorageError."""
        marks = {each.upload.id: mark for each in self._sent.values() if (mark := _queueable(each))}
        found = await self._storage.run(lambda uow: use.jobs_of(uow, self._node, marks), "films sent", write=False)
        for upload_id, number in found.items():
            sent = self._sent[upload_id]
            await self._at_disk(partial(files.record, sent, evolve(sent.upload, job=number)))

    def of(self, owner: str, ids: Collection[str]) -> tuple[Kept, ...]:
        """Uploads of somebody, all or those named. Raises NotFound."""
        mine = [self._mine(owner, one) for one in ids] or [
            each for each in self._sent.values() if each.upload.owner == owner
        ]
        return tuple(_kept(each) for each in mine)

    def begin(self, upload: Upload) -> "Deferred[Upload]":
        """Give a new upload its number and its place on disk.

        Raises BadValue: bad_title, …; upload_size, part_size, sha256; priority; uploads_full; disk_full.
        """
        return self._apart(self._begin(upload))

    def put(self, owner: str, upload_id: str, number: int, body: bytes) -> "Deferred[str]":
        """Keep a part, in any order and any number of times; its SHA-256 once it is safe.

        Raises NotFound, BadValue(no_part, part_length, upload_finished).
        """
        return self._apart(self._put(self._mine(owner, upload_id), number, body))

    def put_subtitles(self, owner: str, upload_id: str, language: str, body: bytes) -> "Deferred[None]":
        """Keep subtitles. Raises NotFound, BadValue(bad_subtitles, subtitles, upload_finished)."""
        return self._apart(self._put_subtitles(self._mine(owner, upload_id), language, body))

    def put_poster(self, owner: str, upload_id: str, body: bytes) -> "Deferred[None]":
        """Keep the picture for the shelf. Raises NotFound, BadValue(bad_poster, upload_finished)."""
        return self._apart(self._put_poster(self._mine(owner, upload_id), body))

    def finish(self, owner: str, upload_id: str) -> "Deferred[int]":
        """Queue a film that is all there; the number of its job, the same when asked again.

        Raises NotFound, BadValue: parts_missing, sha256_differs, and as `jobs.enqueue` does.
        """
        return self._apart(self._finish(self._mine(owner, upload_id)))

    def cancel(self, owner: str, ids: Collection[str]) -> "Deferred[None]":
        """Forget uploads. Raises NotFound, BadValue(upload_finished)."""
        return self._apart(self._cancel([self._mine(owner, one) for one in ids]))

    async def sweep(self) -> None:
        """Remove what nobody went on with for a day, and what is left of films that are done. Raises StorageError."""
        for sent in list(self._sent.values()):
            if self._now() - sent.touched >= KEPT:
                await self._alone(sent, self._swept(sent))

    # --- each under its lock ---

    async def _begin(self, upload: Upload) -> Upload:
        draft = use.draft_of(upload)
        check_upload(upload, MOST_BYTES)
        if not 0 <= upload.priority <= jobs.PRIORITY_MOST:
            raise BadValue("priority", f"优先级是 0 到 {jobs.PRIORITY_MOST}")
        new = evolve(upload, id=token_hex(16), title=draft.title, short_title=draft.short_title)
        return await self._beginning.run(lambda: Deferred.fromCoroutine(self._made(new)))

    async def _made(self, new: Upload) -> Upload:
        begun = [each.upload.owner for each in self._sent.values() if not each.upload.job]
        if len(begun) >= OPEN_MOST or begun.count(new.owner) >= MINE_MOST:
            raise BadValue("uploads_full", "没有完成的上传太多了，请先完成或取消一些")
        owed = list(self._sent.values())
        await self._at_disk(lambda: self._require_space(new.size, owed))
        await self._storage.run(lambda uow: use.begun(uow, self._now(), new), "upload begins")
        sent = await self._at_disk(lambda: files.make(self._root, new, self._now()))
        self._sent[new.id] = sent
        return new

    async def _put(self, sent: Sent, number: int, body: bytes) -> str:
        if len(body) != sent.upload.length(number):
            raise BadValue("part_length", f"这一段应该是 {sent.upload.length(number)} 字节")
        return await self._changed(sent, lambda: files.write_part(sent, number, body))

    async def _put_subtitles(self, sent: Sent, language: str, body: bytes) -> None:
        known = sent.upload.subtitles
        if language not in known and len(known) >= jobs.SUBTITLES_MOST:
            raise BadValue("subtitles", f"一部片子最多有 {jobs.SUBTITLES_MOST} 种字幕")
        await self._at_disk(lambda: _check_subtitles(body))
        await self._changed(sent, lambda: files.write_subtitles(sent, language, body))

    async def _put_poster(self, sent: Sent, body: bytes) -> None:
        if not posters.recognised(body):
            raise BadValue("bad_poster", "封面要是 JPEG 或 PNG 图片")
        await self._changed(sent, lambda: files.write_poster(sent, body))

    async def _changed(self, sent: Sent, work: Callable[[], T]) -> T:
        """Write to an upload that is not finished, one after the other."""

        async def written() -> T:
            _require_open(sent)
            made = await self._at_disk(work)
            sent.touched = self._now()
            return made

        return await self._alone(sent, written())

    async def _finish(self, sent: Sent) -> int:
        return await self._alone(sent, self._finished(sent))

    async def _finished(self, sent: Sent) -> int:
        upload = sent.upload
        if sent.over or upload.job:
            return _number(sent)
        if len(sent.there) < upload.parts:
            raise BadValue("parts_missing", f"还缺 {upload.parts - len(sent.there)} 段")
        if upload.sha256 and await self._at_disk(lambda: files.sha256_of(sent.film)) != upload.sha256:
            raise BadValue("sha256_differs", "收到的文件和原来的不一样，请重新上传")
        job = await self._at_disk(lambda: self._job(sent))
        number = await self._storage.run(lambda uow: use.queued(uow, self._now(), upload, job), "film sent")
        sent.upload = evolve(upload, job=number)
        await self._at_disk(lambda: files.record(sent, sent.upload))
        sent.touched = self._now()
        self._log.info("upload {upload} is job {job}", upload=upload.id, job=number)
        return number

    async def _cancel(self, given_up: Collection[Sent]) -> None:
        for sent in given_up:
            await self._alone(sent, self._removed(sent, sent.upload.owner))

    async def _removed(self, sent: Sent, actor: str) -> None:
        _require_open(sent)
        await self._storage.run(lambda uow: use.gone(uow, self._now(), actor, sent.upload), "upload given up")
        await self._forget(sent)

    async def _swept(self, sent: Sent) -> None:
        upload = sent.upload
        if sent.over or self._now() - sent.touched < KEPT:
            return
        if not upload.job:
            await self._removed(sent, SWEEPER)
            self._log.info("upload {upload} was given up: nothing came for a day", upload=upload.id)
        elif not await self._storage.run(
            lambda uow: use.wanted(uow, self._now(), upload), "job of upload", write=False
        ):
            await self._forget(sent)

    async def _forget(self, sent: Sent) -> None:
        await self._at_disk(lambda: files.remove(sent))
        sent.over = True
        del self._sent[sent.upload.id]

    # --- what these need ---

    def _mine(self, owner: str, upload_id: str) -> Sent:
        sent = self._sent.get(upload_id)
        if sent is None or sent.upload.owner != owner:
            raise _unknown()
        return sent

    def _require_space(self, size: int, others: Collection[Sent]) -> None:
        """BadValue(disk_full) unless a film fits beside what others will still send."""
        owed = sum(each.owed() for each in others)
        try:
            self._library.require_space(size)
        except PackagingFailed as fault:
            self._log.warn("an upload of {size} bytes is not taken: {why}", size=size, why=str(fault))
            raise _full() from fault
        if shutil.disk_usage(self._root).free < size + owed + SPARE_BYTES:
            raise _full()

    def _job(self, sent: Sent) -> IngestJob:
        """What waits to be packaged: our copy, which goes once the film is there."""
        upload, now, mark = sent.upload, self._now(), mark_of(sent.film)
        if mark is None:
            raise _unknown()
        return IngestJob(
            id=0,
            node=self._node,
            source=str(sent.film),
            mark=mark,
            column=upload.column,
            title=upload.title,
            created_at=now,
            changed_at=now,
            short_title=upload.short_title,
            synopsis=upload.synopsis,
            subtitles=sent.subtitles(),
            poster=sent.poster(),
            priority=upload.priority,
            discard=True,
        )

    async def _alone(self, sent: Sent, work: Coroutine[Any, Any, T]) -> T:
        """Do it when nothing else is done to this upload."""
        made: T = await sent.lock.run(Deferred.fromCoroutine, work)
        return made

    async def _at_disk(self, work: Callable[[], T]) -> T:
        """Do it in a thread when its turn comes. Raises what it raises, StorageError for OSError."""
        try:
            made: T = await self._disk.run(self._in_thread, work)
        except OSError as error:
            raise StorageError(f"uploads cannot be kept: {error.strerror or error}") from error
        return made

    def _apart(self, work: Coroutine[Any, Any, T]) -> "Deferred[T]":
        """Begin a work that goes on when who asked for it has left. Raises Busy when too many wait."""
        if self._in_line >= IN_LINE:
            work.close()
            raise Busy("too many uploads wait for the disk")
        self._in_line += 1
        answer: Deferred[T] = Deferred()
        begun = Deferred.fromCoroutine(work)
        begun.addBoth(self._left)
        begun.chainDeferred(answer)
        return answer

    def _left(self, result: T) -> T:
        self._in_line -= 1
        return result


def _kept(sent: Sent) -> Kept:
    upload, there = sent.upload, frozenset(sent.there)  # a thread may add to it meanwhile
    last = upload.parts - 1
    short = upload.part_size - upload.length(last) if last in there else 0
    return Kept(upload, there, len(there) * upload.part_size - short)


def _queueable(sent: Sent) -> str | None:
    """The mark of a film that is whole and of no job that we know."""
    return mark_of(sent.film) if not sent.upload.job and len(sent.there) == sent.upload.parts else None


def _require_open(sent: Sent) -> None:
    if sent.over:
        raise _unknown()
    if sent.upload.job:
        raise BadValue("upload_finished", "这个上传已经完成了")


def _number(sent: Sent) -> int:
    if sent.over:
        raise _unknown()
    return sent.upload.job


def _check_subtitles(body: bytes) -> None:
    try:
        subtitles.read(body)
    except Refused as fault:
        raise BadValue("bad_subtitles", fault.message_zh) from fault


def _unknown() -> NotFound:
    return NotFound("没有这个上传", "no_upload")


def _full() -> BadValue:
    return BadValue("disk_full", "磁盘空间不够，请清理以后再上传")
