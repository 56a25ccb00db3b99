"""From event to finding at half of the target load, both by the broker's clock.

A process beside the broker publishes prepared records at an even pace. A source record's timestamp is the broker's
(`LogAppendTime`), as is that of the record in which its finding stands on the topic `findings`.
"""

import asyncio
import sys
import time
from pathlib import Path

import aiokafka  # type: ignore[import-untyped]  # no py.typed
import msgspec
import numpy as np
from aiokafka import TopicPartition
from msgspec import Struct

from streams.ingest import message_of
from streams.parcels import decode_findings
from streams.topics import FINDINGS, TopicPlan
from tests.bench.pipeline_corpus import Corpus, make_intake
from tests.bench.pipeline_deployment import Deployment, start, wait_until

RATE = 2_300.0
"""Events per second: half of what a group of 20 hospitals comes to at its peak."""

TICK_SECONDS = 0.01
WARM_UP_SECONDS = 10.0
"""Left out of the figures: models and caches of the worker are cold."""


class Paced(Struct, array_like=True):
    """A prepared record."""

    topic: str
    key: bytes | None
    value: bytes
    headers: list[tuple[str, bytes]]


class PacedSettings(Struct):
    """What the producer is told."""

    bootstrap: str
    records: str
    rate: float
    done: str


async def publish(settings: PacedSettings) -> None:
    """Publish the records at the rate, and write how late the latest was."""
    records = msgspec.msgpack.decode(Path(settings.records).read_bytes(), type=list[Paced])
    late = 0.0
    async with aiokafka.AIOKafkaProducer(bootstrap_servers=settings.bootstrap, linger_ms=0) as producer:
        began = time.monotonic()
        sent = 0
        acknowledged = []
        while sent < len(records):
            due = min(round((time.monotonic() - began) * settings.rate), len(records))
            for record in records[sent:due]:
                sending = producer.send(record.topic, record.value, key=record.key, headers=record.headers)
                acknowledged.append(await sending)
            sent = max(sent, due)
            late = max(late, time.monotonic() - began - sent / settings.rate)
            await asyncio.sleep(TICK_SECONDS)
        await asyncio.gather(*acknowledged)
        seconds = time.monotonic() - began
    Path(settings.done).write_text(f"{len(records) / seconds:.0f} events/s, at most {late * 1e3:.0f} ms late")


async def timestamps(bootstrap: str, plan: TopicPlan) -> tuple[dict[str, float], list[tuple[str, float]]]:
    """Return the broker's time of every event by its id, and of every finding with its event's id; in seconds."""
    sources = [plan.name("access.events"), plan.name("billing.transactions")]
    findings = plan.name(FINDINGS)
    consumer = aiokafka.AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    received: dict[str, float] = {}
    found: list[tuple[str, float]] = []
    async with consumer:
        places = [TopicPartition(topic, part) for topic in (*sources, findings) for part in range(plan.partitions)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        while True:
            for place, records in (await consumer.getmany(timeout_ms=200)).items():
                for record in records:
                    if place.topic == findings:
                        found += [(each.event_id, record.timestamp / 1e3) for each in decode_findings(record.value)]
                    else:
                        received.setdefault(dict(record.headers)["ce_id"].decode(), record.timestamp / 1e3)
            if all([await consumer.position(place) >= ends[place] for place in places]):
                return received, found


def measure_latency(corpus: Corpus, deployment: Deployment, rate: float = RATE) -> None:
    """Publish the events at a pace to a worker that is up, and print how long their findings took."""
    deployment.apply(corpus.context)
    intake = make_intake()
    messages = [message_of(line, intake, deployment.plan) for line in corpus.events]
    prepared, done = deployment.folder / "prepared", deployment.folder / "done"
    prepared.write_bytes(
        msgspec.msgpack.encode([Paced(each.topic, each.key, each.value, each.headers) for each in messages])
    )
    deployment.start_worker(len(corpus.events))
    time.sleep(WARM_UP_SECONDS)
    settings = PacedSettings(deployment.bootstrap, str(prepared), rate, str(done))
    log = deployment.folder / "producer.log"
    producer = start("tests.bench.pipeline_latency", msgspec.json.encode(settings).decode(), log)
    wait_until(done.exists, log, producer)
    report = deployment.wait_for_report()
    deployment.stop_worker()
    received, found = asyncio.run(timestamps(deployment.bootstrap, deployment.plan))
    begin = min(received.values()) + WARM_UP_SECONDS
    waits = np.array([at - received[event] for event, at in found if received[event] >= begin]) * 1e3
    p50, p99 = np.quantile(waits, [0.5, 0.99])
    print(f"published {done.read_text()}; worker busy {report.cpu_seconds / report.seconds:.0%} of its core")
    print(f"event to finding: p50 {p50:.0f} ms, p99 {p99:.0f} ms, longest {waits.max():.0f} ms, n = {len(waits):,}")


if __name__ == "__main__":
    asyncio.run(publish(msgspec.json.decode(sys.argv[1], type=PacedSettings)))
