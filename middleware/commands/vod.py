"""`nanhu-tv vod …`: playlists and segments looked at from outside, ours or anybody's."""

import json
from collections.abc import Sequence

import click
from attrs import asdict

from middleware.commands.vod_asking import NotReachable
from middleware.commands.vod_gathering import Gathering
from vod.check import RULES, examine
from vod.check_read import Finding

NOT_REACHABLE = 2


@click.group()
def vod() -> None:
    """Playlists and segments, looked at as a box gets them."""


@vod.command()
@click.argument("url")
@click.option(
    "--seconds", type=click.IntRange(0, 21_600), default=30, help="Seconds that live lists are watched; else 30."
)
@click.option("--bytes", "bytes_too", is_flag=True, help="Fetch the segments, too, and look into them.")
@click.option("--peer", metavar="URL", help="The same list on another node: equal bytes in each second.")
@click.option("--ahead", type=click.FloatRange(0, 18), default=0.0, help="Seconds that a channel is before the clock.")
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON.")
@click.pass_context
def check(
    ctx: click.Context, url: str, seconds: int, bytes_too: bool, peer: str | None, ahead: float, as_json: bool
) -> None:
    """Check the HLS list at URL against 47 rules; exit 0 without errors, 1 with some, 2 when it is not reachable."""
    gathering = Gathering(url)
    try:
        evidence = gathering.evidence(seconds=seconds, bytes_too=bytes_too, peer=peer, ahead_s=ahead)
    except NotReachable as fault:
        click.echo(f"Error: {fault}", err=True)
        ctx.exit(NOT_REACHABLE)
    found = examine(evidence)
    errors = sum(each.severity == "E" for each in found)
    if as_json:
        told = [asdict(each) | {"about": _about(each)} for each in found]
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _tell(found)
        lists, segments = len({each.uri for lists in evidence.rounds for each in lists}), len(evidence.sizes)
        pairs = f", {len(evidence.pairs)} pairs" if peer else ""
        click.echo(f"{lists} lists, {segments} segments{pairs}: {errors} errors, {len(found) - errors} warnings")
    ctx.exit(1 if errors else 0)


def _tell(found: Sequence[Finding]) -> None:
    for each in found:
        place = f"{each.uri}:{each.line}" if each.line else each.uri
        click.echo(f"{each.severity} {each.rule:>2}  {place}  expected {each.expected}; found {each.found}")


def _about(finding: Finding) -> str:
    rules = (rule for rule in RULES if (rule.number, rule.severity) == (finding.rule, finding.severity))
    return next((rule.about.partition(": ")[2] for rule in rules), "")
