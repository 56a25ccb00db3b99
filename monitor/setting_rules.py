"""What must hold between settings: each rule is one row."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from monitor import kafka_rules
from monitor.setting_reader import FILE_SUFFIX, PREFIX, Problem

if TYPE_CHECKING:
    from monitor.settings import Settings

TOKEN_KEY_HEX_DIGITS = 64
"""256 bits, the size of an HMAC-SHA-256 key that RFC 2104 recommends."""

Holds = Callable[["Settings"], bool]


def _is_hex_key(text: str) -> bool:
    return len(text) == TOKEN_KEY_HEX_DIGITS and all(digit in "0123456789abcdefABCDEF" for digit in text)


def _are_previous_keys(settings: "Settings") -> bool:
    """Each is `id=key`, under an id of its own."""
    pairs = [pair.partition("=") for pair in settings.previous_keys]
    ids = [int(key_id) if key_id.isascii() and key_id.isdigit() else settings.token_key_id for key_id, _, _ in pairs]
    return len({settings.token_key_id, *ids}) == len(ids) + 1 and all(_is_hex_key(key) for _, _, key in pairs)


def _is_database_address(text: str) -> bool:
    try:
        return make_url(text).get_backend_name() in ("sqlite", "postgresql")
    except ArgumentError:
        return False


_RULES: tuple[tuple[str, Holds, str, str], ...] = (
    (
        "slack_channel",
        lambda s: not s.slack_token or bool(s.slack_channel),
        "WARDWATCH_SLACK_TOKEN is set, but no channel",
        "set the id of the channel that gets the notices",
    ),
    (
        "slack_token",
        lambda s: not s.slack_channel or bool(s.slack_token),
        "WARDWATCH_SLACK_CHANNEL is set, but no token",
        "set the bot token, or remove the channel",
    ),
    (
        "webhook_secret",
        lambda s: not s.webhook_url or bool(s.webhook_secret),
        "WARDWATCH_WEBHOOK_URL is set, but no key to sign with",
        "set a random secret that the receiver also knows",
    ),
    (
        "database_url",
        lambda s: s.database_url is None or _is_database_address(s.database_url.reveal()),
        "it is no SQLAlchemy address of SQLite or PostgreSQL",
        "write sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE",
    ),
    (
        "token_key",
        lambda s: s.token_key is None or _is_hex_key(s.token_key.reveal()),
        "it is not 64 hexadecimal digits",
        "make one with `openssl rand -hex 32`",
    ),
    (
        "previous_token_keys",
        _are_previous_keys,
        "it is not `id=key,id=key` with ids other than WARDWATCH_TOKEN_KEY_ID and keys of 64 hexadecimal digits",
        "list the old keys under their old ids",
    ),
    (
        "rules_dir",
        lambda s: s.rules_dir is None or s.rules_dir.is_dir(),
        "there is no such folder",
        "name a folder of rule files",
    ),
    (
        "service_minutes",
        lambda s: s.service_minutes is None or s.service_minutes.is_file(),
        "there is no such file",
        "name a CSV file with the columns code,minutes,each",
    ),
    (
        "model_public_key",
        lambda s: s.model_public_key is None or s.model_public_key.is_file(),
        "there is no such file",
        "name the public key that `wardwatch models keygen` wrote",
    ),
)


def problems_between(settings: "Settings", known_bad: Sequence[Problem]) -> list[Problem]:
    """Return what does not fit together; silent on settings that are known to be wrong in themselves."""
    named = {
        problem.name.partition(" in ")[0].lower().removeprefix(PREFIX.lower()).removesuffix(FILE_SUFFIX)
        for problem in known_bad
    }
    return [
        Problem(PREFIX + name.upper(), wrong, remedy)
        for name, holds, wrong, remedy in (*_RULES, *kafka_rules.RULES)
        if not holds(settings) and name not in named
    ]
