"""How people answer to incidents."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from monitor.secret import Secret
from monitor.settings.channels import ChannelSettings


class ResponseSettings(ChannelSettings, frozen=True, kw_only=True):
    """How people answer to incidents."""

    response_file: Annotated[
        Path | None,
        Meta(
            description="YAML file of the response plan: people, teams, routes, schedules, escalation.",
            examples=["/etc/wardwatch/response.yml"],
        ),
    ] = None
    audit_signing_key: Annotated[
        Path | None,
        Meta(
            description="File with the private key (PEM, Ed25519) that signs a checkpoint of the audit log every hour; "
            "`wardwatch audit keygen` makes it.",
            examples=["/run/secrets/audit.pem"],
        ),
    ] = None
    audit_public_key: Annotated[
        Path | None,
        Meta(
            description="File with the public key that `wardwatch audit verify` checks those signatures with.",
            examples=["/etc/wardwatch/audit.pub"],
        ),
    ] = None
    siem_token: Annotated[
        Secret | None,
        Meta(
            description="Bearer token for the collector of `wardwatch siem push`.", examples=["(from a secret store)"]
        ),
    ] = None
