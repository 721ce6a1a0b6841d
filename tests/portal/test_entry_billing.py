"""The operator's billing vouches for a card: asked once, in the background, never waited for, never believed half."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure

from middleware.domain.devices import Device
from middleware.portal import tickets
from middleware.portal.billing import ASK_AGAIN_S, TIMEOUT_S, Billing, by_http, read_answer
from middleware.portal.rules import Rules
from tests.portal.portal_town import MACS, TV, PortalTown

CARD = "8600123456789"


def box(town: PortalTown) -> Device:
    found = town.store.run_sync(lambda uow: uow.devices.get(town.ids.boxes["01001"]), write=False)
    assert found is not None
    return found


def come(town: PortalTown) -> TV:
    town.write(lambda uow: uow.devices.save(attrs.evolve(box(town), card_no=CARD)))
    tv = TV(town.site)
    tv.get(f"/portal?CAID={CARD}&mac={MACS['01001']}&asked=1")
    return tv


@pytest.mark.parametrize("known", [True, False])
def test_what_billing_says_of_a_card_is_kept_with_its_box(
    portal_town_with: Callable[..., PortalTown], known: bool
) -> None:
    asked: list[str] = []

    async def ask(card: str) -> bool:
        asked.append(card)
        return known

    town = portal_town_with(rules=Rules(confirm=ask))
    come(town)
    TV(town.site).get(f"/portal?CAID={CARD}&mac={MACS['01001']}&asked=1")

    assert box(town).confirmed is known
    assert asked == [CARD]


def test_a_box_does_not_wait_for_billing_and_a_dead_one_is_asked_again_later() -> None:
    asked, now = [], [1000.0]
    waiting: list[Deferred[bool]] = []

    async def ask(card: str) -> bool:
        asked.append(card)
        waiting.append(Deferred())
        return await waiting[-1]

    billing = Billing(ask, lambda: now[0])
    billing.ask(CARD, lambda: None)
    waiting[0].errback(OSError("no route"))
    billing.ask(CARD, lambda: None)
    now[0] += ASK_AGAIN_S
    billing.ask(CARD, lambda: None)

    assert asked == [CARD, CARD]


def test_a_boot_storm_does_not_become_a_storm_on_billing() -> None:
    under_way: list[Deferred[bool]] = []

    async def ask(card: str) -> bool:
        under_way.append(Deferred())
        return await under_way[-1]

    billing = Billing(ask, lambda: 0.0)
    for number in range(100):
        billing.ask(str(number), lambda: None)

    assert len(under_way) == 8


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"confirmed": true}', True),
        (b'{"confirmed": "true"}', False),
        (b'{"confirmed": 1}', False),
        (b"{}", False),
        (b"[true]", False),
        (b"true", False),
        (b"\xff", False),
        (b"", False),
        (b"[" * 4000, False),
    ],
)
def test_only_a_plain_yes_is_one(body: bytes, expected: bool) -> None:
    assert read_answer(body) is expected


class Boss:
    """Billing's end of one question."""

    def __init__(self, url: str) -> None:
        self.reactor = MemoryReactorClock()
        self.told: list[Any] = []
        asking = Deferred.fromCoroutine(by_http(self.reactor, url)(CARD))  # type: ignore[arg-type]
        asking.addBoth(self.told.append)
        self.wire = StringTransport()
        self.client = self.reactor.tcpClients[0][2].buildProtocol(None)
        self.client.makeConnection(self.wire)

    def answer(self, body: bytes, status: bytes = b"200 OK") -> None:
        self.client.dataReceived(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("http://boss.test/card/{card}/state", b"GET /card/8600123456789/state HTTP/1.1\r\n"),
        ("http://boss.test/ask", b"GET /ask?card=8600123456789 HTTP/1.1\r\n"),
        ("http://boss.test/ask?town=nh", b"GET /ask?town=nh&card=8600123456789 HTTP/1.1\r\n"),
    ],
)
def test_billing_is_asked_by_the_card_and_believed_when_it_says_yes(url: str, line: bytes) -> None:
    boss = Boss(url)
    sent = boss.wire.value()
    boss.answer(b'{"confirmed": true}')

    assert sent.startswith(line)
    assert boss.told == [True]


@pytest.mark.parametrize(
    ("body", "status"), [(b'{"confirmed": true}', b"500 Oops"), (b'{"confirmed": true}' + b" " * 5000, b"200 OK")]
)
def test_a_fault_or_a_flood_of_billing_is_no(body: bytes, status: bytes) -> None:
    boss = Boss("http://boss.test/ask")
    boss.answer(body, status)
    boss.client.connectionLost(Failure(ConnectionDone()))

    assert boss.told == [False]


def test_billing_that_does_not_answer_is_left_after_five_seconds() -> None:
    boss = Boss("http://boss.test/ask")
    boss.reactor.advance(TIMEOUT_S + 0.1)

    assert [type(one) for one in boss.told] == [Failure]


# --- tickets of the boxes' own log-in ---


def test_a_ticket_lets_its_box_in(portal_town: PortalTown) -> None:
    device = portal_town.ids.boxes["01001"]
    tv = TV(portal_town.site)
    answer = tv.get(f"/portal?ticket={tickets.issue(b'k' * 32, device, portal_town.now())}")

    assert answer.leads == "/p/home"
    assert 'fm:"ctc"' in tv.page("home").body


def test_a_ticket_is_for_two_minutes_and_for_one_box(portal_town: PortalTown) -> None:
    device = portal_town.ids.boxes["01001"]
    ticket = tickets.issue(b"k" * 32, device, portal_town.now())
    forged = ticket.replace(f"{device}.", f"{device + 1}.", 1)
    portal_town.clock.advance(121)
    answers = [TV(portal_town.site).get(f"/portal?ticket={one}") for one in (ticket, forged, "", "x")]

    assert [answer.status for answer in answers] == [403] * 4
    assert not any("set-cookie" in answer.headers for answer in answers)
