"""What a box of the Chinese telecoms proves itself with: eight fields, enciphered under a key made of its password."""

import hashlib
import warnings

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.padding import PKCS7

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES

SCHEMES = ("des8", "md5-24", "md5-24-lower", "md5-8", "md5-8-upper", "salted", "md5-24-unpadded", "salted-unpadded")
TOLD = {"0002": "salted", "0003": "md5-24"}
"""What a page's EncryptionType asks for; anything else is the plain password."""


def plain(
    random: str, token: str, user: str, serial: str, address: str, mac: str, *, reserved: str = "", tail: str = "CTC"
) -> str:
    """The eight fields; China Mobile's tail CM follows the MAC at once, so that there are seven."""
    ends = ("CM",) if tail == "CM" else (reserved, tail)
    return "$".join((random, token, user, serial, address, mac, *ends))


def key(scheme: str, password: str, salt: str = "99991231") -> str:
    """The 24 characters that are the key of 3DES."""
    digest = hashlib.md5(password.encode(), usedforsecurity=False)
    salted = hashlib.md5((password + salt).encode(), usedforsecurity=False)
    made = {
        "des8": password,
        "md5-24": digest.hexdigest().upper(),
        "md5-24-lower": digest.hexdigest(),
        "md5-8": digest.hexdigest()[:8],
        "md5-8-upper": digest.hexdigest()[:8].upper(),
        "salted": salted.hexdigest()[:8],
        "md5-24-unpadded": _unpadded(digest.digest()).upper(),
        "salted-unpadded": _unpadded(salted.digest())[:8],
    }[scheme]
    return made[:24].ljust(24, "0")


def _unpadded(digest: bytes) -> str:
    """Hex as one maker's boxes write it: 0x0A is a single `a`."""
    return "".join(f"{byte:x}" for byte in digest)


def encipher(text: str, key24: str) -> str:
    """The Authenticator: 3DES, ECB, PKCS#7, upper-case hex."""
    padder = PKCS7(64).padder()
    padded = padder.update(text.encode()) + padder.finalize()
    cipher = Cipher(TripleDES(key24.encode()), modes.ECB()).encryptor()
    return (cipher.update(padded) + cipher.finalize()).hex().upper()
