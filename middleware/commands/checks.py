"""`nanhu-tv check-config` and `check-port`: what can be known before anything is started."""

import errno
import socket
from collections.abc import Sequence

import click
from attrs import evolve

from middleware.commands.faults import cannot_listen
from middleware.commands.setup import Setup, pass_setup
from middleware.config import SECTIONS, Output
from middleware.headend.timekeeping import kept


@click.command("check-config")
@pass_setup
def check_config(setup: Setup) -> None:
    """Read the settings and list every fault at once, with its path."""
    from keymap.families import shipped  # the key tables are read here only to be checked against
    from middleware.app import key_changes
    from middleware.commands.air import lacking
    from middleware.commands.guide_outputs import unready
    from vod.runner import seclusion

    config = setup.config()
    key_changes(config, shipped())
    for name in SECTIONS:
        for key, value in vars_of(getattr(config, name)):
            click.echo(f"{name}.{key} = {value}")
    network = "no network" if seclusion() else "the network of the server: `unshare --net` is not permitted here"
    click.echo(f"ffmpeg runs with {network}")
    if kept() is False:
        click.echo("No time server keeps the clock of this machine; programmes will start at the wrong second")
    for line in (*lacking(setup), *unready(setup)):
        click.echo(line)
    click.echo(f"The settings are sound. Data folder: {config.data}")


def vars_of(section: object) -> list[tuple[str, object]]:
    """Names and values of one section; the password in a database address is not shown."""
    fields = [field.name for field in section.__attrs_attrs__]  # type: ignore[attr-defined]
    return [row for name in fields for row in _rows(name, getattr(section, name))]


def _rows(name: str, value: object) -> list[tuple[str, object]]:
    """A row for a value; for outputs of the guide one for each of their settings, without secrets."""
    if not isinstance(value, list) or not all(isinstance(one, Output) for one in value) or not value:
        return [(name, _shown(name, value))]
    hidden = [evolve(one, address=one.address and one.place, password=one.password and "***") for one in value]
    return [(f"{name}[{n}].{key}", told) for n, one in enumerate(hidden, 1) for key, told in vars_of(one)]


def _shown(name: str, value: object) -> object:
    text = str(value)
    if name != "url" or "@" not in text:
        return value
    scheme, _, rest = text.partition("://")
    user, _, place = rest.rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}:***@{place}"


@click.command("check-port")
@click.option("--host", help="Address to try; the setting server.host without it.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to try; the setting server.port without it.")
@pass_setup
def check_port(setup: Setup, host: str | None, port: int | None) -> None:
    """Say whether the port is free, before minutes are spent on preparing a server that could not listen."""
    server = setup.config().server
    try_ports(host or server.host, port or server.port, server.ports)


def try_ports(host: str, port: int, more: Sequence[int]) -> None:
    """Listen for a moment on a port and on the further ones of the settings. Raises Fault when one cannot be had."""
    _try(host, port, "choose one with --port")
    for each in more:
        _try(host, each, "take it out of server.ports")


def _try(host: str, port: int, advice: str) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        with socket.socket(found[0][0], socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(found[0][4])
            probe.listen(1)
    except OSError as error:
        reason = "" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
        raise cannot_listen(host, port, reason, advice) from error
