"""The broker, the topics and the consumer group."""

from typing import Annotated

from msgspec import Meta, Struct

from monitor.settings.shapes import HOST_AND_PORT, NAME


class KafkaSettings(Struct, frozen=True, kw_only=True):
    """The broker, the topics and the consumer group."""

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
