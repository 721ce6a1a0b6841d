"""The push ladder: parked long-polls, short polls in slots, and what a box that connects later must still see.

The cursor `since` is the event id of the last invitation that a page was told, or that its box has confirmed. An event
is offered once per page until the box confirms it, and never again afterwards: an offer that was lost with a page that
the viewer left is made again on the next one.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Final

from attrs import define, frozen
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from middleware.clockwork import Call, Timers
from middleware.domain.invitations import Payload, Report
from middleware.portal.held import Held, HeldPolls, nothing
from middleware.portal.invited import Invited
from middleware.portal.pacing import Pace
from middleware.portal.ports import Storage
from middleware.portal.seats import Seat
from middleware.services import invitations
from middleware.services.ports import OutboxEvent, UnitOfWork
from middleware.web.values import JSON, Parked, Response
from portal_pages.invitation import headline

SWEEP_S: Final = 0.25
OFFERED_S: Final = 1.0
"""Offers are noted together, this long after the first of them."""
REFRESH_S: Final = 60.0
"""The table is compared with the store this often while a roll-call is open: other processes write too."""
_RECENT: Final = 100


@define
class Presence:
    """What is known of a box since the start of this process.

    `told` is the stamp of its last answer; `confirmed` an event id, -1 while the cookie with it has not been read.
    """

    told: int
    confirmed: int = -1


@frozen
class Reported:
    """What a box did with an event."""

    household: int
    event: int
    what: Report
    at: datetime


def reported_batch(uow: UnitOfWork, commands: Sequence[Reported]) -> list[bool]:
    """Note the reports of many boxes in one transaction; for each whether it changed anything."""
    return [invitations.report(uow, one.at, one.household, one.event, one.what) for one in commands]


class Push:
    """Tells televisions of invitations; `seconds` is the clock of `timers` (epoch seconds)."""

    log = Logger()

    def __init__(
        self, storage: Storage, now: Callable[[], datetime], timers: Timers, seconds: Callable[[], float], hold_s: float
    ) -> None:
        self._storage = storage
        self._now = now
        self._timers = timers
        self._pace = Pace(timers, seconds)
        self._reports = storage.batch(reported_batch, "invitation reports")
        self._invited = Invited()
        self._boxes: dict[int, Presence] = {}
        self._held = HeldPolls(seconds, hold_s, self._answered)
        self._offered: dict[int, set[int]] = {}
        self._calls: dict[str, Call] = {}

    # --- life ---

    async def start(self) -> None:
        """Read the invitations that stand, and begin to sweep."""
        self._every("sweep", SWEEP_S, self._held.sweep)
        self._every("refresh", REFRESH_S, self._refresh)
        open_now = await self._storage.run(self._open_rollcalls, "open roll-calls", write=False)
        for rollcall in open_now:
            await self._read(rollcall)

    def stop(self) -> None:
        """Sweep and push no more; parked polls are the site's to end."""
        self._pace.stop()
        for call in self._calls.values():
            if call.active():
                call.cancel()
        self._calls.clear()

    # --- boxes ---

    def poll(self, seat: Seat, since: int, page: str, shown: int = 0) -> Response | Parked:
        """Answer a poll: at once when there is something to tell or the box polls in slots, else hold it."""
        presence = self.presence(seat.device)
        since = max(since, presence.confirmed)
        body = self._news(seat.device, seat.household, since, page)
        if body is None and seat.box.push == "long":
            on_park = partial(self._held.park, seat.device, seat.household, since, page, shown)
            return Parked(on_park, at_stop=nothing(since), content_type=JSON)
        presence.told = self._invited.stamp
        return Response(200, body or nothing(since), JSON)

    def presence(self, device: int) -> Presence:
        """What is known of a box, which has just shown itself."""
        presence = self._boxes.get(device)
        if presence is None:
            presence = self._boxes[device] = Presence(self._invited.stamp)
        return presence

    def confirmed(self, device: int) -> int:
        """The last event that this box has confirmed, 0 for none."""
        presence = self._boxes.get(device)
        return max(presence.confirmed, 0) if presence else 0

    def due(self, seat: Seat, page: str) -> Payload | None:
        """The invitation that this box must still see, for pages that cannot poll."""
        if seat.household is None:
            return None
        return self._invited.due(seat.household, self.confirmed(seat.device), self._now(), page)

    def confirm(self, seat: Seat, event: int, what: Report) -> "Deferred[bool]":
        """A box reports what it did with an event; durable when it fires. Late and unknown ones change nothing."""
        now = self._now()
        presence = self.presence(seat.device)
        if 0 < event <= int(now.timestamp() * 1000) + 60_000:
            presence.confirmed = max(presence.confirmed, event)
        if what in {"accepted", "dismissed"} and seat.household is not None:
            self._invited.settle(seat.household, event)
        if seat.household is None:
            done: Deferred[bool] = Deferred()
            done.callback(False)
            return done
        answer: Deferred[bool] = self._reports.submit(Reported(seat.household, event, what, now))
        return answer

    def holds(self, seat: Seat) -> bool:
        """Whether a poll of this box is held."""
        return bool(self.held(seat))

    def reload(self, seat: Seat) -> None:
        """This box sees something else now: the page that polls is fetched anew."""
        self._pace.add(partial(self.answer, held, told(held.since, None, (), True)) for held in self.held(seat))

    def later(self, work: Iterable[Callable[[], None]]) -> None:
        """Do these at the pace at which boxes are told: some at a time, so that nothing else waits for them."""
        self._pace.add(iter(work))

    def held(self, seat: Seat) -> list[Held]:
        """The polls of this box, the newest last. One that is not served is found under its own number."""
        homes = {-seat.device, seat.household} - {None}
        return [held for held in self._held.of(home for home in homes if home) if held.device == seat.device]

    def answer(self, held: Held, body: bytes) -> None:
        """Answer a held poll unless it has been."""
        if held.open:
            self._held.let_go(held, body)

    @property
    def parked(self) -> int:
        """Polls held now."""
        return len(self._held)

    # --- events ---

    async def tell(self, event: OutboxEvent) -> None:
        """Take an event from the outbox and tell the televisions that it concerns."""
        rollcall = event.body.get("rollcall")
        if not isinstance(rollcall, int):
            return
        match event.kind:
            case "RollcallOpened" | "InvitationsRenewed":
                await self._read(rollcall)
            case "RollcallExtended":
                await self._read(rollcall)
                self._reload(rollcall)
            case "InvitationsWithdrawn":
                self._wake(self._invited.withdraw(rollcall, event.body["households"]), rollcall)
            case "RollcallClosed":
                self._wake(self._invited.withdraw(rollcall), rollcall)
                self._reload(rollcall)

    async def _read(self, rollcall: int) -> None:
        now = self._now()
        payloads = await self._storage.run(
            lambda uow: invitations.invited(uow, now, rollcall), "read invitations", write=False
        )
        news, gone = self._invited.replace(rollcall, payloads)
        self._wake([*news, *gone], rollcall)

    def _open_rollcalls(self, uow: UnitOfWork) -> list[int]:
        now = self._now()
        return [one.id for one in uow.rollcalls.listing(_RECENT) if one.takes(now)]

    # --- parked polls ---

    def _answered(self, device: int) -> None:
        presence = self._boxes.get(device)
        if presence is not None:
            presence.told = self._invited.stamp

    def _wake(self, households: Iterable[int], rollcall: int) -> None:
        self._pace.add(partial(self._serve, held, rollcall) for held in self._held.of(households))

    def _reload(self, rollcall: int) -> None:
        self._pace.add(partial(self._serve, held, rollcall) for held in self._held.on(f"rc-{rollcall}"))

    def _serve(self, held: Held, rollcall: int) -> None:
        if not held.open:
            return
        reload = held.page in {"home", "school", "school-rollcall", f"rc-{rollcall}"}
        body = self._news(held.device, held.household, held.since, held.page, reload=reload)
        if body is not None:
            self._held.let_go(held, body)

    # --- what is told ---

    def _news(self, device: int, household: int | None, since: int, page: str, *, reload: bool = False) -> bytes | None:
        payload: Payload | None = None
        withdrawn: tuple[int, ...] = ()
        if household is not None:
            presence = self._boxes[device]
            payload = self._invited.due(household, max(since, presence.confirmed), self._now(), page)
            withdrawn = self._invited.withdrawn(household, presence.told)
            if payload is not None:
                self._note_offer(payload.rollcall, household)
        if payload is None and not withdrawn and not reload:
            return None
        return told(since, payload, withdrawn, reload)

    def _note_offer(self, rollcall: int, household: int) -> None:
        self._offered.setdefault(rollcall, set()).add(household)
        if "offered" not in self._calls:
            self._calls["offered"] = self._timers.callLater(OFFERED_S, self._write_offers)

    def _write_offers(self) -> None:
        del self._calls["offered"]
        offered, self._offered = self._offered, {}
        now = self._now()
        for rollcall, households in offered.items():
            whom = frozenset(households)
            self._storage.run(partial(_offer, now=now, rollcall=rollcall, households=whom), "note offers").addErrback(
                lambda failure: self.log.failure("offers could not be noted", failure)
            )

    def _refresh(self) -> None:
        for rollcall in self._invited.rollcalls():
            Deferred.fromCoroutine(self._read(rollcall)).addErrback(
                lambda failure: self.log.failure("invitations could not be read", failure)
            )

    def _every(self, name: str, seconds: float, work: Callable[[], None]) -> None:
        def turn() -> None:
            self._calls[name] = self._timers.callLater(seconds, turn)
            work()

        self._calls[name] = self._timers.callLater(seconds, turn)


def _offer(uow: UnitOfWork, *, now: datetime, rollcall: int, households: frozenset[int]) -> int:
    return invitations.report_offered(uow, now, rollcall, households)


@lru_cache(maxsize=1024)
def told(since: int, payload: Payload | None, withdrawn: tuple[int, ...], reload: bool) -> bytes:
    """The answer to a poll as its page reads it."""
    answer: dict[str, object] = {"since": payload.event if payload else since}
    if payload is not None:
        answer["invite"] = {
            "event": payload.event,
            "rollcall": payload.rollcall,
            "title": headline(payload.title),
            "closes": int(payload.closes.timestamp()),
        }
    if withdrawn:
        answer["withdrawn"] = withdrawn
    if reload:
        answer["reload"] = 1
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
