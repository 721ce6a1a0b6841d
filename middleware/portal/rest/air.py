"""Own channels that play out of films: channel_air, what is on, and films brought in at once."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from middleware.portal.rest.fields import Field
from middleware.portal.rest.operations import DONE, FLAG, MOMENT, TEXT, WHOLE, Call, Operation, Resource, listed, record
from middleware.portal.rest.wire import Refused, moment_text
from middleware.services import ledger, ledger_pool, ledger_status
from middleware.services.ledger_status import Line
from middleware.services.ports import UnitOfWork

AHEAD: Final = timedelta(minutes=15)
_LINE: Final = record(start=MOMENT, stop=MOMENT, kind=TEXT, programme=TEXT, film=WHOLE, title=TEXT, filled=FLAG)
_AIR: Final = record(channel=TEXT, name=TEXT, written=MOMENT, lines=listed(_LINE), lacks=listed(TEXT))


def airs(uow: UnitOfWork, call: Call) -> list[dict[str, Any]]:
    """What is on the channels with these ids, or on all that play out. Raises Refused."""
    names = {one.xmltv_id: one.name for one in uow.guide.channels()}
    playing = [name for name in ledger_pool.playing(uow) if name in names]
    if any(one not in playing for one in call.ids):
        raise Refused("Channel not found" if len(call.ids) == 1 else "One or more identifiers are incorrect")
    return [_row(uow, call.now, name, names[name]) for name in dict.fromkeys(call.ids or playing)]


def insert(uow: UnitOfWork, call: Call) -> dict[str, Any]:
    """Bring a film in on a channel. Raises Refused, DomainError."""
    resume, reason = not call.given.get("follow"), call.given["reason"]
    row = ledger.insert(uow, call.now, call.actor, call.ids[0], call.given["film"], resume=resume, reason=reason)
    return {"start": moment_text(_at(row.start_ms)), "row": row.seq}


def end_insert(uow: UnitOfWork, call: Call) -> bool:
    """End the insert that runs or comes next. Raises DomainError."""
    ledger.end_insert(uow, call.now, call.actor, call.ids[0])
    return True


def _row(uow: UnitOfWork, now: datetime, channel: str, name: str) -> dict[str, Any]:
    found = ledger_status.status(uow, now, channel, AHEAD)
    return {
        "channel": channel,
        "name": name,
        "written": moment_text(_at(found.end_ms) if found.end_ms else None),
        "lines": [_line(one) for one in found.lines],
        "lacks": list(found.lacks),
    }


def _line(one: Line) -> dict[str, Any]:
    return {
        "start": moment_text(_at(one.start_ms)),
        "stop": moment_text(_at(one.stop_ms)),
        "kind": one.kind,
        "programme": one.title,
        "film": int(one.film.partition("-")[0]),
        "title": one.film_title,
        "filled": int(one.filled),
    }


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


RESOURCE: Final = Resource(
    "channel_air",
    "Own channels that play out of films, by their name in guides",
    (
        Operation(
            "listAir", "GET", "Read what is on now and for a quarter of an hour", "any", "read", airs, listed(_AIR)
        ),
        Operation(
            "insertOnAir",
            "POST",
            "Bring a film in at once, half a minute from now at the earliest",
            "one",
            "write",
            insert,
            record(start=MOMENT, row=WHOLE),
            (
                Field("film", "number of a film packaged for channels", "number", most=10**9 - 1, required=True),
                Field("reason", "why, for the log", most=ledger.REASON_MOST, required=True),
                Field("follow", "behind it show what is planned by then, not what it cuts", "flag"),
            ),
            prompt=True,
        ),
        Operation(
            "endInsert",
            "DELETE",
            "End the insert that runs or comes next",
            "one",
            "write",
            end_insert,
            DONE,
            prompt=True,
        ),
    ),
)
