"""EncryptTokens and the lock-out, with a clock that the test moves."""

import re

from middleware.portal.ctc.tokens import FREE, LIFETIME_S, LIVE, WINDOW_S, LockOut, Tokens, draw


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_token_is_32_upper_case_hex_digits_and_never_the_same() -> None:
    drawn = {draw() for _ in range(100)}

    assert len(drawn) == 100
    assert all(re.fullmatch(r"[0-9A-F]{32}", one) for one in drawn)


def test_a_token_lives_five_minutes_and_for_its_account_only() -> None:
    clock = Clock()
    tokens = Tokens(clock)
    mine = tokens.issue("a", "10.0.0.1")

    assert (tokens.live("a"), tokens.live("b")) == ((mine,), ())
    clock.now += LIFETIME_S
    assert (tokens.live("a"), tokens.spent("a")) == ((), (mine,))


def test_a_token_is_good_once() -> None:
    tokens = Tokens(Clock())
    mine, other = tokens.issue("a", ""), tokens.issue("a", "")
    tokens.burn("a", mine)

    assert (tokens.live("a"), tokens.spent("a")) == ((other,), (mine,))


def test_a_stranger_who_asks_for_tokens_does_not_cut_the_home_off() -> None:
    tokens = Tokens(Clock())
    home = tokens.issue("a", "10.0.0.1")
    for _ in range(100):
        tokens.issue("a", "66.6.6.6")

    assert home in tokens.live("a")
    assert len(tokens.live("a")) == LIVE


def test_tokens_of_ever_new_accounts_do_not_fill_the_memory() -> None:
    clock = Clock()
    tokens = Tokens(clock, kept=50)
    for number in range(500):
        tokens.issue(str(number), "")
    kept = len(tokens)
    clock.now += 2 * LIFETIME_S
    tokens.issue("last", "")

    assert (kept, len(tokens)) == (50, 1)


def test_one_account_cannot_fill_the_memory_with_used_tokens() -> None:
    clock = Clock()
    tokens = Tokens(clock)
    for _ in range(200):
        tokens.burn("a", tokens.issue("a", ""))
        clock.now += 1

    assert len(tokens.spent("a")) <= 2 * LIVE + 1


def test_five_failures_lock_for_ten_minutes() -> None:
    clock = Clock()
    lock = LockOut(clock)
    seen = []
    for _ in range(FREE):
        seen.append(lock.locked("a"))
        lock.failed("a")
        clock.now += 100
    clock.now -= 100

    assert seen == [False] * FREE
    assert (lock.locked("a"), lock.locked("b")) == (True, False)
    clock.now += WINDOW_S - 1
    lock.failed("a")
    assert lock.locked("a")
    clock.now += 1
    assert not lock.locked("a")


def test_failures_older_than_ten_minutes_do_not_count() -> None:
    clock = Clock()
    lock = LockOut(clock)
    for _ in range(20):
        lock.failed("a")
        clock.now += WINDOW_S / (FREE - 1)

    assert not lock.locked("a")


def test_a_good_log_in_begins_to_count_anew() -> None:
    lock = LockOut(Clock())
    for _ in range(FREE - 1):
        lock.failed("a")
    lock.succeeded("a")
    for _ in range(FREE - 1):
        lock.failed("a")

    assert not lock.locked("a")


def test_failures_of_ever_new_accounts_do_not_fill_the_memory() -> None:
    lock = LockOut(Clock(), kept=50)
    for number in range(500):
        lock.failed(str(number))

    assert len(lock) == 50
