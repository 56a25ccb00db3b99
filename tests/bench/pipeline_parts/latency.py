"""From event to finding at half of the target load, both by the broker's clock.

A process beside the broker publishes prepared records at an even pace. A source record's timestamp is the broker's
(`LogAppendTime`), as is that of the record in which its finding stands on the topic `findings`.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import aiokafka  # type: ignore[import-untyped]  # no py.typed
import msgspec
import numpy as np
from aiokafka import TopicPartition
from msgspec import Struct

from streams.ingest import message_of
from streams.parcels import decode_findings
from streams.publisher import Message, Publisher
from streams.topics import FINDINGS, TopicPlan
from tests.bench.pipeline_parts.corpus import Corpus, make_intake
from tests.bench.pipeline_parts.deployment import Deployment, start, wait_until

RATE = 2_300.0
"""Events per second: half of what a group of 20 hospitals comes to at its peak."""

TICK_SECONDS = 0.01
WARM_UP_SECONDS = 10.0
"""Left out of the figures: models and caches of the worker are cold."""


class PacedSettings(Struct):
    """What the producer is told."""

    bootstrap: str
    records: str
    rate: float
    done: str


async def publish(settings: PacedSettings, messages: Sequence[Message]) -> str:
    """Publish messages at the rate, and return how well it was kept."""
    late, sent = 0.0, 0
    publisher = Publisher(settings.bootstrap, {}, TopicPlan().maximum_source_bytes)
    try:
        await publisher.start()
        began = time.monotonic()
        while sent < len(messages):
            due = min(round((time.monotonic() - began) * settings.rate), len(messages))
            acknowledged, error = await publisher.publish(messages[sent:due])
            if error is not None or len(acknowledged) < due - sent:
                message = f"the broker refused events: {error!r}"
                raise SystemExit(message)
            sent = due
            late = max(late, time.monotonic() - began - sent / settings.rate)
            await asyncio.sleep(TICK_SECONDS)
        seconds = time.monotonic() - began
    finally:
        await publisher.stop()
    return f"{len(messages) / seconds:.0f} events/s, at most {late * 1e3:.0f} ms late"


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
    prepared.write_bytes(msgspec.msgpack.encode(messages))
    deployment.start_worker(len(corpus.events))
    deployment.wait_until_up()
    settings = PacedSettings(deployment.bootstrap, str(prepared), rate, str(done))
    log = deployment.folder / "producer.log"
    producer = start("tests.bench.pipeline_parts.latency", msgspec.json.encode(settings).decode(), log)
    wait_until(done.exists, log, producer)
    report = deployment.wait_for_report()
    deployment.stop_worker()
    received, found = asyncio.run(timestamps(deployment.bootstrap, deployment.plan))
    begin = min(received.values()) + WARM_UP_SECONDS
    waits = np.array([at - received[event] for event, at in found if received[event] >= begin]) * 1e3
    p50, p99 = np.quantile(waits, [0.5, 0.99])
    print(f"published {done.read_text()}; worker busy {report.cpu_seconds / report.seconds:.0%} of its core")
    print(f"event to finding: p50 {p50:.0f} ms, p99 {p99:.0f} ms, longest {waits.max():.0f} ms, n = {len(waits):,}")


def main(settings: PacedSettings) -> None:
    """Publish what was prepared."""
    messages = msgspec.msgpack.decode(Path(settings.records).read_bytes(), type=list[Message])
    Path(settings.done).write_text(asyncio.run(publish(settings, messages)))


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=PacedSettings))
