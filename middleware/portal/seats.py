"""The boxes in front of us: from a cookie to what is known of its box, kept in memory so that no page waits for it."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Final

import attrs
from attrs import frozen

from keymap.families import DEFAULT
from middleware.domain.devices import Mode
from middleware.domain.packages import Entitled
from middleware.portal import placing, session
from middleware.portal.placing import Place, State
from middleware.portal.ports import Storage
from middleware.portal.profiles import Profiles
from middleware.portal.shared import Shared
from middleware.services.rollcall_entry import Box as AskingBox
from middleware.web.values import Request
from portal_pages.script import Box

FAMILY_COOKIE: Final = "family"
"""Names the remote drawn on the training page; heeded with the demonstration only."""
_LONGEST: Final = 128
_REMEMBERED: Final = 400
"""Characters of a Cookie header that is kept with what was read from it."""
_KEPT: Final = 40_000
"""Tokens in memory: some 600 bytes each, and more than two per box of a town."""


@frozen
class Seat:
    """A box as its pages see it. `until` (epoch seconds) is when its token is read again; device 0 is a guest.

    `state` says whether it may be used, `words` what the operator has to say about that. `masked`: it came by
    a card that nobody vouches for yet, so names of the household are shown in part only.
    """

    device: int
    household: int | None
    village_id: int | None
    village: str
    box: Box
    mode: Mode
    usable: bool
    last_board: str
    fresh: bool
    """Nothing is known of its remote: neither found nor taught."""
    until: float
    look: object
    """Equal for boxes that are shown the same: family, keys, type size, packages; cheap to compare."""

    state: State = "active"
    words: str = ""
    code: str = ""
    """What a box that waits to be admitted tells the operator, such as 10042-7."""
    entitled: Entitled = Entitled()
    masked: bool = False

    @property
    def waiting(self) -> bool:
        """A box that nobody has admitted yet, or that told no name: it sees what is public."""
        return self.state in {"pending", "guest"}

    @property
    def asking(self) -> AskingBox:
        """The box as the roll-call's use-cases know it."""
        return AskingBox(self.device, self.household)


class Seats:
    """The table from token to seat, the ones used longest ago forgotten first."""

    def __init__(
        self,
        storage: Storage,
        key: bytes,
        now: Callable[[], datetime],
        seconds: Callable[[], float],
        profiles: Profiles,
        *,
        demonstration: bool,
        one_entry: bool = False,
    ) -> None:
        self._storage = storage
        self._key = key
        self._now = now
        self._seconds = seconds
        self._profiles = profiles
        self._demonstration = demonstration
        self._one_entry = one_entry
        self._changes = 0
        self._read: dict[str, str] = {}
        self._table: OrderedDict[str, Seat] = OrderedDict()
        self._tokens: dict[int, set[str]] = {}
        self._loading: Shared[Seat | None] = Shared()

    def __len__(self) -> int:
        return len(self._table)

    def at_hand(self, request: Request) -> Seat | None:
        """The seat of a request if it is in memory."""
        token = self._token(request)
        seat = self._table.get(token)
        if seat is None or seat.until < self._seconds():
            return None
        self._table.move_to_end(token)
        return seat

    async def of(self, request: Request) -> Seat | None:
        """The seat of a request, read from the store when it is not in memory; None without a valid token."""
        return self.at_hand(request) or await self._load(self._token(request))

    def forget(self, device: int) -> None:
        """Something about this box was written: read it again at its next request."""
        self._changes += 1
        for token in self._tokens.pop(device, ()):
            self._table.pop(token, None)

    def forget_all(self) -> None:
        """Something that all boxes depend on was written, such as a package."""
        self._changes += 1
        self._tokens.clear()
        self._table.clear()

    def known(self, device: int) -> Seat | None:
        """What was read of a box last, if it is in memory."""
        return next((self._table[token] for token in self._tokens.get(device, ())), None)

    def put(self, request: Request, seat: Seat) -> None:
        """Keep a seat that has changed, such as the board its household used last."""
        token = self._token(request)
        if token in self._table:
            self._table[token] = seat

    def _token(self, request: Request) -> str:
        """The token of a request; a box sends the same Cookie header each time, so it is read once."""
        raw = request.headers.get("cookie", "")
        token = self._read.get(raw)
        if token is None:
            if len(raw) > _REMEMBERED:
                return self._parse(request)
            if len(self._read) >= _KEPT:
                self._read.clear()
            token = self._read[raw] = self._parse(request)
        return token

    def _parse(self, request: Request) -> str:
        cookies = request.cookies
        token = cookies.get(session.COOKIE, "")[:_LONGEST]
        family = cookies.get(FAMILY_COOKIE, "")[:_LONGEST] if self._demonstration else ""
        return f"{token} {family}" if family else token

    async def _load(self, token: str) -> Seat | None:
        now = self._now()
        signed, _, family = token.partition(" ")
        shown = session.read(self._key, signed, now) if signed else None
        if shown is None:
            return None
        if not shown.device:
            return self._guest(token, family or shown.family, now)
        return await self._loading.get(token, lambda: self._place(token, shown, family, now))

    def _guest(self, token: str, family: str, now: datetime) -> Seat:
        box = self._profiles.box(self._profiles.name(family), {})
        until = now.timestamp() + session.FRESH.total_seconds()
        look = self._profiles.look(box, "standard")
        seat = Seat(0, None, None, "", box, "standard", True, "", False, until, look, "guest")
        self._keep(token, seat)
        return seat

    async def _place(self, token: str, shown: session.Pass, family: str, now: datetime) -> Seat | None:
        changes = self._changes
        place = await self._storage.run(lambda uow: placing.place(uow, now, shown.device), "seat", write=False)
        seat = self._seat(place, shown, family, now) if place else None
        if changes == self._changes:  # else what was read may be old already: it serves this once
            self._keep(token, seat)
        return seat

    def _seat(self, place: Place, shown: session.Pass, family: str, now: datetime) -> Seat:
        placed, device = place.placed, place.placed.device
        chosen = family if family in self._profiles.families else device.family
        taught = placed.taught if chosen == device.family else {}
        box = self._profiles.box(self._profiles.name(chosen), taught, device.group)
        elsewhere = self._one_entry and shown.issued < device.entered
        state: State = "elsewhere" if elsewhere else place.state
        return Seat(
            device.id,
            device.household_id,
            placed.village_id,
            placed.village,
            box,
            device.mode,
            state in {"active", "pending"},
            placed.last_board,
            not self._demonstration and not placed.taught and device.family in {"", DEFAULT},
            now.timestamp() + session.FRESH.total_seconds(),
            self._profiles.look(box, device.mode, place.entitled),
            state,
            place.words,
            place.code,
            place.entitled,
            bool(device.card_no and device.network) and not device.confirmed,
        )

    def _keep(self, token: str, seat: Seat | None) -> None:
        if seat is None:
            return
        self._table[token] = seat
        self._tokens.setdefault(seat.device, set()).add(token)
        while len(self._table) > _KEPT:
            oldest, gone = self._table.popitem(last=False)
            self._drop(gone.device, oldest)

    def _drop(self, device: int, token: str) -> None:
        tokens = self._tokens.get(device, set())
        tokens.discard(token)
        if not tokens:
            self._tokens.pop(device, None)


def with_board(seat: Seat, board: str) -> Seat:
    """The seat of a household that has opened this board."""
    return attrs.evolve(seat, last_board=board)
