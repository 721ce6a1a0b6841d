"""What the operator decides about the dialects of CTC and CU boxes."""

from collections.abc import Callable
from typing import Final

from attrs import field, frozen

from middleware.portal.ctc.authenticator import SALT

SKINS: Final = ("liveplay_30", "defaulttrans2", "gdhdpublic", "VSP", "StbEpg2023Group", "xagqftkdb", "iptvsnmv3")


@frozen
class Settings:
    """`key` signs what a box carries from here to our pages. Without hosts and ports those of the request are told.

    `strict` refuses a box that is not the one bound to its account; else it is let in, and logged.
    """

    key: bytes = field(repr=False)
    epg_host: str = ""
    epg_port: int = 0
    zte_port: int = 0
    salt: str = SALT
    skins: tuple[str, ...] = SKINS
    frame: str = "frame205"
    strict: bool = False
    hotline: str = ""
    public_url: str = ""
    sign: Callable[[str], str] = lambda path: path
    """Makes of the path of a channel of ours the one by which it opens."""
