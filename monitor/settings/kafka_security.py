"""How Kafka's brokers are known, and how Wardwatch logs in to them."""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from monitor.secret import Secret
from monitor.settings.kafka import KafkaSettings


class KafkaSecuritySettings(KafkaSettings, frozen=True, kw_only=True):
    """How Kafka's brokers are known, and how Wardwatch logs in to them."""

    kafka_security: Annotated[
        Literal["plaintext", "tls", "sasl_tls"],
        Meta(
            description="How to speak with Kafka: in the clear, over TLS (with a client certificate where one is set), "
            "or over TLS with a login.",
            examples=["sasl_tls"],
        ),
    ] = "plaintext"
    kafka_ca: Annotated[
        Path | None,
        Meta(
            description="PEM file of the authorities that Kafka's certificates are from; without it those that the "
            "system trusts.",
            examples=["/etc/wardwatch/kafka-ca.pem"],
        ),
    ] = None
    kafka_check_names: Annotated[
        bool,
        Meta(
            description="Whether a broker's certificate must be of the host that `broker` names. Without it anybody "
            "with a certificate of the same authority can pose as the broker.",
            examples=["true"],
        ),
    ] = True
    kafka_certificate: Annotated[
        Path | None,
        Meta(
            description="PEM file of the client certificate and its chain, for brokers that ask for one.",
            examples=["/etc/wardwatch/kafka-client.pem"],
        ),
    ] = None
    kafka_key: Annotated[
        Path | None,
        Meta(
            description="PEM file of the client certificate's private key.",
            examples=["/etc/wardwatch/kafka-client.key"],
        ),
    ] = None
    kafka_key_password: Annotated[
        Secret | None,
        Meta(description="Password of that key, where it has one.", examples=["(from a secret store)"]),
    ] = None
    kafka_mechanism: Annotated[
        Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "OAUTHBEARER"],
        Meta(description="SASL mechanism of the login.", examples=["SCRAM-SHA-512"]),
    ] = "SCRAM-SHA-512"
    kafka_user: Annotated[str, Meta(description="User of the login, but for OAUTHBEARER.", examples=["wardwatch"])] = ""
    kafka_password: Annotated[
        Secret | None, Meta(description="Password of `kafka_user`.", examples=["(from a secret store)"])
    ] = None
    kafka_token: Annotated[
        Path | None,
        Meta(
            description="For OAUTHBEARER: file of the access token, read anew for every connection.",
            examples=["/var/run/secrets/kafka/token"],
        ),
    ] = None
    kafka_token_url: Annotated[
        str,
        Meta(
            pattern=r"^(https://[^\s/]+(/\S*)?|http://(127\.0\.0\.1|localhost)(:\d+)?(/\S*)?)?$",
            description="For OAUTHBEARER, in place of a file: address of the token endpoint (OAuth 2.0 client "
            "credentials), by HTTPS.",
            examples=["https://id.example.org/oauth2/token"],
        ),
    ] = ""
    kafka_token_ca: Annotated[
        Path | None,
        Meta(
            description="PEM file of the authority that the token endpoint's certificate is from; without it those "
            "that the system trusts.",
            examples=["/etc/wardwatch/id-ca.pem"],
        ),
    ] = None
    kafka_token_scope: Annotated[str, Meta(description="Scope to ask the token endpoint for.", examples=["kafka"])] = ""
    kafka_client_id: Annotated[
        str, Meta(description="Name that the token endpoint knows Wardwatch by.", examples=["wardwatch"])
    ] = ""
    kafka_client_secret: Annotated[
        Secret | None, Meta(description="Secret of `kafka_client_id`.", examples=["(from a secret store)"])
    ] = None
