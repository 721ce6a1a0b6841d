"""Signed addresses of films and channels: `/t/<exp>/<sig>/<class>/…`, as nginx checks them (video.md §10).

`sig` is the unpadded base64url MD5 of `<exp>/<class> KEY`: it opens everything of one class, and nothing of another,
until `exp`. All that is asked for in the same hour gets the same address, so that pages that are kept stay equal.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Final, Literal

from attrs import frozen

Prefix = Literal["t", "u"]
PREFIXES: Final[tuple[Prefix, Prefix]] = ("t", "u")
PUBLIC: Final = "pub"
HOUR_S: Final = 3600
LEAST_S: Final = 24 * HOUR_S
"""How long an address opens at least."""
_SIGNED: Final = re.compile(r"([0-9]{1,12})/([\w-]{22})/([a-z0-9]{1,16})/((?:s|v|ch|k)/.+)", re.ASCII)
_SIGNABLE: Final = re.compile(r"/(?:s|v|ch|k)/[!-~]+")
_CLASS: Final = re.compile(r"[a-z0-9]{1,16}")


@frozen
class Opened:
    """What an address leads to: below which class of the library, and the rest of its path (`v/5-1/master.m3u8`)."""

    klass: str
    rest: str


@frozen
class Refused:
    """Why an address does not open: 403 `bad_signature` or 410 `expired`."""

    status: int
    code: str


FORGED: Final = Refused(403, "bad_signature")
EXPIRED: Final = Refused(410, "expired")


def keys_of(derive: Callable[[str], bytes], generation: int) -> Mapping[str, str]:
    """The keys in use, as nginx is told them: that of this generation, and the one before under the other prefix.

    `derive` gives secret bytes for a purpose; a higher `generation` leaves yesterday's addresses open for a day.
    """
    numbers = [generation] if generation == 0 else [generation, generation - 1]
    return {PREFIXES[number % 2]: derive(f"address {number}").hex() for number in numbers}


def signature(key: str, exp: int, klass: str) -> str:
    """22 characters that only who has the key can make."""
    made = hashlib.md5(f"{exp}/{klass} {key}".encode(), usedforsecurity=False)
    return urlsafe_b64encode(made.digest()).decode().rstrip("=")


class Signer:
    """Makes addresses under the prefix of the newest key, and opens those of both; `seconds` is epoch time."""

    def __init__(self, keys: Mapping[str, str], seconds: Callable[[], float], generation: int = 0) -> None:
        self._keys = keys
        self._seconds = seconds
        self._prefix = PREFIXES[generation % 2]
        self._heads: dict[tuple[int, str], str] = {}

    def address(self, path: str, klass: str = PUBLIC) -> str:
        """The address by which boxes reach `/v/…`, `/ch/…`, `/s/…` or `/k/…`; ValueError for any other path."""
        if not _SIGNABLE.fullmatch(path):
            raise ValueError(f"{path!r} is not what is signed")
        return self._head(klass) + path

    def signed(self, url: str, klass: str = PUBLIC) -> str:
        """An address as it may leave the server: one of our own signed, any other as it is."""
        return self._head(klass) + url if _SIGNABLE.fullmatch(url) else url

    def open(self, prefix: Prefix, rest: str) -> Opened | Refused | None:
        """What `/<prefix>/<rest>` leads to; None when it is no signed address at all."""
        found = _SIGNED.fullmatch(rest)
        if found is None:
            return None
        exp, sig, klass, path = found.groups()
        key = self._keys.get(prefix)
        if key is None or not hmac.compare_digest(sig, signature(key, int(exp), klass)) or exp != str(int(exp)):
            return FORGED
        return EXPIRED if int(exp) < self._seconds() else Opened(klass, path)

    def _head(self, klass: str) -> str:
        exp = -int(-(self._seconds() + LEAST_S) // HOUR_S) * HOUR_S
        head = self._heads.get((exp, klass))
        if head is None:
            if not _CLASS.fullmatch(klass):
                raise ValueError(f"{klass!r} is no class")
            self._heads.clear()
            key = self._keys[self._prefix]
            head = self._heads[exp, klass] = f"/{self._prefix}/{exp}/{signature(key, exp, klass)}/{klass}"
        return head
