"""Files that are there whole or not at all, for this user's eyes only unless told so, and outlive a power cut."""

import contextlib
import os
import tempfile
from pathlib import Path


def write_whole(target: Path, content: bytes, *, over: bool = True, mode: int = 0o600) -> None:
    """Write a file in one step, over an older one; without `over` one that is there already stays. Raises OSError."""
    handle, name = tempfile.mkstemp(prefix=".part-", dir=target.parent)  # mkstemp makes it 0600
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if over:
            part.replace(target)
        else:
            with contextlib.suppress(FileExistsError):
                target.hardlink_to(part)
    finally:
        part.unlink(missing_ok=True)
    sync(target.parent)


def sync(path: Path) -> None:
    """Make what a file holds, or which names stand in a folder, outlive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
