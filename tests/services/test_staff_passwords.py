"""Password hashes: salted, checked with their own parameters, and safe against damaged ones."""

import pytest

from middleware.domain.errors import BadValue
from middleware.services import passwords
from middleware.services.passwords import Cost, good_password, hash_password, stamp, verify_password

CHEAP = Cost(2**4, 8, 1)


def test_a_hash_checks_its_own_password_only() -> None:
    stored = hash_password("南湖的水 2026", CHEAP)

    assert verify_password("南湖的水 2026", stored)
    assert not verify_password("南湖的水 2025", stored)
    assert not verify_password("", stored)


def test_two_hashes_of_one_password_differ_and_so_do_their_stamps() -> None:
    first, second = hash_password("lake-water", CHEAP), hash_password("lake-water", CHEAP)

    assert first != second
    assert stamp(first) != stamp(second)
    assert stamp(first) == stamp(first)
    assert first.startswith("scrypt$16$8$1$")


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "plain",
        "scrypt$16$8$1$AAAA",
        "md5$16$8$1$AAAA$" + "A" * 43 + "=",
        "scrypt$15$8$1$AAAA$" + "A" * 43 + "=",
        "scrypt$1073741824$8$1$AAAA$" + "A" * 43 + "=",
        "scrypt$16$8$1$AAAA$AAAA",
        "scrypt$16$-8$1$AAAA$" + "A" * 43 + "=",
        "scrypt$16$8$1$*$" + "A" * 43 + "=",
    ],
)
def test_no_password_opens_an_empty_or_damaged_hash(stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", CHEAP)

    assert not verify_password("lake-water", stored)
    assert not verify_password("", stored)


def test_an_unknown_account_costs_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    spent: list[Cost] = []
    real = passwords._scrypt
    monkeypatch.setattr(passwords, "_scrypt", lambda text, salt, cost: spent.append(cost) or real(text, salt, CHEAP))

    verify_password("guess", "")
    verify_password("guess", hash_password("lake-water"))

    assert spent == [passwords.COST] * 3


def test_a_password_that_is_cut_to_the_limit_does_not_pass() -> None:
    stored = hash_password("x" * passwords.LONGEST, CHEAP)

    assert verify_password("x" * passwords.LONGEST, stored)
    assert not verify_password("x" * (passwords.LONGEST + 1), stored)


@pytest.mark.parametrize("password", ["short-1", "x" * 129, "my-Admin-page", "11112222333"])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(BadValue) as refused:
        good_password(password, "admin")

    assert refused.value.code == "password"
