"""Encrypt finished segments as HLS does: AES-128 in CBC mode with PKCS #7 padding, one key and one IV per film.

The IV is always written into the lists: without it a player takes the media sequence number for it, and a segment has
another number in each list (RFC 8216 §5.2).
"""

from typing import Final

from attrs import frozen
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

KEY_BYTES: Final = 16


@frozen
class Lock:
    """The key of one revision and its IV, 16 random bytes each."""

    key: bytes
    iv: bytes

    def closed(self, segment: bytes) -> bytes:
        """The encrypted segment."""
        padder, encryptor = PKCS7(128).padder(), self._cipher().encryptor()
        return encryptor.update(padder.update(segment) + padder.finalize()) + encryptor.finalize()

    def opened(self, closed: bytes) -> bytes:
        """The segment again. Raises ValueError for another key or IV, or damage, as far as the padding shows it."""
        decryptor, unpadder = self._cipher().decryptor(), PKCS7(128).unpadder()
        return unpadder.update(decryptor.update(closed) + decryptor.finalize()) + unpadder.finalize()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES128(self.key), modes.CBC(self.iv))
