"""All settings of Wardwatch, and the only reader of the environment.

A setting `broker` is the variable `WARDWATCH_BROKER`, or the key `broker` of a YAML file (`--config`); the environment
wins. A secret may instead be named by a file: `WARDWATCH_SLACK_TOKEN_FILE`. `docs/settings.md` is made from this table.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from monitor.secret import Secret
from monitor.setting_reader import PREFIX, SettingsError, read_fields
from monitor.setting_rules import problems_between

Level = Literal["debug", "info", "warning", "error"]
Port = Annotated[int, Meta(ge=1, le=65535)]

HOST_AND_PORT = r"^[^\s,:/]+:\d{1,5}(,[^\s,:/]+:\d{1,5})*$"
WEB_ADDRESS = r"^https?://[^\s/]+(/\S*)?$"
NAME = r"^[A-Za-z0-9._-]+$"
"""What Kafka allows in a topic name (org.apache.kafka.common.internals.Topic)."""

READ_BY_THE_TESTS = frozenset({"WARDWATCH_REQUIRE_SERVICES"})


class Settings(Struct, frozen=True, kw_only=True):
    """Every setting, typed and with its default. Descriptions give unit, range and meaning."""

    broker: Annotated[
        str,
        Meta(
            pattern=HOST_AND_PORT,
            description="Kafka brokers to start from, `host:port`, separated by commas.",
            examples=["kafka-1:9092,kafka-2:9092"],
        ),
    ] = "127.0.0.1:9092"
    app_id: Annotated[
        str,
        Meta(
            pattern=NAME,
            description="Name of the consumer group; workers with the same name share the work.",
            examples=["wardwatch-north"],
        ),
    ] = "wardwatch"
    topic_prefix: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9._-]*$",
            description="Put before the name of every topic, so that several installations can share a broker.",
            examples=["north."],
        ),
    ] = ""
    partitions: Annotated[
        int,
        Meta(
            ge=1,
            le=512,
            description="Partitions of every topic: the greatest number of workers that can share the work. "
            "Cannot be changed once there are profiles.",
            examples=["16"],
        ),
    ] = 8
    replication: Annotated[
        int, Meta(ge=1, le=9, description="Copies of every topic; 3 in production.", examples=["3"])
    ] = 1
    retention_days: Annotated[
        int, Meta(ge=1, le=3650, description="Days that Kafka keeps events and findings.", examples=["30"])
    ] = 7
    session_timeout: Annotated[
        float,
        Meta(
            ge=6,
            le=300,
            description="Seconds without a sign of life after which the broker gives a worker's partitions to another.",
            examples=["30"],
        ),
    ] = 60.0
    rebalance_timeout: Annotated[
        float,
        Meta(
            ge=1,
            le=600,
            description="Seconds that a change of partitions waits for the batch in hand of every worker.",
            examples=["30"],
        ),
    ] = 60.0
    commit_interval: Annotated[
        float,
        Meta(
            ge=0.1,
            le=60,
            description="Seconds between two commits of offsets: how much work a crashed worker repeats.",
            examples=["1"],
        ),
    ] = 2.0
    intake_batch: Annotated[
        int, Meta(ge=1, le=20_000, description="Most records that intake takes at once.", examples=["1000"])
    ] = 500
    fast_drain: Annotated[
        bool,
        Meta(
            description="Hand fetched records to the agents in sets instead of one by one: about twice as fast. "
            "Turn off to rule it out as a cause.",
            examples=["false"],
        ),
    ] = True
    table_store: Annotated[
        Literal["memory", "rocksdb"],
        Meta(description="Where a worker keeps its profiles: in memory, or on disk.", examples=["rocksdb"]),
    ] = "memory"
    recovery_check: Annotated[
        bool,
        Meta(
            description="Refuse to start where profiles on disk are ahead of Kafka's copy. Turn off for the embedded "
            "broker of the demo only.",
            examples=["false"],
        ),
    ] = True
    data_dir: Annotated[
        Path,
        Meta(description="Folder of the local database, profiles on disk and models.", examples=["/var/lib/wardwatch"]),
    ] = Path("wardwatch-data")
    database_url: Annotated[
        Secret | None,
        Meta(
            description="SQLAlchemy address of the incident store (SQLite or PostgreSQL); without it "
            "`wardwatch.sqlite` in `data_dir`.",
            examples=["postgresql+psycopg://wardwatch:…@db/wardwatch"],
        ),
    ] = None
    model_dir: Annotated[
        Path | None,
        Meta(
            description="Folder of the model store; without it `models` in `data_dir`.",
            examples=["/var/lib/wardwatch/models"],
        ),
    ] = None
    model_public_key: Annotated[
        Path | None,
        Meta(
            description="File with the public key (PEM, Ed25519) that signatures of models must match; without it no "
            "trained model is loaded.",
            examples=["/etc/wardwatch/models.pub"],
        ),
    ] = None
    token_key: Annotated[
        Secret | None,
        Meta(
            description="Key that turns identifiers into tokens, 64 hexadecimal digits (`openssl rand -hex 32`). Every "
            "worker needs the same. Without it, commands on this machine make one in `data_dir`; workers refuse.",
            examples=["(from a secret store)"],
        ),
    ] = None
    token_key_id: Annotated[
        int,
        Meta(
            ge=1,
            le=999,
            description="Number of `token_key`, written into every token; change both together.",
            examples=["2"],
        ),
    ] = 1
    previous_token_keys: Annotated[
        Secret | None,
        Meta(
            description="Keys whose tokens are still in use, as `id=key`, separated by commas.",
            examples=["1=9f86d0…"],
        ),
    ] = None
    rules_dir: Annotated[
        Path | None,
        Meta(
            description="Folder of the site's own rules in Sigma syntax, beside those that come with Wardwatch.",
            examples=["/etc/wardwatch/rules"],
        ),
    ] = None
    service_minutes: Annotated[
        Path | None,
        Meta(
            description="CSV file `code,minutes,each,share` with the fewest minutes of each procedure code, for the "
            "rule of impossible days (B05), which is silent without it.",
            examples=["/etc/wardwatch/minutes.csv"],
        ),
    ] = None
    alerts_per_day: Annotated[
        float,
        Meta(
            gt=0,
            le=100_000,
            description="Alerts a day that people can look at; the threshold follows. Critical rules always alert.",
            examples=["40"],
        ),
    ] = 25.0
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

    @property
    def database(self) -> str:
        """The address of the incident store."""
        return self.database_url.reveal() if self.database_url else f"sqlite:///{self.data_dir / 'wardwatch.sqlite'}"

    @property
    def previous_keys(self) -> list[str]:
        """The parts `id=key` of `previous_token_keys`."""
        text = self.previous_token_keys.reveal() if self.previous_token_keys else ""
        return [part.strip() for part in text.split(",") if part.strip()]

    @property
    def models(self) -> Path:
        """The folder of the model store."""
        return self.model_dir or self.data_dir / "models"


def child_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for a process of ours: those of this process, with these settings in place of its own."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return {**others, **{PREFIX + name.upper(): value for name, value in settings.items()}}


def load(config: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process.

    Args:
        config: YAML file with settings, where there is one.
        environment: variables to use in place of the process's own.

    Raises:
        SettingsError: with every problem found, each naming its setting and what to do.
    """
    variables = {
        name: value
        for name, value in (os.environ if environment is None else environment).items()
        if name.startswith(PREFIX) and name not in READ_BY_THE_TESTS
    }
    values, problems = read_fields(Settings, variables, config)
    settings = Settings(**values)
    problems += problems_between(settings, known_bad=problems)
    if problems:
        raise SettingsError(problems)
    return settings
