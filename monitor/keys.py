"""The keys of tokens: from the settings, or for commands on this machine from a file that is made at first need."""

import os
import secrets
from pathlib import Path

from monitor.failure import Failure
from monitor.settings import Settings
from streams.tokens import KEY_BYTES, Tokeniser

LOCAL_KEY = "token.key"


def required_tokeniser(settings: Settings) -> Tokeniser:
    """Return the tokeniser of a worker: its key must be set, for workers with different keys see different people.

    Raises:
        Failure: where it is not set.
    """
    if settings.token_key is None:
        raise Failure(
            "WARDWATCH_TOKEN_KEY is not set, and every worker needs the same; make one with `openssl rand -hex 32`"
        )
    return _tokeniser(settings, bytes.fromhex(settings.token_key.reveal()))


def local_tokeniser(settings: Settings) -> Tokeniser:
    """Return the tokeniser of a command: with the key of the settings, else with one kept in the data folder.

    Raises:
        Failure: where the file cannot be read or written.
    """
    if settings.token_key is not None:
        return required_tokeniser(settings)
    path = settings.data_dir / LOCAL_KEY
    try:
        return _tokeniser(settings, _kept_key(path))
    except (OSError, ValueError):
        message = f"{path} cannot be read or written; set WARDWATCH_TOKEN_KEY, or another WARDWATCH_DATA_DIR"
        raise Failure(message) from None


def _kept_key(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(path.read_text(encoding="ascii"))
    key = secrets.token_bytes(KEY_BYTES)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{key.hex()}\n")
    return key


def _tokeniser(settings: Settings, current: bytes) -> Tokeniser:
    pairs = (pair.partition("=") for pair in settings.previous_keys)
    keys = {int(key_id): bytes.fromhex(key) for key_id, _, key in pairs}
    return Tokeniser({**keys, settings.token_key_id: current}, settings.token_key_id)
