"""Pages of the portal itself against a bare twisted.web Resource that answers as many bytes (scale.md G1-G3).

    python -m tools.bench.portal_pages [--rounds 5] [--seconds 1.5]

Unlike http_pages, which measures the edge, this asks the whole portal over a small town on SQLite: the token is read,
the kept page found, its holes filled. Figures are requests per CPU-second of the server.
"""

import argparse
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools.bench.http_pages import runner, serve_bare, start
from tools.bench.side_by_side import Target, interleave, judge, report

BYTES = 8200
"""Length of the page that the bare Resource answers: that of the board 党务公开 below."""
HEADERS = (
    "Host: 10.0.0.1:8080\r\nUser-Agent: Mozilla/5.0 (iPanel 3.0)\r\nAccept: */*\r\n"
    "Accept-Language: zh-CN\r\nConnection: keep-alive\r\n"
)
TARGETS = [
    Target("G1 shared page of the portal", "board", "bare", at_least=1.5),
    Target("G3 page of one household", "home", "bare", at_least=0.5),
    Target("G2 poll of a box in its slot", "poll", "bare", at_least=0.8),
]


def serve_portal(reactor: Any, data: Path) -> Any:
    """The portal over the small town of its tests."""
    from keymap.families import shipped
    from middleware.portal.portal import Portal, Settings
    from middleware.storage.schema import db_upgrade
    from middleware.storage.secrets import Vault
    from middleware.storage.store import Store
    from middleware.web.edge import make_site
    from middleware.web.routes import Routes
    from tests.portal.portal_town import settle
    from vod.library import Library

    url = f"sqlite:///{data}/nanhu.db"
    db_upgrade(url, data)
    store = Store.open(url, vault=Vault.load(data), reactor=reactor)
    library = Library(data)
    library.prepare()
    store.run_sync(lambda uow: settle(uow, library, data))
    settings = Settings(demonstration=True)
    portal = Portal(store, library, shipped(), b"k" * 32, _now, reactor, reactor.seconds, settings)
    routes = Routes()
    portal.routes(routes)
    reactor.addSystemEventTrigger("after", "shutdown", store.close)
    return make_site(routes, reactor, error_page=portal.error_page, map_error=portal.map_error)


def _now() -> datetime:
    return datetime.now(UTC)


def serve(which: str) -> None:
    """Serve one variant on a free port, print the port."""
    from twisted.internet import reactor

    real: Any = reactor
    with tempfile.TemporaryDirectory() as data:
        site = serve_bare(b"x" * BYTES) if which == "bare" else serve_portal(real, Path(data))
        port = real.listenTCP(0, site, interface="127.0.0.1")
        print(port.getHost().port, flush=True)
        real.run()


def cookies(port: int, family: str) -> str:
    """Log a box in."""
    import httpx

    answer = httpx.get(f"http://127.0.0.1:{port}/portal?mac=00:1A:79:00:00:01&family={family}&asked=1")
    return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


def requests(port: int) -> dict[str, tuple[str, str]]:
    """The server and request of each variant."""
    box, slotted = (f"{HEADERS}Cookie: {cookies(port, family)}\r\n" for family in ("pc", "dvn"))
    return {
        "bare": ("bare", f"GET /p/affairs HTTP/1.1\r\n{box}\r\n"),
        "board": ("portal", f"GET /p/affairs HTTP/1.1\r\n{box}\r\n"),
        "home": ("portal", f"GET /p/home HTTP/1.1\r\n{box}\r\n"),
        "poll": ("portal", f"GET /poll?since=0&p=home HTTP/1.1\r\n{slotted}\r\n"),
    }


def main() -> int:
    """Measure all variants side by side; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--serve")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return 0
    servers = {which: start("portal_pages", which) for which in ("bare", "portal")}
    try:
        asked = requests(servers["portal"][1])
        variants = {name: runner(*servers[w], request, options.seconds) for name, (w, request) in asked.items()}
        for run in variants.values():
            run()  # warm up
        figures = interleave(variants, options.rounds)
    finally:
        for server, _ in servers.values():
            server.terminate()
            server.wait()
    for name, rates in figures.items():
        print(f"{name:<18}", " ".join(f"{rate:7.0f}" for rate in rates), "requests per CPU-second")
    return report(judge(figures, TARGETS))


if __name__ == "__main__":
    sys.exit(main())
