"""Who may see and do what: the roles behind each group of pages, for the menu and for the door alike."""

from typing import Final

ROLLCALL: Final = ("admin", "office", "cadre")
"""Roll-calls and the members; a cadre sees his own branch and village there."""

ROSTER: Final = ("admin", "office")
DEVICES: Final = ("admin", "operator")
PLAN: Final = ("admin", "office", "editor")
"""Schedules; a day is signed by others than its editor."""

PLAN_SIGN: Final = ("admin", "office")
HELD: Final = ("office", "editor")
"""Who can be held to single channels (domain/plan_rights.py)."""

NETWORKS: Final = ("admin", "operator")
"""Service information of head-ends."""

ACCOUNTS: Final = ("admin",)
