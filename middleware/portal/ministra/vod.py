"""Films as the video club of boxes shows them: films, seasons, episodes, files (§4 vod, §5). Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, tzinfo
from itertools import groupby
from typing import Final

from attrs import field, frozen

from epg.search import folded, keys
from middleware.portal.ministra import words
from middleware.portal.ministra.links import Media
from middleware.portal.ministra.naming import unique
from middleware.portal.ministra.prefs import Prefs
from middleware.portal.ministra.wire import MOST, Page, Row, Values, envelope, flag, numeral, page, text, whole
from middleware.portal.ministra.zones import stamp
from vod.catalogue import Asset, Series
from vod.jobs import State

SERIES_FROM: Final = 1_000_000_000
SEASONS_FROM: Final = 1_500_000_000
"""Ids of series and of their seasons begin here, so that they are never those of films."""
_SEASONS: Final = 100
_MOST_SERIES: Final = (MOST - SEASONS_FROM) // _SEASONS - 1
Column = tuple[str, str]
"""Key and title of a column."""


@frozen
class Title:
    """A film, or a series with its episodes in order; `id` is what boxes know it by."""

    id: int
    name: str
    column: str
    synopsis: str
    year: int
    added: datetime
    seconds: int
    episodes: tuple[Asset, ...] = field(repr=False)
    series: Series | None = None

    @property
    def letter(self) -> str:
        """The letter it is found under: the first pinyin initial, else `#`."""
        first = keys(self.name).initials[:1].upper()
        return first if "A" <= first <= "Z" else "#"


@frozen
class Catalogue:
    """All titles of some columns, the newest first."""

    titles: tuple[Title, ...] = ()
    columns: tuple[Column, ...] = ()
    by_id: Mapping[int, Title] = field(factory=dict, repr=False)
    films: Mapping[int, Asset] = field(factory=dict, repr=False)
    """Every film and episode by its own id."""
    hd: frozenset[int] = frozenset()
    """Films and episodes in high definition."""

    def category(self, column: str) -> str:
        """The id of a column."""
        place = [key for key, _ in self.columns].index(column)
        return str(place + 1)


def catalogue(
    assets: Sequence[Asset], series: Sequence[Series], columns: Sequence[Column], hd: Collection[int] = ()
) -> Catalogue:
    """Put together what can be watched; an episode without its series stands for itself. `hd` are ids of assets."""
    shown = {key for key, _ in columns}
    watchable = (one for one in assets if one.state is State.READY and one.shown)
    ready = [one for one in watchable if one.column in shown and one.id < SERIES_FROM]
    known = {one.id: one for one in series if one.column in shown and one.id <= _MOST_SERIES}
    single = [one for one in ready if one.series_id not in known]
    ordered = sorted((one for one in ready if one.series_id in known), key=_episode_order)
    found = [_film(one) for one in single]
    found += [
        _series(known[series_id], tuple(group))
        for series_id, group in groupby(ordered, key=lambda one: one.series_id)
        if series_id is not None
    ]
    found.sort(key=lambda one: (one.added, one.id), reverse=True)
    titles = _named(found)
    by_id = {one.id: one for one in titles}
    return Catalogue(titles, tuple(columns), by_id, {one.id: one for one in ready}, frozenset(hd))


def _named(found: Sequence[Title]) -> tuple[Title, ...]:
    names = unique([(one.name, str(one.id)) for one in found], words.FILM)
    return tuple(
        Title(one.id, name, one.column, one.synopsis, one.year, one.added, one.seconds, one.episodes, one.series)
        for one, name in zip(found, names, strict=True)
    )


def _episode_order(asset: Asset) -> tuple[int, int, int, int]:
    return asset.series_id or 0, season_of(asset), asset.episode, asset.id


def season_of(asset: Asset) -> int:
    """The season of an episode; one that nobody told is the first."""
    return min(max(asset.season, 1), _SEASONS - 1)


def _film(asset: Asset) -> Title:
    year = asset.added_at.year
    seconds = asset.duration_ms // 1000
    return Title(asset.id, asset.title, asset.column, asset.synopsis, year, asset.added_at, seconds, (asset,))


def _series(series: Series, episodes: tuple[Asset, ...]) -> Title:
    newest = max(one.added_at for one in episodes)
    seconds = sum(one.duration_ms for one in episodes) // 1000
    number = SERIES_FROM + series.id
    year = series.year or newest.year
    return Title(number, series.title, series.column, series.synopsis, year, newest, seconds, episodes, series)


def categories(found: Catalogue, *, only_series: bool = False) -> list[Row]:
    """get_categories: the columns behind the one that stands for all; with `only_series` those that have one."""
    used = {one.column for one in found.titles if one.series is not None or not only_series}
    rows = [
        {"id": found.category(key), "title": title, "alias": key, "censored": 0}
        for key, title in found.columns
        if key in used or not only_series
    ]
    return [{"id": "*", "title": words.ALL, "alias": "*", "censored": 0}, *rows]


def genres() -> list[Row]:
    """get_genres_by_category_alias: columns have no further parts."""
    return [{"id": "*", "title": words.ALL, "alias": "*", "censored": 0}]


def years(found: Catalogue, category: str) -> list[Row]:
    """get_years of a category."""
    known = sorted({one.year for one in _in_category(found, category)}, reverse=True)
    return [{"id": "*", "title": words.ALL}, *({"id": str(one), "title": str(one)} for one in known)]


def letters(found: Catalogue) -> list[Row]:
    """get_abc: the initials that there are."""
    known = sorted({one.letter for one in found.titles})
    return [{"id": "*", "title": words.ALL}, *({"id": one, "title": one} for one in known)]


@frozen
class Shelf:
    """How rows are made: of which box, for which zone and instant, and where pictures are."""

    prefs: Prefs
    here: tzinfo
    now: datetime
    base: str = ""


def ordered_list(found: Catalogue, values: Values, shelf: Shelf, *, only_series: bool = False) -> Row:
    """get_ordered_list on the level that the ids name."""
    title = found.by_id.get(whole(values, "movie_id"))
    if whole(values, "movie_id"):
        rows = _inside(title, values, found, shelf) if title else []
        wanted = page(values)
        return envelope(wanted.of(rows), len(rows), wanted.size, wanted.number, wanted.selected)
    chosen = select(found, values, shelf.prefs, only_series=only_series)
    wanted = _page(chosen, values, shelf.prefs)
    rows = [title_row(one, found, shelf) for one in wanted.of(chosen)]
    return envelope(rows, len(chosen), wanted.size, wanted.number, wanted.selected)


def _page(chosen: Sequence[Title], values: Values, prefs: Prefs) -> Page:
    """The page asked for; that of the current film, the one left last, for p=0, or of the row that is asked for."""
    row = whole(values, "row")
    last = next(iter(prefs.not_ended), 0)
    at = next((place for place, one in enumerate(chosen) if one.id == last), None)
    return page(values, min(row, len(chosen)) - 1 if row and chosen else at)


def _inside(title: Title, values: Values, found: Catalogue, shelf: Shelf) -> list[Row]:
    season, episode = whole(values, "season_id"), whole(values, "episode_id")
    if title.series is None:
        return [file_row(title, title.episodes[0], found, shelf)]
    if episode:
        return [file_row(title, one, found, shelf) for one in title.episodes if one.id == episode]
    if season:
        wanted = season - season_id(title.series.id, 0) if season >= SEASONS_FROM else season
        return [episode_row(title, one, found, shelf) for one in title.episodes if season_of(one) == wanted]
    return [season_row(title, number, found, shelf) for number in seasons(title)]


def seasons(title: Title) -> list[int]:
    """The numbers of a series' seasons, in order."""
    return sorted({season_of(one) for one in title.episodes})


