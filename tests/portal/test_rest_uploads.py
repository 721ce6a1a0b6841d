"""Films sent in parts by REST: what is kept, refused, resumed and swept, on a real store and a real folder."""

import errno
import hashlib
import os
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from twisted.internet.defer import Deferred, succeed

from middleware.domain.uploads import MINE_MOST, PART_MOST
from middleware.headend.ingest_desk import Budgeted, discard
from middleware.headend.uploads import IN_LINE, Uploading
from middleware.portal.rest.api import Rest
from middleware.services import jobs, operators
from middleware.services.job_ports import IngestJob
from middleware.web.edge import make_site
from middleware.web.routes import MAX_BODY, Routes
from middleware.web.values import text
from tests.portal.rest_town import NOW, Answer, RestTown, basic
from vod.jobs import State

FILM = bytes(range(256)) * 1024 * 3 + b"the end"
PART = 256 * 1024
PARTS = [FILM[at : at + PART] for at in range(0, len(FILM), PART)]
SHA = hashlib.sha256(FILM).hexdigest()


@define
class Desk:
    """The interface with a folder for uploads; `late` holds back what should be done at the disk."""

    rest: RestTown
    root: Path
    budget: int = 0
    late: list[Any] | None = None
    uploads: Uploading = field(init=False)

    def open(self) -> "Desk":
        """Start the server, again or for the first time."""
        (self.root / "media").mkdir(parents=True, exist_ok=True)
        rest, library = self.rest, Budgeted(self.root, self.budget)
        self.uploads = Uploading(rest.store, library, rest.now, self._in_thread, self.root / "uploads", "here")
        self.uploads.prepare()
        _done(self.uploads.start())
        routes = Routes()
        Rest(rest.store, rest.now, rest.clock.seconds, dict, self.uploads).routes(routes)
        rest.site = make_site(routes, rest.clock, error_page=lambda status: text(f"page for {status}", status))
        return self

    def _in_thread(self, work: Callable[[], Any]) -> "Deferred[Any]":
        if self.late is None:
            return succeed(work())
        self.late.append(Deferred())
        return self.late[-1].addCallback(lambda _: work())

    def begin(self, **more: object) -> str:
        fields = {"title": "红船", "column": "films", "size": len(FILM), "part_size": PART, "sha256": SHA}
        return str(self.rest.call("POST", "video_uploads", **fields | more).results["id"])

    def put(self, upload: str, number: object, body: bytes, noun: str = "video_parts") -> Answer:
        shown = basic(self.rest.login, self.rest.secret)
        return self.rest.ask("PUT", f"/api/{noun}/{upload}-{number}", shown=shown, octets=body)

    def keep(self, upload: str, number: object, body: bytes, noun: str = "video_parts") -> None:
        assert self.put(upload, number, body, noun).told["status"] == "OK"

    def state(self, upload: str) -> Any:
        (found,) = self.rest.call("GET", f"video_uploads/{upload}").results
        return found

    def job(self, number: str) -> IngestJob:
        found: IngestJob = self.rest.do(lambda uow: uow.jobs.get(int(number)))
        return found

    def sweep(self) -> None:
        _done(self.uploads.sweep())

    def files(self) -> list[str]:
        return sorted(path.name for path in (self.root / "uploads").rglob("*"))


def _done(work: Coroutine[Any, Any, None]) -> None:
    results: list[Any] = []
    Deferred.fromCoroutine(work).addBoth(results.append)
    assert results == [None]


@pytest.fixture
def desk(rest: RestTown, tmp_path: Path) -> Desk:
    return Desk(rest, tmp_path / "data").open()


def test_parts_in_any_order_and_twice_make_the_film_and_its_job(desk: Desk) -> None:
    upload = desk.begin(priority=7, synopsis="一九二一年")
    last = desk.put(upload, 3, PARTS[3]).results
    assert last == {"part": 3, "sha256": hashlib.sha256(b"the end").hexdigest()}
    assert desk.state(upload)["missing"] == [0, 1, 2]
    assert desk.rest.call("PUT", f"video_uploads/{upload}").error == "Parts are missing"
    for number in (1, 0, 2, 1):
        desk.keep(upload, number, PARTS[number])
    desk.keep(upload, "zh", "1\n00:00:01,000 --> 00:00:02,000\n南湖\n".encode(), "video_subtitles")
    shown = basic(desk.rest.login, desk.rest.secret)
    posters = [
        desk.rest.ask("PUT", f"/api/video_posters/{upload}", shown=shown, octets=picture).told
        for picture in (b"<svg/>", b"\xff\xd8\xff\xe0 a picture")
    ]
    assert [posters[0]["error"], posters[1]["results"]] == ["The poster is neither JPEG nor PNG", True]
    assert (desk.state(upload)["poster"], desk.open().state(upload)["poster"]) == (1, 1)
    assert desk.rest.call("PUT", f"video_uploads/{upload}").results == {"job": "2"}

    job = desk.job("2")
    assert Path(job.source).read_bytes() == FILM
    assert Path(job.poster).read_bytes() == b"\xff\xd8\xff\xe0 a picture"
    assert (job.column, job.title, job.synopsis, job.priority, job.state) == (
        "films",
        "红船",
        "一九二一年",
        7,
        State.QUEUED,
    )
    assert (job.node, job.discard, [language for language, _ in job.subtitles]) == ("here", True, ["zh"])
    assert Path(job.subtitles[0][1]).read_text(encoding="utf-8").endswith("南湖\n")
    assert desk.rest.call("PUT", f"video_uploads/{upload}").results == {"job": "2"}, "asked again, the same job"
    assert desk.put(upload, 0, PARTS[0]).error == "The upload is finished already"
    assert desk.rest.call("DELETE", f"video_uploads/{upload}").error == "The upload is finished already"


