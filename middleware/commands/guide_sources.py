"""`nanhu-tv epg source …`: where the guide comes from, and which of our channels theirs are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click
from attrs import evolve

from epg.times import SHANGHAI
from epg.xmltv import Feed
from middleware.commands.faults import Fault
from middleware.commands.guide_rows import correct, ignore, release, rows, take_back
from middleware.commands.guide_words import channel_of
from middleware.commands.setup import Setup, pass_setup
from middleware.headend.fetching import NotFetched, asked
from middleware.services import guide, source_order
from middleware.services import sources as use
from middleware.services.plan_ports import GuideSource
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import COMMAND_LINE
from middleware.services.sources import Staged


@click.group()
def source() -> None:
    """Sources of the guide."""


@source.command("list")
@pass_setup
def list_(setup: Setup) -> None:
    """List sources, the most trusted first, with when each was fetched and what went wrong since."""
    for one in setup.read(lambda uow: uow.sources.all(), "sources"):
        state = "" if one.active else ", off"
        click.echo(f"{one.name:20} rank {one.rank}, every {one.minutes} min, zone {one.zone}{state}  {one.url or '-'}")
        failing = f", failing since {_when(one.failed)}: {one.fault}" if one.failed else ""
        click.echo(f"{'':20} fetched {_when(one.fetched)}{failing}")


def _when(at: datetime | None) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at else "never"


@source.command()
@click.argument("name")
@click.option("--url", help="Address of the XMLTV feed; an empty one = brought by hand.")
@click.option("--minutes", type=click.IntRange(5, 7 * 1440), help="Minutes between fetches.")
@click.option("--zone", help="IANA zone of times that name none, such as Asia/Shanghai.")
@click.option("--shift", "shift_min", type=click.IntRange(-1440, 1440), help="Minutes added to all its times.")
@click.option("--overlap", type=click.Choice(["cut", "keep", "quarantine"]), help="What is done about overlaps.")
@click.option("--rank", type=click.IntRange(0, 1000), help="How much it is trusted; the lowest is trusted most.")
@click.option(
    "--field", "fields", multiple=True, type=(str, int), metavar="FIELD RANK", help="Another rank for one field."
)
@click.option("--active/--inactive", default=None, help="Whether it is fetched on its timetable.")
@pass_setup
def add(setup: Setup, /, name: str, fields: tuple[tuple[str, int], ...], **given: Any) -> None:
    """Keep a source under NAME, or change what is given of the one that there is."""
    told: Mapping[str, Any] = {key: value for key, value in given.items() if value is not None}

    def run(uow: UnitOfWork) -> GuideSource:
        before = uow.sources.by_name(name) or GuideSource(0, name)
        ranks = {**before.fields, **dict(fields)}
        return use.put(uow, setup.now(), COMMAND_LINE, evolve(before, **told, fields=ranks))

    kept = setup.write(run, "keep source")
    click.echo(f"Source {kept.name} is kept")


@source.command()
@click.argument("name")
@pass_setup
def remove(setup: Setup, name: str) -> None:
    """Forget a source; its programmes give way to the next best."""
    setup.write(lambda uow: use.remove(uow, setup.now(), COMMAND_LINE, name), "remove source")
    click.echo(f"Source {name} is gone")


@source.command()
@click.argument("name")
@click.option("--force", is_flag=True, help="Also take channels that shrank by half.")
@pass_setup
def fetch(setup: Setup, name: str, force: bool) -> None:
    """Fetch a source now; on a failure the guide stays as it is."""
    wanted = setup.read(lambda uow: _named(uow, name), "source")
    if not wanted.url:
        raise Fault(f"source {name} has no address; bring its file by `nanhu-tv epg import {name} FILE`")
    answer_of = evolve(wanted, etag="", modified="") if force else wanted
    try:
        answer = asked(answer_of, setup.config().data)
    except NotFetched as error:
        why = str(error)
        setup.write(lambda uow: use.failed(uow, setup.now(), name, why), "source failed")
        raise Fault(f"source {name}: {error}; the guide is as before") from error
    if answer.path is None:
        setup.write(lambda uow: use.unchanged(uow, setup.now(), name), "source unchanged")
        click.echo("Nothing new")
        return
    try:
        with answer.path.open("rb") as stream:
            parsed = guide.open_feed(stream, use.reading_of(wanted))
    finally:
        answer.path.unlink(missing_ok=True)

    def stage(uow: UnitOfWork) -> Staged:
        done = use.stage(uow, setup.now(), COMMAND_LINE, name, parsed, force=force)
        use.kept_tags(uow, name, answer.etag, answer.modified)
        return done

    tell(setup.write(stage, "stage feed"))


def tell(done: Staged) -> None:
    """Say what became of a feed."""
    click.echo(guide.report_text(done.report), nl=False)
    click.echo(f"{len(done.published)} channels: {done.added} added, {done.changed} changed, {done.removed} removed")
    for words, some in (("Not ours yet", done.parked), ("Shrank by half, waiting (--force takes them)", done.held)):
        if some:
            click.echo(f"{words}: {', '.join(some)}")


class _NotWritten(Exception):
    """Ends a dry run, so that its transaction has no effect."""

    def __init__(self, staged: Staged) -> None:
        super().__init__()
        self.staged = staged


def staged(setup: Setup, kept: GuideSource, parsed: Feed, *, force: bool, dry_run: bool) -> Staged:
    """Take a feed of a kept source, or only find out what would become of it."""

    def run(uow: UnitOfWork) -> Staged:
        done = use.stage(uow, setup.now(), COMMAND_LINE, kept.name, parsed, force=force)
        if dry_run:
            raise _NotWritten(done)
        return done

    try:
        return setup.write(run, "stage feed")
    except _NotWritten as told:
        return told.staged


@source.command()
@click.argument("name")
@click.argument("told")
@click.argument("channel", required=False)
@click.option("--never", is_flag=True, help="It is none of ours and never will be.")
@click.option("--alias", is_flag=True, help="Let its name mean the channel in every source.")
@pass_setup
def match(setup: Setup, name: str, told: str, channel: str | None, never: bool, alias: bool) -> None:
    """Say that TOLD, as source NAME calls it, is our CHANNEL; its parked programmes are published at once."""
    if never == bool(channel):
        raise Fault("give either our channel or --never")

    def run(uow: UnitOfWork) -> str:
        ours = channel_of(uow, channel) if channel else None
        use.match(uow, setup.now(), COMMAND_LINE, name, told, ours.xmltv_id if ours else None, alias=alias)
        return ours.name if ours else "none of ours"

    click.echo(f"{told} of {name} is {setup.write(run, 'match')}")


@source.command()
@pass_setup
def unmatched(setup: Setup) -> None:
    """List channels of sources that are none of ours yet, with samples and those they might be."""
    found, channels = setup.read(lambda uow: (use.unmatched(uow), uow.guide.channels()), "unmatched")
    names = {one.id: f"{one.number} {one.name}" for one in channels}
    for one in found:
        like = ", ".join(names[each] for each in one.suggestions if each in names)
        click.echo(f"{one.source:16} {one.told:28} {' / '.join(one.names)} ({one.rows} rows)")
        click.echo(f"{'':16} {'; '.join(one.samples[:3])}" + (f"  perhaps {like}" if like else ""))


@source.command()
@click.argument("channel", required=False)
@click.argument("name", required=False)
@click.option("--remove", "gone", metavar="NAME", help="Forget this name.")
@pass_setup
def alias(setup: Setup, channel: str | None, name: str | None, gone: str | None) -> None:
    """Let NAME mean CHANNEL in every source; without both list the names that there are."""
    if gone or name:

        def run(uow: UnitOfWork) -> None:
            if gone:
                uow.sources.remove_alias(gone)
            if name and channel:
                uow.sources.add_alias(channel_of(uow, channel).xmltv_id, name)
            uow.audit.add(setup.now(), COMMAND_LINE, "alias", "channel", channel or "", {"add": name, "remove": gone})

        setup.write(run, "alias")
    for xmltv_id, names in sorted(setup.read(lambda uow: uow.sources.aliases(), "aliases").items()):
        click.echo(f"{xmltv_id:32} {', '.join(names)}")


@source.command()
@click.argument("channel")
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option("--by-rank", is_flag=True, help="Go by the ranks of the sources again.")
@pass_setup
def order(setup: Setup, channel: str, names: tuple[str, ...], by_rank: bool) -> None:
    """Let CHANNEL believe these sources first, in this order, before all others; without names only tell the order."""
    if names and by_rank:
        raise Fault("give either sources or --by-rank")

    def change(uow: UnitOfWork) -> None:
        use.order(uow, setup.now(), COMMAND_LINE, channel_of(uow, channel).xmltv_id, names)

    if names or by_rank:
        setup.write(change, "order sources")

    def told(uow: UnitOfWork) -> tuple[tuple[str, ...], tuple[str, ...]]:
        mine = channel_of(uow, channel).xmltv_id
        return source_order.order_of(uow, mine), source_order.trust_of(uow, mine).order

    own, every = setup.read(told, "order of sources")
    for place, name in enumerate(every, 1):
        click.echo(f"{place:3} {name:20} {'set for this channel' if name in own else 'by rank'}")


def _named(uow: UnitOfWork, name: str) -> GuideSource:
    found = uow.sources.by_name(name)
    if found is None:
        raise Fault(f"there is no source {name!r}; `nanhu-tv epg source list` shows them")
    return found


for each in (rows, release, correct, ignore, take_back):
    source.add_command(each)
