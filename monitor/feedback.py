"""Publishes the verdicts of the desk as feedback events, for whoever else learns from them."""

import asyncio
import logging
import threading
import time

from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # has no py.typed
from sqlalchemy.exc import SQLAlchemyError

from alerting.feedback.rows import FeedbackEvent, mark_published, unpublished
from alerting.store import Store
from monitor.kafka_security import kafka_security
from monitor.settings import Settings
from monitor.topics import topic_plan
from streams.ingest import IngestError, publishing
from streams.intake import STRUCTURED_CONTENT
from streams.publisher import Message

_log = logging.getLogger(__name__)

PAUSE_SECONDS = 5.0
AT_ONCE = 100


class FeedbackFeed:
    """Publishes what the store holds and nobody has published; an event may come twice, with the same id."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store

    def run(self, stop: threading.Event) -> None:
        """Publish until told to stop."""
        while not stop.is_set():
            try:
                self.publish()
            except (SQLAlchemyError, OSError, KafkaError, IngestError) as error:
                _log.warning("Verdicts cannot be published, trying again: %s", type(error).__name__)
            stop.wait(PAUSE_SECONDS)

    def publish(self) -> int:
        """Publish what waits, and return how many events that were."""
        with self._store.reading() as connection:
            events = unpublished(connection, AT_ONCE)
        if events:
            asyncio.run(self._send(events))
            with self._store.writing() as connection:
                mark_published(connection, [event.id for event in events], time.time())
        return len(events)

    async def _send(self, events: list[FeedbackEvent]) -> None:
        plan = topic_plan(self._settings)
        headers = [("content-type", STRUCTURED_CONTENT + b"+json")]
        messages = [Message(plan.name("feedback"), event.id, event.body, headers) for event in events]
        security = kafka_security(self._settings).for_aiokafka()
        async with publishing(self._settings.broker, plan, security) as publisher:
            _, failure = await publisher.publish(messages)
        if failure is not None:
            raise failure