def test_what_was_acknowledged_is_there_after_a_crash_and_a_torn_line_is_not(desk: Desk) -> None:
    upload = desk.begin()
    for number in (0, 2):
        desk.keep(upload, number, PARTS[number])
    with (desk.root / "uploads" / upload / "parts").open("ab") as parts:
        parts.write(b"1 abc")
    (desk.root / "uploads" / "unfinished").mkdir()
    spoilt = desk.begin()
    (desk.root / "uploads" / spoilt / "parts").write_bytes(b"\xff \n")
    desk.open()
    assert desk.put(upload, 1, PARTS[1]).status == 403, "a long body only from whom this run has seen"
    assert desk.state(upload)["missing"] == [1, 3]
    for number in (1, 3):
        desk.keep(upload, number, PARTS[number])
    desk.open()

    found = desk.state(upload)
    assert (found["missing"], found["received"]) == ([], len(FILM))
    number = desk.rest.call("PUT", f"video_uploads/{upload}").results["job"]
    assert Path(desk.job(number).source).read_bytes() == FILM
    assert not {"unfinished", spoilt} & set(desk.files())


def test_a_film_that_was_queued_just_before_a_crash_is_of_its_job_afterwards(desk: Desk) -> None:
    upload = desk.begin(size=7, sha256="")
    desk.keep(upload, 0, b"the end")
    record = desk.root / "uploads" / upload / "upload.json"
    before = record.read_bytes()
    job = desk.rest.call("PUT", f"video_uploads/{upload}").results
    record.write_bytes(before)
    assert b'"job": 0' in before
    desk.open()

    assert desk.put(upload, 0, b"another").error == "The upload is finished already"
    assert desk.rest.call("DELETE", f"video_uploads/{upload}").error == "The upload is finished already"
    assert desk.rest.call("PUT", f"video_uploads/{upload}").results == job


