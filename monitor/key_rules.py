"""What must hold between the settings of keys: each rule is one row."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from monitor.key_text import read_key, read_keys
from monitor.secret import Secret

if TYPE_CHECKING:
    from monitor.settings import Settings

_MAKE_ONE = "make one with `openssl rand -hex 32`"
_LIST_THEM = "list the old keys under their old ids"


def _is_key(secret: Secret | None) -> bool:
    try:
        return secret is None or bool(read_key(secret, 1))
    except ValueError:
        return False


def _are_previous(secret: Secret | None, current: Secret | None, default_id: int) -> bool:
    """Each is `id=key`, under an id of its own; the current one may be among them, as a rotation may leave it."""
    try:
        previous = read_keys(secret)
    except ValueError:
        return False
    if current is None:
        return default_id not in previous
    if not _is_key(current):
        return True
    newest = read_key(current, default_id)
    return previous.get(newest.id, newest.key) == newest.key


def _is_no_token_key(settings: "Settings") -> bool:
    if not (settings.vault_key and settings.token_key and _is_key(settings.vault_key) and _is_key(settings.token_key)):
        return True
    return read_key(settings.vault_key, 1).key != read_key(settings.token_key, 1).key


KEY_RULES: tuple[tuple[str, Callable[["Settings"], bool], str, str], ...] = (
    ("answer_key", lambda s: _is_key(s.answer_key), "it is no key of 64 hexadecimal digits", _MAKE_ONE),
    ("token_key", lambda s: _is_key(s.token_key), "it is not 64 hexadecimal digits", _MAKE_ONE),
    (
        "previous_token_keys",
        lambda s: _are_previous(s.previous_token_keys, s.token_key, s.token_key_id),
        "it is not `id=key,id=key` with ids other than WARDWATCH_TOKEN_KEY_ID and keys of 64 hexadecimal digits",
        _LIST_THEM,
    ),
    ("vault_key", lambda s: _is_key(s.vault_key), "it is not 64 hexadecimal digits", _MAKE_ONE),
    (
        "previous_vault_keys",
        lambda s: _are_previous(s.previous_vault_keys, s.vault_key, 1),
        "it is not `id=key,id=key` with ids other than that of WARDWATCH_VAULT_KEY and keys of 64 hexadecimal digits",
        _LIST_THEM,
    ),
    ("evidence_key", lambda s: _is_key(s.evidence_key), "it is not 64 hexadecimal digits", _MAKE_ONE),
    (
        "previous_evidence_keys",
        lambda s: _are_previous(s.previous_evidence_keys, s.evidence_key, 1),
        "it is not `id=key,id=key` with other ids than WARDWATCH_EVIDENCE_KEY has and keys of 64 hexadecimal digits",
        _LIST_THEM,
    ),
    (
        "vault_key",
        _is_no_token_key,
        "it is the key of tokens, too",
        "make another with `openssl rand -hex 32`: who makes tokens need not be able to read the vault",
    ),
)
