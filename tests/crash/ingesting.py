"""A server's queue of films as a process that tests kill: works off what waits in a data folder, tells when it is idle.

`python -m tests.crash.ingesting DATA` writes `ready` when it has begun, and `idle` when nothing waits or runs any more.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twisted.internet import reactor, task
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

from middleware.headend.ingesting import Ingesting, Packing
from middleware.services.jobs import OPEN
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from vod.library import Library
from vod.packaging import Settings


def main(data: Path) -> None:
    """Work until killed."""
    loop: Any = reactor
    store = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data), reactor=reactor)
    library = Library(data)
    library.prepare()
    packing = Packing("here", Settings(preset="ultrafast", copy=False), workers=2, keep_sources=True)
    queue = Ingesting(store, library, lambda: datetime.now(UTC), reactor, deferToThread, packing, data / "work")

    async def begin() -> None:
        await queue.start()
        os.write(1, b"ready\n")
        while await store.run(lambda uow: uow.jobs.in_states("here", OPEN), write=False):
            await task.deferLater(loop, 0.1)
        os.write(1, b"idle\n")

    loop.callWhenRunning(lambda: Deferred.fromCoroutine(begin()))
    loop.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