def season_id(series_id: int, season: int) -> int:
    """What boxes know a season by."""
    return SEASONS_FROM + series_id * _SEASONS + season


def select(found: Catalogue, values: Values, prefs: Prefs, *, only_series: bool = False) -> list[Title]:
    """The titles that a list is asked for, in its order."""
    chosen = [one for one in _in_category(found, text(values, "category", 20)) if one.series or not only_series]
    tests = [*_tests(values, prefs)]
    if flag(values, "hd"):
        chosen = [one for one in chosen if in_hd(one, found)]
    return in_order([one for one in chosen if all(test(one) for test in tests)], text(values, "sortby", 20), prefs)


def _tests(values: Values, prefs: Prefs) -> list[Callable[[Title], bool]]:
    tests: list[Callable[[Title], bool]] = []
    year, letter, wanted = (text(values, name, 60) for name in ("years", "abc", "search"))
    genre = text(values, "genre", 20)
    if year not in {"", "*", "0"}:
        tests.append(lambda one: str(one.year) == year)
    if letter not in {"", "*", "0"}:
        tests.append(lambda one: one.letter == letter.upper())
    if wanted:
        tests.append(lambda one: matches(one, wanted))
    if genre not in {"", "*", "0"}:
        tests.append(lambda _one: False)
    if flag(values, "fav"):
        tests.append(lambda one: one.id in prefs.films)
    if flag(values, "not_ended"):
        tests.append(lambda one: one.id in prefs.not_ended)
    return tests


