"""Films sent in parts: video_uploads, video_parts, video_subtitles and video_posters."""

from itertools import islice
from typing import Any, Final

from middleware.domain.uploads import PART_LEAST, PART_MOST, Upload
from middleware.portal.rest.fields import Field
from middleware.portal.rest.operations import (
    DONE,
    FLAG,
    MOMENT,
    TEXT,
    WHOLE,
    AtUploads,
    Call,
    Operation,
    Resource,
    listed,
    record,
)
from middleware.portal.rest.wire import Refused, moment_text
from middleware.services import assets, jobs
from middleware.services.uploads import Kept, Uploads
from vod.subtitles import MOST_BYTES as SUBTITLES_MOST

MISSING: Final = 1000
"""Numbers of missing parts told at once."""
_PARTS_DIGITS: Final = 6
_UPLOAD: Final = record(
    id=TEXT,
    title=TEXT,
    column=TEXT,
    size=WHOLE,
    part_size=WHOLE,
    parts=WHOLE,
    received=WHOLE,
    missing={**listed(WHOLE), "description": f"numbers of parts, from 0; the first {MISSING}"},
    subtitles=listed(TEXT),
    poster=FLAG,
    job={**TEXT, "description": "number among video_jobs; empty until the upload is finished"},
    begun=MOMENT,
)


async def begin(uploads: Uploads, call: Call) -> dict[str, Any]:
    """Begin to send a film. Raises DomainError."""
    given = call.given
    upload = await uploads.begin(
        Upload(
            id="",
            owner=call.actor,
            column=given["column"],
            title=given["title"],
            size=given["size"],
            begun_at=call.now,
            part_size=given.get("part_size") or PART_MOST,
            sha256=given.get("sha256", "").lower(),
            short_title=given.get("short_title", ""),
            synopsis=given.get("synopsis", ""),
            priority=given.get("priority", 5),
        )
    )
    return _row(Kept(upload, (), 0))


async def shown(uploads: Uploads, call: Call) -> list[dict[str, Any]]:
    """Uploads of this login, all or those named. Raises DomainError."""
    return [_row(one) for one in uploads.of(call.actor, call.ids)]


async def finish(uploads: Uploads, call: Call) -> dict[str, Any]:
    """Check that the film is whole, and queue it. Raises DomainError."""
    return {"job": str(await uploads.finish(call.actor, call.ids[0]))}


async def cancel(uploads: Uploads, call: Call) -> bool:
    """Forget uploads. Raises DomainError."""
    await uploads.cancel(call.actor, call.ids)
    return True


async def put_part(uploads: Uploads, call: Call) -> dict[str, Any]:
    """Keep one part. Raises Refused, DomainError."""
    upload, number = _split(call)
    if not (number.isascii() and number.isdecimal() and len(number) <= _PARTS_DIGITS):
        raise Refused("The film has no such part")
    return {"part": int(number), "sha256": await uploads.put(call.actor, upload, int(number), call.body)}


async def put_subtitles(uploads: Uploads, call: Call) -> bool:
    """Keep subtitles. Raises Refused, DomainError."""
    upload, language = _split(call)
    if not (language.isascii() and language.isalpha() and 2 <= len(language) <= 3):
        raise Refused("The language of subtitles has two or three letters")
    await uploads.put_subtitles(call.actor, upload, language.lower(), call.body)
    return True


async def put_poster(uploads: Uploads, call: Call) -> bool:
    """Keep the picture for the shelf. Raises DomainError."""
    await uploads.put_poster(call.actor, call.ids[0], call.body)
    return True


def _split(call: Call) -> tuple[str, str]:
    upload, _, rest = call.ids[0].partition("-")
    return upload, rest


def _row(kept: Kept) -> dict[str, Any]:
    upload = kept.upload
    numbers = range(upload.parts) if kept.received < upload.size else ()
    missing = (number for number in numbers if number not in kept.there)
    return {
        "id": upload.id,
        "title": upload.title,
        "column": upload.column,
        "size": upload.size,
        "part_size": upload.part_size,
        "parts": upload.parts,
        "received": kept.received,
        "missing": list(islice(missing, MISSING)),
        "subtitles": list(upload.subtitles),
        "poster": int(upload.poster),
        "job": str(upload.job) if upload.job else "",
        "begun": moment_text(upload.begun_at),
    }


_FIELDS: Final = (
    Field("title", "title of the film", most=assets.TITLE_MOST, required=True),
    Field(
        "column",
        "column of the shelf; channel = for the town channel only",
        words=(*assets.COLUMNS, assets.CHANNEL),
        required=True,
    ),
    Field("size", "bytes of the whole film", "bytes", most=10**12 - 1, required=True),
    Field("part_size", f"bytes of each part but the last, {PART_LEAST} to {PART_MOST}", "bytes", most=PART_MOST),
    Field("sha256", "of the whole film, in hex; checked at the end"),
    Field("short_title", "for the shelf; else the beginning of the title", most=assets.SHORT_MOST),
    Field("synopsis", "a few sentences", most=assets.SYNOPSIS_MOST),
    Field("priority", "0 to 9, the highest goes first; else 5", "number", most=jobs.PRIORITY_MOST),
)
RESOURCES: Final = (
    Resource(
        "video_uploads",
        "Films that this login sends in parts; what nothing is done to for a day goes",
        (
            Operation("listUploads", "GET", "Read what has come", "any", "read", AtUploads(shown), listed(_UPLOAD)),
            Operation(
                "beginUpload", "POST", "Begin to send a film", "none", "write", AtUploads(begin), _UPLOAD, _FIELDS
            ),
            Operation(
                "finishUpload",
                "PUT",
                "Check size and hash, and let the film wait to be packaged; again gives the same job",
                "one",
                "write",
                AtUploads(finish),
                record(job=TEXT),
            ),
            Operation("cancelUploads", "DELETE", "Forget what has come", "some", "write", AtUploads(cancel), DONE),
        ),
    ),
    Resource(
        "video_parts",
        "Parts of a film; an identifier is UPLOAD-NUMBER, numbers begin with 0",
        (
            Operation(
                "putPart",
                "PUT",
                "Send a part; in any order, and again after a broken connection. Answered once it is safe on disk",
                "one",
                "write",
                AtUploads(put_part),
                record(part=WHOLE, sha256=TEXT),
                takes=PART_MOST,
            ),
        ),
    ),
    Resource(
        "video_subtitles",
        "Subtitles of a film that is being sent; an identifier is UPLOAD-LANGUAGE, such as …-zh",
        (
            Operation(
                "putSubtitles",
                "PUT",
                "Send subtitles (SRT, WebVTT, ASS)",
                "one",
                "write",
                AtUploads(put_subtitles),
                DONE,
                takes=SUBTITLES_MOST,
            ),
        ),
    ),
    Resource(
        "video_posters",
        "Pictures for the shelf of films that are being sent; an identifier is that of the upload",
        (
            Operation(
                "putPoster",
                "PUT",
                "Send a picture (JPEG, PNG)",
                "one",
                "write",
                AtUploads(put_poster),
                DONE,
                takes=PART_MOST,
            ),
        ),
    ),
)
