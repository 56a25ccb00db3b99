"""The histograms of peers on the compacted topic `peers`: out with a step's other records, and in to every worker."""

import asyncio
import logging
from collections.abc import Iterable, Mapping

import aiokafka  # type: ignore[import-untyped]  # has no py.typed
from mode import Service

from detectors.peers import PeerView
from detectors.visit import StageName
from streams.emit import Outgoing
from streams.guard import describe
from streams.security import KafkaSecurity
from streams.topics import PEERS, TopicPlan

logger = logging.getLogger(__name__)

FETCH_SECONDS = 1.0
PAUSE_SECONDS = 5.0
"""Between two attempts to read, where the broker does not let us. Meanwhile peers grow old, nothing more."""


def of_peers(stage: StageName, histograms: Mapping[str, bytes | None], plan: TopicPlan) -> list[Outgoing]:
    """Return the records of a step's histograms, one each, so that the topic keeps the latest of every key."""
    topic = plan.name(PEERS)
    return [Outgoing(topic, 0, f"{stage}{key}".encode(), value) for key, value in histograms.items()]


class PeerFeed(Service):
    """Reads the topic from its beginning and goes on reading, as long as the worker runs.

    Args:
        bootstrap: broker addresses, `host:port`, separated by commas.
        plan: names the topic.
        views: what takes the histograms in, by stage.
        security: how to speak with the brokers.
    """

    def __init__(
        self,
        bootstrap: str,
        plan: TopicPlan,
        views: Mapping[StageName, PeerView],
        security: KafkaSecurity,
    ) -> None:
        super().__init__()
        self._bootstrap = bootstrap
        self._plan = plan
        self._views = dict(views)
        self._security = security

    @Service.task
    async def _read(self) -> None:
        while not self.should_stop:
            try:
                await self._follow()
            # The guard of the feed: without it workers go on with the peers that they know.
            except Exception as error:  # noqa: BLE001
                logger.warning("Peers of other partitions cannot be read, trying again: %s", describe(error))
                await self.sleep(PAUSE_SECONDS)

    async def _follow(self) -> None:
        consumer = aiokafka.AIOKafkaConsumer(
            self._plan.name(PEERS),
            bootstrap_servers=self._bootstrap.split(","),
            client_id="wardwatch-peers",
            group_id=None,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            max_partition_fetch_bytes=self._plan.maximum_bytes,
            **self._security.for_aiokafka(),
        )
        try:
            await consumer.start()
            while not self.should_stop:
                fetched = await consumer.getmany(timeout_ms=round(FETCH_SECONDS * 1_000))
                for records in fetched.values():
                    self.receive((record.key, record.value) for record in records)
                await asyncio.sleep(0)
        finally:
            await consumer.stop()

    def receive(self, records: Iterable[tuple[bytes | None, bytes | None]]) -> None:
        """Hand records to the view of their stage; what is none of ours is counted in the log and passed over."""
        strange = 0
        for key, value in records:
            stage, hash_sign, rest = (key or b"").decode(errors="replace").partition("#")
            view = next((view for name, view in self._views.items() if name == stage), None)
            try:
                if view is None:
                    raise ValueError("no stage of ours")
                view.receive(hash_sign + rest, value)
            except ValueError:
                strange += 1
        if strange:
            logger.warning("%d records of the topic of peers are none of ours", strange)