def in_hd(title: Title, found: Catalogue) -> bool:
    """Whether a title comes in high definition."""
    return any(one.id in found.hd for one in title.episodes)


def matches(title: Title, wanted: str) -> bool:
    """Whether a title is found by words or by pinyin initials."""
    query = folded(wanted)
    return bool(query) and (query in keys(title.name).text or query in keys(title.name).initials)


def _in_category(found: Catalogue, category: str) -> list[Title]:
    if category in {"", "*", "0"}:
        return [*found.titles]
    wanted = {key for key, _ in found.columns if category in {key, found.category(key)}}
    return [one for one in found.titles if one.column in wanted]


def in_order(chosen: Sequence[Title], sortby: str, prefs: Prefs) -> list[Title]:
    """By name, by what was left last, else the newest first: nothing is rated and nothing is sold."""
    if sortby == "name":
        return sorted(chosen, key=lambda one: (keys(one.name).initials, one.name))
    if sortby == "last_ended":
        place = {film: at for at, film in enumerate(prefs.not_ended)}
        return sorted(chosen, key=lambda one: place.get(one.id, len(place)))
    return [*chosen]


def title_row(title: Title, found: Catalogue, shelf: Shelf) -> Row:
    """A film or a series in a list."""
    is_series = title.series is not None
    numbers = [*range(1, len(title.episodes) + 1)] if is_series else []
    return {
        **_row(title, title.name, title.episodes[0], found, shelf),
        "id": numeral(title.id),
        "cmd": f"/media/{numeral(title.id)}.mpg",
        "series": numbers,
        "is_series": int(is_series),
        "is_movie": int(not is_series),
        "has_files": 0 if is_series else 1,
    }


def season_row(title: Title, season: int, found: Catalogue, shelf: Shelf) -> Row:
    """A season: its episodes can be asked for, or opened by their place in `series`."""
    mine = [one for one in title.episodes if season_of(one) == season]
    number = numeral(season_id(title.series.id if title.series else 0, season))
    return {
        **_row(title, f"第 {season} 季", mine[0], found, shelf),
        "id": number,
        "video_id": numeral(title.id),
        "season_number": season,
        "season_series": len(mine),
        "cmd": f"/media/{number}.mpg",
        "series": [*range(1, len(mine) + 1)],
        "is_season": 1,
        "is_series": 1,
    }


