"""`nanhu-tv epg export`: the guide as XMLTV, M3U or JSON, and the plans as an editors' sheet."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, Literal, get_args

import click
from attrs import frozen

from epg import json_out, xmltv_out
from epg.json_out import packed
from epg.schedule import day_bounds, day_of
from middleware.commands.faults import Fault
from middleware.commands.files import kind_of, write_file
from middleware.commands.guide_words import at_option, channel_of, moment
from middleware.commands.setup import Setup, pass_setup
from middleware.commands.signing import signer
from middleware.domain.channels import Channel
from middleware.headend import guide_days, guide_lineup, guide_rows
from middleware.services import guide, plan_sheet
from middleware.services.ports import UnitOfWork

Kind = Literal["xmltv", "m3u", "json", "sheet"]
KINDS: Final[dict[str, Kind]] = {
    ".m3u": "m3u", ".m3u8": "m3u", ".json": "json", ".xlsx": "sheet", ".csv": "sheet",
}  # fmt: skip
"""What a suffix asks for; every other one is XMLTV."""


@frozen
class Wanted:
    """What is exported: channels (none = all) and days from `first` on, as of `now`; `base` is where we are."""

    file: Path
    channels: tuple[str, ...]
    first: date
    days: int
    now: datetime
    base: str
    sign: guide_lineup.Sign


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--kind", type=click.Choice(get_args(Kind)), help="What to write; without it by the suffix of FILE.")
@click.option("--days", type=click.IntRange(1, 31), default=8, show_default=True, help="How many days from today on.")
@click.option("--channel", "channels", multiple=True, help="Only this channel; may be given several times.")
@click.option("--base", default="", help="Address of this server, http://host:port, for addresses of our own in it.")
@at_option
@pass_setup
def export(
    setup: Setup, file: Path, kind: str | None, days: int, channels: tuple[str, ...], base: str, at: datetime | None
) -> None:
    """Write the guide from today on to FILE: XMLTV (.xml, .gz), M3U, JSON, or the plans as a sheet (.xlsx, .csv)."""
    now = moment(setup, at)
    base = (base or setup.config().server.public_url).rstrip("/")
    sign = signer(setup.config()).signed
    wanted = Wanted(file, channels, day_of(now), days, now, base, sign)  # the town's day, so that files add up
    chosen = kind or KINDS.get(file.suffix.lower(), "xmltv")
    content = setup.read(lambda uow: _WRITERS[chosen](uow, wanted), "export guide")
    write_file(file, content)
    click.echo(f"{file}: {len(content) >> 10} KiB")


def _channels(uow: UnitOfWork, wanted: Wanted) -> Sequence[Channel]:
    return [channel_of(uow, word) for word in wanted.channels] or uow.guide.channels()


def _xmltv(uow: UnitOfWork, wanted: Wanted) -> bytes:
    start, _ = day_bounds(wanted.first)
    ids = {one.id for one in _channels(uow, wanted)} if wanted.channels else None
    document = guide.export(uow, wanted.now, start, start + timedelta(days=wanted.days), ids)
    return xmltv_out.packed(document) if wanted.file.suffix.lower() == ".gz" else document


def _m3u(uow: UnitOfWork, wanted: Wanted) -> bytes:
    lineup = guide_lineup.read(uow)
    ids = {one.id for one in _channels(uow, wanted)}
    some = guide_lineup.Lineup(tuple(one for one in lineup.channels if one.id in ids), lineup.matcher, lineup.groups)
    left = [one.name for one in some.channels if guide_lineup.address(one.url, "") == "" and not wanted.base]
    if left and any(one.url.startswith("/") for one in some.channels):
        raise Fault("some channels play from this server: give its address with --base")
    return guide_lineup.playlist(some, wanted.base, wanted.sign)


def _json(uow: UnitOfWork, wanted: Wanted) -> bytes:
    channels = _channels(uow, wanted)
    days = [wanted.first + timedelta(days=step) for step in range(wanted.days)]
    found = guide_days.started(uow, [one.id for one in channels], days)
    told = packed({"channels": [json_out.channel(guide_lineup.shown(one, wanted.base)) for one in channels]})
    rows = (guide_rows.whole(guide_rows.row(each)) for key in sorted(found) for each in found[key])
    return told[:-1] + b',"programmes":' + guide_rows.joined(rows) + b"}"


def _sheet(uow: UnitOfWork, wanted: Wanted) -> bytes:
    names = [one.xmltv_id for one in _channels(uow, wanted)]
    last = wanted.first + timedelta(days=wanted.days - 1)
    return plan_sheet.export(uow, kind_of(wanted.file), names, wanted.first, last)


_WRITERS: Final = {"xmltv": _xmltv, "m3u": _m3u, "json": _json, "sheet": _sheet}
