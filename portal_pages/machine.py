"""The walk through the pages as a pure function: what static/keys.js and push.js do with a key, in Python.

`step(state, input, page)` gives the next state and what it asks of the world. Timers and the answers of the server
come in like keys. The page script is held against this function, key by key, in tests/pages.
"""

from enum import StrEnum
from typing import Final

import attrs
from attrs import frozen

from keymap import digits
from keymap.keys import ARROWS, TOKENS, Key, digit_of
from portal_pages.facts import InviteFact
from portal_pages.findings import FIELD, LEAVE
from portal_pages.intents import Draft, Go, Intent, Missing, Play, Post, Reload, Report
from portal_pages.invitation import LAYER as INVITATION
from portal_pages.states import Layer, Local, Nav, Open, Page, Submit, Target

ASKS_FROM: Final = 3
"""With so many digits typed BACK asks before it leaves."""
_ACCEPT, _LATER = "accept", "dismiss"


class Moment(StrEnum):
    """Time that passed and answers that came, as inputs."""

    IDLE = "idle"
    """No key for the page's idle time."""
    LEAVE = "leave"
    """The page has been shown for its time."""
    PAUSE = "pause"
    """Two seconds since the last digit."""
    PATIENCE = "patience"
    """Three seconds since a page was asked for: OK counts again."""
    FAILED = "failed"
    """The server did not answer the question before a jump."""
    WITHDRAWN = "withdrawn"
    """The invitation that is shown, or waits, does not stand any more."""


Input = Key | Moment | InviteFact


@frozen
class State:
    """Where the viewer is on one page. `layer` is the open dialog or empty, `typed` the digits of the field."""

    focus: str
    layer: str = ""
    typed: str = ""
    drafted: str = ""
    busy: bool = False
    remembered: dict[str, str] = attrs.field(factory=dict)
    """Layer to the focus it had when it was left; the page itself is the empty name."""
    pending: InviteFact | None = None
    invited: InviteFact | None = None
    seen: int = 0
    """Event id of the invitation shown last."""


@frozen
class Step:
    state: State
    intents: tuple[Intent, ...] = ()


def start(page: Page) -> State:
    """The state a page is opened in."""
    typed = page.field.value if page.field else ""
    focuses = {layer.id: layer.default_focus for layer in page.layers}
    return State(page.default_focus, typed=typed, drafted=typed, remembered=focuses)


def step(state: State, happened: Input, page: Page) -> Step:
    """What a key, a moment or an invitation does on a page."""
    if isinstance(happened, Key):
        return _key(state, happened, page)
    if isinstance(happened, InviteFact):
        fresh = happened if happened.event != state.seen else state.pending
        return _offered(attrs.evolve(state, pending=fresh), page)
    return _moment(state, happened, page)


# --- keys ---------------------------------------------------------------------------------------------------------


def _key(state: State, key: Key, page: Page) -> Step:
    neighbour = _neighbour(state, key, page)
    if neighbour:
        return Step(attrs.evolve(state, focus=neighbour))
    target = _meaning(state, key, page)
    if target is None and key is Key.OK:
        target = _ok(state, page)
    if target is not None:
        return _act(state, target, page)
    if page.field and not state.layer and (digit_of(key) or key is Key.DELETE):
        return Step(_typed(state, digits.press(_field(state, page), key).value, page))
    return Step(state)


def _neighbour(state: State, key: Key, page: Page) -> str | None:
    if key not in ARROWS:
        return None
    row = page.nav_full.get(state.focus) if _full(state, page) else None
    row = row or _scope(state, page).nav.get(state.focus, Nav())
    return (row.up, row.down, row.left, row.right)[ARROWS.index(key)]


def _meaning(state: State, key: Key, page: Page) -> Target | None:
    """What the page or the open dialog gives a key; a dialog hides the page's keys."""
    scope = _scope(state, page)
    by_token = {TOKENS[Key(name)]: target for name, target in scope.keys.items()}
    token = TOKENS.get(key)
    if key is Key.BACK and not state.layer and len(state.typed) >= ASKS_FROM:
        return Local(f"layer:{LEAVE}")
    if token in by_token:
        return by_token[token]
    return _back(scope) if key is Key.BACK else None


def _back(scope: Page | Layer) -> Target:
    if isinstance(scope, Page):
        return Open(scope.parent, scope.parent_focus)
    return Open(scope.parent) if scope.parent else Local("close")


def _ok(state: State, page: Page) -> Target | None:
    return next((f.ok for f in _scope(state, page).focusables if f.id == state.focus), None)


def _scope(state: State, page: Page) -> Page | Layer:
    return next((layer for layer in page.layers if layer.id == state.layer), page)


# --- targets ------------------------------------------------------------------------------------------------------


