"""Keys: phone numbers sealed at rest, their digests for look-up, and what signs sessions and addresses."""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping
from pathlib import Path

import attrs
from attrs import frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, select

from middleware.domain.errors import KeyMissing
from middleware.storage.faults import folder_faults
from middleware.storage.sql import insert
from middleware.storage.tables import settings
from middleware.whole import write_whole

KEY_FILE = "secret.key"
_HEADER = "# nanhu-tv: without this file no stored phone number can be read. Keep a copy apart from the database.\n"
_KEY_BYTES = 32
KEY_ID_BYTES = 4
_NONCE_BYTES = 12  # AES-GCM's own length, NIST SP 800-38D §5.2.1.1


@frozen
class Vault:
    """The keys of one installation, by an id made from their bytes; new text is sealed with the `current` one."""

    keys: Mapping[str, bytes] = attrs.field(repr=False)
    current: str
    root: bytes = attrs.field(repr=False)
    path: Path | None = None

    @classmethod
    def generate(cls) -> "Vault":
        """Make new keys that are nowhere on disk yet."""
        key = os.urandom(_KEY_BYTES)
        return cls({_key_id(key): key}, _key_id(key), os.urandom(_KEY_BYTES))

    @classmethod
    def load(cls, data: Path) -> "Vault":
        """Read DATA/secret.key; raises KeyMissing when it is not there or not whole."""
        path = data / KEY_FILE
        try:
            keys, root = _parse(path.read_text(encoding="ascii"))
        except FileNotFoundError:
            raise KeyMissing(f"{path} is missing; put the key file of this database back from its copy") from None
        except (ValueError, binascii.Error):
            raise KeyMissing(f"{path} is not a whole key file; put it back from its copy") from None
        return cls(keys, list(keys)[-1], root, path)

    @classmethod
    def create(cls, data: Path) -> "Vault":
        """Read DATA/secret.key, or make it (mode 0600) when it is not there yet."""
        path = data / KEY_FILE
        if not path.exists():
            with folder_faults(data):
                data.mkdir(parents=True, exist_ok=True)
                _write(attrs.evolve(cls.generate(), path=path), replace=False)
        return cls.load(data)

    def with_new_key(self) -> "Vault":
        """Add a key and make it current; on disk before this returns when the vault has a file."""
        key = os.urandom(_KEY_BYTES)
        grown = attrs.evolve(self, keys={**self.keys, _key_id(key): key}, current=_key_id(key))
        return grown.saved()

    def only(self, key_id: str) -> "Vault":
        """Forget all other keys: what only they can open, such as an old backup, stays closed for good."""
        return attrs.evolve(self, keys={key_id: self.keys[key_id]}, current=key_id).saved()

    def saved(self) -> "Vault":
        """Write the key file anew, when there is one."""
        if self.path is not None:
            with folder_faults(self.path.parent):
                _write(self, replace=True)
        return self

    def using(self, key_id: str) -> "Vault":
        """The same keys with another one current. Raises KeyMissing."""
        return self if key_id == self.current else attrs.evolve(self.knowing(key_id), current=key_id)

    def knowing(self, key_id: str) -> "Vault":
        """Hold this key too: reads the file again for one that a rotation has added since. Raises KeyMissing."""
        if key_id in self.keys:
            return self
        fresh = self if self.path is None else Vault.load(self.path.parent)
        if key_id not in fresh.keys:
            where = self.path or KEY_FILE
            raise KeyMissing(f"{where} does not hold key {key_id} of this database; put the right key file back")
        return attrs.evolve(self, keys={**self.keys, **fresh.keys})

    def seal(self, text: str) -> bytes:
        """Encrypt with the current key (AES-256-GCM): key id, nonce, ciphertext and tag."""
        nonce = os.urandom(_NONCE_BYTES)
        name = bytes.fromhex(self.current)
        return name + nonce + self._cipher(self.current).encrypt(nonce, text.encode(), name)

    def open(self, sealed: bytes) -> str:
        """Decrypt what any of the keys sealed; raises KeyMissing when none did."""
        name, nonce, body = (
            sealed[:KEY_ID_BYTES],
            sealed[KEY_ID_BYTES:][:_NONCE_BYTES],
            sealed[KEY_ID_BYTES + _NONCE_BYTES :],
        )
        try:
            return self.knowing(name.hex())._cipher(name.hex()).decrypt(nonce, body, name).decode()  # noqa: SLF001 - same class
        except InvalidTag:
            raise KeyMissing(f"a sealed value does not open with key {name.hex()}: it was changed") from None

    def digest(self, text: str) -> bytes:
        """Keyed digest (HMAC-SHA-256) by which a number is found without opening any."""
        return hmac.digest(_derive(self.keys[self.current], "digest"), text.encode(), "sha256")

    def signing_key(self, purpose: str) -> bytes:
        """32 bytes for one purpose ("session", "url"); the same in every process and after every rotation."""
        return _derive(self.root, f"sign {purpose}")

    def _cipher(self, key_id: str) -> AESGCM:
        return AESGCM(_derive(self.keys[key_id], "seal"))


