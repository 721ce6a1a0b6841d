"""`nanhu-tv message …`: texts and commands to boxes."""

from datetime import datetime, timedelta

import click

from middleware.commands.device_find import find_box
from middleware.commands.setup import Setup, pass_setup
from middleware.domain.box_events import BoxEvent, Kind
from middleware.domain.places import TOWN_ZONE
from middleware.services import box_events as use
from middleware.services.box_batches import batches
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import COMMAND_LINE

TARGET_HELP = (
    "TARGET is box:NAME or box:NAME,NAME…, village:CODE, branch:CODE, group:NAME, account:NUMBER, online (the boxes "
    "that are on now) or all."
)
MOMENTS = click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"])


@click.group(epilog=TARGET_HELP)
def message() -> None:
    """Messages and commands to boxes: send, list, cancel."""


@message.command()
@click.argument("target")
@click.argument("text", required=False, default="")
@click.option("--kind", type=click.Choice(use.KINDS), default="send_msg", show_default=True, help="What to send.")
@click.option("--channel", type=click.IntRange(1, 99_999), help="Channel number of play_channel.")
@click.option("--video", default="", help="What send_msg_with_video plays after OK, as a box writes it.")
@click.option("--ttl", type=click.IntRange(1, 43_200), help="Minutes until it is given up; else as usual for its kind.")
@click.option("--auto-hide", type=click.IntRange(0, 3600), default=0, help="Seconds shown; 0 = until OK is pressed.")
@click.option("--reboot", is_flag=True, help="Restart the box when OK was pressed.")
@click.option("--at", type=MOMENTS, help="When it is to go out, on the town's clock, up to 30 days ahead; else now.")
@pass_setup
def send(
    setup: Setup,
    target: str,
    text: str,
    kind: Kind,
    channel: int | None,
    video: str,
    ttl: int | None,
    auto_hide: int,
    reboot: bool,
    at: datetime | None,
) -> None:
    """Send TEXT or a command to TARGET, at once or when --at says."""
    goes = at.replace(tzinfo=TOWN_ZONE) if at else None

    def run(uow: UnitOfWork) -> use.Queued:
        return use.queue(
            uow,
            setup.now(),
            COMMAND_LINE,
            _target(uow, target),
            kind,
            msg=str(channel) if channel else text,
            param=video,
            ttl=timedelta(minutes=ttl) if ttl else None,
            auto_hide_s=auto_hide,
            reboot_after_ok=reboot,
            at=goes,
        )

    sent = setup.write(run, "send message")
    when = f" from {goes:%Y-%m-%d %H:%M} on" if goes else ""
    click.echo(f"Batch {sent.batch}: {kind} waits for {len(sent.devices)} box{'es' * (len(sent.devices) != 1)}{when}")


@message.command("list")
@click.option("--box", help="Only what was sent to this box.")
@pass_setup
def list_(setup: Setup, box: str | None) -> None:
    """List what was sent, newest first: how many boxes, how many got it, how many pressed OK."""
    now = setup.now()

    if box is not None:
        for event in reversed(setup.read(lambda uow: uow.box_events.listing(find_box(uow, box).id), "list messages")):
            click.echo(f"{event.created.astimezone(TOWN_ZONE):%Y-%m-%d %H:%M} {event.kind}: {_became(event, now)}")
        return
    for one in setup.read(lambda uow: batches(uow, now), "list messages"):
        at = one.goes.astimezone(TOWN_ZONE)
        counts = f"{one.boxes} boxes, {one.sent} got it" + (f", {one.confirmed} confirmed" if one.message else "")
        click.echo(f"{one.batch} {at:%Y-%m-%d %H:%M} {one.kind} by {one.sender} to {one.target}: {counts}  {one.msg}")


@message.command()
@click.argument("batch")
@pass_setup
def cancel(setup: Setup, batch: str) -> None:
    """Take back what of a batch has not been seen yet."""
    gone = setup.write(lambda uow: use.cancel(uow, setup.now(), COMMAND_LINE, batch), "cancel message")
    click.echo(f"Taken back from {gone} box{'es' * (gone != 1)}")


def _target(uow: UnitOfWork, target: str) -> str:
    scope, _, name = target.partition(":")
    if scope != "box":
        return target
    found = [str(find_box(uow, one.strip()).id) for one in name.split(",")]
    return f"device:{found[0]}" if len(found) == 1 else f"devices:{','.join(found)}"


def _became(event: BoxEvent, now: datetime) -> str:
    if event.confirmed is not None:
        return f"confirmed {event.confirmed.astimezone(TOWN_ZONE):%H:%M}"
    if event.sent is not None:
        return f"sent {event.sent.astimezone(TOWN_ZONE):%H:%M}"
    if now < event.created:
        return "planned"
    return "waits" if event.waits(now) else "expired"
