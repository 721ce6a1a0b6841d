"""What the operator decides about boxes that come in."""

from collections.abc import Awaitable, Callable
from typing import Literal

from attrs import frozen

from middleware.services.cards import Binding

Ask = Callable[[str], Awaitable[bool]]
"""Asks billing whether it knows a card; False or any error: not (yet)."""


@frozen
class Rules:
    """`hotline` is read by viewers; `one_entry` lets only the set that came in last go on; `confirm` asks billing.

    `unknown`: what becomes of a box that nobody has entered; "login" is, on pages, a box that waits.
    """

    unknown: Literal["pending", "login", "refuse"] = "pending"
    binding: Binding = "warn"
    hotline: str = ""
    one_entry: bool = False
    confirm: Ask | None = None
