"""What is done at every start of a demonstration: a roll-call is open, the guide reaches today, demo.json is true."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import evolve, frozen

from middleware.demo import running, summary
from middleware.demo.films import films
from middleware.demo.guide import channels, guide_xmltv
from middleware.demo.population import FAMILY_HOME
from middleware.demo.seed import SCOPE, once
from middleware.domain.channels import Channel
from middleware.domain.places import TOWN_ZONE
from middleware.domain.rollcall import Rollcall
from middleware.services import guide
from middleware.services.assets import note_progress
from middleware.services.ports import UnitOfWork
from vod.catalogue import Asset
from vod.jobs import State

SOURCE: Final = "demo"
ELSEWHERE: Final = 8
"""How many boxes of other villages the training page offers beside those of the first one's first homes."""
AT_HOME: Final = 4
BEGUN, BEGUN_S = "lamp", 26
"""The film that the first household has begun, and how many seconds it has seen."""


@frozen
class Place:
    """Where this demonstration is served: its address without a last slash, the town's name, who knows what."""

    base: str
    town: str
    passwords: Mapping[str, str]


@frozen
class Offered:
    """A box on the training page, and whose it is."""

    mac: str
    label: str


def at_start(uow: UnitOfWork, now: datetime) -> Rollcall:
    """Bring the demonstration up to now; returns the roll-call that is open."""
    _line_up(uow)
    _guide_of_today(uow, now)
    _begun_film(uow, now)
    return running.keep_open(uow, now)


def while_running(uow: UnitOfWork, now: datetime) -> bool:
    """Look after the demonstration every few minutes; returns whether demo.json must be written anew."""
    _guide_of_today(uow, now)
    return running.open_again(uow, now) is not None


def content(place: Place) -> Callable[[UnitOfWork], dict[str, Any]]:
    """A reading transaction that returns what demo.json says."""
    return lambda uow: summary.summary(uow, place.base, place.town, place.passwords, running.latest(uow))


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
        once(uow, "begun film", lambda: note_progress(uow, now, home.id, film.id, BEGUN_S))


def _line_up(uow: UnitOfWork) -> None:
    """Write the channels that are missing or play something else now.

    A cable brings the channels of a real town; here a film stands in for each.
    """
    standing = {each.xmltv_id: each for each in uow.guide.channels()}
    shown = _films_in_order(uow)
    for place, each in enumerate(channels()):
        film = shown[place % len(shown)] if shown else None
        wanted = Channel(
            id=0,
            xmltv_id=each.id,
            number=each.number,
            name=each.name,
            url=summary.playlist(film) if film else "",
            still=f"/v/{film.key}/poster.jpg" if film else "",
            position=place,
        )
        there = standing.get(each.id)
        if there is None or evolve(there, id=0) != wanted:
            guide.add_channel(uow, wanted)


def _films_in_order(uow: UnitOfWork) -> list[Asset]:
    """The films that can be watched: ours in the order of the shelf, then what was added by hand."""
    order = [film.draft.origin for film in films()]
    ready = [each for each in uow.assets.all() if each.state is State.READY]
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
