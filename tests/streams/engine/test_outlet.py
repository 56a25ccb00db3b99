"""What the outlet says is delivered lies on the broker, in order; what cannot be delivered is said."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition  # type: ignore[import-untyped]  # no py.typed

from streams.emit import BATCH_BYTES, Delivery, DeliveryError, Outgoing, Outlet
from streams.topic_admin import create_topics
from streams.topics import Topic
from tests.conftest import Broker
from tests.services.kafka import KafkaServer


@asynccontextmanager
async def outlet_to(bootstrap: str, *, delivery_seconds: float = 10.0) -> AsyncIterator[Outlet]:
    outlet = Outlet(bootstrap, maximum_bytes=8 * 1024 * 1024, delivery_seconds=delivery_seconds, attempts=2)
    await outlet.start()
    yield outlet
    await outlet.stop()


@pytest.fixture
async def topic(broker: Broker, topics_prefix: str) -> str:
    name = f"{topics_prefix}outlet"
    settings = {"max.message.bytes": str(8 * 1024 * 1024)}
    await asyncio.to_thread(create_topics, broker.bootstrap, [Topic(name, 2, 1, settings)])
    return name


@pytest.fixture
async def outlet(broker: Broker) -> AsyncIterator[Outlet]:
    async with outlet_to(broker.bootstrap) as started:
        yield started


async def read(bootstrap: str, topic: str, n: int) -> dict[int, list[tuple[bytes | None, bytes | None]]]:
    found: dict[int, list[tuple[bytes | None, bytes | None]]] = defaultdict(list)
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition(topic, partition) for partition in (0, 1)])
        for _ in range(n):
            record = await asyncio.wait_for(consumer.getone(), 10.0)
            found[record.partition].append((record.key, record.value))
    return found


async def test_records_lie_where_the_outlet_says_in_their_order(outlet: Outlet, broker: Broker, topic: str) -> None:
    values = [b"%d " % number + bytes(BATCH_BYTES // 3) for number in range(7)]
    records = [Outgoing(topic, number % 2, b"key", value) for number, value in enumerate(values)]
    assert await outlet.send(records) == {(topic, 0): Delivery(0, 3, 4), (topic, 1): Delivery(0, 2, 3)}
    assert await outlet.send([Outgoing(topic, 1, b"gone", None)]) == {(topic, 1): Delivery(3, 3, 1)}
    found = await read(broker.bootstrap, topic, 8)
    assert found[0] == [(b"key", value) for value in values[::2]]
    assert found[1] == [*((b"key", value) for value in values[1::2]), (b"gone", None)]


async def test_a_record_larger_than_a_batch_is_delivered(outlet: Outlet, broker: Broker, topic: str) -> None:
    value = bytes(3 * BATCH_BYTES)
    await outlet.send([Outgoing(topic, 0, None, value), Outgoing(topic, 0, None, b"next")])
    assert (await read(broker.bootstrap, topic, 2))[0] == [(None, value), (None, b"next")]


async def test_nothing_to_send_is_delivered(outlet: Outlet) -> None:
    assert await outlet.send([]) == {}


async def test_a_partition_that_does_not_exist_is_an_error_and_the_others_are_delivered(
    outlet: Outlet, broker: Broker, topic: str
) -> None:
    with pytest.raises(DeliveryError, match="1 partitions"):
        await outlet.send([Outgoing(topic, 7, None, b"lost"), Outgoing(topic, 0, None, b"there")])
    assert (await read(broker.bootstrap, topic, 1))[0] == [(None, b"there")]


async def test_an_outlet_that_is_not_started_delivers_nothing() -> None:
    outlet = Outlet("127.0.0.1:1", maximum_bytes=1, delivery_seconds=1.0, attempts=1)
    with pytest.raises(DeliveryError, match="not started"):
        await outlet.send([Outgoing("t", 0, None, b"x")])


async def test_a_broker_that_comes_back_in_time_gets_the_records(disposable_kafka: KafkaServer) -> None:
    await asyncio.to_thread(create_topics, disposable_kafka.bootstrap, [Topic("outlet", 1, 1, {})])
    async with outlet_to(disposable_kafka.bootstrap, delivery_seconds=20.0) as outlet:
        await outlet.send([Outgoing("outlet", 0, None, b"before")])
        await asyncio.to_thread(disposable_kafka.kill)
        sending = asyncio.create_task(outlet.send([Outgoing("outlet", 0, None, b"during")]))
        await asyncio.sleep(0.5)
        assert not sending.done()
        await asyncio.to_thread(disposable_kafka.start)
        assert await sending == {("outlet", 0): Delivery(1, 1, 1)}


async def test_a_broker_that_does_not_come_back_is_an_error(disposable_kafka: KafkaServer) -> None:
    await asyncio.to_thread(create_topics, disposable_kafka.bootstrap, [Topic("outlet", 1, 1, {})])
    async with outlet_to(disposable_kafka.bootstrap, delivery_seconds=1.0) as outlet:
        await asyncio.to_thread(disposable_kafka.kill)
        with pytest.raises(DeliveryError):
            await outlet.send([Outgoing("outlet", 0, None, b"lost")])
