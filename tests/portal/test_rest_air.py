"""channel_air: what is on an own channel, and a film brought in."""

from middleware.services import ledger
from tests.contract.channel_town import CHANNEL, settle
from tests.portal.rest_town import RestTown


def test_a_channel_is_told_and_broken_into(rest: RestTown) -> None:
    assert rest.call("GET", "channel_air").results == []
    films = settle(rest.store, 9)
    ms = ledger.ms(rest.now())
    assert rest.call("POST", f"channel_air/{CHANNEL}", film=films["advert"], reason="停水").error == (
        "The channel does not play out"
    )
    rest.do(lambda uow: ledger.publish(uow, rest.now(), CHANNEL, uow.ledger.lock(CHANNEL, "server", ms, ms + 20_000)))

    (air,) = rest.call("GET", "channel_air").results
    assert (air["channel"], air["name"], air["lacks"]) == (CHANNEL, "今日南湖", [])
    assert {line["kind"] for line in air["lines"]} == {"filler"}
    assert air["lines"][-1]["stop"] <= air["written"]
    begun = rest.call("POST", f"channel_air/{CHANNEL}", film=films["advert"], reason="停水").results
    (air,) = rest.call("GET", f"channel_air/{CHANNEL}").results
    (line,) = [line for line in air["lines"] if line["kind"] == "insert"]
    assert (line["start"], line["title"], line["film"]) == (begun["start"], "advert", films["advert"])
    assert rest.call("DELETE", f"channel_air/{CHANNEL}").results is True
    assert rest.call("DELETE", f"channel_air/{CHANNEL}").error == "No insert runs or comes"


def test_an_insert_whose_transaction_took_longer_than_a_second_is_not_there(rest: RestTown, monkeypatch) -> None:
    films, real = settle(rest.store, 9), ledger.insert
    ms = ledger.ms(rest.now())
    rest.do(lambda uow: ledger.publish(uow, rest.now(), CHANNEL, uow.ledger.lock(CHANNEL, "server", ms, ms + 20_000)))
    before = rest.do(lambda uow: uow.ledger.rows(CHANNEL))

    def slow(*given, **more):
        rest.clock.advance(1.5)
        return real(*given, **more)

    monkeypatch.setattr(ledger, "insert", slow)
    told = rest.call("POST", f"channel_air/{CHANNEL}", film=films["advert"], reason="停水").error

    assert told == "The store was too slow, nothing was changed: ask again"
    assert rest.do(lambda uow: uow.ledger.rows(CHANNEL)) == before


def test_what_cannot_be_asked_is_refused(rest: RestTown) -> None:
    films = settle(rest.store, 9)
    ms = ledger.ms(rest.now())
    rest.do(lambda uow: ledger.publish(uow, rest.now(), CHANNEL, uow.ledger.lock(CHANNEL, "server", ms, ms + 20_000)))

    assert rest.call("GET", "channel_air/lake").error == "Channel not found"
    assert rest.call("POST", "channel_air/lake", film=films["advert"], reason="x").error == (
        "The channel does not play out"
    )
    assert rest.call("POST", f"channel_air/{CHANNEL}", film=films["ident 3"], reason="x").error == (
        "The film is not packaged for channels"
    )
    assert rest.call("POST", f"channel_air/{CHANNEL}", film=films["advert"]).error
