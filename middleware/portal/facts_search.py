"""What the page of the search is told, from the index in memory: nothing of a query is looked up in the database."""

from middleware.domain.channels import Channel
from middleware.portal.facts import Asker
from middleware.portal.finding import Finder, Found, Searchable
from middleware.services.ports import Airing, UnitOfWork
from portal_pages.boards.search import PER_PAGE, found_by, search_page
from portal_pages.boards.today import minutes
from portal_pages.dates import soon
from portal_pages.facts import FoundFact, SearchFact
from portal_pages.states import Page


def search(uow: UnitOfWork, asker: Asker, finder: Finder, query: str, number: int) -> Page:
    """Result page `number` of what these digits find; the last one where there are fewer."""
    if not query:
        return search_page(asker.viewer, SearchFact())
    searchable = finder.of(uow, asker.now)
    found = searchable.find(query, asker.now, asker.seat.entitled)
    per = PER_PAGE[asker.viewer.mode]
    at = min(number, max(-(-len(found) // per), 1))
    shown = tuple(_fact(one, asker, searchable, found_by(query, at)) for one in found[(at - 1) * per : at * per])
    return search_page(asker.viewer, SearchFact(query, shown, len(found), at))


def _fact(found: Found, asker: Asker, searchable: Searchable, origin: str) -> FoundFact:
    if isinstance(found, Channel):
        return FoundFact("channel", f"tv-{found.id}", found.name, f"{found.number} 频道")
    if isinstance(found, Airing):
        # Large type leaves the title no room beside a channel's name.
        where = f" {searchable.channels[found.channel].name}" if asker.viewer.mode == "standard" else ""
        note = _when(found, asker) + where
        return FoundFact("programme", f"programme-{found.id}{origin}", found.programme.title, note)
    return FoundFact("film", f"film-{found.id}", found.title, minutes(found.duration_ms / 1000))


def _when(found: Airing, asker: Asker) -> str:
    start = found.programme.start
    return "正在播出" if start <= asker.now else soon(start, asker.now)
