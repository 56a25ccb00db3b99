"""Where notices go."""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from monitor.secret import Secret
from monitor.settings.listening import ListeningSettings
from monitor.settings.shapes import EMAIL, WEB_ADDRESS, Port


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
    pagerduty_keys: Annotated[
        Secret | None,
        Meta(
            description="Integration keys of other PagerDuty services, as `name=key`, separated by commas or line by "
            "line; the response plan sends to them by name.",
            examples=["privacy=0123…"],
        ),
    ] = None
    pagerduty_webhook_secrets: Annotated[
        Secret | None,
        Meta(
            description="Signing secrets of PagerDuty's webhook subscriptions, separated by commas or line by line: "
            "while one is being changed, the old and the new.",
            examples=["(from a secret store)"],
        ),
    ] = None
    opsgenie_key: Annotated[
        Secret | None, Meta(description="Key of an Opsgenie API integration.", examples=["(from a secret store)"])
    ] = None
    opsgenie_url: Annotated[
        str,
        Meta(
            pattern=WEB_ADDRESS,
            description="Base of Opsgenie's API; another for accounts in the EU.",
            examples=["https://api.eu.opsgenie.com"],
        ),
    ] = "https://api.opsgenie.com"
    teams_url: Annotated[
        Secret | None,
        Meta(
            description="Address of the Workflows webhook of a Teams channel; whoever knows it can post there.",
            examples=["(from a secret store)"],
        ),
    ] = None
    teams_urls: Annotated[
        Secret | None,
        Meta(
            description="Webhooks of other Teams channels, as `name=address`, separated by commas or line by line.",
            examples=["privacy=https://…"],
        ),
    ] = None
    email_host: Annotated[
        str, Meta(description="Mail submission server; TLS is a must.", examples=["smtp.hospital.example"])
    ] = ""
    email_port: Annotated[Port, Meta(description="Its port: 587 with STARTTLS, 465 with TLS.", examples=["465"])] = 587
    email_security: Annotated[
        Literal["starttls", "tls"],
        Meta(description="Whether TLS begins by STARTTLS or with the first byte.", examples=["tls"]),
    ] = "starttls"
    email_ca: Annotated[
        Path | None,
        Meta(
            description="PEM file of the authorities that the mail server's certificate is from; without it those that "
            "the system trusts.",
            examples=["/etc/wardwatch/mail-ca.pem"],
        ),
    ] = None
    email_user: Annotated[
        str, Meta(description="User of the mail server's login, where it asks.", examples=["wardwatch"])
    ] = ""
    email_password: Annotated[
        Secret | None, Meta(description="Password of `email_user`.", examples=["(from a secret store)"])
    ] = None
    email_from: Annotated[
        str, Meta(pattern=EMAIL, description="Address that emails are from.", examples=["wardwatch@hospital.example"])
    ] = ""
    email_to: Annotated[
        str,
        Meta(
            pattern=EMAIL,
            description="Address of the group that gets what is for nobody in particular.",
            examples=["privacy-office@hospital.example"],
        ),
    ] = ""
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
    previous_webhook_secret: Annotated[
        Secret | None,
        Meta(
            description="The key before it, which also signs until the receiver knows the new one.",
            examples=["(from a secret store)"],
        ),
    ] = None
    alertmanager_url: Annotated[
        str,
        Meta(
            pattern=r"^(https?://[^\s/]+(/\S*)?)?$",
            description="Alertmanager that is told of Wardwatch's own troubles, never of cases.",
            examples=["http://alertmanager:9093"],
        ),
    ] = ""
    alertmanager_token: Annotated[
        Secret | None,
        Meta(description="Bearer token for it, where something asks for one.", examples=["(from a secret store)"]),
    ] = None
    channel_proxy: Annotated[
        str,
        Meta(
            pattern=r"^(https?://[^\s/]+/?)?$",
            description="HTTP proxy on the way to Slack, PagerDuty, Opsgenie and Teams.",
            examples=["http://proxy.hospital.example:3128"],
        ),
    ] = ""
