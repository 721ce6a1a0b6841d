"""Pages per second of the HTTP edge against the same bytes from a bare twisted.web Resource (scale.md G1-G3).

    python -m tools.bench.http_pages [--rounds 5] [--seconds 1.5]

Figures are requests per CPU-second of the server process, so the load generator and other programs on the machine
count little. Each variant has a server process of its own that lives through all rounds; the load generator is a
third process. ``bare`` is ``Site(Resource)`` as its manual starts it, answering the page of the other variants.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import psutil

from tools.bench.side_by_side import Target, interleave, judge, report

PAGE = ("<!DOCTYPE html><html><head><title>南湖</title></head><body>" + "<p>党务公开 通知公告</p>" * 170).encode()
HOLES = (b"<b>09:41</b>", b"<i>3</i>", b"12345")  # clock, number of messages, sequence
HEADERS = (
    "Host: 10.0.0.1:8080\r\nUser-Agent: Mozilla/5.0 (iPanel 3.0)\r\nAccept: */*\r\n"
    "Accept-Language: zh-CN\r\nCookie: sid=0123456789abcdef0123456789abcdef\r\nConnection: keep-alive\r\n"
)
FORM = "key=OK&from=rc-7&focus=3&version=12&token=0123456789abcdef0123456789abcdef"
GET = "GET {} HTTP/1.1\r\n" + HEADERS + "\r\n"
POST = (
    "POST {} HTTP/1.1\r\n" + HEADERS + f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(FORM)}"
    f"\r\n\r\n{FORM}"
)
# name: server, request
VARIANTS = {
    "bare": ("bare", GET.format("/p/home")),
    "ready": ("edge", GET.format("/p/home")),
    # an Authorization header keeps the request out of the cached lane
    "ready, parsed": ("edge", GET.format("/p/home").replace("Accept:", "Authorization: x\r\nAccept:")),
    "shared endpoint": ("edge", GET.format("/p/shared?f=3")),
    "personal": ("edge", GET.format("/p/personal?f=3")),
    "post": ("edge", POST.format("/p/press")),
}
TARGETS = [
    Target("G1 shared page, cached lane", "ready", "bare", at_least=1.5),
    Target("G1 the same, later target", "ready", "bare", at_least=3.0, goal=True),
    Target("G1 shared page, parsed", "ready, parsed", "bare", at_least=1.5),
    Target("G2 page-state POST", "post", "bare", at_least=0.8),
    Target("G2 the same, later target", "post", "bare", at_least=1.2, goal=True),
    Target("G3 personal page", "personal", "bare", at_least=0.5),
    Target("G3 shared page", "shared endpoint", "bare", at_least=1.5),
]


def serve_bare(page: bytes) -> Any:
    """The factory to compare with; `page` is what it answers."""
    from twisted.web.resource import Resource
    from twisted.web.server import Site

    class Page(Resource):
        isLeaf = True  # noqa: N815

        def render_GET(self, request: Any) -> bytes:  # noqa: N802
            request.setHeader(b"Content-Type", b"text/html; charset=utf-8")
            return page

    return Site(Page())


def serve_edge(reactor: Any) -> Any:
    """Our factory with a ready page, a page of one endpoint, a page with holes, and a form."""
    from middleware.web.edge import make_site
    from middleware.web.routes import ReadyResponse, Routes
    from middleware.web.values import Request, Response, html, text

    third = len(PAGE) // 3
    parts = [PAGE[:third], PAGE[third : 2 * third], PAGE[2 * third :], b""]

    async def personal(request: Request) -> Response:
        holes = (HOLES[0], request.query["f"].encode(), request.cookies["sid"].encode())
        return html(b"".join(piece for pair in zip(parts, (*holes, b""), strict=True) for piece in pair))

    async def press(request: Request) -> Response:
        form = request.form()
        if form["token"] != request.cookies["sid"]:
            raise ValueError("foreign form")
        return html(PAGE)

    routes = Routes()
    routes.ready(b"/p/home", ReadyResponse.of(PAGE))
    routes.exact("GET", "/p/shared", lambda _request: html(PAGE))
    routes.exact("GET", "/p/personal", personal)
    routes.exact("POST", "/p/press", press)
    return make_site(routes, reactor, error_page=lambda status: text(str(status), status))


def serve(which: str) -> None:
    """Serve one variant on a free port, print the port."""
    from twisted.internet import reactor

    real: Any = reactor
    port = real.listenTCP(0, serve_bare(PAGE) if which == "bare" else serve_edge(real), interface="127.0.0.1")
    print(port.getHost().port, flush=True)
    real.run()


def start(bench: str, which: str) -> tuple[subprocess.Popen[str], int]:
    """A server of a bench in a process of its own, and its port."""
    server = subprocess.Popen(
        [sys.executable, "-m", f"tools.bench.{bench}", "--serve", which], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    return server, int(server.stdout.readline())


def measure(server: subprocess.Popen[str], port: int, request: str, seconds: float) -> float:
    """Requests per CPU-second of the server, by 32 connections."""
    process = psutil.Process(server.pid)
    before = process.cpu_times()
    done = subprocess.run(
        [sys.executable, "-m", "tools.bench.http_load", str(port), "32", str(seconds)],
        input=json.dumps([request]), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    after = process.cpu_times()
    return float(json.loads(done.stdout)["answers"]) / (after.user + after.system - before.user - before.system)


def runner(server: subprocess.Popen[str], port: int, request: str, seconds: float) -> Callable[[], float]:
    """A variant as interleave takes it."""
    return lambda: measure(server, port, request, seconds)


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
    servers = {which: start("http_pages", which) for which in ("bare", "edge")}
    try:
        variants = {name: runner(*servers[w], request, options.seconds) for name, (w, request) in VARIANTS.items()}
        for run in variants.values():
            run()  # warm up
        figures = interleave(variants, options.rounds)
    finally:
        for server, _ in servers.values():
            server.terminate()
            server.wait()
    for name, rates in figures.items():
        print(f"{name:<16}", " ".join(f"{rate:7.0f}" for rate in rates), "requests per CPU-second")
    return report(judge(figures, TARGETS))


if __name__ == "__main__":
    sys.exit(main())
