"""Playlists, segments, posters, static files, the guide as XMLTV, health: exact addresses and nothing else."""

import json
import re
from collections.abc import Callable

import pytest

from middleware.domain.devices import Device
from middleware.services import assets
from middleware.storage.uow import SqlUnitOfWork
from portal_pages import statics
from tests.portal.portal_town import NOW, TV, PortalTown


def key(town: PortalTown, place: int = 0) -> str:
    return f"{town.ids.films[place]}-1"


def signed(town: PortalTown, path: str) -> str:
    return town.portal.media.signer.address(path)


def test_playlists_name_rungs_and_segments_and_come_from_memory(portal_town: PortalTown) -> None:
    tv = TV(portal_town.site)
    master = tv.get(signed(portal_town, f"/v/{key(portal_town)}/master.m3u8"))
    media = tv.get(signed(portal_town, f"/v/{key(portal_town)}/540.m3u8"))
    portal_town.transactions.clear()
    again = tv.get(signed(portal_town, f"/v/{key(portal_town)}/master.m3u8"))

    assert master.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert "540.m3u8" in master.body
    assert f"../../s/{key(portal_town)}/540/00001.ts" in media.body
    assert again == master
    assert portal_town.transactions == []


def test_a_segment_is_a_lasting_file_also_for_who_watches_a_withdrawn_film(portal_town: PortalTown) -> None:
    tv, film = TV(portal_town.site), key(portal_town)
    first = tv.get(signed(portal_town, f"/s/{film}/360/00000.ts"))
    list_before = tv.get(signed(portal_town, f"/v/{film}/360.m3u8"))
    portal_town.write(lambda uow: assets.withdraw(uow, NOW, portal_town.ids.films[0]))

    assert first.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert first.headers["content-type"] == "video/mp2t"
    assert list_before.status == 200
    assert tv.get(signed(portal_town, f"/v/{film}/360.m3u8")).status == 410
    assert tv.get(signed(portal_town, f"/v/{film}/master.m3u8")).status == 410
    assert tv.get(signed(portal_town, f"/s/{film}/360/00000.ts")).status == 200


def test_a_part_of_a_segment_can_be_asked_for(portal_town: PortalTown) -> None:
    part = TV(portal_town.site).get(signed(portal_town, f"/s/{key(portal_town)}/360/00000.ts"), Range="bytes=10-19")

    assert part.status == 206
    assert part.body == "G" * 10


@pytest.mark.parametrize(
    "path",
    [
        *("/v/", "/v/1-1", "/v/1-1/", "/v/1-1/master.m3u8/x", "/v/1-1/../1-1/master.m3u8", "/v/0-1/master.m3u8"),
        *("/v/1-2/master.m3u8", "/v/99-1/master.m3u8", "/v/1-1/541.m3u8", "/v/1-1/film.jpg", "/v/1-1/.m3u8"),
        *("/s/1-1/360/0.ts", "/s/1-1/360/000000.ts", "/s/1-1/360/0000x.ts", "/s/1-1/36000/00000.ts", "/s/1-1/360/"),
        *("/s/..%2f..%2f/360/00000.ts", "/s/1-1/..%2f360/00000.ts", "/s/1-1/360/00009.ts", "/s/%31-%31/0360/00000.ts"),
        *("/static/nothing.css", "/static/../portal.py", "/static/%2e%2e/portal.py", "/demo/pictures/../x.jpg"),
        *("/v/１-1/master.m3u8", "/v/%EF%BC%91-1/master.m3u8"),
    ],
)
def test_any_other_address_is_not_there(portal_town: PortalTown, path: str) -> None:
    assert TV(portal_town.site).ask("GET", path.encode("ascii", "ignore").decode()).status in {400, 404}  # type: ignore[union-attr]


def test_posters_are_lasting_files(portal_town: PortalTown) -> None:
    poster = TV(portal_town.site).get(f"/v/{key(portal_town)}/poster.jpg")

    assert (poster.status, poster.body, poster.headers["content-type"]) == (200, "poster", "image/jpeg")


