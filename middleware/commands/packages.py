"""`nanhu-tv package …`: which channels and boards the town, a village, a group, a tariff or a box sees."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import attrs
import click

from middleware.commands.device_find import find_box, named
from middleware.commands.faults import Fault
from middleware.commands.places import find_place
from middleware.commands.setup import Setup, pass_setup
from middleware.domain.packages import BOARDS, Grant, Package, Scope
from middleware.services import packages as use
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import COMMAND_LINE

CHANNELS_HELP: Final = "Channels by number, such as 1-20,101; all = also those to come, none = none."
BOARDS_HELP: Final = f"Boards, separated by commas, of {', '.join(BOARDS)}; all or none."
TARGET_HELP: Final = "TARGET is town, village:CODE, group:NAME, tariff:CODE or box:NAME."
_SPAN: Final = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


@click.group(epilog=TARGET_HELP)
def package() -> None:
    """Packages of channels and boards, and who has them; without any, everybody sees everything."""


@package.command("list")
@pass_setup
def list_(setup: Setup) -> None:
    """List packages with their channels, boards and who has them."""
    found = setup.read(lambda uow: (uow.packages.all(), uow.packages.grants(), _names(uow)), "list packages")
    packages, grants, names = found
    for one in packages:
        channels = "all channels" if one.channels is None else f"{len(one.channels)} channels"
        boards = "all boards" if one.boards is None else ", ".join(one.boards) or "no board"
        click.echo(f"{one.code:16} {one.name}: {channels}; {boards}{', optional' if one.optional else ''}")
        for grant in grants:
            if grant.package_id == one.id:
                click.echo(f"{'':16} {names.get((grant.scope, grant.target), f'{grant.scope}:{grant.target}')}")


@package.command()
@click.argument("code")
@click.argument("name")
@click.option("--channels", default="all", show_default=True, help=CHANNELS_HELP)
@click.option("--boards", default="all", show_default=True, help=BOARDS_HELP)
@click.option("--about", default="", help="A sentence about it.")
@click.option("--optional", is_flag=True, help="Booked on top of a tariff.")
@pass_setup
def add(setup: Setup, code: str, name: str, channels: str, boards: str, about: str, optional: bool) -> None:
    """Make a package; nobody has it before it is granted."""

    def run(uow: UnitOfWork) -> Package:
        new = Package(0, code, name, about, channels_of(uow, channels), boards_of(boards), optional)
        return use.add(uow, setup.now(), COMMAND_LINE, new)

    click.echo(f"Added package {setup.write(run, 'add package').code}")


@package.command()
@click.argument("code")
@click.option("--name", help="What it is called.")
@click.option("--channels", help=CHANNELS_HELP)
@click.option("--boards", help=BOARDS_HELP)
@click.option("--about", help="A sentence about it.")
@click.option("--optional/--included", "optional", default=None, help="Booked on top of a tariff, or part of it.")
@pass_setup
def change(
    setup: Setup,
    code: str,
    name: str | None,
    channels: str | None,
    boards: str | None,
    about: str | None,
    optional: bool | None,
) -> None:
    """Change what is given of a package, and leave the rest."""

    def run(uow: UnitOfWork) -> Package:
        given: dict[str, Any] = {"name": name, "about": about, "optional": optional}
        new = {field: value for field, value in given.items() if value is not None}
        if channels is not None:
            new["channels"] = channels_of(uow, channels)
        if boards is not None:
            new["boards"] = boards_of(boards)
        return use.change(uow, setup.now(), COMMAND_LINE, attrs.evolve(_package(uow, code), **new))

    click.echo(f"Changed package {setup.write(run, 'change package').code}")


@package.command()
@click.argument("code")
@pass_setup
def remove(setup: Setup, code: str) -> None:
    """Forget a package and who had it."""
    setup.write(lambda uow: use.remove(uow, setup.now(), COMMAND_LINE, _package(uow, code).id), "remove package")
    click.echo(f"Removed package {code}")


@package.command()
@click.argument("code")
@click.argument("target")
@pass_setup
def grant(setup: Setup, code: str, target: str) -> None:
    """Give a package to TARGET: town, village:CODE, group:NAME, tariff:CODE or box:NAME."""
    setup.write(lambda uow: use.grant(uow, setup.now(), COMMAND_LINE, _grant(uow, code, target)), "grant package")
    click.echo(f"{target} has package {code} now")


@package.command()
@click.argument("code")
@click.argument("target")
@pass_setup
def revoke(setup: Setup, code: str, target: str) -> None:
    """Take a package away from TARGET: town, village:CODE, group:NAME, tariff:CODE or box:NAME."""

    def run(uow: UnitOfWork) -> None:
        wanted = _grant(uow, code, target)
        if wanted not in uow.packages.grants():
            raise Fault(f"{target} does not have package {code}")
        use.revoke(uow, setup.now(), COMMAND_LINE, wanted)

    setup.write(run, "revoke package")
    click.echo(f"{target} does not have package {code} any more")


@package.command()
@click.argument("code", required=False)
@click.argument("name", required=False)
@pass_setup
def tariffs(setup: Setup, code: str | None, name: str | None) -> None:
    """List the tariffs of billing, or add one with this CODE and NAME."""
    if code and name:
        setup.write(lambda uow: use.add_tariff(uow, setup.now(), COMMAND_LINE, code, name), "add tariff")
        click.echo(f"Added tariff {code}")
        return
    for one in setup.read(lambda uow: uow.packages.tariffs(), "list tariffs"):
        if code in {None, one.code}:
            click.echo(f"{one.code:16} {one.name}")


def channels_of(uow: UnitOfWork, text: str) -> tuple[int, ...] | None:
    """The ids of channels by numbers as typed; None for all. Raises Fault."""
    if text in {"all", "none", ""}:
        return None if text == "all" else ()
    ids = {channel.number: channel.id for channel in uow.guide.channels()}
    numbers = [number for part in text.split(",") for number in _span(part.strip(), ids)]
    return tuple(ids[number] for number in numbers)


def boards_of(text: str) -> tuple[str, ...] | None:
    """The names of boards as typed; None for all. Raises Fault."""
    if text in {"all", "none", ""}:
        return None if text == "all" else ()
    found = tuple(part.strip() for part in text.split(","))
    unknown = [one for one in found if one not in BOARDS]
    if unknown:
        raise Fault(f"there is no board {unknown[0]!r}; there are {', '.join(BOARDS)}")
    return found


def _span(part: str, ids: Mapping[int, int]) -> Sequence[int]:
    match = _SPAN.fullmatch(part)
    if match is None:
        raise Fault(f"{part!r} is no channel number; write them as 1-20,101")
    first, last = int(match[1]), int(match[2] or match[1])
    # A span takes what lies in it, a number alone must be there.
    found = [number for number in ids if first <= number <= last]
    if not found:
        raise Fault(f"there is no channel {part}; `nanhu-tv channel list` shows them")
    return found


def _package(uow: UnitOfWork, code: str) -> Package:
    found = uow.packages.by_code(code)
    if found is None:
        raise Fault(f"there is no package {code}; `nanhu-tv package list` shows them")
    return found


def _grant(uow: UnitOfWork, code: str, target: str) -> Grant:
    scope, _, name = target.partition(":")
    match scope:
        case "town":
            key = ""
        case "village":
            key = str(find_place(uow, "village", name))
        case "group":
            key = name
        case "tariff":
            key = str(next((one.id for one in uow.packages.tariffs() if one.code == name), 0))
        case "box":
            scope, key = "device", str(find_box(uow, name).id)
        case _:
            raise Fault(f"{target!r} is no target: give town, village:CODE, group:NAME, tariff:CODE or box:NAME")
    return Grant(_package(uow, code).id, cast("Scope", scope), key)


def _names(uow: UnitOfWork) -> dict[tuple[str, str], str]:
    """What targets are called, as the command line takes them."""
    return {
        ("town", ""): "town",
        **{("village", str(one.id)): f"village:{one.code} {one.name}" for one in uow.places.villages()},
        **{("tariff", str(one.id)): f"tariff:{one.code} {one.name}" for one in uow.packages.tariffs()},
        **{
            ("device", grant.target): f"box:{named(box)}"
            for grant in uow.packages.grants()
            if grant.scope == "device" and (box := uow.devices.get(int(grant.target))) is not None
        },
    }
