"""What must hold between the settings of Kafka's security; rows of `monitor/setting_rules.py`.

A setting that would have no effect is a mistake: somebody believes to be protected by it.
"""

from typing import TYPE_CHECKING

from monitor.setting_reader import PREFIX
from streams.security import SecurityError, Tls

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from monitor.settings import Settings

    Rule = tuple[str, Callable[[Settings], bool], str, str]


def _uses_passwords(settings: "Settings") -> bool:
    """Whether the login is by user and password."""
    return settings.kafka_security == "sasl_tls" and settings.kafka_mechanism != "OAUTHBEARER"


def _uses_tokens(settings: "Settings") -> bool:
    """Whether the login is by access tokens."""
    return settings.kafka_security == "sasl_tls" and settings.kafka_mechanism == "OAUTHBEARER"


def _uses_tls(settings: "Settings") -> bool:
    return settings.kafka_security != "plaintext"


_ENCRYPTS = f"set {PREFIX}KAFKA_SECURITY=tls or sasl_tls"
_LOGS_IN = f"set {PREFIX}KAFKA_SECURITY=sasl_tls and the {PREFIX}KAFKA_MECHANISM that it is for"
_ASKS_ENDPOINT = f"set {PREFIX}KAFKA_TOKEN_URL"

_USED_WHEN: "dict[str, tuple[Callable[[Settings], bool], str]]" = {
    "kafka_ca": (_uses_tls, _ENCRYPTS),
    "kafka_certificate": (_uses_tls, _ENCRYPTS),
    "kafka_key_password": (lambda s: bool(s.kafka_key), f"set {PREFIX}KAFKA_KEY"),
    "kafka_user": (_uses_passwords, _LOGS_IN),
    "kafka_password": (_uses_passwords, _LOGS_IN),
    "kafka_token": (_uses_tokens, _LOGS_IN),
    "kafka_token_url": (_uses_tokens, _LOGS_IN),
    "kafka_token_ca": (lambda s: bool(s.kafka_token_url), _ASKS_ENDPOINT),
    "kafka_token_scope": (lambda s: bool(s.kafka_token_url), _ASKS_ENDPOINT),
    "kafka_client_id": (lambda s: bool(s.kafka_token_url), _ASKS_ENDPOINT),
    "kafka_client_secret": (lambda s: bool(s.kafka_token_url), _ASKS_ENDPOINT),
}
"""Setting to when it has an effect, and what would give it one."""


def _holds_authorities(path: "Path | None") -> bool:
    return path is None or _can_be_used(Tls(ca=path))


def _holds_client(settings: "Settings") -> bool:
    """Whether certificate and key fit, where both are given; one without the other is another rule's."""
    if settings.kafka_certificate is None or settings.kafka_key is None:
        return True
    password = settings.kafka_key_password
    return _can_be_used(
        Tls(
            certificate=settings.kafka_certificate,
            key=settings.kafka_key,
            key_password=password.reveal() if password else "",
        )
    )


def _can_be_used(tls: Tls) -> bool:
    try:
        tls.context()
    except SecurityError:
        return False
    return True


def _has_effect(name: str) -> "Rule":
    is_used, remedy = _USED_WHEN[name]
    return name, lambda s: not getattr(s, name) or is_used(s), "it is set, but has no effect", f"{remedy}, or remove it"


RULES: tuple["Rule", ...] = (
    *(_has_effect(name) for name in _USED_WHEN),
    (
        "kafka_check_names",
        lambda s: s.kafka_check_names or _uses_tls(s),
        "it is set, but has no effect",
        f"{_ENCRYPTS}, or remove it",
    ),
    (
        "kafka_ca",
        lambda s: _holds_authorities(s.kafka_ca),
        "there is no such file, or it holds no certificates",
        "name a PEM file (BEGIN CERTIFICATE)",
    ),
    (
        "kafka_token_ca",
        lambda s: _holds_authorities(s.kafka_token_ca),
        "there is no such file, or it holds no certificates",
        "name a PEM file (BEGIN CERTIFICATE)",
    ),
    (
        "kafka_key",
        lambda s: not s.kafka_certificate or bool(s.kafka_key),
        f"{PREFIX}KAFKA_CERTIFICATE is set, but no private key",
        "name the PEM file of the key that belongs to it",
    ),
    (
        "kafka_certificate",
        lambda s: not s.kafka_key or bool(s.kafka_certificate),
        f"{PREFIX}KAFKA_KEY is set, but no certificate",
        "name the PEM file of the certificate that belongs to it",
    ),
    (
        "kafka_certificate",
        _holds_client,
        "it cannot be used with its key: one of the files is missing or no PEM file, they do not belong together, or "
        f"{PREFIX}KAFKA_KEY_PASSWORD is wrong",
        "correct what is wrong; `openssl x509 -in FILE` and `openssl pkey -in FILE` show what they hold",
    ),
    (
        "kafka_user",
        lambda s: not _uses_passwords(s) or bool(s.kafka_user),
        "the login has no user",
        "set the user that Kafka knows Wardwatch by",
    ),
    (
        "kafka_password",
        lambda s: not _uses_passwords(s) or bool(s.kafka_password),
        "the login has no password",
        f"set it, best from a file by {PREFIX}KAFKA_PASSWORD_FILE",
    ),
    (
        "kafka_mechanism",
        lambda s: not _uses_tokens(s) or bool(s.kafka_token) != bool(s.kafka_token_url),
        "OAUTHBEARER needs tokens from one place",
        f"set either {PREFIX}KAFKA_TOKEN or {PREFIX}KAFKA_TOKEN_URL",
    ),
    (
        "kafka_token",
        lambda s: not s.kafka_token or s.kafka_token.is_file(),
        "there is no such file",
        "name the file that holds the access token",
    ),
    (
        "kafka_client_id",
        lambda s: not s.kafka_token_url or bool(s.kafka_client_id),
        f"{PREFIX}KAFKA_TOKEN_URL is set, but no client id",
        "set the name that the endpoint knows Wardwatch by",
    ),
    (
        "kafka_client_secret",
        lambda s: not s.kafka_token_url or bool(s.kafka_client_secret),
        f"{PREFIX}KAFKA_TOKEN_URL is set, but no client secret",
        f"set it, best from a file by {PREFIX}KAFKA_CLIENT_SECRET_FILE",
    ),
)
