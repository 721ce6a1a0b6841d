"""The fixture that catches errors lost in Deferreds really catches them."""

from typing import Any

from twisted.internet.defer import Deferred


def test_an_error_nobody_took_is_seen(lost_errors: list[Any]) -> None:
    lost: Deferred[None] = Deferred()
    lost.errback(ValueError("lost on purpose"))
    del lost

    assert "lost on purpose" in str(lost_errors[0])
    lost_errors.clear()
