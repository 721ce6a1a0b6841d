"""A server's core as a process that tests kill: signs in what comes on stdin, tells on stdout what is durable.

`python -m tests.crash.signing DATA` reads lines `<rollcall> <device> <household> <member> <key>` and answers each with
`<key> <outcome>` once its transaction is committed.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twisted.internet import reactor, stdio
from twisted.protocols.basic import LineOnlyReceiver

from middleware.services.rollcall_entry import Box
from middleware.services.rollcall_signin import SignIn, sign_in_batch
from middleware.storage.secrets import Vault
from middleware.storage.store import Store


class Presses(LineOnlyReceiver):
    """One line is one press of a box."""

    delimiter = b"\n"

    def __init__(self, batcher: Any) -> None:
        self._batcher = batcher

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        os.write(1, b"ready\n")

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        rollcall, device, household, member, key = line.decode().split()
        command = SignIn(int(rollcall), Box(int(device), int(household)), key, datetime.now(UTC), int(member))
        self._batcher.submit(command).addCallback(lambda outcome: os.write(1, f"{key} {outcome.code}\n".encode()))

    def connectionLost(self, _reason: Any = None) -> None:  # noqa: N802 - Twisted's name
        reactor.stop()  # type: ignore[attr-defined]


def main(data: Path) -> None:
    """Serve until stdin ends."""
    store = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data), reactor=reactor)
    stdio.StandardIO(Presses(store.batch(sign_in_batch, "sign in")))
    reactor.run()  # type: ignore[attr-defined]
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
