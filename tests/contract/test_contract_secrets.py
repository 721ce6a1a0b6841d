"""What is personal is unreadable on disk, and changed bytes are noticed."""

from pathlib import Path

import attrs
import pytest
from sqlalchemy import create_engine, text

from middleware.domain.entries import Entry
from middleware.domain.errors import KeyMissing
from middleware.domain.rollcall import Signin
from middleware.storage.secrets import KEY_FILE, Vault
from middleware.storage.store import Store
from middleware.storage.tables import metadata
from tests.contract.conftest import Database
from tests.contract.small_town import NOW, NUMBER, PHONES, WANG, open_roll, settle


def everything_on_disk(database: Database) -> bytes:
    if database.url.startswith("sqlite"):
        file = Path(database.url.removeprefix("sqlite:///"))
        return b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
    engine = create_engine(database.url)
    with engine.begin() as connection:
        rows = [connection.execute(text(f'SELECT * FROM "{name}"')).all() for name in metadata.tables]
    engine.dispose()
    return repr(rows).encode() + b"".join(
        bytes(cell) for table in rows for row in table for cell in row if isinstance(cell, bytes | memoryview)
    )


def test_no_number_or_password_can_be_read_in_the_database(store: Store, database: Database) -> None:
    town = settle(store)
    rollcall = open_roll(store, town)
    box = town.boxes["01001"]

    def write(uow):
        uow.entries.put(Entry(rollcall.id, box, town.homes["01001"], NOW, NOW, "1380633"))
        uow.signins.add_review(Signin(rollcall.id, None, NOW, "review", "needs_review", key="k"), NUMBER, NOW)
        uow.devices.set_iptv_password(box, "iptv-secret-26")
        uow.audit.add(NOW, "cli", "reveal", "member", 1, {"note": f"call {PHONES[WANG]} soon"})
        return uow.entries.get(rollcall.id, box).digits, uow.devices.iptv_password(box)

    assert store.run_sync(write) == ("1380633", "iptv-secret-26")
    disk = everything_on_disk(database)
    assert "王秀兰".encode() in disk
    for secret in (*PHONES.values(), NUMBER, "1380633", "iptv-secret-26"):
        assert secret.encode() not in disk
        assert secret.encode().hex().encode() not in disk


def test_the_key_file_is_for_its_owner_only_and_holds_no_number(store: Store, database: Database) -> None:
    assert (database.data / KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_a_database_does_not_open_with_another_key(database: Database, tmp_path: Path) -> None:
    with pytest.raises(KeyMissing, match="put the right key file back"):
        Store.open(database.url, vault=Vault.create(tmp_path / "other"))


def test_a_missing_or_damaged_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing, match=r"secret\.key is missing"):
        Vault.load(tmp_path)
    Vault.create(tmp_path)
    path = tmp_path / KEY_FILE
    path.write_text(path.read_text()[:-20])
    with pytest.raises(KeyMissing, match="not a whole key file"):
        Vault.load(tmp_path)


def test_changed_bytes_do_not_open_as_another_number() -> None:
    vault = Vault.generate()
    sealed = vault.seal(NUMBER)

    for at in range(4, len(sealed)):
        with pytest.raises(KeyMissing):
            vault.open(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :])


def test_sealing_hides_equal_numbers_while_digests_find_them() -> None:
    vault, other = Vault.generate(), Vault.generate()

    assert vault.seal(NUMBER) != vault.seal(NUMBER)
    assert vault.digest(NUMBER) == vault.digest(NUMBER)
    assert vault.digest(NUMBER) != other.digest(NUMBER)
    assert vault.signing_key("staff") != vault.signing_key("session")
    assert attrs.evolve(vault, current=vault.current).signing_key("staff") == vault.signing_key("staff")
    assert NUMBER not in repr(vault)
    assert vault.root.hex() not in repr(vault)
