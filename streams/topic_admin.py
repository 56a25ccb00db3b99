"""Creating the topics on a broker, and telling in what the existing ones differ (`wardwatch topics create`)."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from streams.kafka_python import module
from streams.security import IN_THE_CLEAR, KafkaSecurity
from streams.topics import Topic


@dataclass
class TopicsReport:
    """What was found and done: names of topics, and for each that differs what it has instead."""

    created: list[str] = field(default_factory=list)
    existing: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    different: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether every topic is there, with its number of partitions and its settings."""
        return not self.missing and not self.different


def inspect_topics(bootstrap: str, topics: Sequence[Topic], security: KafkaSecurity = IN_THE_CLEAR) -> TopicsReport:
    """Compare the topics of a broker with what they should be; changes nothing.

    Args:
        bootstrap: broker addresses, `host:port`, separated by commas.
        topics: what there should be, `TopicPlan(...).topics()`.
        security: how to speak with the broker.

    Raises:
        kafka.errors.KafkaError: where no broker answers.
    """
    with _admin(bootstrap, security) as admin:
        return _inspect(admin, topics)


def create_topics(bootstrap: str, topics: Sequence[Topic], security: KafkaSecurity = IN_THE_CLEAR) -> TopicsReport:
    """Create the topics that are missing, wait until they can be used, and report on all.

    Running it again changes nothing. Existing topics are never altered: the report names what differs.

    Args:
        bootstrap: broker addresses, `host:port`, separated by commas.
        topics: what there should be, `TopicPlan(...).topics()`.
        security: how to speak with the broker.

    Raises:
        kafka.errors.KafkaError: where no broker answers, or it refuses to create a topic.
    """
    with _admin(bootstrap, security) as admin:
        missing = set(_inspect(admin, topics).missing)
        wanted = {
            topic.name: {
                "num_partitions": topic.partitions,
                "replication_factor": topic.replication,
                "configs": topic.settings,
            }
            for topic in topics
            if topic.name in missing
        }
        if wanted:
            _create(admin, wanted)
        report = _inspect(admin, topics)
        report.created = [topic.name for topic in topics if topic.name in missing]
        report.existing = [name for name in report.existing if name not in missing]
        return report


def _create(admin: "_Admin", wanted: dict[str, dict[str, Any]]) -> None:
    errors = module("kafka.errors")
    answer = admin.create_topics(wanted, raise_errors=False)
    for topic in answer["topics"]:
        # Another process may have created it since we looked.
        if topic["error_code"] not in (0, errors.TopicAlreadyExistsError.errno):
            raise errors.for_code(topic["error_code"])(topic["error_message"] or topic["name"])
    admin.wait_for_topics(list(wanted))


def _inspect(admin: "_Admin", topics: Sequence[Topic]) -> TopicsReport:
    report = TopicsReport()
    # The listing, not a description by name: asking for a name would create it where the broker creates on demand.
    there = {topic["name"]: topic for topic in admin.describe_topics()}
    settings = _settings(admin, [topic for topic in topics if topic.name in there])
    for topic in topics:
        if topic.name not in there:
            report.missing.append(topic.name)
            continue
        report.existing.append(topic.name)
        differences = list(_differences(topic, there[topic.name], settings[topic.name]))
        if differences:
            report.different[topic.name] = differences
    return report


def _differences(topic: Topic, found: dict[str, Any], settings: dict[str, Any]) -> Iterator[str]:
    partitions = len(found["partitions"])
    if partitions != topic.partitions:
        yield f"partitions is {partitions}, should be {topic.partitions}"
    for name, wanted in topic.settings.items():
        value = settings.get(name, {}).get("value")
        if value != wanted:
            yield f"{name} is {value}, should be {wanted}"


def _settings(admin: "_Admin", topics: Sequence[Topic]) -> dict[str, dict[str, Any]]:
    """Return the settings of existing topics: topic, setting, and its `value` among other things."""
    if not topics:
        return {}
    kafka = module("kafka.admin")
    asked = [kafka.ConfigResource(kafka.ConfigResourceType.TOPIC, topic.name) for topic in topics]
    return admin.describe_configs(asked, config_filter="all")["topic"]


class _Admin(Protocol):
    """What we use of kafka-python's `KafkaAdminClient`, which has no types."""

    def describe_topics(self) -> list[dict[str, Any]]: ...
    def describe_configs(
        self, config_resources: list[Any], *, config_filter: str
    ) -> dict[str, dict[str, dict[str, Any]]]: ...
    def create_topics(self, new_topics: dict[str, dict[str, Any]], *, raise_errors: bool) -> dict[str, Any]: ...
    def wait_for_topics(self, topic_names: list[str]) -> None: ...
    def close(self) -> None: ...


@contextmanager
def _admin(bootstrap: str, security: KafkaSecurity) -> Iterator[_Admin]:
    kafka = module("kafka.admin")
    # It reports every connection at INFO, and nothing that its exceptions do not say.
    logging.getLogger("kafka").setLevel(logging.ERROR)
    admin: _Admin = kafka.KafkaAdminClient(
        bootstrap_servers=bootstrap.split(","), client_id="wardwatch-topics", **security.for_kafka_python()
    )
    try:
        yield admin
    finally:
        admin.close()