def episode_row(title: Title, asset: Asset, found: Catalogue, shelf: Shelf) -> Row:
    """An episode."""
    return {
        **_row(title, asset.title or f"第 {asset.episode} 集", asset, found, shelf),
        "id": numeral(asset.id),
        "series_number": asset.episode,
        "series_id": numeral(asset.id),
        "cmd": f"/media/{numeral(asset.id)}.mpg",
        "series": [max(asset.episode, 1)],
        "is_episode": 1,
        "has_files": 1,
        "time": asset.duration_ms // 60_000,
    }


def file_row(title: Title, asset: Asset, found: Catalogue, shelf: Shelf) -> Row:
    """The one file of a film: the player chooses the picture's quality by itself."""
    return {
        **_row(title, f"{words.LANGUAGE} / {words.AUTOMATIC}", asset, found, shelf),
        "id": numeral(asset.id),
        "cmd": f"/media/file_{numeral(asset.id)}.mpg",
        "is_file": 1,
        "series": [],
        "languages": words.LANGUAGE,
        "quality": "auto",
        "time": asset.duration_ms // 60_000,
    }


def _row(title: Title, name: str, asset: Asset, found: Catalogue, shelf: Shelf) -> Row:
    stopped = shelf.prefs.not_ended.get(title.id)
    poster = f"{shelf.base}/v/{asset.key}/poster.jpg"
    return {
        "name": name,
        "o_name": title.name,
        "description": title.synopsis,
        "director": "",
        "actors": "",
        "year": str(title.year),
        "time": title.seconds // 60,
        "genres_str": dict(found.columns).get(title.column, ""),
        "screenshot_uri": poster,
        "screenshots": "",
        "rating_imdb": "",
        "rating_kinopoisk": "",
        "rating_mpaa": "",
        "age": "",
        "censored": 0,
        "lock": 0,
        "fav": int(title.id in shelf.prefs.films),
        "hd": int(asset.id in found.hd),
        "series": [],
        "has_files": 0,
        "is_series": 0,
        "is_movie": 0,
        "is_season": 0,
        "is_episode": 0,
        "is_file": 0,
        "rtsp_url": "",
        "protocol": "http",
        "for_rent": 0,
        "rent_info": "",
        "added": stamp(title.added, shelf.here),
        "cur_series": stopped.series if stopped else 0,
        "position": stopped.seconds if stopped else 0,
        "low_quality": 0,
        "cost": 0,
        "category_id": found.category(title.column),
        "status": 1,
        **_since(title.added.astimezone(shelf.here).date(), shelf.now.astimezone(shelf.here).date()),
    }


def _since(added: date, today: date) -> Row:
    days = (today - added).days
    return {"today" if days <= 0 else "yesterday" if days == 1 else "week_and_more": 1}


def wanted_film(found: Catalogue, media: Media, episode: int) -> Asset | None:
    """The film that a cmd opens; of a series or season the one in this place, the first without a place."""
    if media.file or media.id < SERIES_FROM:
        return found.films.get(media.id)
    if media.id < SEASONS_FROM:
        title = found.by_id.get(media.id)
        return _nth(title.episodes if title else (), episode)
    series, season = divmod(media.id - SEASONS_FROM, _SEASONS)
    title = found.by_id.get(SERIES_FROM + series)
    return _nth([one for one in (title.episodes if title else ()) if season_of(one) == season], episode)


def _nth(episodes: Sequence[Asset], number: int) -> Asset | None:
    place = max(number, 1) - 1
    return episodes[place] if place < len(episodes) else None


def title_of(found: Catalogue, video: int) -> Title | None:
    """The title of a film's, an episode's, a season's or a series' id."""
    if video in found.by_id:
        return found.by_id[video]
    if video >= SEASONS_FROM:
        return found.by_id.get(SERIES_FROM + (video - SEASONS_FROM) // _SEASONS)
    return next((one for one in found.titles if any(each.id == video for each in one.episodes)), None)


def entitled(found: Catalogue, boards: Collection[str] | None, board: str) -> Catalogue:
    """The catalogue, or an empty one for boxes that do not see its board."""
    return found if boards is None or board in boards else Catalogue((), found.columns)
