"""Files that commands write: the kind by the name, whole or not at all, for this user's eyes only."""

import os
import tempfile
from pathlib import Path

from middleware.commands.faults import Fault
from middleware.services.spreadsheet import Kind
from middleware.storage.faults import folder_faults


def kind_of(file: Path) -> Kind:
    """The kind of spreadsheet that a name asks for. Raises Fault."""
    match file.suffix.lower():
        case ".xlsx":
            return "xlsx"
        case ".csv":
            return "csv"
        case _:
            raise Fault(f"{file.name} should end in .xlsx or .csv")


def write_file(file: Path, content: bytes) -> None:
    """Write a file in one step, over an older one. Raises StorageError, OSError."""
    with folder_faults(file.parent):
        handle, part = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)  # mkstemp makes it 0600
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            Path(part).replace(file)
        finally:
            Path(part).unlink(missing_ok=True)