def test_the_files_that_pages_name_are_served_for_good(portal_town: PortalTown, tv: TV) -> None:
    named = [statics.url(name) for name in ("tv.css", "tv.js", "bg.jpg", "media-html5.js")]
    home = tv.page("home").body
    channel = portal_town.site.buildProtocol(None)

    assert channel is not None
    assert all(portal_town.site.prepared(address.encode()) is not None for address in named)
    assert tv.get(statics.url("tv.css")).headers["cache-control"] == "public, max-age=31536000, immutable"
    assert statics.url("tv.css") in home


def test_how_far_a_film_was_watched_is_offered_again(portal_town: PortalTown, tv: TV) -> None:
    film = portal_town.ids.films[0]
    before = tv.page("today").body
    answer = tv.post("/seen", {"asset": str(film), "at": "7"})
    film_page, shelf = tv.page(f"film-{film}").body, tv.page("today").body
    other = portal_town.tv("01002").page(f"film-{film}").body

    assert answer.status == 204
    assert "接着看" not in before
    assert "接着看" in film_page
    assert "接着看" in shelf
    assert "接着看" not in other


def test_another_box_of_the_household_goes_on_where_the_first_stopped(portal_town: PortalTown, tv: TV) -> None:
    film = portal_town.ids.films[0]

    def second(uow: SqlUnitOfWork) -> None:
        own = next(one for one in uow.registry.households() if one.code == "01001")
        uow.devices.add(Device(0, mac="00:1A:79:00:77:01", household_id=own.id, state="active"), portal_town.now())

    portal_town.write(second)
    kitchen = TV(portal_town.site)
    kitchen.get("/portal?mac=00:1A:79:00:77:01&asked=1")
    tv.post("/seen", {"asset": str(film), "at": "7"})

    assert "接着看 00:07" in kitchen.page(f"film-{film}").body
    assert re.search(r'"?at"?:7,', kitchen.page(f"play-{film}").body)


@pytest.mark.parametrize("fields", [{}, {"asset": "1"}, {"asset": "x", "at": "1"}, {"asset": "1", "at": "-1"}])
def test_a_malformed_place_in_a_film_is_refused(tv: TV, fields: dict[str, str]) -> None:
    assert tv.post("/seen", fields).status == 400


def test_a_place_in_a_film_that_is_gone_changes_nothing(tv: TV) -> None:
    assert tv.post("/seen", {"asset": "999", "at": "5"}).status == 204


def test_health_tells_of_database_and_counts(portal_town: PortalTown, tv: TV) -> None:
    tv.page("home")
    health = json.loads(TV(portal_town.site).get("/healthz").body)

    assert (health["status"], health["database"], health["library"]) == ("ok", "ok", "ok")
    assert health["counts"]["boxes"] == 1


def test_ping_answers_and_other_methods_are_refused(portal_town: PortalTown) -> None:
    tv = TV(portal_town.site)

    assert tv.get("/ping").status == 204
    assert tv.post("/portal").status == 405
    assert tv.get("/invite").status == 405


def test_the_training_page_is_there_with_the_demonstration_only(
    portal_town_with: Callable[..., PortalTown],
) -> None:
    from middleware.portal.training import TrainingBox

    boxes = (TrainingBox("00:1A:79:00:00:01", "南湖村 <王家>"),)
    shown = TV(portal_town_with(demonstration=True, boxes=boxes).site).get("/")
    hidden = TV(portal_town_with().site).get("/")

    assert "南湖村 &lt;王家&gt;" in shown.body
    assert all(f'value="{name}"' in shown.body for name in ("pc", "ipanel", "ctc", "mag"))
    assert "REMOTE = {" in shown.body
    assert (hidden.status, hidden.to) == (302, "/portal")


def test_files_of_the_training_page_are_served_under_the_names_it_uses(
    portal_town_with: Callable[..., PortalTown],
) -> None:
    import re

    town = portal_town_with(demonstration=True)
    tv = TV(town.site)
    named = re.findall(r'(?:href|src)="(/static/[^"]+)"', tv.get("/").body)

    assert len(named) == 2
    assert [tv.get(address).status for address in named] == [200, 200]
