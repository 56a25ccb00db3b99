"""Where others reach Wardwatch: webhooks of Slack and PagerDuty, and the pages on which people answer."""

from typing import Annotated

from msgspec import Meta

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
    hooks_url: Annotated[
        str,
        Meta(
            pattern=WEB_ADDRESS,
            description="Address of `wardwatch hooks` as Slack, PagerDuty and people's browsers reach it.",
            examples=["https://hooks.wardwatch.example.org"],
        ),
    ] = "http://127.0.0.1:8082"
