"""Words that commands of the guide share: a channel, a day, the moment that `--at` names."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final

import click

from epg.times import SHANGHAI
from middleware.commands.faults import Fault
from middleware.commands.setup import Setup
from middleware.domain.channels import Channel
from middleware.services.ports import UnitOfWork

DAY: Final = click.DateTime(["%Y-%m-%d", "%Y%m%d"])


def at_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--at`: the clock of a command."""
    return click.option("--at", type=click.DateTime(), help="Moment (UTC) that counts as now.")(command)


def moment(setup: Setup, at: datetime | None) -> datetime:
    """Now, or what `--at` says."""
    return at.replace(tzinfo=UTC) if at else setup.now()


def channel_of(uow: UnitOfWork, word: str) -> Channel:
    """The channel with this number, name in guides, or name. Raises Fault."""
    found = next((one for one in uow.guide.channels() if word in {str(one.number), one.xmltv_id, one.name}), None)
    if found is None:
        raise Fault(f"there is no channel {word!r}; `nanhu-tv channel list` shows them")
    return found


def clock(at: datetime, day: date) -> str:
    """A time of a broadcast day in the town; after its midnight with the date."""
    local = at.astimezone(SHANGHAI)
    return f"{local:%H:%M:%S}" if local.date() == day else f"{local:%m-%d %H:%M:%S}"
