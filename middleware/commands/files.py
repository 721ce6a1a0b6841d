"""Files that commands write: the kind by the name, whole or not at all, for this user's eyes only."""

from pathlib import Path

from middleware.commands.faults import Fault
from middleware.services.spreadsheet import Kind
from middleware.storage.faults import folder_faults
from middleware.whole import write_whole


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
        write_whole(file, content)