def _act(state: State, target: Target, page: Page) -> Step:
    if isinstance(target, Local):
        return _local(state, target.act, page)
    if state.busy:
        return Step(state)
    if isinstance(target, Open):
        wanted: Intent = Go(Open(target.page, state.focus) if target.carry else target)
    else:
        sent = Submit(target.form, state.focus) if target.carry else target
        wanted = Post(sent, state.typed if page.field else None)
    return Step(attrs.evolve(state, busy=True), (wanted,))


def _local(state: State, act: str, page: Page) -> Step:
    verb, _, rest = act.partition(":")
    if verb in {"layer", "close"}:
        return Step(_entered(state, rest))
    if verb == "focus":
        return Step(attrs.evolve(state, focus=rest))
    if verb in {"digit", "delete", "clear"}:
        return Step(_typed(state, _edited(state, page, verb, rest), page))
    if verb == "next":
        return _next(state, rest, page)
    if verb in {_ACCEPT, _LATER}:
        return _answered(state, verb, page)
    if verb == "retry":
        return Step(state) if state.busy else Step(attrs.evolve(state, busy=True), (Reload(),))
    return Step(state, (Play(act),))


def _entered(state: State, layer: str) -> State:
    """Another dialog, or the page for an empty name, with the focus it had when it was left."""
    remembered = {**state.remembered, state.layer: state.focus}
    return attrs.evolve(state, layer=layer, focus=remembered[layer], remembered=remembered)


def _next(state: State, form: str, page: Page) -> Step:
    if not _full(state, page):
        return Step(state, (Missing(_field(state, page).missing),))
    return _act(state, Submit(form), page)


# --- the digit field ----------------------------------------------------------------------------------------------


def _field(state: State, page: Page) -> digits.Field:
    kind = page.field.kind if page.field else "phone"
    return digits.Field(digits.FieldKind(kind), state.typed)


def _full(state: State, page: Page) -> bool:
    return page.field is not None and len(state.typed) == page.field.length


def _edited(state: State, page: Page, verb: str, digit: str) -> str:
    field = _field(state, page)
    if verb == "digit":
        return digits.append(field, digit).value
    return (digits.delete(field) if verb == "delete" else digits.clear(field)).value


def _typed(state: State, value: str, page: Page) -> State:
    """New digits; the last one moves the focus to what waits for them, and it goes back when that cannot have it."""
    if value == state.typed:
        return state
    waiting = next((f.id for f in page.focusables if f.disabled == "until_full"), "")
    state = attrs.evolve(state, typed=value)
    if _full(state, page):
        return attrs.evolve(state, focus=waiting)
    return attrs.evolve(state, focus=FIELD) if state.focus == waiting else state


# --- moments and invitations --------------------------------------------------------------------------------------


def _moment(state: State, moment: Moment, page: Page) -> Step:
    if moment in (Moment.PATIENCE, Moment.FAILED):
        return Step(attrs.evolve(state, busy=False))
    if moment is Moment.PAUSE:
        return _drafted(state, page)
    if moment is Moment.WITHDRAWN:
        return Step(_closed(attrs.evolve(state, pending=None)))
    target = page.timers.idle_to if moment is Moment.IDLE else page.timers.leave_to
    if target is None or state.layer or state.typed or state.busy:
        return Step(state)
    return _act(state, target, page)


def _drafted(state: State, page: Page) -> Step:
    if page.field is None or not page.field.draft or state.typed == state.drafted:
        return Step(state)
    return Step(attrs.evolve(state, drafted=state.typed), (Draft(page.field.draft, state.typed),))


def _offered(state: State, page: Page) -> Step:
    """Show the waiting invitation, but never over unsent input, a question or a page that is just being left."""
    waiting = state.pending
    known = any(layer.id == INVITATION for layer in page.layers)
    if waiting is None or not known or state.typed or state.layer or state.busy:
        return Step(state)
    first = next(layer.default_focus for layer in page.layers if layer.id == INVITATION)
    fresh = attrs.evolve(
        state,
        pending=None,
        invited=waiting,
        seen=waiting.event,
        remembered={**state.remembered, INVITATION: first},
    )
    return Step(_entered(fresh, INVITATION), (Report(waiting.event, "seen"),))


def _closed(state: State) -> State:
    state = attrs.evolve(state, invited=None)
    return _entered(state, "") if state.layer == INVITATION else state


def _answered(state: State, verb: str, page: Page) -> Step:
    if state.invited is None:
        return Step(state)
    event = state.invited.event
    if verb == _LATER:
        return Step(_closed(state), (Report(event, "dismissed"),))
    went = _act(state, Open(f"rc-{state.invited.rollcall}"), page)
    return Step(went.state, (Report(event, "accepted"), *went.intents))
