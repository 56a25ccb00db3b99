"""Stand-ins for what agents work with."""

from collections.abc import Iterable, Sequence
from types import SimpleNamespace
from typing import cast

import msgspec
from msgspec import Raw

from detectors.visit import Batch, Stop, Visit, encode_parcel
from streams.agents.received import Events
from streams.emit import Delivery, Outgoing, Outlet, TopicPartition
from streams.observer import NullObserver
from streams.records import SourceRecord


class Basket(Outlet):
    """An outlet that keeps what it is given, in one list."""

    def __init__(self) -> None:
        super().__init__("127.0.0.1:1", maximum_bytes=1, delivery_seconds=1.0, attempts=1)
        self.sent: list[Outgoing] = []
        self._next: dict[TopicPartition, int] = {}

    async def send(self, records: Iterable[Outgoing]) -> dict[TopicPartition, Delivery]:
        deliveries: dict[TopicPartition, Delivery] = {}
        for record in records:
            place = record.topic, record.partition
            offset = self._next.get(place, 0)
            self._next[place] = offset + 1
            self.sent.append(record)
            delivery = deliveries.setdefault(place, Delivery(offset, offset, 0))
            delivery.last, delivery.count = offset, delivery.count + 1
        return deliveries

    def of(self, topic: str) -> list[Outgoing]:
        """Return what was sent to a topic."""
        return [record for record in self.sent if record.topic == topic]


class Failures(NullObserver):
    """Keeps what failed."""

    def __init__(self) -> None:
        self.kinds: list[str] = []

    def failure(self, agent: str, kind: str, n: int) -> None:
        self.kinds += [f"{agent}: {kind}"] * n


def events_of(topic: str, values: Sequence[bytes | None], partition: int = 0) -> Events:
    """Return events as Faust gives them to an agent."""
    return cast(
        Events,
        [
            SimpleNamespace(
                message=SimpleNamespace(
                    topic=topic, partition=partition, offset=offset, timestamp=1.5, value=value, headers=[("h", b"1")]
                )
            )
            for offset, value in enumerate(values)
        ],
    )


def visit_of(event_id: str, *stops: Stop, at: int = 0, size: int = 1) -> Visit:
    """Return a visit whose data has about `size` bytes."""
    return Visit(event_id, "urn:test", "test", 1.0, 7_200.5, Raw(msgspec.msgpack.encode(b"x" * size)), list(stops), at)


def record_of(batches: Sequence[Batch], offset: int = 0, partition: int = 0) -> SourceRecord:
    """Return a record of a stage topic."""
    return SourceRecord("stage.patient", partition, offset, 1.5, encode_parcel(batches))
