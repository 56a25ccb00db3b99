"""`wardwatch archive` as a process: killed while it writes, it goes on; nothing is missing or twice."""

import asyncio
import signal
from pathlib import Path

from aiokafka import AIOKafkaProducer  # type: ignore[import-untyped]  # has no py.typed

from alerting.archive import Archive, create_archive
from alerting.store import open_engine
from streams.embedded import free_port
from streams.topic_admin import create_topics
from streams.topics import TopicPlan
from tests.monitor.cli.conftest import KEY
from tests.monitor.cli.processes import environment, started, wait_for
from tests.services.kafka import KafkaServer
from tests.streams.archived import a_parcel, an_access

PARCELS, ACCESSES = 400, 25


def test_killed_while_it_writes_it_misses_nothing(
    kafka_broker: KafkaServer, topics_prefix: str, tmp_path: Path
) -> None:
    plan = TopicPlan(prefix=topics_prefix, partitions=1)
    create_topics(kafka_broker.bootstrap, plan.topics())
    asyncio.run(_send(kafka_broker.bootstrap, plan.stage("patient")))
    database = f"sqlite:///{tmp_path / 'archive.sqlite'}"
    variables = environment(
        {
            "broker": kafka_broker.bootstrap,
            "topic_prefix": topics_prefix,
            "partitions": "1",
            "archive_url": database,
            "data_dir": str(tmp_path),
            "token_key": KEY,
            "health_port": str(free_port()),
        }
    )
    engine = open_engine(database)
    create_archive(engine)
    archive = Archive(engine)
    log = tmp_path / "archive.log"

    def held() -> int:
        return archive.extent().accesses

    with started(["archive"], variables, log) as process:
        wait_for("rows", lambda: held() > 0, log, pause=0.01)
        process.kill()
        process.wait()
    assert held() < PARCELS * ACCESSES  # or it would show nothing
    with started(["archive"], variables, log) as process:
        wait_for("all rows", lambda: held() == PARCELS * ACCESSES, log)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert held() == PARCELS * ACCESSES
    engine.dispose()


async def _send(bootstrap: str, topic: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for n in range(PARCELS):
            visits = [an_access(f"e{n}-{m}", f"p1:{m}") for m in range(ACCESSES)]
            await producer.send(topic, a_parcel(*visits), partition=0)
        await producer.flush()
