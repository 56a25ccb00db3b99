"""What people and programs look at: console, health, metrics and logs."""

from typing import Annotated, Literal

from msgspec import Meta

from monitor.settings.privacy import PrivacySettings
from monitor.settings.shapes import WEB_ADDRESS, Port

Level = Literal["debug", "info", "warning", "error"]


class ConsoleSettings(PrivacySettings, frozen=True, kw_only=True):
    """What people and programs look at: console, health, metrics and logs."""

    public_url: Annotated[
        str,
        Meta(
            pattern=WEB_ADDRESS,
            description="Address of the console as people reach it, for the links in notices.",
            examples=["https://wardwatch.example.org"],
        ),
    ] = "http://127.0.0.1:8080"
    console_host: Annotated[
        str, Meta(min_length=1, description="Address that the console listens on.", examples=["0.0.0.0"])  # noqa: S104
    ] = "127.0.0.1"
    console_port: Annotated[Port, Meta(description="Port of the console.", examples=["8080"])] = 8080
    health_host: Annotated[
        str,
        Meta(
            min_length=1,
            description="Address on which a worker shows its health and metrics.",
            examples=["0.0.0.0"],  # noqa: S104
        ),
    ] = "127.0.0.1"
    health_port: Annotated[Port, Meta(description="Port of a worker's health and metrics.", examples=["8081"])] = 8081
    log_level: Annotated[Level, Meta(description="Least grave log line to write.", examples=["debug"])] = "info"
