"""Every fault that a command can meet, as one English line for the operator."""

import errno
import re
from collections.abc import Mapping
from typing import IO, Any

import click

from middleware.config import BadConfig
from middleware.domain.errors import DomainError, StorageError
from vod.errors import VodError

ENGLISH: Mapping[str, str] = {
    "already": "this member has signed in already",
    "already_open": "a roll-call is open or planned there already for this time; see `nanhu-tv rollcall show`",
    "bad_column": "there is no such column; films go into style, stones, films, window or channel",
    "bad_short_title": "the short title has more than 8 characters",
    "bad_synopsis": "the synopsis has more than 300 characters",
    "bad_title": "the title must have 1 to 40 characters",
    "channel_number": "another channel has this number",
    "closed": "the roll-call is closed and cannot be extended",
    "disk_full": "the disk is full or too small for this film: free some space and try again",
    "duplicate": "this film was added before",
    "empty_roll": "nobody is expected there: the register has no active member of this place",
    "encode_failed": "ffmpeg could not encode this film",
    "encrypted": "the film is encrypted",
    "extend": "give a number of minutes above 0; a roll-call lasts 24 hours at most",
    "file_bomb": "the spreadsheet is too large once unpacked",
    "file_damaged": "the spreadsheet cannot be opened; save it anew in a spreadsheet program",
    "file_entities": "the spreadsheet holds XML entities; save it anew in a spreadsheet program",
    "file_head": "the spreadsheet has no head row; `nanhu-tv roster export` shows which columns there are",
    "file_kind": "the file is an old or encrypted Excel file; save it as .xlsx",
    "file_macros": "spreadsheets with macros are not accepted",
    "file_quotes": "the quotation marks of the CSV file do not match",
    "file_rows": "the spreadsheet has too many rows; split it",
    "file_size": "the spreadsheet is too large; split it",
    "file_text": "the text of the file cannot be read; save it as .xlsx or as CSV in UTF-8",
    "file_twice": "a column stands in the spreadsheet twice",
    "late": "the time after which a sign-in is late must lie inside the window",
    "login": "a login has up to 32 characters: small letters, digits, dot, underscore, hyphen",
    "login_taken": "there is an account with this login already",
    "mac": "a MAC address has 12 hexadecimal digits",
    "name": "a name has 1 to 32 characters",
    "no_account": "there is no account with this login",
    "no_device": "there is no such box",
    "no_household": "there is no such household",
    "no_place": "there is no such village or branch; `nanhu-tv roster export` lists them",
    "no_rollcall": "there is no such roll-call",
    "no_video": "the file holds no picture",
    "not_empty": "this data folder holds a real town; give another one with --data",
    "not_found": "there is nothing with this number",
    "not_media": "the file is not a video",
    "password": "a password has 8 to 128 characters, not the login in it, and more than three different ones",
    "place": "there is no such village, branch or office",
    "roster_faults": "the roster has faults, nothing was imported",
    "roster_moved": "somebody changed the register meanwhile; try again",
    "stalled": "ffmpeg made no progress and was ended",
    "time_limit": "ffmpeg took too long and was ended",
    "title": "a title must have 1 to 40 characters",
    "too_large": "the file or its picture is too large",
    "too_long": "the film is too long",
    "too_many_streams": "the file holds too many streams",
    "tool_missing": "ffmpeg is not installed; on Debian type: sudo apt-get install ffmpeg",
    "truncated": "the film is incomplete or damaged",
    "unsupported_codec": "the film's codec is not supported; convert it to H.264",
    "verify_failed": "the packaged film broke a rule and was not added",
    "window": "a roll-call lasts 15 minutes to 24 hours",
    "withdrawn": "this film has been withdrawn already",
}
"""What the refusals of the domain mean to an operator, by their code."""


class Fault(click.ClickException):
    """Ends the command with exit code 1 and a line on stderr, without a traceback."""

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"nanhu-tv: {self.message}", file=file, err=file is None)


def fault_of(error: Exception) -> Fault | None:
    """The line of an error that an operator can do something about; None for a fault of the program."""
    match error:
        case StorageError() | BadConfig():
            return Fault(str(error))
        case DomainError():
            return Fault(ENGLISH.get(error.code) or str(error))
        case VodError():
            return Fault(_with_detail(ENGLISH.get(error.code, error.code), error.detail))
        case BrokenPipeError():
            return None  # Who reads has seen enough, as `| head` has; click ends quietly.
        case OSError():
            return Fault(_of_system(error))
        case _:
            return None


def cannot_listen(host: str, port: int, reason: str = "") -> Fault:
    """The line for an address that cannot be had; without a reason another program has it."""
    if reason:
        return Fault(f"cannot listen on {host}:{port}: {reason}")
    return Fault(f"port {port} on {host} is in use by another program: choose one with --port")


def _with_detail(line: str, detail: str) -> str:
    words = re.sub(r"\[[^]]* @ 0x[0-9a-f]+\] ?", "", " ".join(detail.split()))
    return f"{line} ({words[-160:]})" if words else line


def _of_system(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return "no space left on the disk: free some and try again"
    where = f": {error.filename}" if error.filename else ""
    return f"{error.strerror or error}{where}"