class Sealer:
    """The vault inside one transaction: the database, not the file, says which key is current.

    So a rotation by another process takes effect at the next transaction, and one that crashed changes nothing.
    """

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault
        self._known = False
        self._locked = False

    def seal(self, text: str) -> bytes:
        """Seal with the database's key, which no rotation can change before this transaction ends."""
        if not self._locked:
            self._settle(lock=True)
        return self._vault.seal(text)

    def open(self, sealed: bytes | None) -> str:
        """Open a stored value; nothing stored is the empty text."""
        if sealed is None:
            return ""
        self._vault = self._vault.knowing(sealed[:KEY_ID_BYTES].hex())
        return self._vault.open(sealed)

    @property
    def vault(self) -> Vault:
        """The vault with the keys that this transaction had to read from the file."""
        return self._vault

    def moved(self) -> bool:
        """Whether a rotation has ended since the last digest: what was not found must be looked for again."""
        before = self._vault.current
        self._settle(lock=False)
        return self._vault.current != before

    def digest(self, text: str) -> bytes:
        """Digest with the database's key."""
        if not self._known:
            self._settle(lock=False)
        return self._vault.digest(text)

    def _settle(self, *, lock: bool) -> None:
        found = stored_key(self._connection, lock=lock)
        if found:
            self._vault = self._vault.using(found)
        self._known = True
        self._locked = self._locked or lock


def stored_key(connection: Connection, *, lock: bool = False, alone: bool = False) -> str:
    """The id of the key this database is sealed with, empty before the first upgrade gave it one."""
    query = select(settings.c.value).where(settings.c.scope == "system", settings.c.key == "vault")
    if lock:
        query = query.with_for_update(read=not alone)  # SQLite has one writer and compiles this to nothing
    return str(connection.execute(query).scalar() or "")


def store_key(connection: Connection, key_id: str) -> None:
    """Say with which key this database is sealed from this transaction on."""
    _put(connection, "vault", key_id)


def next_key(connection: Connection) -> str:
    """The id of the key that a rotation is sealing with, empty when none is under way."""
    query = select(settings.c.value).where(settings.c.scope == "system", settings.c.key == "vault_next")
    return str(connection.execute(query).scalar() or "")


def store_next_key(connection: Connection, key_id: str) -> None:
    """Say with which key a rotation seals, or with an empty id that it is over."""
    _put(connection, "vault_next", key_id)


def _put(connection: Connection, key: str, value: str) -> None:
    statement = insert(connection, settings).values(scope="system", key=key, value=value)
    newer = {"value": statement.excluded.value}
    connection.execute(statement.on_conflict_do_update(index_elements=["scope", "key"], set_=newer))


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"nanhu-tv key id" + key).digest()[:KEY_ID_BYTES].hex()


def _derive(key: bytes, label: str) -> bytes:
    # One HMAC is HKDF-Expand for a single 32-byte block (RFC 5869 §2.3): the keys are random already.
    return hmac.digest(key, label.encode() + b"\x01", "sha256")


def _parse(text: str) -> tuple[dict[str, bytes], bytes]:
    fields = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    values = [(name, base64.b64decode(value, validate=True)) for name, value in fields]
    keys = {_key_id(value): value for name, value in values if name == "key"}
    roots = [value for name, value in values if name == "root"]
    if not keys or len(roots) != 1 or any(len(value) != _KEY_BYTES for _, value in values):
        raise ValueError("keys missing or cut short")
    return keys, roots[0]


def _write(vault: Vault, *, replace: bool) -> None:
    assert vault.path is not None  # noqa: S101 - callers look first
    lines = [("root", vault.root), *(("key", key) for key in vault.keys.values())]
    text = _HEADER + "".join(f"{name} {base64.b64encode(value).decode()}\n" for name, value in lines)
    write_whole(vault.path, text.encode(), over=replace)  # without: another process may have been first
