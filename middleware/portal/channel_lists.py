"""Lists of own channels: live, what was on, and live behind its time, each made once per change (video.md §7.2, §9).

| below `ch/<channel>/` | what it is |
|---|---|
| `[<profile>/]master.m3u8`, `<rung>.m3u8`, `sub-zh.m3u8` | live |
| `p/<programme>/…` | a programme, complete |
| `<utc>-<utcend>/…` | any range of at most six hours, complete |
| `shift/<start>-<t0>[-<end>]/…` | live as from `start` on, asked for since `t0` |

Other forms of players are led to these: `?start=&end=`, `?utc=&lutc=`, `?start=<s>&duration=<s>`,
`timeshift_abs-<utc>.m3u8`, and `?playseek=<YYYYmmddHHMMSS>-<YYYYmmddHHMMSS>` in the town's time. Instants are epoch
seconds, those of queries ISO 8601 too.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, Literal

import attrs
from attrs import frozen

from middleware.domain.places import TOWN_ZONE
from middleware.portal.assets import NOT_FOUND, profile_of
from middleware.portal.linear import LONGEST_S, Air, ClockOff, Copy
from middleware.portal.listing import ANYWHERE, LIVE_AGE, MASTER_AGE, VOD_AGE, Kept, Listing, problem
from middleware.web.values import Request, Response
from vod import playlists
from vod.linear import Effective
from vod.playlists import Profile

NAME: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
_CHANNEL: Final = re.compile(rf"({NAME})/(.+)", re.ASCII)
_SPAN: Final = re.compile(r"([0-9]{9,11})-([0-9]{9,11})", re.ASCII)
_SHIFT: Final = re.compile(r"([0-9]{9,11})-([0-9]{9,11})(?:-([0-9]{9,11}))?", re.ASCII)
_UID: Final = re.compile(r"[\w.:~@-]{1,128}", re.ASCII)
_ABSOLUTE: Final = re.compile(r"timeshift_abs[-_]([0-9]{9,11})(?:\.m3u8|/master\.m3u8)?", re.ASCII)
_LIST: Final = re.compile(r"(f?)([1-9][0-9]{2,3})\.m3u8", re.ASCII)
_CAPTIONS: Final = f"sub-{playlists.CHANNEL_CAPTIONS.key}.m3u8"
_SECONDS: Final = re.compile(r"[0-9]{1,6}", re.ASCII)
_EPOCH: Final = re.compile(r"[0-9]{9,11}", re.ASCII)
_DIGITS: Final = re.compile(r"[0-9]{14}", re.ASCII)
HEAD_MS: Final = 18_000
"""What a list of a programme that is joined from its start shows at once."""
_KEPT: Final = 3000
"""Lists in memory; anybody may ask for any six hours of a week, so their bytes are bounded too."""
_NOT_YET: Final = problem(404, "not_yet")
_EXPIRED: Final = problem(404, "outside_retention")
_TOO_LONG: Final = problem(404, "too_long")
_BAD_RANGE: Final = problem(404, "bad_range")
_NOTHING: Final = problem(404, "nothing_on_air")
_UNKNOWN: Final = problem(404, "unknown_programme")
_NO_RIGHT: Final = problem(403, "no_catch_up")
_CLOCK: Final = problem(503, "clock", retry_s=5)

Form = Literal["live", "slice", "programme", "shift"]


@frozen
class Asked:
    """What part of a channel: `start` and `stop` in epoch seconds, `since` when its address was made."""

    form: Form
    start: int = 0
    stop: int = 0
    since: int = 0
    uid: str = ""


@frozen
class _Made:
    """A list and what it was made of, None for what is over; it stands from edge `first_ms` to before `until_ms`."""

    listing: Listing
    effective: Effective | None
    first_ms: int
    until_ms: float
    kept_s: int = 0
    """How far back the channel could be seen when it was made."""


class Channels:
    """GET below `ch/`. Nothing here asks the database."""

    def __init__(self, air: Air, seconds: Callable[[], float]) -> None:
        self._air = air
        self._seconds = seconds
        self.kept: Kept[_Made] = Kept(_KEPT)
        self.made = 0

    def list(self, request: Request) -> Response:
        """The list that `request.rest` names (without `ch/`), or the way to it."""
        found = _CHANNEL.fullmatch(request.rest)
        copy = self._air.get(found[1]) if found else None
        if found is None or copy is None:
            return NOT_FOUND
        try:
            at = self._air.edge_ms()
        except ClockOff:
            return _CLOCK
        kept = self.kept.get(request.rest)
        asks = request.query and request.rest.endswith("/master.m3u8")
        if kept is not None and not asks and self._stands(kept, copy, at):
            return kept.listing.answer(request.headers)
        return self._asked(request, copy, found[2], at)

    def _stands(self, kept: _Made, copy: Copy, at: int) -> bool:
        same = (kept.effective is None or kept.effective is copy.effective) and kept.kept_s == copy.kept_s
        return same and kept.first_ms <= at < kept.until_ms

    def _asked(self, request: Request, copy: Copy, rest: str, at: int) -> Response:
        asked, name = parsed(rest)
        if asked is None:
            moved = _ABSOLUTE.fullmatch(rest)
            return self._shifted(rest, int(moved[1])) if moved else NOT_FOUND
        if request.query and (led := self._led(request, copy, asked, name)):
            return led
        refused = self._refused(copy, asked)
        if refused is not None:
            return refused
        profile, name = profile_of(name)
        if profile is None:
            return NOT_FOUND
        made = self._make(copy, asked, profile, name, at)
        return self._keep(request, attrs.evolve(made, kept_s=copy.kept_s)) if isinstance(made, _Made) else made

    def _keep(self, request: Request, made: _Made) -> Response:
        self.made += 1
        self.kept.put(request.rest, made)
        return made.listing.answer(request.headers)

    # --- what may be seen ---

    def _refused(self, copy: Copy, asked: Asked) -> Response | None:
        if asked.form == "live":
            return None
        if not copy.kept_s:
            return _NO_RIGHT
        if asked.form == "programme":
            found = copy.effective.programme(asked.uid)
            return self._outside(copy, found[0] // 1000) if found else _UNKNOWN
        if asked.form == "slice" and asked.stop <= asked.start:
            return _BAD_RANGE
        if asked.form == "slice" and asked.stop - asked.start > LONGEST_S:
            return _TOO_LONG
        if asked.form == "shift" and asked.stop and asked.stop <= asked.start:
            return _BAD_RANGE
        return self._outside(copy, asked.start, asked.since)

    def _outside(self, copy: Copy, start: int, since: int = 0) -> Response | None:
        """Who began to watch in time may go on."""
        now = int(self._seconds())
        if max(start, since) > now:
            return _NOT_YET
        return _EXPIRED if start < (since or now) - copy.kept_s else None

    # --- making ---

    def _make(self, copy: Copy, asked: Asked, profile: Profile, name: str, at: int) -> _Made | Response:
        deeper = {"live": "", "slice": "../", "programme": "../../", "shift": "../../"}[asked.form]
        profile = attrs.evolve(profile, root=f"{deeper}{profile.root}")
        profile = playlists.of_what_is_there(profile, copy.effective)
        if name == "master.m3u8":
            listing = Listing.of(playlists.channel_master(copy.edition, profile), MASTER_AGE)
            return _Made(listing, copy.effective, 0, self._until(copy, asked))
        rung = _rung(copy, profile, name)
        if rung is None and not (name == _CAPTIONS and profile.subtitles):
            return NOT_FOUND
        match asked.form:
            case "live":
                return _live(copy, rung, profile, at)
            case "shift":
                return self._behind(copy, asked, rung, profile, at)
        made = _complete(copy, asked, rung, profile, at)
        if isinstance(made, _Made) and made.effective is None:
            return attrs.evolve(made, until_ms=self._until(copy, asked))
        return made

    def _until(self, copy: Copy, asked: Asked) -> float:
        """When a list that does not change may not be seen any more, or must be judged again."""
        if asked.form == "live":
            return float("inf")
        span = copy.effective.programme(asked.uid) if asked.form == "programme" else None
        start = span[0] // 1000 if span else asked.start
        return (max(start, asked.since) + copy.kept_s) * 1000.0

    def _behind(self, copy: Copy, asked: Asked, rung: int | None, profile: Profile, at: int) -> _Made | Response:
        gone_ms = (int(self._seconds()) - asked.since) * 1000
        start_ms, ahead = asked.start * 1000, asked.start * 1000 + gone_ms + HEAD_MS
        window = copy.effective.shifted(start_ms, min(ahead, at), asked.stop * 1000 or None)
        if window is None:
            return _NOTHING
        lasts = float("inf") if window.ended else window.next_change_ms - min(ahead, at)
        listing = Listing.of(playlists.linear(window, rung, profile), LIVE_AGE, window.end_ms // 1000)
        return _Made(listing, copy.effective, at, at + lasts)

    # --- what other players ask ---

    def _led(self, request: Request, copy: Copy, asked: Asked, name: str) -> Response | None:
        """The way to one of our own forms, for what a query asks; None when it asks for nothing else."""
        told = request.query
        if name != "master.m3u8" and not name.endswith("/master.m3u8"):
            return None
        if asked.form in {"slice", "programme"} and _SECONDS.fullmatch(told.get("start", "")):
            return self._skipped(copy, asked, name, told)
        if asked.form != "live":
            return None
        begin, _, end = told.get("playseek", "").partition("-")
        start = _instant(told.get("start") or told.get("utc", "")) or _local(begin)
        stop = _instant(told.get("end") or told.get("utcend", "")) or _local(end)
        if start and stop:
            return _moved(f"{start}-{stop}/{name}")
        if start:
            return _moved(f"shift/{start}-{_instant(told.get('lutc', '')) or int(self._seconds())}/{name}")
        return None

    def _skipped(self, copy: Copy, asked: Asked, name: str, told: Mapping[str, str]) -> Response | None:
        """`?start=<s into it>&duration=<s>` of Ministra boxes."""
        span = (asked.start * 1000, asked.stop * 1000) if asked.form == "slice" else copy.effective.programme(asked.uid)
        if span is None:
            return None
        begin, end = span[0] // 1000, (span[1] or int(self._seconds()) * 1000) // 1000
        start = begin + int(told["start"])
        lasts = told.get("duration", "")
        stop = min(end, start + int(lasts)) if _SECONDS.fullmatch(lasts) and int(lasts) else end
        if start == begin and stop == end:
            return None
        up = "../" * (name.count("/") + (1 if asked.form == "slice" else 2))
        return _moved(f"{up}{start}-{stop}/{name}")

    def _shifted(self, rest: str, start: int) -> Response:
        up = "../" * rest.count("/")
        return _moved(f"{up}shift/{start}-{int(self._seconds())}/master.m3u8")


def parsed(rest: str) -> tuple[Asked | None, str]:
    """What part of a channel is asked for, and the name of the list in it; None when it is none of our forms."""
    first, slash, after = rest.partition("/")
    if first == "p":
        uid, _, name = after.partition("/")
        return (Asked("programme", uid=uid) if _UID.fullmatch(uid) else None), name
    if first == "shift":
        span, _, name = after.partition("/")
        found = _SHIFT.fullmatch(span)
        return (Asked("shift", int(found[1]), int(found[3] or 0), int(found[2])) if found else None), name
    found = _SPAN.fullmatch(first)
    if found and slash:
        return Asked("slice", int(found[1]), int(found[2])), after
    return (None, "") if first.startswith("timeshift_abs") else (Asked("live"), rest)


def _rung(copy: Copy, profile: Profile, name: str) -> int | None:
    """The rung whose list has that name; None for one that the channel does not have in this container."""
    found = _LIST.fullmatch(name)
    if found is None or bool(found[1]) != (profile.container == "fmp4"):
        return None
    rung = int(found[2])
    return None if copy.edition.rendition(rung) is None else rung


def _live(copy: Copy, rung: int | None, profile: Profile, at: int) -> _Made | Response:
    window = copy.effective.window(at)
    if window is None:
        return _NOTHING
    listing = Listing.of(playlists.linear(window, rung, profile), LIVE_AGE, window.end_ms // 1000)
    return _Made(listing, copy.effective, at, window.next_change_ms)


def _complete(copy: Copy, asked: Asked, rung: int | None, profile: Profile, at: int) -> _Made | Response:
    """A range as far as it has been on; what is over does not change any more, whatever comes."""
    start_ms, stop_ms = asked.start * 1000, asked.stop * 1000
    if asked.form == "programme":
        span = copy.effective.programme(asked.uid)
        start_ms, stop_ms = (span[0], span[1] or at + 1) if span else (0, 0)
    found = copy.effective.slice(start_ms, stop_ms, at)
    if not found.runs:
        return _NOTHING
    body = playlists.cut(found, rung, profile)
    if found.growing:
        last = found.runs[-1].end_ms // 1000
        return _Made(Listing.of(body, LIVE_AGE, last), copy.effective, at, at + 1000)
    return _Made(Listing.of(body, VOD_AGE), None, 0, float("inf"))


def _instant(told: str) -> int:
    """Epoch seconds of epoch seconds or an ISO 8601 date; 0 for anything else."""
    if _EPOCH.fullmatch(told):
        return int(told)
    try:
        found = datetime.fromisoformat(told) if told[:1].isdigit() and len(told) <= 40 else None
    except ValueError:
        return 0
    if found is None:
        return 0
    return max(0, int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()))


def _local(told: str) -> int:
    """Epoch seconds of the fourteen digits that CTC boxes write, 0 for anything else."""
    if not _DIGITS.fullmatch(told):
        return 0
    try:
        return max(0, int(datetime.strptime(told, "%Y%m%d%H%M%S").replace(tzinfo=TOWN_ZONE).timestamp()))
    except ValueError:
        return 0


def _moved(where: str) -> Response:
    return Response(302, b"", "text/plain; charset=utf-8", (("Location", where), ("Cache-Control", LIVE_AGE), ANYWHERE))
