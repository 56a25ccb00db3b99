"""The second baseline, the limit: aiokafka's `getmany` and msgspec's decoding into our structs, nothing else.

python -m tests.bench.baselines.bare SETTINGS
"""

import asyncio
import os
import sys
import time
from pathlib import Path

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition  # type: ignore[import-untyped]  # no py.typed
from msgspec import Struct

from detectors.events import DATA_TYPES


class BareSettings(Struct):
    """What it is told: these topics, with so many partitions each; the seconds go into `report`."""

    bootstrap: str
    topics: list[str]
    partitions: int
    report: str
    core: int
    events: int


async def consume(settings: BareSettings) -> tuple[float, float]:
    """Consume and decode so many events; return seconds of the clock and of the processor."""
    decoders = {name.encode(): msgspec.json.Decoder(kind) for name, kind in DATA_TYPES.items()}
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.bootstrap, enable_auto_commit=False)
    async with consumer:
        places = [TopicPartition(topic, part) for topic in settings.topics for part in range(settings.partitions)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        seen = 0
        began = time.perf_counter(), time.process_time()
        while seen < settings.events:
            fetched = await consumer.getmany(timeout_ms=200, max_records=500)
            for records in fetched.values():
                for record in records:
                    decoders[dict(record.headers)["ce_type"]].decode(record.value)
                seen += len(records)
        return time.perf_counter() - began[0], time.process_time() - began[1]


def main(settings: BareSettings) -> None:
    """Measure and write the report."""
    os.sched_setaffinity(0, {settings.core})
    seconds, cpu_seconds = asyncio.run(consume(settings))
    Path(settings.report).write_bytes(msgspec.json.encode({"seconds": seconds, "cpu_seconds": cpu_seconds}))


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=BareSettings))
