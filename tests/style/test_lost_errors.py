"""The fixture that catches errors lost in Deferreds really catches them."""

import gc

from twisted.internet.defer import Deferred


def test_an_error_nobody_took_is_seen(lost_errors: list[str]) -> None:
    lost: Deferred[None] = Deferred()
    lost.errback(ValueError("lost on purpose"))
    del lost
    gc.collect()

    assert any("lost on purpose" in text for text in lost_errors)
    lost_errors.clear()
