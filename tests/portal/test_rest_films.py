"""video_films: the library by REST, with uses and the trash."""

from middleware.services import ledger
from tests.contract.channel_town import CHANNEL, settle
from tests.portal.rest_town import RestTown


def test_films_are_read_changed_thrown_away_and_brought_back(rest: RestTown) -> None:
    films = settle(rest.store, 9)
    number = films["advert"]
    words = {"title": "新桥通车", "keywords": "红船 南湖", "column": "films", "shown_until": "2026-12-01 08:00:00"}
    assert rest.call("PUT", f"video_films/{number}", **words).results is True
    (film,) = rest.call("GET", f"video_films/{number}").results

    assert {name: film[name] for name in words} == words
    assert (film["state"], film["shown"], film["channel"], film["seconds"], film["uses"]) == ("ready", 1, 1, 30, [])
    assert rest.call("DELETE", f"video_films/{number}").results is True
    (gone,) = [one for one in rest.call("GET", "video_films").results if one["id"] == str(number)]
    assert (gone["state"], gone["shown"]) == ("withdrawn", 0)
    assert rest.call("PUT", f"video_films/{number}", restore=1, shown_until="").results is True
    (back,) = rest.call("GET", f"video_films/{number}").results
    assert (back["state"], back["shown"], back["shown_until"], back["title"]) == ("ready", 1, "", "新桥通车")


def test_a_film_in_use_stays_and_the_refusal_says_where_it_is_used(rest: RestTown) -> None:
    films = settle(rest.store, 9)
    ms = ledger.ms(rest.now())
    rest.do(lambda uow: ledger.publish(uow, rest.now(), CHANNEL, uow.ledger.lock(CHANNEL, "server", ms, ms + 20_000)))
    told = rest.call("DELETE", f"video_films/{films['filler']}").error

    assert told.startswith(f"Film {films['filler']} is in use: ")
    assert f"on air on {CHANNEL}, " in told
    assert rest.call("GET", f"video_films/{films['filler']}").results[0]["state"] == "ready"
    assert rest.call("PUT", f"video_films/{films['filler']}", title=" ").error
    assert rest.call("PUT", f"video_films/{films['filler']}").error == "No field to change"
    for odd in ("0", "x", "99999", "1" * 30):
        assert rest.call("GET", f"video_films/{odd}").error == "Film not found"
