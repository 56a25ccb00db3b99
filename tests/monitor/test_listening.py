"""How a listener's process ends when not all is well."""

import asyncio
import os
import signal

import pytest
from prometheus_client import CollectorRegistry

from monitor.failure import Failure
from monitor.feed_metrics import FeedMetrics
from monitor.health import Check
from monitor.listening import Listening, OnReady, Receive
from monitor.settings import load
from monitor.vault import Door
from streams.embedded import EmbeddedBroker
from streams.feed import Feed
from streams.sources.api import Origin, Refused
from streams.tokens import Tokeniser
from tests.monitor.cli.conftest import KEY
from tests.streams.kafka_records import topics


def listening(broker: str, prefix: str, receive: Receive) -> Listening:
    """Return a process that is not patient."""
    settings = load(environment={"WARDWATCH_BROKER": broker, "WARDWATCH_TOPIC_PREFIX": prefix})
    metrics = FeedMetrics(CollectorRegistry(), "urn:test")
    tokeniser = Tokeniser({1: bytes.fromhex(KEY)}, 1)
    return Listening(settings, Origin("urn:test", "test"), Door(tokeniser), {}, receive, metrics, drain_seconds=0.1)


async def test_what_the_broker_did_not_take_by_the_end_is_told() -> None:
    ended: list[str] = []
    broker = EmbeddedBroker()

    async def receive(_: Origin, feed: Feed, __: FeedMetrics, on_ready: OnReady) -> None:
        on_ready({})
        broker.stop()
        await feed.take([Refused("bad_frame", str(place), b"") for place in range(3)])
        os.kill(os.getpid(), signal.SIGTERM)
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("listener")

    with broker:
        topics(broker.bootstrap, "", ("access.events",))
        process = listening(broker.bootstrap, "", receive)
        with pytest.raises(Failure, match="3 records that were taken are lost"):
            await process.run()
    assert ended == ["listener"]
    assert process.alive()["event_loop"]().ok
    assert process.ready()["listener"]() == Check(ok=False)


async def test_an_address_that_is_taken_is_told(embedded_broker: EmbeddedBroker, topics_prefix: str) -> None:
    async def receive(*_: object) -> None:
        raise OSError(98, "Address already in use")

    topics(embedded_broker.bootstrap, topics_prefix, ("access.events",))
    with pytest.raises(Failure, match="cannot listen: Address already in use"):
        await listening(embedded_broker.bootstrap, topics_prefix, receive).run()


async def test_a_fault_of_ours_ends_the_process(embedded_broker: EmbeddedBroker, topics_prefix: str) -> None:
    async def receive(*_: object) -> None:
        raise ZeroDivisionError

    topics(embedded_broker.bootstrap, topics_prefix, ("access.events",))
    with pytest.raises(ZeroDivisionError):
        await listening(embedded_broker.bootstrap, topics_prefix, receive).run()


async def test_without_a_broker_it_does_not_begin() -> None:
    async def receive(*_: object) -> None:
        raise AssertionError("it listens without a broker")

    with pytest.raises(Failure, match="the broker cannot be used"):
        await listening("127.0.0.1:1", "", receive).run()
