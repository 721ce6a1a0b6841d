"""vod and series: lists of films, links to them, favourites, and where a box stopped (§4, §8)."""

from typing import Final

from middleware.portal.core.core import Core
from middleware.portal.ministra import links, vod
from middleware.portal.ministra.ask import Answer, Ask
from middleware.portal.ministra.drawers import Drawers
from middleware.portal.ministra.prefs import Stopped, with_film, with_stop
from middleware.portal.ministra.reports import Reports
from middleware.portal.ministra.vod import Catalogue, Shelf
from middleware.portal.ministra.wire import FALSE, TRUE, Ready, reply, text, whole
from middleware.portal.shared import Shared
from middleware.services import assets
from middleware.services.ports import UnitOfWork
from portal_pages.boards.today import BOARD, VIDEO_COLUMNS
from vod.jobs import State

HD: Final = 720
"""Lines of a picture in high definition."""
_LONGEST_S: Final = 24 * 3600
CATEGORIES: Final = reply(vod.categories(Catalogue((), VIDEO_COLUMNS)))
"""get_categories: the columns, whatever is in them."""
GENRES: Final = reply(vod.genres())


class Clubs:
    """Answers vod and series; the catalogue is read when films have changed."""

    def __init__(self, core: Core, drawers: Drawers, reports: Reports) -> None:
        self._core = core
        self._drawers = drawers
        self._reports = reports
        self._known: tuple[int, Catalogue] = (-1, Catalogue())
        self._heights: dict[str, int] = {}
        self._reading: Shared[Catalogue] = Shared()

    def table(self, *, series: bool) -> dict[str, Answer]:
        """Actions by name; `series` is the same narrowed to series."""
        return {
            "get_categories": self.series_categories if series else CATEGORIES,
            "get_ordered_list": self.series_list if series else self.ordered_list,
            "get_genres_by_category_alias": GENRES,
            "get_genres": GENRES,
            "get_years": self.years,
            "get_abc": self.letters,
            "create_link": self.create_link,
            "set_fav": self.set_favourite,
            "del_fav": self.del_favourite,
            "set_not_ended": self.set_not_ended,
            "set_ended": self.set_ended,
            "set_claim": self.claim,
            "set_played": TRUE,
            "del_link": TRUE,
        }

    async def of(self, ask: Ask) -> Catalogue:
        """The films that a box may see."""
        return vod.entitled(await self._catalogue(), ask.session.entitled.boards, BOARD.key)

    async def _catalogue(self) -> Catalogue:
        version = self._core.film_version
        if self._known[0] == version:
            return self._known[1]
        found = await self._reading.get(version, self._read)
        if version == self._core.film_version:
            self._known = version, found
        return found

    async def _read(self) -> Catalogue:
        return await self._core.read(self._made, "films of boxes")

    def _made(self, uow: UnitOfWork) -> Catalogue:
        every = uow.assets.all()
        for one in every:
            if one.key not in self._heights and one.state is State.READY:
                edition = uow.assets.edition(one.id, one.rev)
                self._heights[one.key] = max((each.height for each in edition.renditions), default=0) if edition else 0
        hd = {one.id for one in every if self._heights.get(one.key, 0) >= HD}
        return vod.catalogue(every, uow.assets.series(), VIDEO_COLUMNS, hd)

    async def series_categories(self, ask: Ask) -> Ready:
        """get_categories of series: the columns that have some."""
        return reply(vod.categories(await self.of(ask), only_series=True))

    async def years(self, ask: Ask) -> Ready:
        """get_years."""
        return reply(vod.years(await self.of(ask), text(ask.values, "category", 20)))

    async def letters(self, ask: Ask) -> Ready:
        """get_abc."""
        return reply(vod.letters(await self.of(ask)))

    async def ordered_list(self, ask: Ask) -> Ready:
        """get_ordered_list."""
        return reply(vod.ordered_list(await self.of(ask), ask.values, await self._shelf(ask)))

    async def series_list(self, ask: Ask) -> Ready:
        """get_ordered_list of series."""
        return reply(vod.ordered_list(await self.of(ask), ask.values, await self._shelf(ask), only_series=True))

    async def _shelf(self, ask: Ask) -> Shelf:
        return Shelf(await self._drawers.of(ask.session.device.id), ask.here, self._core.now(), ask.base)

    async def create_link(self, ask: Ask) -> Ready:
        """create_link: a signed address of a film."""
        media = links.media_of(ask.values)
        film = vod.wanted_film(await self.of(ask), media, whole(ask.values, "series")) if media else None
        if media is None or film is None:
            return reply(links.film_answer(0, "", links.NOTHING))
        made = await self._core.links.film(ask.session, film)
        options = f" position:{media.at}" if media.at else ""
        cmd = links.playable(ask.base, made.path, options) if made.path else ""
        return reply(links.film_answer(film.id, cmd, made.error))

    async def set_favourite(self, ask: Ask) -> Ready:
        """set_fav."""
        return await self._favourite(ask, wanted=True)

    async def del_favourite(self, ask: Ask) -> Ready:
        """del_fav."""
        return await self._favourite(ask, wanted=False)

    async def _favourite(self, ask: Ask, *, wanted: bool) -> Ready:
        film = whole(ask.values, "video_id")
        if not film:
            return FALSE
        await self._drawers.change(ask.session.device.id, lambda prefs: with_film(prefs, film, wanted=wanted))
        return TRUE

    async def set_not_ended(self, ask: Ask) -> Ready:
        """set_not_ended: where the box stopped; the household's own mark follows, for our pages."""
        film, values = whole(ask.values, "video_id"), ask.values
        title = vod.title_of(await self.of(ask), film)
        if title is None:
            return FALSE
        stopped = Stopped(
            whole(values, "series", 0, 0, 10_000),
            whole(values, "end_time", 0, 0, _LONGEST_S),
            whole(values, "file_id"),
        )
        await self._drawers.change(ask.session.device.id, lambda prefs: with_stop(prefs, title.id, stopped))
        home, now = ask.session.device.household_id, self._core.now()
        episode = title.episodes[min(max(stopped.series, 1), len(title.episodes)) - 1].id

        def note(uow: UnitOfWork) -> None:
            if home is not None:
                assets.note_progress(uow, now, home, episode, float(stopped.seconds))

        await self._core.write(note, "progress of a household")
        return TRUE

    async def set_ended(self, ask: Ask) -> Ready:
        """set_ended: seen to the end."""
        title = vod.title_of(await self.of(ask), whole(ask.values, "video_id"))
        if title is None:
            return FALSE
        await self._drawers.change(ask.session.device.id, lambda prefs: with_stop(prefs, title.id, None))
        return TRUE

    async def claim(self, ask: Ask) -> Ready:
        """set_claim: the viewer reports a fault of a film."""
        film = whole(ask.values, "id") or whole(ask.values, "video_id")
        await self._reports.claim(ask, f"film:{film}", text(ask.values, "real_type", 40))
        return TRUE
