"""One server of several on a database, for tests: `python -m tests.portal.node DATA` prints its port and serves.

Its clock is as many seconds off as the second argument says.
"""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from twisted.internet import defer, reactor

from keymap.families import shipped
from middleware.portal.portal import Portal, Settings
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from middleware.web.edge import make_site
from middleware.web.routes import Routes
from vod.library import Library

KEYS = {"t": "0123456789abcdef" * 4}


async def serve(data: Path, off: float) -> None:
    """Put the portal together as the server does, and listen."""

    def seconds() -> float:
        return time.time() + off

    store = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data), reactor=reactor, threads=2)
    reactor.addSystemEventTrigger("after", "shutdown", store.close)  # type: ignore[attr-defined]
    now = lambda: datetime.fromtimestamp(seconds(), UTC)  # noqa: E731
    settings = Settings(address_keys=KEYS, stream_key=b"s" * 32)
    portal = Portal(store, Library(data), shipped(), b"k" * 32, now, reactor, seconds, settings)  # type: ignore[arg-type]
    routes = Routes()
    portal.routes(routes)
    await portal.start()
    site = make_site(routes, reactor, error_page=portal.error_page, map_error=portal.map_error)
    port = reactor.listenTCP(0, site, interface="127.0.0.1")  # type: ignore[attr-defined]
    print(port.getHost().port, flush=True)


if __name__ == "__main__":
    defer.ensureDeferred(serve(Path(sys.argv[1]), float(sys.argv[2]))).addErrback(
        lambda failure: (failure.printTraceback(), reactor.stop())  # type: ignore[attr-defined]
    )
    reactor.run()  # type: ignore[attr-defined]
