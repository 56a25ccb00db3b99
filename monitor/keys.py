"""The keys of tokens: from the settings, or for commands on this machine from a file that is made at first need."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from alerting.vault import Vault
from monitor.failure import Failure
from monitor.key_text import KEY_BYTES, Key, read_key, read_keys
from monitor.secret import Secret
from monitor.settings import Settings
from streams.known_tokens import MOST, KnownTokens
from streams.tokens import Tokeniser

LOCAL_KEY = "token.key"
LOCAL_PREVIOUS = "previous-token.keys"


class TokenKeys(Struct, frozen=True):
    """The key that makes new tokens, and those whose tokens are in use."""

    current: Key
    previous: Mapping[int, bytes]

    @property
    def live(self) -> dict[int, bytes]:
        """All keys by number."""
        return {**self.previous, self.current.id: self.current.key}

    def __repr__(self) -> str:
        return f"<TokenKeys {sorted(self.live)}>"


def required_keys(settings: Settings) -> TokenKeys:
    """Return the keys of a worker: they must be set, for workers with different keys see different people.

    Raises:
        Failure: where they are not set.
    """
    if settings.token_key is None:
        kept = settings.data_dir / LOCAL_KEY
        have = f"commands here use {kept}: set WARDWATCH_TOKEN_KEY_FILE={kept}, or its tokens will be strangers"
        message = "WARDWATCH_TOKEN_KEY is not set, and every worker needs the same; "
        raise Failure(message + (have if kept.exists() else "make one with `openssl rand -hex 32`"))
    return TokenKeys(read_key(settings.token_key, settings.token_key_id), read_keys(settings.previous_token_keys))


def local_keys(settings: Settings) -> TokenKeys:
    """Return the keys of a command: those of the settings, else those kept in the data folder.

    Raises:
        Failure: where the files cannot be read or written.
    """
    if settings.token_key is not None:
        return required_keys(settings)
    path = settings.data_dir / LOCAL_KEY
    previous = settings.data_dir / LOCAL_PREVIOUS
    try:
        current = read_key(Secret(_kept_key(path)), settings.token_key_id)
        return TokenKeys(
            current, read_keys(Secret(previous.read_text(encoding="ascii")) if previous.exists() else None)
        )
    except (OSError, ValueError):
        message = f"{path} cannot be read or written; set WARDWATCH_TOKEN_KEY, or another WARDWATCH_DATA_DIR"
        raise Failure(message) from None


def required_tokeniser(settings: Settings, vault: Vault | None = None) -> Tokeniser:
    """Return the tokeniser of a worker; see `required_keys` and `tokeniser_of`."""
    return tokeniser_of(required_keys(settings), vault)


def local_tokeniser(settings: Settings, vault: Vault | None = None) -> Tokeniser:
    """Return the tokeniser of a command; see `local_keys` and `tokeniser_of`."""
    return tokeniser_of(local_keys(settings), vault)


def tokeniser_of(keys: TokenKeys, vault: Vault | None = None) -> Tokeniser:
    """Return the tokeniser of these keys.

    With the vault it tells what it makes, and who had a token when an older key was closed keeps it
    (docs/adr/0007-tokens-outlive-their-key.md).
    """
    if vault is None:
        return Tokeniser(keys.live, keys.current.id)
    known = {
        key_id: KnownTokens(vault.tokens_made(key_id, closed_at, MOST))
        for key_id, closed_at in vault.closed_token_keys().items()
        if key_id in keys.previous and key_id != keys.current.id
    }
    return Tokeniser(keys.live, keys.current.id, known=known, tells_new=True)


def _kept_key(path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    key = secrets.token_bytes(KEY_BYTES).hex()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{key}\n")
    return key
