"""Roll-call: its window, who is expected, and what becomes of every press of a remote. Product rules, no storage."""

from collections.abc import Iterable, Mapping, MutableMapping
from datetime import datetime, timedelta
from typing import Literal

import attrs
from attrs import frozen

from middleware.domain.errors import BadPhone, BadValue
from middleware.domain.registry import parse_phone

Scope = Literal["town", "village", "branch"]
State = Literal["scheduled", "open", "closed"]
Way = Literal["pick", "number", "cadre", "review"]
Standing = Literal["accepted", "needs_review", "rejected"]

MIN_WINDOW = timedelta(minutes=15)
"""Shorter windows are refused: tv-pages §8, enough time to act."""

MAX_WINDOW = timedelta(hours=24)
MAX_MINUTES = MAX_WINDOW // timedelta(minutes=1)
GRACE = timedelta(minutes=10)
"""Who had begun typing before the closing may finish within this time, and is reviewed."""

DRAFT_LIFE = timedelta(minutes=10)
"""How long typed digits are offered again on the same box."""

MAX_UNKNOWN = 5
"""Unknown numbers per box and roll-call; afterwards a number is not even looked up, so guessing is slowed."""

MAX_REVIEWS = 12
"""Numbers one box may hand to the cadre in one roll-call: twice the six people of a full household."""

TITLE_LIMIT = 40
KEY_LIMIT = 64


@frozen
class Rollcall:
    """One roll-call; `place_id` is the village or branch of `scope`, None for the town. Open in [opens, closes)."""

    id: int
    title: str
    scope: Scope
    place_id: int | None
    caller: str
    """Who calls, in the viewer's words, such as 南湖村党支部."""
    opens: datetime
    late_after: datetime
    closes: datetime
    state: State = "scheduled"

    def takes(self, at: datetime) -> bool:
        """Whether a press at this instant counts: the clock decides, even when the closing is carried out late."""
        return self.state == "open" and self.opens <= at < self.closes


@frozen
class Expected:
    """One line of the roll: a member as the register had him when the roll-call opened."""

    member: int
    branch: int
    household: int | None
    leave: str = ""
    """Reason of leave given by the cadre; empty without leave."""


@frozen
class Signin:
    """One sign-in; `member` is None while nobody is attached to a number under review, and after a rejection."""

    rollcall: int
    member: int | None
    at: datetime
    way: Way
    state: Standing = "accepted"
    late: bool = False
    elsewhere: bool = False
    device: int | None = None
    household: int | None = None
    key: str | None = None
    staff: str = ""
    """Login of the cadre who marked or decided it."""
    note: str = ""
    id: int = 0


@frozen
class Press:
    """A confirmed sign-in from a box. `household` comes from the box's login, never from a form.

    `key` is form and sequence number of the page: the same box with the same key always gets the same answer.
    `member` is the one picked, or the one the typed number belongs to; None when the number belongs to nobody.
    """

    rollcall: int
    device: int
    household: int | None
    key: str
    at: datetime
    way: Literal["pick", "number"] = "pick"
    member: int | None = None
    box_key: str = attrs.field(init=False, eq=False, repr=False)

    @box_key.default
    def _whole_key(self) -> str:
        return box_key(self.rollcall, self.device, self.key)


def box_key(rollcall: int, device: int, key: str) -> str:
    """Return the key under which an answer is kept: two boxes, or two roll-calls, never share one."""
    return f"{rollcall}:{device}:{key}"


@frozen
class Accepted:
    """Present. `first` is False when the same press arrives again."""

    signin: Signin
    first: bool = True
    code = "accepted"


@frozen
class Already:
    """The member was signed in before, by another press."""

    signin: Signin
    code = "already"


@frozen
class NeedsReview:
    """Kept for the cadre to check. `first` is False when it was kept before."""

    signin: Signin
    first: bool = True
    code = "needs_review"


@frozen
class NotOnRoll:
    """A known member who is not expected in this roll-call."""

    member: int
    code = "not_on_roll"


@frozen
class Unknown:
    """Nobody has this number; `left` more tries, at 0 only the review remains."""

    left: int
    code = "unknown"


@frozen
class Closed:
    closed: datetime
    code = "closed"


@frozen
class NotOpen:
    opens: datetime
    code = "not_open"


@frozen
class BadNumber:
    """What was typed is no mobile number; `kind` is the code of BadPhone, `message_zh` its sentence."""

    kind: str
    message_zh: str
    code = "bad_number"


@frozen
class NoRollcall:
    """There is no such roll-call (a forged or very old page)."""

    code = "no_rollcall"


@frozen
class NotYours:
    """The member picked does not live with this box (a forged form)."""

    code = "not_yours"


Outcome = Accepted | Already | NeedsReview | NotOnRoll | Unknown | Closed | NotOpen | BadNumber | NoRollcall | NotYours


@frozen
class Sheet:
    """What is known of one roll-call when presses are decided.

    `homes` holds the household of every member the presses speak of, `roll` those of them who are expected, `standing`
    their sign-ins by member, `answered` the answers already given by `Press.box_key`, `begun` when a box began the
    entry that it is finishing, `unknown` how many unknown numbers it has tried.
    """

    rollcall: Rollcall
    homes: Mapping[int, int | None]
    roll: Mapping[int, Expected]
    standing: MutableMapping[int, Signin]
    answered: MutableMapping[str, Outcome]
    begun: Mapping[int, datetime]
    unknown: MutableMapping[int, int]


