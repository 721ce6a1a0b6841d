"""`nanhu-tv seed-demo`: the demonstration town with its people, texts, guide, roll-calls and films."""

from collections.abc import Callable
from typing import Any

import click

from middleware.commands.packaging import library_of, packaging_settings, registering, run_to_end
from middleware.commands.progress import bar
from middleware.commands.setup import Setup, pass_setup
from middleware.commands.signing import signer
from middleware.demo import customers, films, history, running, seed, start, summary
from middleware.storage.store import Store


@click.command("seed-demo")
@click.option("--no-films", is_flag=True, help="Leave the films out: they take minutes.")
@click.option("--host", help="Address written to demo.json; the setting server.host without it.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port written to demo.json; the setting without it.")
@pass_setup
def seed_demo(setup: Setup, no_films: bool, host: str | None, port: int | None) -> None:
    """Write the demonstration town into an empty data folder; what is there already stays as it is.

    DATA/demo.json then says which boxes, accounts and phone numbers can be used.
    """
    config = setup.config()
    with setup.store() as store:
        if store.run_sync(lambda uow: seed.seed_town(uow, setup.now()), "seed town"):
            click.echo("Wrote the town: 78 villages, 3,000 households, 2,400 members, articles of all columns")
        _hold_meetings(setup, store)
        _give_passwords(setup, store)
    if not no_films:
        _make_films(setup)
    base = config.server.public_url.rstrip("/") or base_url(host or config.server.host, port or config.server.port)
    with setup.store() as store:
        rollcall = store.run_sync(lambda uow: start.at_start(uow, setup.now()), "bring the demonstration up to now")
        before = summary.read(config.data)
        told = (before.get("base"), before.get("rollcall"), len(before.get("assets", ())))
        films_now = store.run_sync(lambda uow: len(uow.assets.all()), "count films", write=False)
        if told != (base, summary.rollcall_facts(rollcall), films_now):
            place = start.Place(
                base, config.portal.town, summary.passwords(config.data), summary.api_secret(config.data)
            )
            content = start.content(place, signer(config).signed)
            summary.write(config.data, store.run_sync(content, "demo.json", write=False))


def base_url(host: str, port: int) -> str:
    """The address to type into a browser on this machine."""
    shown = "127.0.0.1" if host in {"", "0.0.0.0", "::"} else host  # noqa: S104 - compared, not listened on
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _hold_meetings(setup: Setup, store: Store) -> None:
    held = [store.run_sync(_meeting(setup, each), each.key) for each in history.meetings()]
    if any(held):
        click.echo(f"Held {sum(held)} roll-calls of the past half year")


def _meeting(setup: Setup, meeting: history.Meeting) -> Callable[[Any], bool]:
    return lambda uow: history.hold(uow, setup.now(), meeting)


def _give_passwords(setup: Setup, store: Store) -> None:
    known, secret = summary.passwords(setup.data), summary.api_secret(setup.data)
    new = running.missing_passwords(known)
    if new or not secret:
        hashes = {login: hashed for login, (_, hashed) in new.items()}
        store.run_sync(lambda uow: running.set_passwords(uow, hashes), "passwords")
        secret = secret or store.run_sync(lambda uow: customers.renew_secret(uow, setup.now()), "secret")
        # At once: a password that was set and not written down would be lost.
        plain = [{"login": login, "password": word} for login, word in known.items()]
        plain += [{"login": login, "password": word} for login, (word, _) in new.items()]
        summary.write(setup.data, {"staff": plain, "api": {"secret": secret}})


def _make_films(setup: Setup) -> None:
    reactor, library = setup.reactor(), library_of(setup)
    with setup.store(reactor) as store:
        have = store.run_sync(lambda uow: {each.origin or "" for each in uow.assets.all()}, "films", write=False)
        if films.origins() <= have:
            return
        with bar("Films") as tell:
            make = films.make_films(
                reactor,
                library,
                have,
                registering(setup, store, library),
                settings=packaging_settings(setup),
                progress=tell,
            )
            count = run_to_end(reactor, lambda: make)
    click.echo(f"Made {count} films")
