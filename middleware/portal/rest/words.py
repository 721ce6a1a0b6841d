"""Refusals of the use-cases as billing reads them: English sentences by their stable codes."""

from collections.abc import Mapping
from typing import Final

from middleware.domain.errors import DomainError

ENGLISH: Final[Mapping[str, str]] = {
    "account_taken": "The household has an account already",
    "auto_hide": "auto_hide_timeout is out of range",
    "bad_column": "column is none of the columns",
    "bad_short_title": "short_title is too long",
    "bad_subtitles": "These are no subtitles, or they are too long",
    "bad_synopsis": "synopsis is too long",
    "bad_title": "title is empty or too long",
    "balance": "account_balance is too long",
    "block_text": "The text shown while blocked is too long",
    "comment": "comment is too long",
    "disk_full": "There is no room for a film of this size",
    "ends_at": "end_date cannot be read",
    "full_name": "full_name is too long",
    "household": "Household not found",
    "identity": "Not valid identifier",
    "job_ended": "The job has ended already",
    "job_open": "The job has not failed",
    "jobs_full": "Too many films wait to be packaged",
    "kind": "Unknown event",
    "login": "login has letters, digits and @ . _ - only",
    "login_taken": "Login already in use",
    "mac": "Not valid mac address",
    "msg": "msg is empty, too long, or no channel number",
    "no_account": "Account not found",
    "no_boxes": "No box that could take it",
    "no_device": "STB not found",
    "no_part": "The film has no such part",
    "no_insert": "No insert runs or comes",
    "no_job": "Job not found",
    "no_upload": "Upload not found",
    "not_on_air": "The channel does not play out",
    "not_schedulable": "The film is not packaged for channels",
    "number": "account_number has letters, digits and @ . _ - only",
    "number_taken": "Account number already in use",
    "param": "video is missing or too long",
    "part_length": "The part has not the length that it should have",
    "part_size": "part_size is out of range, or makes too many parts",
    "parts_missing": "Parts are missing",
    "password": "password is too long",
    "phone_digits": "phone has digits only",
    "phone_empty": "phone is empty",
    "phone_foreign": "phone is no number of the mainland",
    "phone_long": "phone has too many digits",
    "phone_landline": "phone is a landline without its 11 digits",
    "phone_prefix": "phone is no mobile number",
    "phone_service": "phone is the number of a service",
    "phone_short": "phone has too few digits",
    "priority": "priority is out of range",
    "queue_full": "Too many events wait for this box",
    "sha256": "sha256 has 64 digits of a to f and 0 to 9",
    "sha256_differs": "The film that came is not the one of this sha256",
    "streams": "The number of streams is out of range",
    "subtitles": "Too many subtitles",
    "target": "STB not found",
    "tariff": "Tariff not found",
    "ttl": "ttl is out of range",
    "upload_finished": "The upload is finished already",
    "upload_size": "The film is empty or too large",
    "uploads_full": "Too many uploads are not finished",
}


def english(error: DomainError) -> str:
    """The sentence of a refusal; its code where there is none."""
    return ENGLISH.get(error.code, f"Refused: {error.code}")