def decide(sheet: Sheet, press: Press) -> Outcome:
    """Decide one press; the caller keeps what the outcome carries. Never raises, changes nothing."""
    if press.box_key in sheet.answered:
        return _again(sheet.answered[press.box_key])
    if sheet.rollcall.state == "scheduled":
        return NotOpen(sheet.rollcall.opens)
    stranger = _stranger(sheet, press)
    if stranger and not _in_reach(sheet, press):
        return Closed(sheet.rollcall.closes)
    return stranger or _count(sheet, press)


def decide_all(sheet: Sheet, presses: Iterable[Press]) -> list[Outcome]:
    """Decide presses in their order, each knowing the ones before it; notes them in the sheet's own mappings."""
    outcomes = []
    for press in presses:
        outcome = decide(sheet, press)
        outcomes.append(outcome)
        if press.box_key not in sheet.answered:
            sheet.answered[press.box_key] = outcome
            if isinstance(outcome, Unknown):
                sheet.unknown[press.device] = sheet.unknown.get(press.device, 0) + 1
        if isinstance(outcome, Accepted | NeedsReview) and outcome.first and outcome.signin.member is not None:
            sheet.standing[outcome.signin.member] = outcome.signin
    return outcomes


def _again(outcome: Outcome) -> Outcome:
    return attrs.evolve(outcome, first=False) if isinstance(outcome, Accepted | NeedsReview) else outcome


def _stranger(sheet: Sheet, press: Press) -> Outcome | None:
    tried = sheet.unknown.get(press.device, 0)
    if press.way == "pick":
        return None if press.member is not None and lives_with(sheet, press.member, press.household) else NotYours()
    if tries_left(tried) == 0:
        return Unknown(0)
    return None if press.member in sheet.homes else Unknown(tries_left(tried + 1))


def lives_with(sheet: Sheet, member: int, household: int | None) -> bool:
    """Whether the box's household may pick this member; the roll remembers where he lived when it was drawn up."""
    expected = sheet.roll.get(member)
    home = expected.household if expected else sheet.homes.get(member)
    return household is not None and home == household


def _count(sheet: Sheet, press: Press) -> Outcome:
    member = press.member or 0
    expected = sheet.roll.get(member)
    if expected and (before := sheet.standing.get(member)):
        return Already(before) if before.state == "accepted" else NeedsReview(before, first=False)
    if not _in_reach(sheet, press):
        return Closed(sheet.rollcall.closes)
    if expected is None:
        return NotOnRoll(member)
    if sheet.rollcall.takes(press.at):
        return Accepted(_signin(sheet.rollcall, press, expected, "accepted"))
    return NeedsReview(_signin(sheet.rollcall, press, expected, "needs_review"))


def _in_reach(sheet: Sheet, press: Press) -> bool:
    rollcall = sheet.rollcall
    return rollcall.takes(press.at) or may_finish(rollcall, sheet.begun.get(press.device), press.at)


def _signin(rollcall: Rollcall, press: Press, expected: Expected, state: Standing) -> Signin:
    return Signin(
        rollcall=rollcall.id,
        member=expected.member,
        at=press.at,
        way=press.way,
        state=state,
        late=press.at >= rollcall.late_after,
        elsewhere=expected.household is None or expected.household != press.household,
        device=press.device,
        household=press.household,
        key=press.box_key,
    )


def tries_left(unknown: int) -> int:
    """How many unknown numbers this box may still try."""
    return max(0, MAX_UNKNOWN - unknown)


def may_finish(rollcall: Rollcall, begun: datetime | None, at: datetime) -> bool:
    """Whether one who was typing at closing time may still finish: begun before it, at most GRACE after it."""
    return begun is not None and begun < rollcall.closes <= at <= rollcall.closes + GRACE


def read_number(text: str) -> str | BadNumber:
    """Return the 11 digits of a typed number, or what is wrong with it."""
    try:
        return parse_phone(text)
    except BadPhone as error:
        return BadNumber(error.code, error.message_zh)


def good_key(key: str) -> bool:
    """Whether a form's key may be stored: printable ASCII, 1 to KEY_LIMIT characters."""
    return 0 < len(key) <= KEY_LIMIT and key.isascii() and key.isprintable()


def good_title(title: str) -> str:
    """Return the title without outer blanks. Raises BadValue(title)."""
    cut = " ".join(title.split())
    if not 0 < len(cut) <= TITLE_LIMIT:
        raise BadValue("title", f"点名的名称要有，且不超过 {TITLE_LIMIT} 个字")
    return cut


def good_window(opens: datetime, minutes: int, late_minutes: int) -> tuple[datetime, datetime]:
    """Return (late_after, closes). Raises BadValue(window, late)."""
    if not 0 < minutes <= MAX_MINUTES or (length := timedelta(minutes=minutes)) < MIN_WINDOW:
        raise BadValue("window", "点名时间不能少于 15 分钟，也不能超过 24 小时")
    if not 0 <= late_minutes <= minutes:
        raise BadValue("late", "迟到时间应在点名时间之内")
    return opens + timedelta(minutes=late_minutes), opens + length


def extended(rollcall: Rollcall, minutes: int, now: datetime) -> Rollcall:
    """Return the roll-call closing `minutes` later. Raises BadValue(extend, closed)."""
    if rollcall.state == "closed" or now >= rollcall.closes:
        raise BadValue("closed", "点名已经结束，不能再延长")
    closes = rollcall.closes + timedelta(minutes=max(0, min(minutes, MAX_MINUTES)))
    if not 0 < minutes <= MAX_MINUTES or closes - rollcall.opens > MAX_WINDOW:
        raise BadValue("extend", "请填要延长的分钟数，总时间不能超过 24 小时")
    return attrs.evolve(rollcall, closes=closes)
