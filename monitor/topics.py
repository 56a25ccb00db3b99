"""The topics of this installation, and talking to the broker about them."""

import importlib
import socket
import warnings
from collections.abc import Callable
from typing import TypeVar

from monitor.failure import Failure
from monitor.settings import Settings
from streams.topic_admin import TopicsReport, create_topics, inspect_topics
from streams.topics import TopicPlan

CONNECT_SECONDS = 3.0

Answer = TypeVar("Answer")


def topic_plan(settings: Settings) -> TopicPlan:
    """Return the topics that the settings call for."""
    return TopicPlan(
        prefix=settings.topic_prefix,
        partitions=settings.partitions,
        replication=settings.replication,
        source_retention_days=settings.retention_days,
    )


def create(settings: Settings) -> TopicsReport:
    """Create what is missing.

    Raises:
        Failure: where the broker does not answer or refuses.
    """
    return _asked(settings, lambda: create_topics(settings.broker, topic_plan(settings).topics()))


def inspect(settings: Settings) -> TopicsReport:
    """Compare what is there with what should be.

    Raises:
        Failure: where the broker does not answer.
    """
    return _asked(settings, lambda: inspect_topics(settings.broker, topic_plan(settings).topics()))


def require_broker(settings: Settings) -> None:
    """Make sure that something listens at the broker's address: Kafka's clients would wait for half a minute.

    Raises:
        Failure: where nothing does.
    """
    for address in settings.broker.split(","):
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), timeout=CONNECT_SECONDS).close()
        except (OSError, OverflowError):
            continue
        return
    message = f"nothing answers at {settings.broker}; start Kafka, or correct WARDWATCH_BROKER"
    raise Failure(message)


def _asked(settings: Settings, ask: Callable[[], Answer]) -> Answer:
    require_broker(settings)
    try:
        return ask()
    except _kafka_error() as error:
        message = f"the broker at {settings.broker} refuses: {type(error).__name__}; its own log says why"
        raise Failure(message) from None


def _kafka_error() -> type[Exception]:
    """Return the base of kafka-python's exceptions; its import warns about its own use of importlib.resources."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        error: type[Exception] = importlib.import_module("kafka.errors").KafkaError
        return error
