"""The server of the sign-in bench: the HTTP edge before the store, each endpoint one way to take a press.

    python -m tools.bench.signins_server DATABASE_URL DATA

Prints its port. ``/sign`` is the way of the product (group commit), ``/single`` one transaction per press, ``/nothing``
takes the same form and answers without a store, ``/core`` signs in a whole roll without HTTP and answers the seconds.
``/stall`` answers for how many ms the reactor was longest kept from a tick of 10 ms since it was last asked (G9).
"""

import gc
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twisted.internet.defer import gatherResults
from twisted.internet.task import LoopingCall

from middleware.services.rollcall_entry import Box
from middleware.services.rollcall_signin import SignIn, sign_in_batch
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from middleware.web.edge import make_site
from middleware.web.routes import Routes
from middleware.web.values import Request, Response, text


def command(request: Request) -> SignIn:
    """The press that a form holds."""
    form = request.form()
    box = Box(int(form["device"]), int(form["household"]))
    return SignIn(int(form["rollcall"]), box, form["key"], datetime.now(UTC), int(form["member"]))


TICK_S = 0.010


class Ticks:
    """Notes how late the reactor comes to what is due every 10 ms."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self._longest = 0.0
        LoopingCall(self._tick).start(TICK_S)

    def _tick(self) -> None:
        now = time.perf_counter()
        self._longest = max(self._longest, now - self._last - TICK_S)
        self._last = now

    def longest(self, _request: Request) -> Response:
        """The longest delay in ms; counting begins anew."""
        told, self._longest = self._longest * 1000, 0.0
        return text(f"{told:.1f}")


def make_routes(store: Store) -> Routes:
    """The four ways, and the stalls meanwhile."""
    batcher = store.batch(sign_in_batch, "sign in")

    async def sign(request: Request) -> Response:
        return text((await batcher.submit(command(request))).code)

    async def single(request: Request) -> Response:
        press = command(request)
        (outcome,) = await store.run(lambda uow: sign_in_batch(uow, [press]), "one sign-in")
        return text(outcome.code)

    def nothing(request: Request) -> Response:
        return text("accepted" if command(request).key else "")

    async def core(request: Request) -> Response:
        rollcall = int(request.form()["rollcall"])
        roll = await store.run(lambda uow: uow.rollcalls.roll(rollcall), write=False)
        started = time.perf_counter()
        told = await gatherResults([batcher.submit(picked(rollcall, line)) for line in roll.values()])
        took = time.perf_counter() - started
        return text(f"{took if all(one.code == 'accepted' for one in told) else -1}")

    routes = Routes()
    for path, endpoint in (("/sign", sign), ("/single", single), ("/nothing", nothing), ("/core", core)):
        routes.exact("POST", path, endpoint)
    routes.exact("POST", "/stall", Ticks().longest)
    return routes


def picked(rollcall: int, line: Any) -> SignIn:
    """The press of a member who picks himself at home."""
    return SignIn(rollcall, Box(line.household, line.household), f"k{line.member}", datetime.now(UTC), line.member)


def main() -> None:
    """Serve until terminated."""
    from twisted.internet import reactor

    real: Any = reactor
    store = Store.open(sys.argv[1], vault=Vault.load(Path(sys.argv[2])), reactor=real)
    site = make_site(make_routes(store), real, error_page=lambda status: text(str(status), status))
    port = real.listenTCP(0, site, interface="127.0.0.1", backlog=1024)
    gc.freeze()
    print(port.getHost().port, flush=True)
    real.addSystemEventTrigger("after", "shutdown", store.close)
    real.run()


if __name__ == "__main__":
    main()
