"""How `wardwatch listen` proves who it is, whom it believes, and what a source may send."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from detectors.events.envelope import MAXIMUM_BYTES, MAXIMUM_DEPTH
from monitor.secret import Secret
from monitor.settings.console import ConsoleSettings


class ListeningSettings(ConsoleSettings, frozen=True, kw_only=True):
    """How `wardwatch listen` proves who it is, whom it believes, and what a source may send."""

    listen_certificate: Annotated[
        Path | None,
        Meta(
            description="PEM file of the certificate (with its chain) of `wardwatch listen`; needed for TLS.",
            examples=["/etc/wardwatch/listen.pem"],
        ),
    ] = None
    listen_key: Annotated[
        Path | None,
        Meta(
            description="PEM file of that certificate's private key; without it the key is in `listen_certificate`.",
            examples=["/etc/wardwatch/listen.key"],
        ),
    ] = None
    listen_key_password: Annotated[
        Secret | None,
        Meta(description="Password of that key, where it has one.", examples=["(from a secret store)"]),
    ] = None
    listen_client_ca: Annotated[
        Path | None,
        Meta(
            description="PEM file of the authorities whose certificates senders must show (mutual TLS, as ATNA's "
            "secure node asks). Every certificate of these authorities is let in: use one of your own.",
            examples=["/etc/wardwatch/senders-ca.pem"],
        ),
    ] = None
    listen_client_certificates: Annotated[
        bool,
        Meta(
            description="Whether senders over TLS must show a certificate. Turn off only where something else keeps "
            "strangers away.",
            examples=["false"],
        ),
    ] = True
    listen_plain: Annotated[
        bool,
        Meta(
            description="Allow UDP, and MLLP without TLS, on other addresses than the loopback: everybody on the way "
            "reads patients' data, and anybody can send.",
            examples=["true"],
        ),
    ] = False
    listen_connections: Annotated[
        int, Meta(ge=1, le=10_000, description="Senders that may be connected at a time.", examples=["64"])
    ] = 256
    listen_idle: Annotated[
        float,
        Meta(
            ge=1,
            le=604_800,
            description="Seconds after which an MLLP sender that says nothing is cut off; it connects again for its "
            "next message.",
            examples=["3600"],
        ),
    ] = 3_600.0
    source_record_bytes: Annotated[
        int,
        Meta(
            ge=1_024,
            le=MAXIMUM_BYTES,
            description="Largest message that `wardwatch listen` takes; a larger one is refused as `too_large`.",
            examples=["262144"],
        ),
    ] = MAXIMUM_BYTES
    source_depth: Annotated[
        int,
        Meta(
            ge=8,
            le=256,
            description="How deep the XML or JSON of a record may nest; a deeper one is refused as `too_deep`.",
            examples=["16"],
        ),
    ] = MAXIMUM_DEPTH
    source_rate: Annotated[
        float,
        Meta(
            ge=1,
            le=1_000_000,
            description="Messages a second that a listener takes in the long run. TCP senders are slowed down to it; "
            "datagrams over it are dropped, counted and reported as `rate_limited`.",
            examples=["1000"],
        ),
    ] = 5_000.0
    source_burst: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000_000,
            description="Messages that may come at once after a quiet time.",
            examples=["5000"],
        ),
    ] = 10_000
