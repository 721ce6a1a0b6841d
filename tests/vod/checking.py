"""The rules of `vod check` on lists that a test has at hand, without fetching."""

from collections.abc import Mapping, Sequence
from typing import Any

from vod.check import RULES, Evidence, Subject, examine
from vod.check_read import Finding, read
from vod.check_time import History
from vod.check_variants import Variants


def check(data: bytes, uri: str = "") -> list[Finding]:
    """All broken rules of one list by itself."""
    playlist = read(data, uri)
    return examine(Evidence(master=playlist) if playlist.is_master else Evidence(rounds=((playlist,),)))


def check_variants(lists: Mapping[str, bytes], master: bytes | None = None) -> list[Finding]:
    """Rules across the media lists of one master, by their addresses."""
    gathered = Variants(read(master) if master else None, tuple(read(data, uri) for uri, data in lists.items()))
    return _applied("variants", gathered)


def check_history(polls: Sequence[tuple[int, bytes]], uri: str = "", *, ahead_s: float = 0.0) -> list[Finding]:
    """Rules over time of one live list: instants in ms since 1970, and what was fetched then."""
    return _applied("history", History(uri, tuple(read(data, uri, at) for at, data in polls), ahead_s))


def _applied(subject: Subject, value: Any) -> list[Finding]:
    rules = (rule for rule in RULES if rule.subject == subject)
    return [Finding(rule.number, rule.severity, *fault) for rule in rules for fault in rule.find(value)]
