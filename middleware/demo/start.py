"""What is done at every start of a demonstration: a roll-call is open, the guide reaches today, demo.json is true."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from attrs import evolve, frozen

from middleware.demo import customers, running, schedule, summary
from middleware.demo.films import Film, films, series
from middleware.demo.guide import channels, genres, guide_xmltv
from middleware.demo.population import FAMILY_HOME
from middleware.demo.seed import SCOPE, once
from middleware.domain.channels import Channel, Genre
from middleware.domain.places import TOWN_ZONE
from middleware.domain.rollcall import Rollcall
from middleware.services import assets, guide, ledger_pool
from middleware.services.ports import UnitOfWork
from vod.catalogue import Asset, Series
from vod.jobs import State

SOURCE: Final = "demo"
ELSEWHERE: Final = 8
"""How many boxes of other villages the training page offers beside those of the first one's first homes."""
AT_HOME: Final = 4
ARCHIVE_H: Final = 72
"""Hours for which the channels can be looked back at; the film of a channel stands in for every recording."""
BACKUP: Final = -1
"""Priority of the second link: after the channel's own."""
BEGUN, BEGUN_S = "lamp", 26
"""The film that the first household has begun, and how many seconds it has seen."""


@frozen
class Place:
    """Where this demonstration is served: its address without a last slash, the town's name, who knows what.

    `api` is the secret of the REST interface's user, empty when nobody knows it.
    """

    base: str
    town: str
    passwords: Mapping[str, str]
    api: str = ""


@frozen
class Offered:
    """A box on the training page, and whose it is."""

    mac: str
    label: str


def at_start(uow: UnitOfWork, now: datetime) -> Rollcall:
    """Bring the demonstration up to now; returns the roll-call that is open."""
    _line_up(uow)
    _guide_of_today(uow, now)
    schedule.settle(uow, now)
    _begun_film(uow, now)
    _episodes(uow)
    customers.settle(uow, now)
    return running.keep_open(uow, now)


def while_running(uow: UnitOfWork, now: datetime) -> bool:
    """Look after the demonstration every few minutes; returns whether a roll-call was opened."""
    _guide_of_today(uow, now)
    schedule.settle(uow, now)
    return running.open_again(uow, now) is not None


def content(place: Place, sign: Callable[[str], str]) -> Callable[[UnitOfWork], dict[str, Any]]:
    """A reading transaction that returns what demo.json says; `sign` makes addresses of films and channels open."""
    return lambda uow: (
        summary.summary(uow, place.base, place.town, place.passwords, running.latest(uow), sign)
        | {"api": {"login": customers.API_LOGIN, "secret": place.api} if place.api else {}}
    )


def _guide_of_today(uow: UnitOfWork, now: datetime) -> None:
    """Write the guide once a day."""
    today = now.astimezone(TOWN_ZONE).date().isoformat()
    if uow.settings.get(SCOPE, "guide") != today:
        guide.import_guide(uow, now, SOURCE, guide.read_file(guide_xmltv(now)), actor="demonstration")
        uow.settings.put(SCOPE, "guide", today)


def _begun_film(uow: UnitOfWork, now: datetime) -> None:
    """Leave the first household in the middle of a film once, so that its shelf offers to go on."""
    film = uow.assets.by_origin(f"demo:{BEGUN}")
    home = uow.registry.households_by_code([FAMILY_HOME]).get(FAMILY_HOME)
    if film is not None and home is not None and film.state is State.READY:
        once(uow, "begun film", lambda: assets.note_progress(uow, now, home.id, film.id, BEGUN_S))


