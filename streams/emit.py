"""Sending records to the broker and knowing that they are there (design.md §3.1).

Faust's own producer cannot be waited for in bulk, and costs 100 µs a record; a batch per partition, built and awaited
here, costs 1.5 µs a record (engines.md §9).
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence

import aiokafka  # type: ignore[import-untyped]  # has no py.typed
from aiokafka.errors import KafkaError, KafkaTimeoutError  # type: ignore[import-untyped]  # has no py.typed
from mode import Service
from msgspec import Struct

from streams.security import IN_THE_CLEAR, KafkaSecurity

logger = logging.getLogger(__name__)

BATCH_BYTES = 1024 * 1024
"""Size, before compression, at which a batch is closed and the next one begun. A larger record has one of its own."""

FIRST_PAUSE_SECONDS = 0.5

TopicPartition = tuple[str, int]


class Outgoing(Struct, frozen=True):
    """A record to be sent. The partition is always ours to choose; a value of None deletes in a compacted topic."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None


class Delivery(Struct):
    """Where the records sent to one partition lie; `count` may be less than the span, where others wrote between."""

    first: int
    last: int
    count: int


class DeliveryError(Exception):
    """The broker did not take the records within the time and the attempts allowed."""


class Outlet(Service):
    """The one producer of a worker: sends records in batches and returns when all are acknowledged by all replicas."""

    def __init__(
        self,
        bootstrap: str,
        *,
        maximum_bytes: int,
        delivery_seconds: float,
        attempts: int,
        compression: str = "zstd",
        security: KafkaSecurity = IN_THE_CLEAR,
    ) -> None:
        """Prepare an outlet; it connects when it is started.

        Args:
            bootstrap: broker addresses, `host:port`, separated by commas.
            maximum_bytes: largest request; at least the largest record.
            delivery_seconds: how long the client tries to deliver one batch before that counts as a failed attempt.
            attempts: failed attempts after which `send` raises.
            compression: `zstd`, `lz4`, `gzip` or `none`.
            security: how to speak with the brokers.
        """
        super().__init__()
        self._bootstrap = bootstrap
        self._maximum_bytes = maximum_bytes
        self._delivery_seconds = delivery_seconds
        self._attempts = attempts
        self._compression = None if compression == "none" else compression
        self._security = security
        self._producer: aiokafka.AIOKafkaProducer | None = None

    async def on_start(self) -> None:
        """Connect."""
        producer = aiokafka.AIOKafkaProducer(
            bootstrap_servers=self._bootstrap.split(","),
            client_id="wardwatch",
            acks="all",
            compression_type=self._compression,
            linger_ms=0,  # what belongs together is in one batch already
            max_batch_size=BATCH_BYTES,
            max_request_size=self._maximum_bytes,
            request_timeout_ms=round(self._delivery_seconds * 1000),
            **self._security.for_aiokafka(),
        )
        await producer.start()
        self._producer = producer

    async def on_stop(self) -> None:
        """Disconnect."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def send(self, records: Iterable[Outgoing]) -> dict[TopicPartition, Delivery]:
        """Send records, in their order within each partition, and return when all are acknowledged.

        Records that fail are sent again; a record may therefore arrive twice, but never out of order.

        Raises:
            DeliveryError: some are still not acknowledged after the last attempt, or never can be.
        """
        waiting: dict[TopicPartition, list[Outgoing]] = defaultdict(list)
        for record in records:
            waiting[record.topic, record.partition].append(record)
        deliveries: dict[TopicPartition, Delivery] = {}
        failures = 0
        while waiting:
            error = await self._send_round(waiting, deliveries)
            if error is not None:
                failures += 1
                if failures >= self._attempts or not _may_pass(error):
                    message = f"{len(waiting)} partitions did not take their records: {type(error).__name__}"
                    raise DeliveryError(message) from error
                logger.warning("delivery failed, trying again: %s", type(error).__name__)
                await asyncio.sleep(FIRST_PAUSE_SECONDS * 2 ** (failures - 1))
        return deliveries

    async def _send_round(
        self, waiting: dict[TopicPartition, list[Outgoing]], deliveries: dict[TopicPartition, Delivery]
    ) -> Exception | None:
        """Send one batch to each partition; take what was delivered out of `waiting` and return one error, if any."""
        if self._producer is None:
            raise DeliveryError("the outlet is not started")
        sent: dict[TopicPartition, tuple[int, asyncio.Future[aiokafka.structs.RecordMetadata]]] = {}
        error: Exception | None = None
        for place, records in waiting.items():
            batch = self._producer.create_batch()
            count = _fill(batch, records)
            try:
                sent[place] = count, await self._producer.send_batch(batch, place[0], partition=place[1])
            except (KafkaError, AssertionError) as refused:  # aiokafka asserts that the partition exists
                error = refused
        if sent:
            # The client gives up by itself after the delivery time; twice that means it is stuck.
            await asyncio.wait([future for _, future in sent.values()], timeout=2 * self._delivery_seconds)
        for place, (count, future) in sent.items():
            failure = KafkaTimeoutError() if not future.done() else future.exception()
            if failure is None:
                _note(deliveries, place, future.result().offset, count)
                del waiting[place][:count]
            elif isinstance(failure, Exception):
                error = failure
        for place in [place for place, records in waiting.items() if not records]:
            del waiting[place]
        return error


def _fill(batch: aiokafka.producer.message_accumulator.BatchBuilder, records: Sequence[Outgoing]) -> int:
    """Append as many records as the batch takes, and return how many: at least one."""
    for count, record in enumerate(records):
        if batch.append(timestamp=None, key=record.key, value=record.value) is None:
            return count
    batch.close()
    return len(records)


def _note(deliveries: dict[TopicPartition, Delivery], place: TopicPartition, offset: int, count: int) -> None:
    delivery = deliveries.setdefault(place, Delivery(offset, offset, 0))
    delivery.last = offset + count - 1
    delivery.count += count


def _may_pass(error: Exception) -> bool:
    """Whether trying again makes sense: not for a record that is too large, nor for a missing permission."""
    return isinstance(error, KafkaTimeoutError) or bool(getattr(error, "retriable", False))
