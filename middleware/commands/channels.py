"""`nanhu-tv channel …` and `nanhu-tv genre …`: the line-up as boxes get it."""

import re
from typing import Any, Final

import attrs
import click

from middleware.commands.air import air
from middleware.commands.faults import Fault
from middleware.commands.setup import Setup, pass_setup
from middleware.domain.channels import CENSORED_GENRE, Channel, ChannelLink, Genre
from middleware.services import guide as use
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import COMMAND_LINE

_LOGO: Final = re.compile(r"[0-9A-Za-z._\-]{0,80}")


@click.group()
def channel() -> None:
    """The channels of the line-up."""


channel.add_command(air)


@channel.command("list")
@pass_setup
def list_(setup: Setup) -> None:
    """List channels by number with their genre, what they are marked with, and their streams."""
    channels, genres, links = setup.read(
        lambda uow: (uow.guide.channels(), uow.guide.genres(), uow.guide.links()), "list channels"
    )
    titles = {one.id: one.title for one in genres}
    for one in sorted(channels, key=lambda each: each.number):
        marks = [name for name in ("radio", "hd", "censored") if getattr(one, name)]
        marks += [f"archive {one.archive_h} h"] if one.archive_h else []
        about = ", ".join([titles.get(one.genre_id or 0, "no genre"), *marks])
        click.echo(f"{one.number:>5} {one.xmltv_id:32} {one.name} ({about})")
        for name in ("url", "multicast", "timeshift_url", "archive_url", "logo"):
            if getattr(one, name):
                click.echo(f"{'':5} {name}: {getattr(one, name)}")
        for link in links:
            if link.channel_id == one.id:
                click.echo(f"{'':5} link {link.id}: {link.url} (priority {link.priority})")


@channel.command("set")
@click.argument("channel")
@click.option("--number", type=click.IntRange(1, 99_999), help="What viewers type.")
@click.option("--name", help="What it is called.")
@click.option("--genre", help="Genre by title or number; an empty one = none.")
@click.option("--url", help="Where the picture comes from.")
@click.option("--multicast", help="Multicast address for CTC boxes, such as igmp://239.1.1.1:5140.")
@click.option("--timeshift-url", help="Where boxes shift in time, such as rtsp://10.0.0.1/1.")
@click.option("--archive-hours", "archive_h", type=click.IntRange(0, 720), help="Hours that are kept; 0 = none.")
@click.option("--archive-url", help="Where they are kept, with {start}, {stop} and {duration}.")
@click.option("--logo", help="File name of its picture.")
@click.option("--hd/--sd", "hd", default=None, help="Whether it is high definition.")
@click.option("--radio/--tv", "radio", default=None, help="Whether it is radio: sound without a picture.")
@click.option("--censored/--open", "censored", default=None, help="Whether it is behind the parents' PIN.")
@click.option(
    "--link",
    "links",
    multiple=True,
    type=(str, int),
    metavar="URL PRIORITY",
    help="Add another way to the picture; the highest priority is tried first.",
)
@click.option("--drop-link", "dropped", multiple=True, type=int, metavar="ID", help="Forget a link by its number.")
@pass_setup
def set_(
    setup: Setup,
    /,
    channel: str,
    genre: str | None,
    links: tuple[tuple[str, int], ...],
    dropped: tuple[int, ...],
    **given: Any,
) -> None:
    """Change what is given of CHANNEL, which is its number or its name in guides, and leave the rest."""
    new: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if not _LOGO.fullmatch(new.get("logo", "")):
        raise Fault("a logo is a plain file name: letters, digits and . _ -")

    def run(uow: UnitOfWork) -> Channel:
        before = _channel(uow, channel)
        wanted = attrs.evolve(before, **new)
        if genre is not None:
            wanted = attrs.evolve(wanted, genre_id=_genre(uow, genre))
        if wanted != before:
            use.change_channel(uow, wanted)
        for url, priority in links:
            use.add_link(uow, wanted.id, url, priority)
        for link in dropped:
            _drop(uow, wanted, link)
        told = {**new, **({"genre": genre} if genre is not None else {}), "links": len(links) - len(dropped)}
        uow.audit.add(setup.now(), COMMAND_LINE, "change", "channel", wanted.id, told)
        return wanted

    changed = setup.write(run, "set channel")
    click.echo(f"Channel {changed.number} {changed.name} is changed")


@click.group()
def genre() -> None:
    """Groups of channels."""


@genre.command("list")
@pass_setup
def list_genres(setup: Setup) -> None:
    """List genres by their place with their number and how many channels they have."""
    genres, channels = setup.read(lambda uow: (uow.guide.genres(), uow.guide.channels()), "list genres")
    for one in genres:
        count = sum(each.genre_id == one.id for each in channels)
        click.echo(f"{one.id:>5} {one.title} ({one.alias or '-'}), {count} channels{', censored' * one.censored}")


@genre.command("put")
@click.argument("title")
@click.option("--number", type=click.IntRange(1, 2**31 - 1), help="Number of the genre to change; else a new one.")
@click.option("--alias", default="", help="Name in Latin letters that clients see.")
@click.option("--position", type=click.IntRange(0, 999), default=0, help="Its place among the others.")
@click.option("--censored", is_flag=True, help="The one for channels behind the parents' PIN; its number is 10.")
@pass_setup
def put_genre(setup: Setup, title: str, number: int | None, alias: str, position: int, censored: bool) -> None:
    """Make a genre, or change the one with this number."""
    wanted = Genre(CENSORED_GENRE if censored else number or 0, title, alias, position, censored)

    def run(uow: UnitOfWork) -> Genre:
        stored = use.put_genre(uow, wanted)
        uow.audit.add(setup.now(), COMMAND_LINE, "put", "genre", stored.id, {"title": stored.title})
        return stored

    stored = setup.write(run, "put genre")
    click.echo(f"Genre {stored.id} {stored.title}")


def _channel(uow: UnitOfWork, word: str) -> Channel:
    found = next((one for one in uow.guide.channels() if word in {str(one.number), one.xmltv_id}), None)
    if found is None:
        raise Fault(f"there is no channel {word!r}; `nanhu-tv channel list` shows them")
    return found


def _genre(uow: UnitOfWork, word: str) -> int | None:
    if not word:
        return None
    found = next((one for one in uow.guide.genres() if word in {str(one.id), one.title}), None)
    if found is None:
        raise Fault(f"there is no genre {word!r}; `nanhu-tv genre list` shows them")
    return found.id


def _drop(uow: UnitOfWork, channel: Channel, link_id: int) -> ChannelLink:
    found = next((one for one in uow.guide.links() if one.id == link_id and one.channel_id == channel.id), None)
    if found is None:
        raise Fault(f"channel {channel.number} has no link {link_id}")
    use.remove_link(uow, link_id)
    return found
