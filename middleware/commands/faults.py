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
    "about": "what is said about it has up to 200 characters",
    "addresses": "a network is written as 10.0.0.0/8, and 32 of them are the most",
    "already": "this member has signed in already",
    "already_open": "a roll-call is open or planned there already for this time; see `nanhu-tv rollcall show`",
    "as_run": "what was on air has a title and ends within 24 hours of its start; only the newest line is corrected",
    "at": "a message is planned up to 30 days ahead",
    "auto_hide": "a message hides by itself after 0 to 3600 seconds",
    "bad_address": "a source begins with http, https, udp, rtp, rtmp(s) or srt",
    "bad_class": "a class of films has 1 to 16 small letters and digits",
    "bad_column": "there is no such column; films go into style, stones, films, window or channel",
    "bad_episode": "seasons and episodes count from 1, and each is there once",
    "bad_keywords": "up to 20 keywords of up to 20 characters",
    "bad_language": "a language is a code such as zh or en, each once",
    "bad_name": "the name of a relay source has letters, digits, Chinese characters, - and _; 40 at most",
    "bad_short_title": "the short title has more than 8 characters",
    "bad_slate": "a slate is a film packaged for the channel (`asset add --channel`), in segments of exactly 6 seconds",
    "bad_subtitles": "subtitles are SRT, VTT or ASS files of up to 2 MiB in UTF-8 or GB18030",
    "bad_synopsis": "the synopsis has more than 300 characters",
    "bad_title": "the title must have 1 to 40 characters",
    "bad_window": "a film must go on its shelf before it leaves it",
    "bad_year": "a year lies between 1900 and 2200",
    "balance": "a balance has up to 32 characters",
    "block_text": "what blocked televisions say has up to 200 characters",
    "boards": "there is no such board",
    "channel": "an address of the channel is too long, or more hours are kept than can be",
    "channel_number": "another channel has this number",
    "channels": "there is no such channel",
    "closed": "the roll-call is closed and cannot be extended",
    "code": "the code is wrong: of a box all digits are needed; of a package letters, digits and . _ - only",
    "code_taken": "there is a package or tariff with this code already",
    "columns": "which field each column is cannot be read",
    "comment": "a comment has up to 500 characters",
    "device_faults": "the sheet has faults, nothing was imported",
    "devices_moved": "somebody changed the boxes meanwhile; try again",
    "disk_full": "the disk is full or too small for this film: free some space and try again",
    "duplicate": "this film was added before",
    "empty": "the day has no programmes yet",
    "empty_roll": "nobody is expected there: the register has no active member of this place",
    "encode_failed": "ffmpeg could not encode this film",
    "encrypted": "the film is encrypted",
    "ends_at": "the end of service needs a time zone",
    "extend": "give a number of minutes above 0; a roll-call lasts 24 hours at most",
    "file_bomb": "the spreadsheet is too large once unpacked",
    "file_damaged": "the spreadsheet cannot be opened; save it anew in a spreadsheet program",
    "file_entities": "the spreadsheet holds XML entities; save it anew in a spreadsheet program",
    "file_head": "the spreadsheet has no head row; `roster export` and `device export` show which columns there are",
    "file_kind": "the file is an old or encrypted Excel file; save it as .xlsx",
    "file_macros": "spreadsheets with macros are not accepted",
    "file_quotes": "the quotation marks of the CSV file do not match",
    "file_rows": "the spreadsheet has too many rows; split it",
    "file_size": "the spreadsheet is too large; split it",
    "file_text": "the text of the file cannot be read; save it as .xlsx or as CSV in UTF-8",
    "file_twice": "a column stands in the spreadsheet twice",
    "findings": "the day has errors; `nanhu-tv epg check` lists them",
    "full_name": "the name of a customer has up to 64 characters",
    "genre": "there is no such genre, or its title is missing or too long",
    "grants": "an account has roles on up to 200 channels",
    "group": "a group has up to 32 characters",
    "guide_moved": "the guide has changed meanwhile; look at the differences again",
    "household": "there is no such household",
    "identity": "numbers of a box have letters, digits and @ . _ - only, 64 at most",
    "in_use": "this film is on air, fills gaps, or may still be asked for as catch-up: `asset uses` tells where",
    "job_ended": "this job has ended already",
    "job_open": "only a job that failed, was refused or cancelled can be tried again",
    "job_waits": "this file waits or is worked on already",
    "jobs_full": "too many films wait; try again later",
    "key_changes": "too many changes of keys are in force: undo some",
    "kind": "there is no such kind of message",
    "late": "the time after which a sign-in is late must lie inside the window",
    "link": "the address is too long, or the channel has too many links",
    "login": "a login has small letters, digits, dot, underscore and hyphen; 32 characters at most",
    "login_taken": "this login is taken",
    "mac": "a MAC address has 12 hexadecimal digits",
    "msg": "a message has 1 to 1000 characters, a channel number 1 to 5 digits",
    "name": "a name is missing or too long",
    "no_account": "there is no account with this login or number",
    "no_api_user": "there is no such API login",
    "no_batch": "there is no such batch; `nanhu-tv message list` shows them",
    "no_boxes": "there is no box that could be sent this",
    "no_branch": "there is no such branch",
    "no_channel": "there is no such channel",
    "no_device": "there is no such box",
    "no_grant": "the account has no such role on this channel",
    "no_household": "there is no such household",
    "no_id_left": "no event ids are left on this channel: send fewer days",
    "no_insert": "no insert is on air, and none comes next",
    "no_job": "there is no such job; `nanhu-tv asset jobs` lists them",
    "no_key_change": "there is no such change of keys; `nanhu-tv keys list` shows them",
    "no_line": "there is no such line of what was on air near that time",
    "no_network": "there is no such network; `nanhu-tv si list` shows them",
    "no_package": "there is no such package",
    "no_place": "there is no such village or branch; `nanhu-tv roster export` lists them",
    "no_plan": "nobody has begun this day; `nanhu-tv epg day CHANNEL DATE --begin` drafts it",
    "no_report": "nothing of this source has been imported yet",
    "no_right": "this account has no right to do that on this channel; see `nanhu-tv staff grant LOGIN`",
    "no_rollcall": "there is no such roll-call",
    "no_row": "the last import has no such row; `nanhu-tv epg source rows` lists them",
    "no_series": "there is no such series",
    "no_snapshot": "there is no such snapshot; `nanhu-tv epg snapshots` lists those that are kept",
    "no_source": "there is no such source; `nanhu-tv epg source list` shows them",
    "no_step": "there is nothing to undo, or to do again",
    "no_video": "the file holds no picture",
    "no_village": "there is no such village",
    "not_approved": "the day is not approved yet",
    "not_draft": "the day is submitted or approved: return or reopen it first",
    "not_empty": "this data folder holds a real town; give another one with --data",
    "not_for_channel": "the town channel plays this film: the new file must be packaged for it too",
    "not_found": "there is nothing with this number",
    "not_media": "the file is not a video",
    "not_on_air": "this channel does not play out; `nanhu-tv channel air on` makes it, and a server must be running",
    "not_schedulable": "there is no film with this number that was packaged for the channel (`asset add --channel`)",
    "not_submitted": "the day is not submitted",
    "not_thrown_away": "this film was not thrown away",
    "note": "a note has up to 200 characters",
    "number": "an account number has letters, digits and @ . _ - only, 64 at most",
    "number_taken": "there is an account with this number already",
    "own_day": "nobody signs his own day, or twice; say who does with --as",
    "param": "what is played after OK is missing or too long",
    "password": "staff: 8 to 128 characters, not the login in it, four different ones; customers: up to 64",
    "past": "what has been on air or is on stays as it is; break in instead",
    "phone_digits": "a phone number has digits only",
    "phone_empty": "the phone number is empty",
    "phone_foreign": "only numbers of mainland China are taken",
    "phone_landline": "a landline with its area code has 11 digits",
    "phone_long": "the phone number has too many digits",
    "phone_prefix": "a mobile number begins with 13 to 19",
    "phone_service": "this is the number of a service, which calls nobody back",
    "phone_short": "the phone number has too few digits",
    "pin": "this field cannot be set like this",
    "place": "there is no such village, branch or office",
    "plan_begun": "somebody has begun this day; --again drafts it anew",
    "plan_empty": "there is no plan for these days",
    "plan_finding": "this finding has changed; look at the new list",
    "plan_items": "a day has up to 6000 programmes, each with an identity of its own",
    "plan_locked": "items that are locked stay where they are",
    "plan_other_day": "what would be mended lies in another day; mend it there",
    "priority": "a priority is 0 to 9",
    "plan_outside": "something does not start on this day: put it on the day on which it starts",
    "queue_full": "too many messages wait for this box",
    "reason": "a reason is missing or too long",
    "rights": "rights are read, write and messages",
    "role": "roles on channels are for accounts of role office or editor",
    "roster_faults": "the roster has faults, nothing was imported",
    "roster_moved": "somebody changed the register meanwhile; try again",
    "row_many": "too many rows of this source are decided already",
    "row_unfit": "a row needs a channel and a title of up to 200 characters, and ends within 24 hours of its start",
    "source_minutes": "a source is fetched every 5 minutes to every 7 days",
    "source_name": "a source has a name of up to 40 characters",
    "source_url": "the address of a source begins with http:// or https://",
    "stalled": "ffmpeg made no progress and was ended",
    "streams": "pictures at once are 0 to 100",
    "subtitles": "a film has up to 8 kinds of subtitles",
    "target": "give a target that there is: a box, village, branch, group, account, tariff, or all",
    "tariff": "there is no such tariff",
    "taught": "these keys cannot be taught",
    "time_limit": "ffmpeg took too long and was ended",
    "title": "a title must have 1 to 40 characters",
    "too_large": "the file or its picture is too large",
    "too_long": "the film is too long",
    "too_many": "there are too many of these already",
    "too_many_streams": "the file holds too many streams",
    "tool_missing": "ffmpeg is not installed; on Debian type: sudo apt-get install ffmpeg",
    "truncated": "the film is incomplete or damaged",
    "ttl": "a message lives up to 30 days",
    "unsupported_codec": "the film's codec is not supported; convert it to H.264",
    "verify_failed": "the packaged film broke a rule and was not added",
    "window": "a roll-call lasts 15 minutes to 24 hours",
    "withdrawn": "this film has been withdrawn already",
    "xmltv_id": "a name in guides looks like a domain, such as news.nanhu.example.cn",
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


def cannot_listen(host: str, port: int, reason: str = "", advice: str = "choose one with --port") -> Fault:
    """The line for an address that cannot be had; without a reason another program has it."""
    if reason:
        return Fault(f"cannot listen on {host}:{port}: {reason}")
    return Fault(f"port {port} on {host} is in use by another program: {advice}")


def _with_detail(line: str, detail: str) -> str:
    words = re.sub(r"\[[^]]* @ 0x[0-9a-f]+\] ?", "", " ".join(detail.split()))
    return f"{line} ({words[-160:]})" if words else line


def _of_system(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return "no space left on the disk: free some and try again"
    where = f": {error.filename}" if error.filename else ""
    return f"{error.strerror or error}{where}"
