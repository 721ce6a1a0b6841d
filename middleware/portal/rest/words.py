"""Refusals of the use-cases as billing reads them: English sentences by their stable codes."""

from collections.abc import Mapping
from typing import Final

from middleware.domain.errors import DomainError

ENGLISH: Final[Mapping[str, str]] = {
    "account_taken": "The household has an account already",
    "auto_hide": "auto_hide_timeout is out of range",
    "balance": "account_balance is too long",
    "block_text": "The text shown while blocked is too long",
    "comment": "comment is too long",
    "ends_at": "end_date cannot be read",
    "full_name": "full_name is too long",
    "household": "Household not found",
    "identity": "Not valid identifier",
    "job_ended": "The job has ended already",
    "job_open": "The job has not failed",
    "kind": "Unknown event",
    "login": "login has letters, digits and @ . _ - only",
    "login_taken": "Login already in use",
    "mac": "Not valid mac address",
    "msg": "msg is empty, too long, or no channel number",
    "no_account": "Account not found",
    "no_boxes": "No box that could take it",
    "no_device": "STB not found",
    "no_insert": "No insert runs or comes",
    "no_job": "Job not found",
    "not_on_air": "The channel does not play out",
    "not_schedulable": "The film is not packaged for channels",
    "number": "account_number has letters, digits and @ . _ - only",
    "number_taken": "Account number already in use",
    "param": "video is missing or too long",
    "password": "password is too long",
    "phone_digits": "phone has digits only",
    "phone_empty": "phone is empty",
    "phone_foreign": "phone is no number of the mainland",
    "phone_long": "phone has too many digits",
    "phone_prefix": "phone is no mobile number",
    "phone_short": "phone has too few digits",
    "queue_full": "Too many events wait for this box",
    "streams": "The number of streams is out of range",
    "target": "STB not found",
    "tariff": "Tariff not found",
    "ttl": "ttl is out of range",
}


def english(error: DomainError) -> str:
    """The sentence of a refusal; its code where there is none."""
    return ENGLISH.get(error.code, f"Refused: {error.code}")
