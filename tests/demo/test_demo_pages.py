"""Every page that the seeded town can show keeps the rules of the page graph, in both type sizes and both homes."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import pytest

from keymap.families import shipped
from middleware.demo.films import films
from middleware.demo.population import town as invented
from middleware.domain.devices import Mode
from middleware.domain.rollcall import Accepted
from middleware.portal.facts import Asker, viewer
from middleware.portal.finding import Finder
from middleware.portal.pages import BoardLines, find, table
from middleware.portal.profiles import Profiles
from middleware.portal.render import render
from middleware.portal.seats import Seat
from middleware.services import assets, rollcall_entry
from middleware.services.rollcall_entry import Choices, Found
from middleware.services.rollcall_signin import SignIn, sign_in_batch
from middleware.storage.store import Store
from middleware.storage.uow import SqlUnitOfWork
from portal_pages.checks import check_graph, check_page
from portal_pages.findings import with_layers
from portal_pages.invitation import with_invitation
from portal_pages.script import Box
from portal_pages.states import Open, Page, Submit
from tests.demo.conftest import NOW
from vod.catalogue import Edition, Package, Rendition

TABLE = table(BoardLines(), Finder())
EDITION = Edition(
    (540_000,) * 10,
    (Rendition(360, 640, 360, 25_000, "avc1.4d401e,mp4a.40.2", 800_000, 700_000, 7200, (6,) * 10, ("a",) * 10),),
)
BOARDS = ("affairs", "live", "school", "today", "pioneers", "appraise")
MANY = 1400
"""Pages that a walk through the seeded town meets at least: whatever is listed somewhere can be opened."""
LIMIT = 12 * 1024


@pytest.fixture(scope="module")
def screens(young_town: Store) -> Store:
    """The town with its films listed, as if they had been packaged."""

    def listed(uow: SqlUnitOfWork) -> None:
        for film in films():
            assets.add_asset(uow, NOW, film.draft, Package(Path("none"), EDITION), lambda _asset, _rev: None)

    young_town.run_sync(listed)
    return young_town


def _pc() -> Box:
    return Profiles(shipped(), hold_s=25, slot_s=60, plays=True).box("pc", {})


def _asker(uow: SqlUnitOfWork, mode: Mode, home: Literal["live", "boards"], at: int = 0) -> Asker:
    """A set of the first household, or of another one of the town."""
    code = invented().households[at].code
    household = uow.registry.households_by_code([code])[code]
    box = next(iter(uow.devices.of_households([household.id])))
    seat = Seat(box.id, household.id, household.village_id, "", _pc(), mode, True, "", False, 0.0, None)
    return Asker(seat, viewer(seat, NOW, home, ""))


def _draw(uow: SqlUnitOfWork, asker: Asker, page_id: str, query: Mapping[str, str] | None = None) -> Page | None:
    """A page as the portal draws it; None for an address outside its table."""
    wanted = find(TABLE, page_id)
    if wanted is None:
        return None
    if wanted.opens:
        rollcall_entry.begin(uow, NOW, asker.seat.asking, wanted.opens)
    return wanted.draw(uow, asker, query or {})


def _walk(uow: SqlUnitOfWork, asker: Asker) -> dict[str, Page]:
    """All pages that lead on from home by OK, keys and BACK."""
    found: dict[str, Page] = {}
    waiting = ["home"]
    while waiting:
        page_id = waiting.pop()
        page = _draw(uow, asker, page_id) if page_id not in found else None
        if page is not None:
            assert page.id == page_id
            found[page_id] = page
            waiting += _next(page)
    return found


def _next(page: Page) -> Iterator[str]:
    for scope in with_layers(page):
        for target in (*(item.ok for item in scope.focusables), *scope.keys.values()):
            if isinstance(target, Open):
                yield target.page
    yield page.parent


def _confirmed(uow: SqlUnitOfWork, asker: Asker, rollcall: int) -> Iterator[Page]:
    """What follows when somebody of the household picks himself and says yes: confirmation, then success."""
    found = rollcall_entry.choices(uow, asker.seat.household, rollcall)
    assert isinstance(found, Choices)
    box = asker.seat.asking
    assert isinstance(rollcall_entry.choose(uow, NOW, box, rollcall, found.people[0].member), Found)
    confirm = _draw(uow, asker, f"rc-{rollcall}-confirm")
    (outcome,) = sign_in_batch(uow, [SignIn(rollcall, box, "walk1", NOW)])
    assert isinstance(outcome, Accepted)
    result = _draw(uow, asker, f"rc-{rollcall}-result", {"s": "walk1"})
    assert confirm is not None
    assert result is not None
    yield from (confirm, result)


def _evening(mode: Mode, home: Literal["live", "boards"]) -> Callable[[SqlUnitOfWork], dict[str, Page]]:
    """The walk, a sign-in at its end; what it writes is taken back, so that every evening begins alike."""

    def walk(uow: SqlUnitOfWork) -> dict[str, Page]:
        asker = _asker(uow, mode, home)
        pages = _walk(uow, asker)
        rollcall = next(int(page_id.split("-")[1]) for page_id in pages if page_id.startswith("rc-"))
        pages |= {page.id: page for page in _confirmed(uow, asker, rollcall)}
        raise _Seen(pages)

    return walk


class _Seen(Exception):
    """Carries the pages out of a transaction that is rolled back."""


Evenings = Mapping[Mode, Mapping[str, Page]]


@pytest.fixture(scope="module")
def evenings(screens: Store) -> Evenings:
    """The pages in both type sizes: standard with the live home, large with the home of six boards."""
    found: dict[Mode, Mapping[str, Page]] = {}
    homes: tuple[tuple[Mode, Literal["live", "boards"]], ...] = (("standard", "live"), ("large", "boards"))
    for mode, home in homes:
        with pytest.raises(_Seen) as seen:
            screens.run_sync(_evening(mode, home))
        found[mode] = seen.value.args[0]
    return found


def _forms(pages: Mapping[str, Page]) -> dict[str, list[str]]:
    rollcall = next(page_id for page_id in pages if page_id.startswith("rc-")).split("-")[1]
    answers = {"pick": "confirm", "last": "confirm", "look": "confirm", "sign": "result"}
    notes = {f"{one}-remind": [one] for one in pages if one.startswith("programme-")}
    keys = ((one, key) for one, page in pages.items() for key in (page.keys.values()))
    bells = {key.form: [one] for one, key in keys if isinstance(key, Submit) and key.form.endswith("-bell")}
    return {
        "mode": ["settings"],
        **notes,
        **bells,
        **{f"rc-{rollcall}-{verb}": [f"rc-{rollcall}-{to}"] for verb, to in answers.items()},
    }


def _level(pages: Mapping[str, Page], page_id: str) -> int:
    """1 for home, 2 for what BACK leads home from."""
    return 1 if page_id in {"home", "tv"} else 1 + _level(pages, pages[page_id].parent)


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_every_page_of_the_town_keeps_the_rules(evenings: Evenings, mode: Mode) -> None:
    pages = evenings[mode]

    assert len(pages) > MANY
    assert [str(found) for page in pages.values() for found in check_page(with_invitation(page))] == []
    assert [str(found) for found in check_graph(pages.values(), _forms(pages), lambda page: page == "teach")] == []


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_boards_open_with_1_to_6_and_nothing_but_a_step_lies_deeper_than_level_3(
    evenings: Evenings, mode: Mode
) -> None:
    pages = evenings[mode]
    deep = {name.split("-")[0] for name in pages if _level(pages, name) > 3}

    assert [pages["home"].keys[f"D{n}"] for n in range(1, 7)] == [Open(board) for board in BOARDS]
    assert {_level(pages, each) for each in (*BOARDS, "settings")} == {2}
    assert deep == {"rc", "play", "programme", "reminders"}, "steps after a roll-call, a film and the guide were opened"


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_no_page_of_the_town_is_over_12_kilobytes(evenings: Evenings, mode: Mode) -> None:
    listed = [page for name, page in evenings[mode].items() if not name.startswith("programme-")]

    sizes = {page.id: len(render(page, _pc()).fill(clock="20:00", since=10**13, slot=3000)) for page in listed}

    assert [name for name, size in sizes.items() if size > LIMIT] == []
