"""The vault of this house: its key file, and proof that the file belongs to the database."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from gateway.security.key_provider import KeyFile, KeyProvider, KeysInEnvironment
from gateway.security.keyring import KeysUnusable
from gateway.security.sealing import CannotOpen, Vault
from gateway.settings import Settings
from gateway.store import schema
from gateway.store.engine import Database
from gateway.store.index_keys import in_force

_OTHERS: Final = (
    "Khóa ở {where} không phải của cơ sở dữ liệu này, hoặc của lúc khác / "
    "the keys in {where} belong to another database, or to another time of it"
)
VARIABLE: Final = "LGSP_KEYS__TEXT"


def key_provider(settings: Settings) -> KeyProvider:
    """Where this house's keys are."""
    text = settings.keys.text
    return KeyFile(settings.keys.file) if text is None else KeysInEnvironment(VARIABLE, text.get_secret_value())


def open_vault(provider: KeyProvider, database: Database) -> Vault:
    """Keys are made only for a database without people. Raises KeysUnusable, and SQLAlchemyError.

    With new keys beside a filled database nobody in it would be found again: known people would come in as newcomers,
    and what is held of them could not be read.
    """
    columns = schema.data_keys.c
    with database.read() as connection:
        sealed = connection.execute(select(columns.key_id, columns.wrapped).limit(1)).first()
    if sealed is None:
        return Vault(provider.load_or_make())
    if not provider.exists():
        raise KeysUnusable(
            f"Cơ sở dữ liệu đã có dữ liệu nhưng không có tệp khóa {provider.where}: "
            "khôi phục tệp khóa từ bản sao lưu / "
            f"the database holds people but there is no key file {provider.where}: bring it back from a backup"
        )
    vault = Vault(provider.load())
    try:
        vault.unwrap(sealed.key_id, bytes(sealed.wrapped))
    except CannotOpen:
        raise KeysUnusable(_OTHERS.format(where=provider.where)) from None
    with database.read() as connection:
        index_key = in_force(connection)
    if index_key is not None and not vault.turn(index_key):
        raise KeysUnusable(_OTHERS.format(where=provider.where))
    return vault