def test_a_part_that_is_not_safe_on_disk_is_not_acknowledged(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = desk.begin()

    def full(_number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        answer = desk.put(upload, 0, PARTS[0])
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert desk.state(upload)["missing"] == [0, 1, 2, 3]
    desk.keep(upload, 0, PARTS[0])
    desk.open()

    assert desk.state(upload)["missing"] == [1, 2, 3]


def test_a_wrong_part_is_found_by_the_hash_and_another_takes_its_place(desk: Desk) -> None:
    upload = desk.begin()
    for number, part in enumerate(PARTS):
        desk.keep(upload, number, part[::-1] if number == 1 else part)
    assert desk.rest.call("PUT", f"video_uploads/{upload}").error == "The film that came is not the one of this sha256"
    desk.keep(upload, 1, PARTS[1])

    assert desk.rest.call("PUT", f"video_uploads/{upload}").results == {"job": "2"}


def test_what_does_not_fit_is_refused_by_name(desk: Desk) -> None:
    upload = desk.begin()
    fields = {"title": "红船", "column": "films", "size": "9"}

    def refused(**more: object) -> str:
        return desk.rest.call("POST", "video_uploads", **fields | more).error

    assert refused(size=(20 << 30) + 1) == "The film is empty or too large"
    assert refused(size="x").startswith("size should be a whole number")
    assert refused(column="../films").startswith("column should be one of style,")
    assert refused(part_size=1) == "part_size is out of range, or makes too many parts"
    assert refused(sha256="g" * 64).startswith("sha256 has 64 digits")
    assert desk.put(upload, 3, b"x").error == "The part has not the length that it should have"
    for wrong in ("4", "-1", "9999999", "a", "../0"):
        assert desk.put(upload, wrong, b"x").error == "The film has no such part"
    assert desk.put(upload, "zh", b"no", "video_subtitles").error == "These are no subtitles, or they are too long"
    assert desk.put(upload, "../zh", b"no", "video_subtitles").error.startswith("The language of subtitles")
    assert desk.put(upload, 0, b"x" * (PART_MOST + 1)).status == 413
    assert desk.rest.ask("PUT", "/api/accounts/1", octets=b"x" * (MAX_BODY + 1)).status == 413, "elsewhere as before"


def test_a_stranger_sends_no_long_body(desk: Desk) -> None:
    for shown in ("", basic("boss", "wrong")):
        answer = desk.rest.ask("PUT", "/api/video_parts/x-0", shown=shown, octets=b"x" * (MAX_BODY + 1))

        assert (answer.status, desk.rest.ask("PUT", "/api/video_parts/x-0", octets=b"x").status) == (403, 401)


def test_an_upload_of_another_login_is_not_there(desk: Desk) -> None:
    upload = desk.begin()
    desk.rest.secret, desk.rest.login = (
        desk.rest.do(lambda uow: operators.make(uow, NOW, "test", "second"))[1],
        "second",
    )
    assert desk.rest.call("GET", "video_uploads").results == []
    answers = [
        desk.rest.call("GET", f"video_uploads/{upload}"),
        desk.rest.call("GET", "video_uploads/../../etc/passwd"),
        desk.put(upload, 0, b"x"),
        desk.rest.call("PUT", f"video_uploads/{upload}"),
        desk.rest.call("DELETE", f"video_uploads/{upload}"),
    ]

    assert {one.error for one in answers} == {"Upload not found"}


def test_uploads_are_bounded_in_number_and_by_the_disk_budget(desk: Desk) -> None:
    fields = {"title": "红船", "column": "films", "size": "9"}
    uploads = [desk.begin(size=1 << 20) for _ in range(MINE_MOST)]
    assert desk.rest.call("POST", "video_uploads", **fields).error == "Too many uploads are not finished"
    assert desk.rest.call("DELETE", f"video_uploads/{uploads[0]}").results is True
    desk.budget = MINE_MOST << 20
    desk.open()

    room = "There is no room for a film of this size"
    assert desk.rest.call("POST", "video_uploads", **fields | {"size": (1 << 20) + 1}).error == room
    assert desk.rest.call("POST", "video_uploads", **fields | {"size": 1 << 19}).results["received"] == 0


def test_more_than_a_few_parts_are_not_kept_in_memory_for_the_disk(desk: Desk) -> None:
    upload = desk.begin()
    desk.late = []
    waiting = [desk.uploads.put("api:boss", upload, number % 3, PARTS[number % 3]) for number in range(IN_LINE)]
    assert desk.put(upload, 3, PARTS[3]).status == 503
    while desk.late:
        desk.late.pop(0).callback(None)
    desk.late = None

    assert [one.called for one in waiting] == [True] * IN_LINE
    assert desk.put(upload, 3, PARTS[3]).results["part"] == 3


def test_what_nobody_goes_on_with_is_swept_after_a_day_and_written_down(desk: Desk) -> None:
    _left, kept, done = desk.begin(), desk.begin(), desk.begin(size=7, sha256="")
    desk.keep(done, 0, b"the end")
    job = desk.job(desk.rest.call("PUT", f"video_uploads/{done}").results["job"])
    desk.rest.clock.advance(timedelta(hours=23).total_seconds())
    desk.state(kept)
    desk.keep(kept, 0, PARTS[0])
    desk.rest.clock.advance(timedelta(hours=2).total_seconds())
    desk.sweep()
    assert [one["id"] for one in desk.rest.call("GET", "video_uploads").results] == [kept, done], "its job is open"
    desk.rest.do(lambda uow: jobs.cancel(uow, desk.rest.now(), "operator", job.id))
    desk.sweep()
    assert Path(job.source).exists(), "the job may be tried again for a day"
    desk.keep(kept, 1, PARTS[1])
    desk.rest.clock.advance(timedelta(hours=25).total_seconds())
    desk.sweep()

    assert desk.files() == []
    told = [(one.actor, one.verb, one.noun) for one in desk.rest.do(lambda uow: uow.audit.entries())]
    assert told.count(("uploads", "cancel", "upload")) == 2
    assert told.count(("api:boss", "begin", "upload")) == 3
    assert ("api:boss", "enqueue", "job") in told


def test_a_film_that_is_packaged_takes_no_space_any_more(desk: Desk) -> None:
    upload = desk.begin(size=7, sha256="")
    desk.keep(upload, 0, b"the end")
    discard(desk.job(desk.rest.call("PUT", f"video_uploads/{upload}").results["job"]))

    assert "film" not in desk.files()
    assert desk.state(upload)["job"] == "2"
