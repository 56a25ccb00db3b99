"""Topics as a test sees them: created empty, written to and read back."""

from collections.abc import Sequence

import aiokafka  # type: ignore[import-untyped]  # has no py.typed

from streams.records import SourceRecord
from streams.topic_admin import create_topics
from streams.topics import TopicPlan

QUIET_MS = 700


def topics(bootstrap: str, prefix: str, names: Sequence[str], partitions: int = 2) -> TopicPlan:
    """Create some topics of a plan and return it."""
    plan = TopicPlan(prefix=prefix, partitions=partitions)
    wanted = {plan.name(name) for name in names}
    create_topics(bootstrap, [topic for topic in plan.topics() if topic.name in wanted])
    return plan


async def everything(bootstrap: str, *names: str) -> list[tuple[bytes | None, SourceRecord]]:
    """Read topics until nothing more comes, and return keys and records by topic, partition and offset."""
    consumer = aiokafka.AIOKafkaConsumer(*names, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    found = []
    async with consumer:
        while some := await consumer.getmany(timeout_ms=QUIET_MS):
            for place, records in some.items():
                for record in records:
                    source = SourceRecord(
                        place.topic, place.partition, record.offset, record.timestamp / 1000, record.value,
                        dict(record.headers),
                    )  # fmt: skip
                    found.append((record.key, source))
    return sorted(found, key=lambda pair: (pair[1].topic, pair[1].partition, pair[1].offset))


async def send(bootstrap: str, topic: str, key: bytes | None, value: bytes | None) -> None:
    async with aiokafka.AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        await producer.send_and_wait(topic, value, key=key)
