"""One roll-call while it runs and afterwards: figures, who has come, who is missing; fresh within a second or two."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import attrs
from attrs import frozen

from middleware.admin import roles
from middleware.admin.gate import Desk, Gate, NotLoggedIn, digits, page_id
from middleware.domain.attendance import RollLine
from middleware.services.rollcall_board import Board, Snapshot, board, pulse
from middleware.web.values import Request, Response, json_

K = TypeVar("K")
V = TypeVar("V")

FRESH: Final = timedelta(milliseconds=700)
"""How long a pulse counts as read: hundreds of cadres who watch one roll-call cost one small reading a second."""

WATCHED: Final = timedelta(seconds=10)
"""How long the reach of somebody who watches is remembered, so that what others change costs him no reading."""

_REMEMBERED: Final = 32
_WATCHERS: Final = 500
_RECENT: Final = 8
PARTS: Final = ("state", "figures", "branches", "lists", "recent", "reviews")


@frozen
class Picture:
    """A board made ready for the templates; `chosen` is the branch whose people are listed."""

    board: Board
    worst_first: bool
    chosen: int | None
    missing: tuple[RollLine, ...]
    excused: tuple[RollLine, ...]
    come: tuple[RollLine, ...]
    recent: tuple[RollLine, ...]

    @property
    def name(self) -> str:
        """The name of the chosen branch."""
        return self.board.branches[self.chosen][0] if self.chosen is not None else ""


@frozen
class Watcher:
    """The branches of somebody who watches a roll-call, known until then."""

    until: datetime
    branches: frozenset[int]


class RollcallLive:
    """GET /admin/rollcalls/<id> and its small JSON, /admin/live/<id>?rev=&branch=."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._pulses: dict[int, tuple[datetime, str]] = {}
        self._snapshots: dict[int, Snapshot] = {}
        self._watchers: dict[tuple[int, int], Watcher] = {}
        gate.get("/admin/rollcalls/", self._show, *roles.ROLLCALL)
        gate.routes.prefix("GET", "/admin/live/", self._poll)

    def stir(self, rollcall: int) -> None:
        """Something was changed here: the next poll reads anew."""
        self._pulses.pop(rollcall, None)

    async def _show(self, desk: Desk) -> Response:
        facts = await self._facts(desk)
        return self._gate.pages.show(desk.viewer, "rollcall.html", **facts)

    async def _poll(self, request: Request) -> Response:
        """Say 'nothing new' without asking who it is in the database: the pulse tells nothing of people."""
        ticket = self._gate.ticket(request)
        if ticket is None:
            return json_({"error": NotLoggedIn().message_zh}, 401)
        rollcall, known = digits(request.rest), request.query.get("rev", "")
        if rollcall is not None and known:
            beat = await self._pulse(rollcall)
            if beat == known or self._elsewhere(ticket.staff, rollcall, beat, request.query.get("own", "")):
                return json_({"rev": beat})
        return await self._gate.answer(request, self._changed, roles.ROLLCALL)

    def _elsewhere(self, staff: int, rollcall: int, beat: str, own: str) -> bool:
        """Whether what has changed lies beyond the branches of the one who watches."""
        watcher, shot = self._watchers.get((staff, rollcall)), self._snapshots.get(rollcall)
        if watcher is None or shot is None or watcher.until < self._gate.now() or shot.pulse != beat or not own:
            return False
        return shot.print_of(watcher.branches) == own

    async def _changed(self, desk: Desk) -> Response:
        facts = await self._facts(desk)
        view: Picture = facts["view"]
        chrome = {**facts, "viewer": desk.viewer, "now": self._gate.now()}
        html = {part: self._gate.pages.text(f"live/{part}.html", **chrome) for part in PARTS}
        times, own = _times(view.board, self._gate.now()), self._watch(desk.staff.id, view.board)
        return json_({"rev": view.board.snapshot.pulse, "own": own, "html": html, **times})

    def _watch(self, staff: int, seen: Board) -> str:
        """Remember who watches; what his page sends with its next polls, empty when he sees the whole town."""
        if seen.reach is None:
            return ""
        watcher = Watcher(self._gate.now() + WATCHED, seen.reach)
        keep(self._watchers, (staff, seen.rollcall.id), watcher, _WATCHERS)
        return seen.snapshot.print_of(seen.reach)

    async def _facts(self, desk: Desk) -> dict[str, Any]:
        rollcall = page_id(desk.rest)
        known = self._snapshots.get(rollcall)
        seen = await self._gate.run(lambda uow: board(uow, desk.staff, rollcall, known), "board", write=False)
        keep(self._snapshots, rollcall, seen.snapshot, _REMEMBERED)
        query = desk.request.query
        view = picture(seen, digits(query.get("branch", "")), worst_first=query.get("order") == "rate")
        return {"view": view, "rollcall": seen.rollcall, **_times(seen, self._gate.now())}

    async def _pulse(self, rollcall: int) -> str:
        at, text = self._pulses.get(rollcall, (None, ""))
        now = self._gate.now()
        if at is not None and now - at < FRESH:
            return text
        if at is not None:
            self._pulses[rollcall] = (now, text)  # those who ask meanwhile are answered with the last one
        text = await self._gate.run(lambda uow: pulse(uow, rollcall), "pulse", write=False)
        if text:
            keep(self._pulses, rollcall, (now, text), _REMEMBERED)
        return text


def keep(cache: dict[K, V], key: K, value: V, most: int) -> None:
    """Remember the latest, at most so many."""
    cache.pop(key, None)
    cache[key] = value
    while len(cache) > most:
        del cache[next(iter(cache))]


def picture(seen: Board, wanted: int | None, *, worst_first: bool = False) -> Picture:
    """Sort the lines of a board; a single branch is listed without being asked for.

    `worst_first` puts the branches in the order of their rates, else they keep that of their codes.
    """
    if worst_first:
        ranked = sorted(seen.branches.items(), key=lambda item: item[1][1].rate)
        seen = attrs.evolve(seen, branches=dict(ranked))
    only = next(iter(seen.branches)) if len(seen.branches) == 1 else None
    chosen = wanted if wanted in seen.branches else only
    lines = [line for line in seen.lines if line.expected.branch == chosen]
    come = [line for line in lines if line.status in {"present", "late"}]
    return Picture(
        board=seen,
        worst_first=worst_first,
        chosen=chosen,
        missing=tuple(line for line in lines if line.status == "absent"),
        excused=tuple(line for line in lines if line.status == "leave"),
        come=tuple(latest(come)),
        recent=tuple(latest(line for line in seen.lines if line.status in {"present", "late"})[:_RECENT]),
    )


def latest(lines: Iterable[RollLine]) -> list[RollLine]:
    """Those who came, the last one first."""
    return sorted(lines, key=lambda line: line.signin.at.timestamp() if line.signin else 0.0, reverse=True)


def _times(seen: Board, now: datetime) -> Mapping[str, Any]:
    """Instants for the countdown of the page, epoch milliseconds."""
    return {
        "phase": seen.rollcall.state,
        "opens_ms": int(seen.rollcall.opens.timestamp() * 1000),
        "closes_ms": int(seen.rollcall.closes.timestamp() * 1000),
        "now_ms": int(now.timestamp() * 1000),
    }
