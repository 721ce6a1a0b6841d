"""Strangers and guessers are slowed down, a village behind one address is not."""

from middleware.portal.core.throttle import Throttle, network


class Bounds:
    def __init__(self, per_hour: int = 200) -> None:
        self.now = 1_000_000.0
        self.throttle = Throttle(lambda: self.now, per_hour=per_hour)


def test_an_address_may_ask_for_a_village_of_strangers_but_not_without_end() -> None:
    bounds = Bounds()

    allowed = [bounds.throttle.stranger("10.0.0.1") for _ in range(200)]
    other = bounds.throttle.stranger("10.0.0.2")
    bounds.now += 10

    assert allowed == [True] * 120 + [False] * 80
    assert other
    assert [bounds.throttle.stranger("10.0.0.1") for _ in range(11)] == [True] * 10 + [False]


def test_five_wrong_passwords_of_an_account_are_free() -> None:
    bounds = Bounds()

    tried = [bounds.throttle.login("10.0.0.1", "0763001") for _ in range(8)]
    elsewhere = bounds.throttle.login("10.0.0.2", "0763001")
    bounds.now += 121

    assert tried == [True] * 5 + [False] * 3
    assert elsewhere, "failing for others must not lock them out"
    assert bounds.throttle.login("10.0.0.1", "0763001")


def test_an_account_cannot_be_guessed_from_a_thousand_addresses() -> None:
    bounds = Bounds()

    tried = sum(bounds.throttle.login(f"10.0.{number // 250}.{number % 250}", "0763001") for number in range(1000))

    assert tried == 50


def test_an_address_cannot_try_a_thousand_accounts() -> None:
    bounds = Bounds()

    assert sum(bounds.throttle.login("10.0.0.1", f"{number}") for number in range(1000)) == 60


def test_right_passwords_are_not_counted() -> None:
    bounds = Bounds()
    for number in range(1000):
        account = f"{number}"
        assert bounds.throttle.login("10.0.0.1", account)
        bounds.throttle.succeeded("10.0.0.1", account)


def test_an_address_of_version_6_stands_for_its_network() -> None:
    assert network("2001:db8:1:2::7") == network("2001:db8:1:2:aaaa::1")
    assert network("2001:db8:1:3::7") != network("2001:db8:1:2::7")
    assert network("10.0.0.1") == "10.0.0.1"
    assert network("unix socket") == "unix socket"


def test_nobody_registers_when_none_may() -> None:
    assert not Bounds(per_hour=0).throttle.newcomer("10.0.0.1")
