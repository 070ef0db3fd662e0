"""The vault of this house: its key file, and proof that the file belongs to the database."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from gateway.security.keyring import KeysUnusable, load, load_or_create
from gateway.security.sealing import CannotOpen, Vault
from gateway.store import schema
from gateway.store.engine import Database


def open_vault(file: Path, database: Database) -> Vault:
    """Keys are made only for a database without people. Raises KeysUnusable, and SQLAlchemyError.

    With new keys beside a filled database nobody in it would be found again: known people would come in as newcomers,
    and what is held of them could not be read.
    """
    columns = schema.data_keys.c
    with database.read() as connection:
        sealed = connection.execute(select(columns.key_id, columns.wrapped).limit(1)).first()
    if sealed is None:
        return Vault(load_or_create(file))
    if not file.exists():
        raise KeysUnusable(
            f"Cơ sở dữ liệu đã có dữ liệu nhưng không có tệp khóa {file}: khôi phục tệp khóa từ bản sao lưu / "
            f"the database holds people but there is no key file {file}: bring it back from a backup"
        )
    vault = Vault(load(file))
    try:
        vault.unwrap(sealed.key_id, bytes(sealed.wrapped))
    except CannotOpen:
        raise KeysUnusable(
            f"Tệp khóa {file} không phải của cơ sở dữ liệu này / the key file {file} belongs to another database"
        ) from None
    return vault
