"""AES-128 as HLS has it (RFC 8216 §4.3.2.4), for the checker: a segment with the key and IV that its list states."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7


class NotDecrypted(ValueError):
    """The key or the bytes are of no use together."""


def decrypted(data: bytes, key: bytes, iv: str) -> bytes:
    """A whole segment in clear; `iv` as a KEY tag writes it. Raises NotDecrypted."""
    try:
        reader = Cipher(algorithms.AES128(key), modes.CBC(bytes.fromhex(iv[2:]))).decryptor()
        padded = reader.update(data) + reader.finalize()
        padding = PKCS7(128).unpadder()
        return padding.update(padded) + padding.finalize()
    except ValueError as exc:
        raise NotDecrypted(str(exc)) from exc
