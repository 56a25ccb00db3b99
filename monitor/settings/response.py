"""How people answer to incidents."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta

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
