"""A verdict leaves as an event on the topic `feedback`, once, and the intake knows its own again."""

import asyncio
from pathlib import Path

from alerting.commands import Acknowledge, RecordFindings, Resolve
from alerting.store import Store, create_schema, open_engine
from monitor.feedback import FeedbackFeed
from monitor.settings import load
from streams.intake import OWN_VERDICT, Intake
from streams.topics import SOURCES
from tests.alerting.building import Clock, a_desk, a_finding
from tests.conftest import Broker
from tests.streams.kafka_records import everything, topics
from tests.streams.samples import tokeniser


async def _published(broker: Broker, prefix: str) -> list[str]:
    records = [record for _, record in await everything(broker.bootstrap, f"{prefix}feedback")]
    entries = Intake(tokeniser()).admit(records).entries
    return [row.outcome for entry in entries for row in entry.rows for _ in range(row.n)]


def test_verdicts_are_published_once(embedded_broker: Broker, topics_prefix: str, tmp_path: Path) -> None:
    topics(embedded_broker.bootstrap, topics_prefix, SOURCES)
    settings = load(
        environment={
            "WARDWATCH_BROKER": embedded_broker.bootstrap,
            "WARDWATCH_TOPIC_PREFIX": topics_prefix,
            "WARDWATCH_DATA_DIR": str(tmp_path),
        }
    )
    engine = open_engine(f"sqlite:///{tmp_path}/store.db")
    create_schema(engine)
    store = Store(engine)
    feed = FeedbackFeed(settings, store)
    assert feed.publish() == 0
    desk = a_desk(store, Clock())
    (incident_id,) = desk.handle(RecordFindings([a_finding()])).opened
    desk.handle(Acknowledge(incident_id=incident_id, actor="p.officer"))
    desk.handle(Resolve(incident_id=incident_id, actor="p.officer", verdict="benign_explained", reason="covering"))
    assert [feed.publish(), feed.publish()] == [1, 0]
    assert asyncio.run(_published(embedded_broker, topics_prefix)) == ["received", OWN_VERDICT]
    engine.dispose()
