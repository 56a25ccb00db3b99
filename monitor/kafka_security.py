"""From the settings to how every client speaks with Kafka."""

import ssl

from monitor.secret import Secret
from monitor.settings import Settings
from streams.oauth import ClientCredentials, TokenFile, TokenSource, http_client
from streams.security import IN_THE_CLEAR, KafkaSecurity, PasswordLogin, Tls, TokenLogin


def kafka_security(settings: Settings) -> KafkaSecurity:
    """Return how to speak with Kafka. Build it once a process: it keeps the access token."""
    if settings.kafka_security == "plaintext":
        return IN_THE_CLEAR
    tls = Tls(
        ca=settings.kafka_ca,
        certificate=settings.kafka_certificate,
        key=settings.kafka_key,
        key_password=_revealed(settings.kafka_key_password),
        checks_names=settings.kafka_check_names,
    )
    if settings.kafka_security == "tls":
        return KafkaSecurity(tls)
    mechanism = settings.kafka_mechanism
    if mechanism == "OAUTHBEARER":
        return KafkaSecurity(tls, TokenLogin(_tokens(settings)))
    return KafkaSecurity(tls, PasswordLogin(mechanism, settings.kafka_user, _revealed(settings.kafka_password)))


def described(settings: Settings) -> str:
    """Return in a few words how Kafka is spoken with, for people and logs."""
    if settings.kafka_security == "plaintext":
        return "in the clear"
    unchecked = "" if settings.kafka_check_names else ", names of certificates not checked"
    client = ", client certificate" if settings.kafka_certificate else ""
    login = f", {settings.kafka_mechanism}" if settings.kafka_security == "sasl_tls" else ""
    return f"TLS{client}{login}{unchecked}"


def _tokens(settings: Settings) -> TokenSource:
    if settings.kafka_token is not None:
        return TokenFile(settings.kafka_token)
    return ClientCredentials(
        settings.kafka_token_url,
        settings.kafka_client_id,
        _revealed(settings.kafka_client_secret),
        http_client(ssl.create_default_context(cafile=settings.kafka_token_ca)),
        settings.kafka_token_scope,
    )


def _revealed(secret: Secret | None) -> str:
    return secret.reveal() if secret else ""
