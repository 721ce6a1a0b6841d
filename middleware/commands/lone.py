"""One server per SQLite folder: a second one would tell boxes and close roll-calls beside the first."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from middleware.commands.faults import Fault

NAME = "serve.lock"


@contextmanager
def lone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which the kernel lets go with the process. Raises Fault when another server has it."""
    try:
        file: IO[bytes] = (folder / NAME).open("ab")
    except OSError:  # a folder of no use, which the store tells better
        yield
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Fault(
                f"another server runs on {folder}: stop it first, or choose another folder with --data"
            ) from None
        yield
