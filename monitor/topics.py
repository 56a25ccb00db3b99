"""The topics of this installation, and talking to the broker about them."""

from collections.abc import Callable, Sequence

from monitor.broker_trouble import broker_advice
from monitor.failure import Failure
from monitor.kafka_security import kafka_security
from monitor.settings import Settings
from streams.kafka_python import module
from streams.security import KafkaSecurity
from streams.topic_admin import TopicsReport, create_topics, inspect_topics
from streams.topics import Topic, TopicPlan


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
    return _asked(settings, create_topics)


def inspect(settings: Settings) -> TopicsReport:
    """Compare what is there with what should be.

    Raises:
        Failure: where the broker does not answer.
    """
    return _asked(settings, inspect_topics)


def require_broker(settings: Settings) -> KafkaSecurity:
    """Make sure that a broker can be used: Kafka's clients would try for half a minute, and tell why in their logs.

    Call it outside of an event loop.

    Returns:
        How to speak with the brokers, for the clients that come next.

    Raises:
        Failure: where none can be used, with what to do.
    """
    security = kafka_security(settings)
    advice = broker_advice(settings, security)
    if advice:
        raise Failure(advice)
    return security


def _asked(settings: Settings, ask: Callable[[str, Sequence[Topic], KafkaSecurity], TopicsReport]) -> TopicsReport:
    security = require_broker(settings)
    try:
        return ask(settings.broker, topic_plan(settings).topics(), security)
    except module("kafka.errors").AuthorizationError as error:
        message = (
            f"the broker at {settings.broker} does not allow it ({type(error).__name__}); give the user the rights "
            "that docs/kafka-security.md lists"
        )
        raise Failure(message) from None
    except module("kafka.errors").KafkaError as error:
        message = f"the broker at {settings.broker} refuses: {type(error).__name__}; its own log says why"
        raise Failure(message) from None
