"""Histograms that one worker publishes are known to every worker, from the beginning of the topic."""

import asyncio
import time
from collections.abc import Callable

import msgspec

from detectors.peers import Measure, PeerCounts, PeerView
from detectors.peers.book import peer_key
from detectors.visit import StageName
from streams.emit import Outlet
from streams.peer_feed import PeerFeed, of_peers
from streams.security import KafkaSecurity
from streams.topic_admin import create_topics
from streams.topics import TopicPlan
from tests.conftest import Broker

SHARE = Measure("share", "a share", 1.0, is_count=False)
PATIENCE_SECONDS = 20.0


def histogram(bins: dict[int, int]) -> bytes:
    return msgspec.msgpack.encode(PeerCounts(bins))


def number_of(view: PeerView) -> int:
    group = view.group(SHARE, ("*",))
    return group.n if group else 0


async def until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not met():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


def feed_of(
    views: dict[StageName, PeerView], bootstrap: str = "127.0.0.1:1", plan: TopicPlan | None = None
) -> PeerFeed:
    return PeerFeed(bootstrap, plan or TopicPlan(), views, KafkaSecurity())


async def test_what_one_worker_publishes_another_knows(broker: Broker, topics_prefix: str) -> None:
    plan = TopicPlan(prefix=topics_prefix, partitions=2)
    await asyncio.to_thread(create_topics, broker.bootstrap, plan.topics())
    outlet = Outlet(broker.bootstrap, maximum_bytes=plan.maximum_bytes, delivery_seconds=10.0, attempts=2)
    view = PeerView()
    feed = feed_of({"user": view}, broker.bootstrap, plan)
    await outlet.start()
    try:
        await outlet.send(of_peers("user", {peer_key(0, "share", "*"): histogram({5: 11})}, plan))
        await feed.start()
        await until(lambda: number_of(view) == 11)
        await outlet.send(of_peers("user", {peer_key(1, "share", "*"): histogram({7: 4})}, plan))
        await until(lambda: number_of(view) == 15)
        await outlet.send(of_peers("user", {peer_key(0, "share", "*"): None, peer_key(1, "share", "*"): None}, plan))
        await until(lambda: number_of(view) == 0)
    finally:
        await feed.stop()
        await outlet.stop()


def test_records_reach_the_view_of_their_stage_and_strange_ones_do_no_harm() -> None:
    user, provider = PeerView(), PeerView()
    feed = feed_of({"user": user, "provider": provider})
    feed.receive(
        [
            (None, b""),
            (b"\xff", b"x"),
            (b"nurse#peers/0/share/*", histogram({1: 50})),
            (b"user#peers/0/share/*", b"\xc1"),
            (b"provider#peers/0/share/*", histogram({1: 12})),
        ]
    )
    assert (number_of(user), number_of(provider)) == (0, 12)
