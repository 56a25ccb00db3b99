"""The topics: what the plan says, and what a broker ends up with."""

from dataclasses import replace

from streams.topic_admin import create_topics, inspect_topics
from streams.topics import TopicPlan
from tests.conftest import Broker
from tests.services.kafka import KafkaServer


def test_a_plan_names_every_topic_with_its_prefix() -> None:
    plan = TopicPlan(prefix="north-", partitions=3)
    names = [topic.name for topic in plan.topics()]
    assert plan.sources == names[:6]
    assert plan.sources[:2] == ["north-billing.transactions", "north-access.events"]
    assert plan.stage("user") in names
    assert plan.table("user") == "north-table.user"
    assert len(set(names)) == 6 + 4 + 3 + 1 + 4


def test_tables_have_as_many_partitions_as_the_stages_that_write_them_and_are_compacted() -> None:
    plan = TopicPlan(partitions=5)
    topics = {topic.name: topic for topic in plan.topics()}
    assert topics["stage.patient"].partitions == topics["table.patient"].partitions == 5
    assert topics["table.patient"].settings["cleanup.policy"] == "compact"
    assert topics["peers"].settings["cleanup.policy"] == "compact"
    assert topics["stage.patient"].settings["retention.ms"] == str(24 * 60 * 60 * 1000)


def test_replicated_topics_ask_for_two_copies_before_an_acknowledgement() -> None:
    assert all("min.insync.replicas" not in topic.settings for topic in TopicPlan().topics())
    assert all(topic.settings["min.insync.replicas"] == "2" for topic in TopicPlan(replication=3).topics())


def test_creating_topics_twice_changes_nothing(broker: Broker, topics_prefix: str) -> None:
    topics = TopicPlan(prefix=topics_prefix, partitions=2).topics()
    names = [topic.name for topic in topics]
    assert inspect_topics(broker.bootstrap, topics).missing == names
    first = create_topics(broker.bootstrap, topics)
    assert (first.created, first.existing, first.missing) == (names, [], [])
    second = create_topics(broker.bootstrap, topics)
    assert (second.created, second.existing, second.different) == ([], names, {})


def test_what_differs_is_told_and_left_alone(kafka_broker: KafkaServer, topics_prefix: str) -> None:
    plan = TopicPlan(prefix=topics_prefix, partitions=2)
    create_topics(kafka_broker.bootstrap, plan.topics())
    report = create_topics(kafka_broker.bootstrap, replace(plan, partitions=3, findings_retention_days=1.0).topics())
    assert not report.is_complete
    assert report.different[f"{topics_prefix}findings"] == [
        "partitions is 2, should be 3",
        "retention.ms is 2592000000, should be 86400000",
    ]
    assert create_topics(kafka_broker.bootstrap, plan.topics()).is_complete
