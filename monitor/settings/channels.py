"""Where notices go."""

from typing import Annotated

from msgspec import Meta

from monitor.secret import Secret
from monitor.settings.listening import ListeningSettings
from monitor.settings.shapes import WEB_ADDRESS


class ChannelSettings(ListeningSettings, frozen=True, kw_only=True):
    """Where notices go."""

    slack_token: Annotated[
        Secret | None, Meta(description="Bot token (`xoxb-…`) for Slack.", examples=["(from a secret store)"])
    ] = None
    slack_channel: Annotated[
        str, Meta(description="Slack channel of the notices, by id.", examples=["C0123456789"])
    ] = ""
    slack_url: Annotated[
        str,
        Meta(
            pattern=WEB_ADDRESS,
            description="Base of Slack's Web API; another only for a practice server.",
            examples=["http://127.0.0.1:9001/api/"],
        ),
    ] = "https://slack.com/api/"
    pagerduty_routing_key: Annotated[
        Secret | None,
        Meta(description="Integration key (32 characters) of a PagerDuty service.", examples=["(from a secret store)"]),
    ] = None
    pagerduty_url: Annotated[
        str,
        Meta(
            pattern=WEB_ADDRESS,
            description="Base of PagerDuty's Events API v2; another only for a practice server.",
            examples=["http://127.0.0.1:9002"],
        ),
    ] = "https://events.pagerduty.com"
    webhook_url: Annotated[
        str,
        Meta(
            pattern=r"^(https?://[^\s/]+(/\S*)?)?$",
            description="Where to post notices as signed JSON.",
            examples=["https://siem.example.org/wardwatch"],
        ),
    ] = ""
    webhook_secret: Annotated[
        Secret | None,
        Meta(description="Key of the HMAC-SHA-256 signature of webhook bodies.", examples=["(from a secret store)"]),
    ] = None
