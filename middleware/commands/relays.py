"""`nanhu-tv relay …`: where pictures come from that an own channel takes over."""

import json

import click

from middleware.commands.faults import Fault
from middleware.commands.packaging import run_to_end
from middleware.commands.setup import Setup, pass_setup
from middleware.services import relays as use
from middleware.services.relays import Source
from middleware.services.rollcall_reach import COMMAND_LINE
from vod import ffmpeg_args, probe
from vod.errors import Refused
from vod.runner import Finished, Limits, ToolFailed, run


@click.group()
def relay() -> None:
    """Sources that an own channel can take over at planned times: add, list, remove, try."""


@relay.command()
@click.argument("name")
@click.argument("address")
@pass_setup
def add(setup: Setup, name: str, address: str) -> None:
    """Keep ADDRESS (http, https, udp, rtp, rtmp or srt) under NAME, by which editors choose it in a plan.

    With the host 0.0.0.0 the server waits for an encoder that sends to it: srt://0.0.0.0:9000?passphrase=…,
    rtmp://0.0.0.0:1935/live/key.
    """
    source = Source(name, address)
    setup.write(lambda uow: use.put_source(uow, setup.now(), COMMAND_LINE, source), "save relay source")
    click.echo(f"Relay source {name} is kept; try it with: nanhu-tv relay try {name}")


@relay.command("list")
@pass_setup
def list_(setup: Setup) -> None:
    """List every source with its address."""
    for each in setup.read(use.sources, "list relay sources"):
        click.echo(f"{each.name}  {each.address}")


@relay.command()
@click.argument("name")
@pass_setup
def remove(setup: Setup, name: str) -> None:
    """Forget a source; programmes that were to take it show fillers."""
    setup.write(lambda uow: use.remove_source(uow, setup.now(), COMMAND_LINE, name), "remove relay source")
    click.echo(f"Removed relay source {name}")


@relay.command("try")
@click.argument("name")
@pass_setup
def try_(setup: Setup, name: str) -> None:
    """Say what a source sends at this moment."""
    found = next((one for one in setup.read(use.sources, "relay source") if one.name == name), None)
    if found is None:
        raise Fault(f"there is no relay source {name}; see: nanhu-tv relay list")
    reactor = setup.reactor()
    limits = Limits(seconds=30, cpu_s=20, file_size=1 << 20)
    args = ffmpeg_args.source_args(found.address)

    async def looked() -> Finished:
        return await run(reactor, "ffprobe", args, limits=limits, online=True)

    try:
        report = run_to_end(reactor, looked)
        seen = probe.admit(report.stdout)
    except (ToolFailed, Refused) as fault:
        why = " ".join(str(fault).split())[-200:]
        raise Fault(f"relay source {name} sends nothing that can be shown: {why}") from fault
    streams = json.loads(report.stdout).get("streams", ())
    codecs = ", ".join(str(one.get("codec_name")) for one in streams)
    click.echo(
        f"{name}: {seen.width}x{seen.height}, {'with' if seen.sound is not None else 'without'} sound ({codecs})"
    )
