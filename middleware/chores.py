"""What is done now and then, one after the other: a chore that fails does not keep the others from being done."""

from collections.abc import Awaitable, Callable, Iterable

from twisted.logger import Logger

from middleware.domain.errors import StorageError

Chore = tuple[str, Callable[[], Awaitable[object]]]
"""What it is called in the log, and what does it."""
_log = Logger()


async def do_each(chores: Iterable[Chore], going: Callable[[], bool]) -> None:
    """Do all of them, as long as it goes on; what fails is logged and left to the next time."""
    for name, chore in chores:
        if not going():
            return
        try:
            await chore()
        except (StorageError, OSError) as fault:
            _log.error("{name} is left to the next time: {why}", name=name, why=str(fault) or type(fault).__name__)
        except Exception:  # noqa: BLE001 the other chores must not wait for this one to be mended
            _log.failure("{name} is left to the next time", name=name)
