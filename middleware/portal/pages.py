"""The table of page ids: from the address of a page state to what draws it, for whom it is the same, and how long."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Final, Literal

from attrs import define, field, frozen

from middleware.portal import facts, facts_assets, facts_guide, facts_rollcall, facts_search
from middleware.portal.facts import Asker
from middleware.portal.finding import Finder
from middleware.services.ports import UnitOfWork
from portal_pages.admission import CODE, code_page
from portal_pages.boards import search as search_board
from portal_pages.boards.board import Board
from portal_pages.boards.catchup import HALTED
from portal_pages.facts import CodeFact, NoticeFact, NoticeKind
from portal_pages.notices import notice_page
from portal_pages.settings import settings_page
from portal_pages.states import Page

LONGEST: Final = 64
"""Characters of a page id; all that the builders make are shorter."""
_MINUTE: Final = 60.0
_NOTICES: Final[dict[str, NoticeKind]] = {
    "404": "404",
    "500": "500",
    "busy": "busy",
    "pending": "pending",
    "unknown": "unknown",
    "channels": "channels",
}

Query = Mapping[str, str]
Scope = Literal["town", "village", "household", "box"]
"""Whom a page is the same for; `box` is never kept."""


@frozen
class Wanted:
    """A page that somebody asked for.

    `keep` is how long it may be shown again, in seconds; 60 means until the minute is over. `opens` is the roll-call
    whose form it opens. `board` is remembered as the household's last one, `channel` as the box's last one.
    """

    draw: Callable[[UnitOfWork, Asker, Query], Page]
    scope: Scope
    keep: float = _MINUTE
    opens: int = 0
    board: str = ""
    channel: int = 0
    airing: int = 0
    """The programme whose recording is played, by a link of the box."""
    dialled: int = 0
    """The number of a channel that was typed: the answer leads to its page."""
    reminds: bool = False
    """It shows what the box is to be reminded of."""
    of: str = ""
    """The board whose packages decide whether it may be seen, where that is no `board`."""


Parse = Callable[[tuple[str, ...]], Wanted | None]


@define
class BoardLines:
    """The two lines of each board on home by village, read once a minute."""

    _known: dict[int | None, tuple[datetime, dict[str, tuple[str, str]]]] = field(factory=dict, init=False)

    def of(self, uow: UnitOfWork, now: datetime, village_id: int | None) -> dict[str, tuple[str, str]]:
        """The lines for this village as of this minute."""
        minute = now.replace(second=0, microsecond=0)
        known = self._known.get(village_id)
        if known is None or known[0] != minute:
            known = self._known[village_id] = (minute, facts.board_lines(uow, now, village_id))
        return known[1]

    def stale(self) -> None:
        """Content has changed."""
        self._known = {}


def number(text: str, digits: int = 9) -> int | None:
    """A whole number above 0 as our addresses write it, else None."""
    sound = text.isascii() and text.isdigit() and len(text) <= digits and text[0] != "0"
    return int(text) if sound else None


def find(table: Mapping[str, Parse], page_id: str) -> Wanted | None:
    """Look a page id up; None for one that no builder makes."""
    if len(page_id) > LONGEST:
        return None
    first, *rest = page_id.split("-")
    parse = table.get(first)
    return parse(tuple(rest)) if parse is not None else None


def table(lines: BoardLines, finder: Finder, hotline: str = "") -> Mapping[str, Parse]:
    """The parsers by the first word of a page id."""
    return {
        "home": partial(_home, lines),
        "settings": _settings,
        "offline": _offline,
        CODE: partial(_code, hotline),
        "error": _error,
        **{key: partial(_board, board) for key, board in facts.BOARDS.items()},
        "article": _article,
        "profile": _article,
        "rc": _rollcall,
        "today": _today,
        "film": _film,
        "play": _play,
        "tv": _tv,
        "guide": _guide,
        "programme": _programme,
        "reminders": _reminders,
        "catchup": _catchup,
        "search": partial(_search, finder),
    }


def _home(lines: BoardLines, rest: tuple[str, ...]) -> Wanted | None:
    def draw(uow: UnitOfWork, asker: Asker, _query: Query) -> Page:
        return facts.home_page(uow, asker, lines.of(uow, asker.now, asker.seat.village_id))

    return Wanted(draw, "household") if not rest else None


def _settings(rest: tuple[str, ...]) -> Wanted | None:
    return Wanted(lambda _uow, asker, _query: settings_page(asker.viewer), "town") if not rest else None


def _offline(rest: tuple[str, ...]) -> Wanted | None:
    return _notice("offline") if not rest else None


def _code(hotline: str, rest: tuple[str, ...]) -> Wanted | None:
    """What a box that waits tells the operator; one that was admitted meanwhile is led on by its home."""

    def draw(_uow: UnitOfWork, asker: Asker, _query: Query) -> Page:
        return code_page(asker.viewer, CodeFact(asker.seat.code, hotline))

    return Wanted(draw, "box") if not rest else None


def _error(rest: tuple[str, ...]) -> Wanted | None:
    kind = _NOTICES.get(rest[0]) if len(rest) == 1 else None
    return _notice(kind) if kind else None


def _notice(kind: NoticeKind) -> Wanted:
    return Wanted(lambda _uow, asker, _query: notice_page(asker.viewer, NoticeFact(kind, "home")), "town")


def _board(board: Board, rest: tuple[str, ...]) -> Wanted | None:
    columns = [key for key, _ in board.columns]
    column = rest[0] if rest else columns[0]
    at = _second(rest)
    if column not in columns or at is None:
        return None

    def draw(uow: UnitOfWork, asker: Asker, _query: Query) -> Page:
        return facts.board_list(uow, asker, board, column, at)

    return Wanted(draw, "household" if column == "rollcall" else "village", board=board.key)


def _article(rest: tuple[str, ...]) -> Wanted | None:
    found, at = number(rest[0]) if rest else None, _second(rest)
    if found is None or at is None:
        return None
    return Wanted(lambda uow, asker, _query: facts.article_sheet(uow, asker, found, at), "village")


def _rollcall(rest: tuple[str, ...]) -> Wanted | None:
    found = number(rest[0]) if 1 <= len(rest) <= 2 else None
    if found is None:
        return None
    if len(rest) == 1:
        return Wanted(lambda uow, asker, _query: facts_rollcall.pick(uow, asker, found), "box", opens=found)
    match rest[1]:
        case "number":
            return Wanted(lambda uow, asker, _query: facts_rollcall.number(uow, asker, found), "box", opens=found)
        case "confirm":
            return Wanted(lambda uow, asker, _query: facts_rollcall.confirm(uow, asker, found), "box")
        case "result":
            return Wanted(lambda uow, asker, query: facts_rollcall.result(uow, asker, found, query), "box")
    return None


def _today(rest: tuple[str, ...]) -> Wanted | None:
    if not rest:
        return _shelf(1)
    key, at = rest[0], _second(rest)
    if key == "channels" and at is not None:
        return Wanted(lambda uow, asker, _query: facts_guide.channels(uow, asker, at), "town", board="today")
    if key in facts_assets.KEYS and at is not None:
        return Wanted(lambda uow, asker, _query: facts_assets.column(uow, asker, key, at), "household", board="today")
    shelf = number(key[1:], 4) if len(rest) == 1 and key.startswith("p") else None
    return _shelf(shelf) if shelf else None


def _shelf(at: int) -> Wanted:
    return Wanted(lambda uow, asker, _query: facts_assets.shelf(uow, asker, at), "household", board="today")


def _film(rest: tuple[str, ...]) -> Wanted | None:
    """`5`, and `5-n` for those who want no subtitles."""
    found, silent = number(rest[0]) if rest else None, rest[1:] == ("n",)
    if found is None or (len(rest) > 1 and not silent):
        return None
    return Wanted(
        lambda uow, asker, _query: facts_assets.film(uow, asker, found, silent=silent), "household", of="today"
    )


def _play(rest: tuple[str, ...]) -> Wanted | None:
    """`5`, from its start `5-0`, and either with `-n` without subtitles."""
    found, how = number(rest[0]) if rest else None, rest[1:]
    if found is None or how not in {(), ("0",), ("n",), ("0", "n")}:
        return None
    again, silent = "0" in how, "n" in how
    return Wanted(
        lambda uow, asker, _query: facts_assets.player(uow, asker, found, again=again, silent=silent), "box", of="today"
    )


def _tv(rest: tuple[str, ...]) -> Wanted | None:
    """One channel, the one watched last, the one with the number of `n12`, or with `no12` that there is none."""
    word = rest[0] if len(rest) == 1 else ""
    missing = number(word.removeprefix("no"), 4) if word.startswith("no") else None
    if missing:
        return Wanted(lambda uow, asker, _query: facts_guide.tv(uow, asker, 0, missing), "box")
    dialled = number(word.removeprefix("n"), 4) if word.startswith("n") else None
    found = number(word) if word else 0 if not rest else None
    if dialled:
        return Wanted(lambda uow, asker, _query: facts_guide.tv(uow, asker, 0), "box", dialled=dialled)
    if found is None:
        return None
    return Wanted(lambda uow, asker, _query: facts_guide.tv(uow, asker, found), "town", channel=found)


def _guide(rest: tuple[str, ...]) -> Wanted | None:
    if not rest:
        return Wanted(lambda uow, asker, _query: facts_guide.grid(uow, asker, None, 1), "town", reminds=True)
    at = number(rest[2], 3) if len(rest) == 3 else None
    start = facts_guide.read_start(rest[0], rest[1]) if at else None
    if at is None or start is None:
        return None
    return Wanted(lambda uow, asker, _query: facts_guide.grid(uow, asker, start, at), "town", reminds=True)


def _reminders(rest: tuple[str, ...]) -> Wanted | None:
    at = 1 if not rest else number(rest[0], 3) if len(rest) == 1 else None
    return Wanted(lambda uow, asker, _query: facts_guide.reminders(uow, asker, at), "box") if at else None


def _programme(rest: tuple[str, ...]) -> Wanted | None:
    """`12`, `12-2` (sheet), either with `-q6499` when found by a search (`-q6499p2` on its second page) or `-m` when
    opened from the reminders.
    """
    told_by, _, page = rest[-1][1:].partition("p") if len(rest) > 1 and rest[-1].startswith("q") else ("", "", "")
    query, on = digits(told_by) if told_by else "", number(page, 3) if page else 1
    if query is None or on is None:
        return None
    listed = len(rest) > 1 and rest[-1] == "m"
    rest = rest[:-1] if query or listed else rest
    found, at = number(rest[0]) if rest else None, _second(rest)
    if found is None or at is None:
        return None
    return Wanted(
        lambda uow, asker, told: facts_guide.programme(
            uow, asker, found, at, (query, on), listed=listed, full=told.get("o") == "full"
        ),
        "box",
    )


def _catchup(rest: tuple[str, ...]) -> Wanted | None:
    halted = rest[1:] == (HALTED,)
    found = number(rest[0]) if len(rest) == 1 or halted else None
    if found is None:
        return None
    return Wanted(lambda uow, asker, _query: facts_guide.catchup(uow, asker, found, halted=halted), "box", airing=found)


def _search(finder: Finder, rest: tuple[str, ...]) -> Wanted | None:
    query, at = digits(rest[0]) if rest else "", _second(rest)
    if query is None or at is None:
        return None
    return Wanted(lambda uow, asker, _query: facts_search.search(uow, asker, finder, query, at), "town")


def digits(text: str) -> str | None:
    """The digits of a search as our addresses write them, else None."""
    return text if text.isascii() and text.isdigit() and len(text) <= search_board.LONGEST else None


def _second(rest: tuple[str, ...]) -> int | None:
    """The number of a page of several, 1 when it is left out; None for anything else."""
    if len(rest) <= 1:
        return 1
    return number(rest[1], 4) if len(rest) == 2 else None
