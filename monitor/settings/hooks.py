"""Where others reach Wardwatch: webhooks of Slack and PagerDuty, and the pages on which people answer."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from monitor.secret import Secret
from monitor.settings.response import ResponseSettings
from monitor.settings.shapes import WEB_ADDRESS, Port


class HookSettings(ResponseSettings, frozen=True, kw_only=True):
    """Where others reach Wardwatch: webhooks of Slack and PagerDuty, and the pages on which people answer."""

    hooks_host: Annotated[
        str,
        Meta(
            min_length=1,
            description="Address on which `wardwatch hooks` listens; never the console's.",
            examples=["0.0.0.0"],  # noqa: S104
        ),
    ] = "127.0.0.1"
    hooks_port: Annotated[Port, Meta(description="Port of `wardwatch hooks`.", examples=["8082"])] = 8082
    hooks_metrics_port: Annotated[
        Port,
        Meta(
            description="Port of the metrics of `wardwatch hooks`, on `health_host`; nobody outside need reach it.",
            examples=["8083"],
        ),
    ] = 8083
    hooks_url: Annotated[
        str,
        Meta(
            pattern=WEB_ADDRESS,
            description="Address of `wardwatch hooks` as Slack, PagerDuty and people's browsers reach it.",
            examples=["https://hooks.wardwatch.example.org"],
        ),
    ] = "http://127.0.0.1:8082"
    answer_key: Annotated[
        Secret | None,
        Meta(
            description="Key (64 hexadecimal digits) that signs the links with which people answer a question.",
            examples=["(from a secret store)"],
        ),
    ] = None
    staff_contacts: Annotated[
        Path | None,
        Meta(
            description="CSV file with user_id,email,slack,manager_user_id: where people are asked about an account.",
            examples=["/etc/wardwatch/staff_contacts.csv"],
        ),
    ] = None
    slack_signing_secret: Annotated[
        Secret | None,
        Meta(
            description="Signing secret of the Slack app: people can work in Slack, which calls `wardwatch hooks`.",
            examples=["(from a secret store)"],
        ),
    ] = None
    slack_app_token: Annotated[
        Secret | None,
        Meta(
            description="App-level token (`xapp-…`): people can work in Slack over Socket Mode; nobody calls in.",
            examples=["(from a secret store)"],
        ),
    ] = None