def _line_up(uow: UnitOfWork) -> None:
    """Write the channels that are missing or play something else now.

    A cable brings the channels of a real town; here a film stands in for each that does not play out by itself.
    """
    once(uow, "genres", lambda: _write_genres(uow))
    groups = {genre.alias: genre.id for genre in uow.guide.genres()}
    standing = {each.xmltv_id: each for each in uow.guide.channels()}
    shown = _films_in_order(uow)
    own = set(ledger_pool.playing(uow)) & set(uow.ledger.channels())
    for place, each in enumerate(channels()):
        film = shown[place % len(shown)] if shown else None
        playlist = summary.playlist(film) if film else ""
        wanted = Channel(
            id=0,
            xmltv_id=each.id,
            number=each.number,
            name=each.name,
            url=ledger_pool.address(each.id) if each.id in own else playlist,
            still=f"/v/{film.key}/poster.jpg" if film else "",
            position=place,
            genre_id=groups.get(each.genre),
            hd=each.hd,
            archive_h=ledger_pool.KEPT_H if each.id in own else ARCHIVE_H if film else 0,
            archive_url=ledger_pool.archive(each.id) if each.id in own else playlist,
            multicast=f"igmp://239.76.1.{each.number}:5140",
            timeshift_url=f"rtsp://192.0.2.76:554/ts/{each.number}",
            logo=each.logo,
        )
        there = standing.get(each.id)
        if there is None or evolve(there, id=0) != wanted:
            guide.add_channel(uow, wanted)
    _second_link(uow, shown)


def _write_genres(uow: UnitOfWork) -> None:
    for place, (alias, title) in enumerate(genres()):
        guide.put_genre(uow, Genre(0, title, alias, place))


def _second_link(uow: UnitOfWork, shown: Sequence[Asset]) -> None:
    """Give the town's own channel a second way to its picture, as a backup server would be."""
    town = next(iter(uow.guide.channels()))
    wanted = summary.playlist(shown[1]) if len(shown) > 1 else ""
    standing = [link for link in uow.guide.links() if link.channel_id == town.id]
    if [link.url for link in standing] == [wanted] or not wanted:
        return
    for link in standing:
        guide.remove_link(uow, link.id)
    guide.add_link(uow, town.id, wanted, BACKUP)


def _episodes(uow: UnitOfWork) -> None:
    """Make episodes of the films that belong together, each once."""
    for film in films():
        asset = uow.assets.by_origin(film.draft.origin or "")
        if film.episode is not None and asset is not None and asset.state is State.READY:
            once(uow, f"episode {film.key}", partial(_make_episode, uow, film, asset))


def _make_episode(uow: UnitOfWork, film: Film, asset: Asset) -> None:
    key, season, number = film.episode or ("", 0, 0)
    title, synopsis, year = series()[key]
    found = next((one for one in uow.assets.series() if one.title == title), None)
    whole = found or assets.add_series(uow, Series(0, film.column, title, synopsis, year))
    assets.place_in_series(uow, asset.id, whole.id, season, number)


def _films_in_order(uow: UnitOfWork) -> list[Asset]:
    """The films that can be watched: ours in the order of the shelf, then what was added by hand."""
    order = [film.draft.origin for film in films()]
    ready = [each for each in uow.assets.all() if each.state is State.READY and each.column != assets.CHANNEL]
    return sorted(ready, key=lambda each: order.index(each.origin) if each.origin in order else len(order))


def offered_boxes(uow: UnitOfWork) -> Sequence[Offered]:
    """Boxes for the training page: homes of party members in the first village, then of others."""
    names = _first_names(uow)
    villages = {each.id: each.name for each in uow.places.villages()}
    homes = [each for each in uow.registry.households() if each.id in names]
    first = homes[0].village_id if homes else 0
    near = [home for home in homes if home.village_id == first][:AT_HOME]
    far = [home for home in homes if home.village_id != first][:: max(1, len(homes) // ELSEWHERE)][:ELSEWHERE]
    chosen = {home.id: home for home in (*near, *far)}
    return [
        Offered(box.mac, f"{villages[home.village_id]} {names[home.id]}家")
        for box in uow.devices.of_households(chosen)
        if box.household_id is not None and (home := chosen.get(box.household_id))
    ]


def _first_names(uow: UnitOfWork) -> dict[int, str]:
    """The name of one member of each household that has any: the lowest code speaks for the house."""
    members = sorted(uow.registry.members(), key=lambda each: each.code, reverse=True)
    return {each.household_id: each.name for each in members if each.household_id is not None}
