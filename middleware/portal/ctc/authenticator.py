"""The Authenticator of the CTC/CU dialects (portal-ctc.md §2): key schemes as a table, a codec, no state.

DES ignores the lowest bit of each key byte and ECB has no integrity: this tells boxes apart, it does not protect.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from attrs import field, frozen
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from middleware.domain.devices import parse_mac
from middleware.domain.errors import BadValue

SALT: Final = "99991231"
MAX_HEX: Final = 1024
MAX_USER: Final = 40
MAX_STB: Final = 50
_BLOCK: Final = 8
_PROBE: Final = 5 * _BLOCK
"""Bytes looked at first: they hold the random number and at least 29 characters of the token."""
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{16})+")
_RANDOM: Final = re.compile(rb"([0-9]{1,10})\$")
_TAILS: Final = frozenset({"CTC", "OTT", "CM"})
_KEY_BYTES: Final = 24


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _unpadded(text: str) -> str:
    """MD5 as a box maker's bug writes it: each byte in hex without its leading zero."""
    return "".join(f"{byte:x}" for byte in hashlib.md5(text.encode(), usedforsecurity=False).digest())


SCHEMES: Final[dict[str, Callable[[str, str], str]]] = {
    "des8": lambda password, _salt: password,
    "md5-24": lambda password, _salt: _md5(password)[:24].upper(),
    "md5-24-lower": lambda password, _salt: _md5(password)[:24],
    "md5-8": lambda password, _salt: _md5(password)[:8],
    "md5-8-upper": lambda password, _salt: _md5(password)[:8].upper(),
    "salted": lambda password, salt: _md5(password + salt)[:8],
    "md5-24-unpadded": lambda password, _salt: _unpadded(password)[:24].upper(),
    "salted-unpadded": lambda password, salt: _unpadded(password + salt)[:8],
}
"""What of a password is used as key text, by the name of the scheme, in the order in which they are tried."""

ENCRYPTION_TYPES: Final = {"salted": "0002", "salted-unpadded": "0002", "md5-24": "0003", "md5-24-unpadded": "0003"}
"""What a page tells the box by CTCSetConfig('EncryptionType', …) once the scheme of an account is known."""


class BadAuthenticator(ValueError):
    """It does not have the shape of an Authenticator; nothing of it is in the message."""


@frozen
class Contents:
    """What the box encrypted. `ip` is told by the box and worth nothing; `mac` is normalised, empty when it is none."""

    random: str
    token: str = field(repr=False)
    user_id: str
    stb_id: str
    ip: str
    mac: str
    tail: str


@frozen
class Opened:
    """An Authenticator that could be read: by which scheme, and what it says."""

    scheme: str
    contents: Contents


def key_of(scheme: str, password: str, salt: str = SALT) -> bytes:
    """The 24 key bytes: the scheme's text cut to 24 and padded on the right with ASCII 0.

    Up to 8 characters make the second and third key equal, which is single DES. Raises KeyError for no scheme of ours.
    """
    return SCHEMES[scheme](password, salt).encode()[:_KEY_BYTES].ljust(_KEY_BYTES, b"0")


def read_hex(text: str) -> bytes:
    """The bytes of an Authenticator in hex of either case, whole DES blocks only. Raises BadAuthenticator."""
    if len(text) > MAX_HEX or not _HEX.fullmatch(text):
        raise BadAuthenticator("an Authenticator is hex, whole blocks, at most 1024 digits")
    return bytes.fromhex(text)


def open_with(blob: bytes, password: str, tokens: Iterable[str], *, first: str = "", salt: str = SALT) -> Opened | None:
    """Decrypt with the scheme `first`, then with all others; None when no scheme finds one of `tokens` in it.

    Always all schemes are tried before it fails, so that an unknown account costs what a wrong key costs.
    """
    starts = tuple(token.encode() for token in tokens)
    for scheme in sorted(SCHEMES, key=lambda name: name != first):
        key = key_of(scheme, password, salt)
        if _probed(_decrypted(key, blob[:_PROBE]), starts):
            contents = _contents(_decrypted(key, blob))
            if contents is not None and _one_of(contents.token, starts):
                return Opened(scheme, contents)
    return None


def seal(plain: str, password: str, scheme: str, salt: str = SALT) -> str:
    """Make an Authenticator as a box does: the 8 fields in `plain` encrypted, in upper-case hex."""
    data = plain.encode()
    missing = _BLOCK - len(data) % _BLOCK
    encryptor = _cipher(key_of(scheme, password, salt)).encryptor()
    return (encryptor.update(data + bytes([missing]) * missing) + encryptor.finalize()).hex().upper()


def _cipher(key: bytes) -> "Cipher[modes.ECB]":
    return Cipher(TripleDES(key), modes.ECB())  # noqa: S305 (what boxes speak)


def _decrypted(key: bytes, blob: bytes) -> bytes:
    decryptor = _cipher(key).decryptor()
    return decryptor.update(blob) + decryptor.finalize()


def _probed(head: bytes, tokens: Sequence[bytes]) -> bool:
    """Whether the first blocks hold a random number and the start of a token."""
    random = _RANDOM.match(head)
    if random is None:
        return False
    told = head[random.end() :]
    return True in [hmac.compare_digest(told[: len(token)], token[: len(told)]) for token in tokens]


def _one_of(token: str, tokens: Sequence[bytes]) -> bool:
    return True in [hmac.compare_digest(token.encode(), one) for one in tokens]


def _contents(data: bytes) -> Contents | None:
    """The fields of a decrypted Authenticator; None for bad padding, text that is not UTF-8, or other fields."""
    missing = data[-1]
    if not 1 <= missing <= _BLOCK or data[-missing:] != bytes([missing]) * missing:
        return None
    try:
        fields = data[:-missing].decode().split("$")
    except UnicodeDecodeError:
        return None
    if len(fields) not in {7, 8} or fields[-1] not in _TAILS:
        return None
    random, token, user_id, stb_id, ip, mac = fields[:6]
    if len(user_id) > MAX_USER or len(stb_id) > MAX_STB:
        return None
    return Contents(random, token, user_id, stb_id, ip[:39], _mac(mac), fields[-1])


def _mac(told: str) -> str:
    try:
        return parse_mac(told)
    except BadValue:
        return ""
