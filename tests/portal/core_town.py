"""What the tests of the session core share: results of work that is done at once, and boxes of accounts."""

from collections.abc import Awaitable
from typing import Any, TypeVar

import attrs
from twisted.internet.defer import Deferred, ensureDeferred

from middleware.domain.accounts import Account
from middleware.domain.channels import Channel
from middleware.portal.core.core import Core
from middleware.portal.core.sessions import Session
from middleware.services import accounts, devices, guide
from tests.portal.portal_town import PortalTown

T = TypeVar("T")


def done(work: Awaitable[T]) -> T:
    """The result of something that need not wait, for the store works at once."""
    results: list[T] = []
    deferred: Deferred[Any] = work if isinstance(work, Deferred) else ensureDeferred(work)  # type: ignore[arg-type]
    deferred.addCallback(results.append)
    if not results:
        deferred.addErrback(lambda failure: failure.raiseException())
    assert results, "it waits although the store works at once"
    return results[0]


def core_of(town: PortalTown) -> Core:
    return town.portal.core


def box(town: PortalTown, home: str = "01001") -> Session:
    """What the core knows of the box of a household."""
    found = done(core_of(town).box(town.ids.boxes[home]))
    assert found is not None
    return found


def bound(town: PortalTown, token: str, home: str = "01001") -> str:
    """Log a box in with a token."""
    done(core_of(town).bind("ministra", token, town.ids.boxes[home]))
    return token


def account(town: PortalTown, *homes: str, streams: int = 0, **fields: Any) -> Account:
    """An account for the boxes of some households."""
    made: Account = town.write(
        lambda uow: accounts.add(uow, town.now(), "test", Account(0, f"n{'-'.join(homes)}", streams=streams, **fields))
    )
    for home in homes:
        town.write(lambda uow, home=home: accounts.tie(uow, town.now(), "test", town.ids.boxes[home], made.id))
    return made


def block(town: PortalTown, home: str = "01001") -> None:
    town.write(lambda uow: devices.set_state(uow, town.now(), "test", town.ids.boxes[home], "blocked"))


def change_channel(town: PortalTown, at: int = 0, **fields: Any) -> Channel:
    """Write a channel of the town, as the command line does."""
    before = town.write(lambda uow: uow.guide.channel(town.ids.channels[at]))
    town.write(lambda uow: guide.change_channel(uow, attrs.evolve(before, **fields)))
    changed: Channel = town.write(lambda uow: uow.guide.channel(town.ids.channels[at]))
    return changed
