"""`nanhu-tv serve`: the town on a port, until Ctrl-C or SIGTERM."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from middleware.commands.checks import try_ports
from middleware.commands.faults import Fault
from middleware.commands.lone import lone
from middleware.commands.seed import base_url
from middleware.commands.setup import Setup, keys_of, pass_setup
from middleware.commands.signing import signer
from middleware.config import Config
from middleware.demo import seed, start, summary
from middleware.domain.places import TOWN_ZONE
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from middleware.telemetry import begin_logging
from middleware.web.listening import CannotListen

if TYPE_CHECKING:
    from middleware.app import App

log = Logger()


@click.command()
@click.option("--host", help="Address to listen on; the setting server.host without it.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; the setting server.port without it.")
@click.option(
    "--behind", metavar="URL", help="Address of a proxy on this machine that boxes use; the setting server.public_url."
)
@click.option("--demonstration", is_flag=True, help="Show the training page at / and keep a roll-call open.")
@pass_setup
def serve(setup: Setup, host: str | None, port: int | None, behind: str | None, demonstration: bool) -> None:
    """Serve the town until Ctrl-C or SIGTERM; log lines go to stderr."""
    config = setup.config()
    if behind:
        if not behind.startswith(("http://", "https://")):
            raise Fault(f"--behind is an address that starts with http:// or https://, not {behind}")
        config = evolve(config, server=evolve(config.server, public_url=behind))
    address = host or config.server.host, port or config.server.port
    try_ports(*address, config.server.ports)
    with lone(config.data) if config.database_url.startswith("sqlite") else nullcontext():
        _serve(setup, config, address, demonstration)


def _serve(setup: Setup, config: Config, address: tuple[str, int], demonstration: bool) -> None:
    from middleware.app import Demonstration, build  # the other commands start twice as fast without it

    vault = keys_of(config)
    base = config.server.public_url.rstrip("/") or base_url(*address)
    place = start.Place(base, config.portal.town, summary.passwords(config.data), summary.api_secret(config.data))
    boxes = _prepare(setup, config, vault, place) if demonstration else ()
    begin_logging(sys.stderr)
    reactor = setup.reactor()
    shown = Demonstration(place, boxes) if demonstration else None
    app = build(config, reactor, setup.now, vault=vault, demonstration=shown)
    _run(reactor, app, address, greeting(base, summary.read(config.data) if demonstration else {}))


def _prepare(setup: Setup, config: Config, vault: Vault, place: start.Place) -> Sequence[start.Offered]:
    """Bring the demonstration up to now and write demo.json; returns the boxes of the training page."""
    store = Store.open(config.database_url, vault=vault)
    try:
        if not store.run_sync(seed.is_demonstration, "look", write=False):
            raise Fault(
                f"there is no demonstration in {config.data}: run `nanhu-tv seed-demo`, or leave the option out"
            )
        store.run_sync(lambda uow: start.at_start(uow, setup.now()), "bring the demonstration up to now")
        content = start.content(place, signer(config).signed)
        summary.write(config.data, store.run_sync(content, "demo.json", write=False))
        return store.run_sync(start.offered_boxes, "boxes to try", write=False)
    finally:
        store.close()


def _run(reactor: Any, app: "App", address: tuple[str, int], greeting: str) -> None:
    failed: list[Failure] = []
    stopping: list[bool] = []

    def give_up(failure: Failure) -> None:
        if not stopping:  # else a stop overtook the start, which may fail then
            failed.append(failure)
            reactor.stop()

    def stop() -> "Deferred[None]":
        stopping.append(True)
        return _stopped(app)

    def begin() -> None:
        starting = Deferred.fromCoroutine(app.start(*address))
        starting.addCallback(lambda _listener: click.echo(greeting))
        starting.addErrback(give_up)

    reactor.callWhenRunning(begin)
    reactor.addSystemEventTrigger("before", "shutdown", stop)
    reactor.run()
    if failed and isinstance(failed[0].value, CannotListen):
        raise Fault(str(failed[0].value))
    if failed:
        failed[0].raiseException()


def _stopped(app: "App") -> "Deferred[None]":
    log.info("stopping")
    stopping = Deferred.fromCoroutine(app.stop())
    return stopping.addErrback(lambda failure: log.failure("the stop was not orderly", failure))


def greeting(base: str, content: Mapping[str, Any]) -> str:
    """Where to look and which keys to use, for the terminal."""
    if not content:
        return f"Serving on {base}/  (back office: {base}/admin, boxes start at {base}/portal). Ctrl-C stops it."
    box = content["boxes"][0]
    closes = datetime.fromisoformat(content["rollcall"]["closes"]).astimezone(TOWN_ZONE)
    accounts = "\n".join(f"    {each['login']:9} {each['password']}   {each['name']}" for each in content["staff"])
    return f"""
Nanhu is on the air.

  Television     {base}/
                 a set beside a clickable remote; in a browser: arrow keys, Enter = OK, Backspace = back,
                 digits, F1 red, F2 green (sign in to the open roll-call), F3 yellow, F4 blue
  One box alone  {base}/portal?mac={box["mac"]}
  Back office    {base}/admin
{accounts}
  Roll-call      {content["rollcall"]["title"]}, open until {closes:%H:%M} in the town (Asia/Shanghai)
  Everything     demo.json in the data folder: boxes, accounts, members and their numbers, films, channels

Ctrl-C stops it."""
