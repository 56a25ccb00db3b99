"""The vault as the settings have it, and the door of a process, which makes tokens and puts them into the vault."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from alerting.store import open_engine
from alerting.vault import Vault, VaultKeys, VaultObserver, VaultWriter, create_vault
from monitor.failure import Failure
from monitor.key_text import read_key, read_keys
from monitor.keys import TokenKeys, tokeniser_of
from monitor.private_files import private_database
from monitor.settings import Settings
from streams.keeping import Keeping, Publishes, VaultedPublisher
from streams.tokens import Tokeniser

CONNECT_SECONDS = 5
"""A PostgreSQL that does not answer is away; events go on without it (`alerting.vault.writer`)."""

REWRAP_AT_ONCE = 1_000
"""Entries in one transaction: workers write in between."""

NO_VAULT = "there is no vault: WARDWATCH_VAULT_KEY is not set; docs/privacy.md says how one is made"


@dataclass(frozen=True)
class Door:
    """What makes tokens in this process, and what puts them into the vault where there is one."""

    tokeniser: Tokeniser
    writer: VaultWriter | None = None

    def publisher(self, publisher: Publishes) -> Publishes:
        """Return a publisher that waits until the vault has, or cannot take, the tokens of what it sends."""
        if self.writer is None:
            return publisher
        return VaultedPublisher(publisher, self.tokeniser, Keeping(self.writer, patience=None))


def door(keys: TokenKeys, vault: Vault | None, observer: VaultObserver | None = None) -> Door:
    """Return the door of a process: with the vault, its tokens are kept there."""
    tokeniser = tokeniser_of(keys, vault)
    if vault is None:
        return Door(tokeniser)
    return Door(tokeniser, VaultWriter(vault, tokeniser.forget, clock=time.time, observer=observer))


@contextmanager
def opened_door(settings: Settings, keys: TokenKeys, observer: VaultObserver | None = None) -> Iterator[Door]:
    """Give the door for as long as the block lasts; see `open_vault`."""
    vault = open_vault(settings)
    try:
        yield door(keys, vault, observer)
    finally:
        if vault is not None:
            vault.engine.dispose()


@contextmanager
def opened_vault(settings: Settings) -> Iterator[Vault]:
    """Give the vault, which there must be, for as long as the block lasts; see `open_vault`."""
    vault = open_vault(settings)
    if vault is None:
        raise Failure(NO_VAULT)
    try:
        yield vault
    finally:
        vault.engine.dispose()


def open_vault(settings: Settings) -> Vault | None:
    """Open the vault, making its tables where they are missing; None where no key is set. Its user disposes of it.

    Raises:
        Failure: where the database does not answer, or the key is not the vault's.
    """
    if settings.vault_key is None:
        return None
    current = read_key(settings.vault_key, 1)
    keys = VaultKeys({**read_keys(settings.previous_vault_keys), current.id: current.key}, current.id)
    engine = None
    try:
        engine = _engine(settings)
        create_vault(engine)
        vault = Vault(engine, keys)
        wrong = vault.check_keys()
    except (SQLAlchemyError, OSError) as error:
        if engine is not None:
            engine.dispose()
        message = f"the vault does not answer ({type(error).__name__}); start it, or correct WARDWATCH_VAULT_URL"
        raise Failure(message) from None
    if wrong:
        engine.dispose()
        numbers = ", ".join(map(str, wrong))
        message = (
            f"key {numbers} of WARDWATCH_VAULT_KEY or WARDWATCH_PREVIOUS_VAULT_KEYS does not open this vault; "
            "set the key that it was made with, or correct WARDWATCH_VAULT_URL"
        )
        raise Failure(message)
    return vault


def rewrapped(vault: Vault) -> int:
    """Seal everything with the current key that is under an older one, and return how many entries those were."""
    vault.check_keys()
    done = 0
    while n := vault.rewrap(REWRAP_AT_ONCE):
        done += n
    return done


def _engine(settings: Settings) -> Engine:
    url = make_url(settings.vault_database)
    if url.get_backend_name() == "postgresql":
        return open_engine(url.update_query_dict({"connect_timeout": str(CONNECT_SECONDS)}).render_as_string(False))
    if url.database and url.database != ":memory:":
        private_database(Path(url.database))
    return open_engine(settings.vault_database)
