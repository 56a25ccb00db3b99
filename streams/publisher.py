"""Sending many records with keys and headers, as a source system does, in batches of the client."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import aiokafka  # type: ignore[import-untyped]  # has no py.typed
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # has no py.typed
from msgspec import Struct

from streams.partition import partition_of

BATCH_BYTES = 256 * 1024
"""Size, before compression, at which a batch is closed; a larger record has one of its own."""


class Message(Struct):
    """One record to send; `refused` is the reason for which the intake will refuse it, or empty."""

    topic: str
    key: str | None
    value: bytes
    headers: list[tuple[str, bytes]]
    refused: str = ""

    def __repr__(self) -> str:
        return f"<Message {self.topic}>"


class Publisher:
    """Sends messages, those of one key in their order. `start` it, and `stop` it whatever happened."""

    def __init__(self, bootstrap: str, security: Mapping[str, Any], maximum_bytes: int) -> None:
        self._producer = aiokafka.AIOKafkaProducer(
            bootstrap_servers=bootstrap.split(","),
            client_id="wardwatch-ingest",
            acks="all",
            compression_type="lz4",
            max_batch_size=BATCH_BYTES,
            max_request_size=maximum_bytes,
            **security,
        )
        self._partitions: dict[str, int] = {}
        self._turn = count()

    async def start(self) -> set[str]:
        """Connect, and return the topics that exist.

        Raises:
            aiokafka.errors.KafkaError: where no broker answers.
        """
        await self._producer.start()
        cluster = await self._producer.client.fetch_all_metadata()
        self._partitions = {topic: len(cluster.partitions_for_topic(topic)) for topic in cluster.topics()}
        return set(self._partitions)

    async def stop(self) -> None:
        """Disconnect."""
        await self._producer.stop()

    async def publish(self, messages: Sequence[Message]) -> tuple[list[Message], KafkaError | None]:
        """Send messages to topics that exist, and wait until the fate of all is known.

        Returns:
            The messages that all replicas acknowledged, and the first error where some were refused.
        """
        sending = []
        waiting: dict[tuple[str, int], tuple[Any, list[Message]]] = {}
        for message in messages:
            place = (message.topic, self._partition(message))
            batch, held = waiting.get(place) or (None, [])
            if batch is None or not _appended(batch, message):
                if batch is not None:
                    sending.append((held, await self._sent(batch, place)))
                batch, held = waiting[place] = self._producer.create_batch(), []
                _appended(batch, message)
            held.append(message)
        for place, (batch, held) in waiting.items():
            sending.append((held, await self._sent(batch, place)))
        outcomes = await asyncio.gather(*(future for _, future in sending), return_exceptions=True)
        acknowledged: list[Message] = []
        failure: KafkaError | None = None
        for (held, _), outcome in zip(sending, outcomes, strict=True):
            if isinstance(outcome, KafkaError):
                failure = failure or outcome
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                acknowledged.extend(held)
        return acknowledged, failure

    def _partition(self, message: Message) -> int:
        partitions = self._partitions[message.topic]
        return next(self._turn) % partitions if message.key is None else partition_of(message.key, partitions)

    async def _sent(self, batch: Any, place: tuple[str, int]) -> asyncio.Future[Any]:  # noqa: ANN401 - untyped library
        """Hand a batch to the client, and return what will be known of its delivery."""
        try:
            sent: asyncio.Future[Any] = await self._producer.send_batch(batch, place[0], partition=place[1])
        except KafkaError as refused:
            sent = asyncio.get_running_loop().create_future()
            sent.set_exception(refused)
        return sent


def _appended(batch: Any, message: Message) -> bool:  # noqa: ANN401 - untyped library
    """Append a message to a batch, unless that is full; the first always fits."""
    key = message.key.encode() if message.key is not None else None
    return batch.append(timestamp=None, key=key, value=message.value, headers=message.headers) is not None
