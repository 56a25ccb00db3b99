"""The Faust app of one worker, put together from what it is given (design.md §2)."""

import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, cast

import faust
from faust.app.base import BootStrategy as FaustBootStrategy
from faust.streams import Stream
from faust.types import StreamT
from faust.types.transports import ConsumerT
from mode import ServiceT

from detectors.stage import Stage
from detectors.visit import StageName
from streams.agents.desk import Desk, ledger_agent, response_agent
from streams.agents.gathering import Gathering, Portions
from streams.agents.intake import Admits, IntakeAgent
from streams.agents.received import Events
from streams.agents.stage import StageAgent
from streams.config import EngineConfig
from streams.emit import Outlet
from streams.guard import Pulse, guarded
from streams.health import Progress, Watch
from streams.keeping import Keeping, Keeps
from streams.observer import NullObserver, Observer
from streams.peer_feed import PeerFeed
from streams.tables import ProfileTable
from streams.topics import FINDINGS, LEDGER
from streams.transport import CarefulTransport, FastTransport

COMMIT_EVERY = 100_000
"""Acknowledgements between commits. The timer commits long before, so that a crash repeats little."""

Handle = Callable[[Events], Awaitable[None]]


class EngineApp(faust.App):
    """A Faust app that starts its outlet with its producer, and saves its models before it lets partitions go."""

    outlet: Outlet
    peer_feed: PeerFeed
    stage_agents: list[StageAgent]

    class BootStrategy(FaustBootStrategy):
        """Faust's order of starting, with our own services beside the producer: they outlive consumer and agents."""

        def kafka_producer(self) -> Iterable[ServiceT]:
            """Return the producer, the outlet and the feed of peers."""
            app = cast(EngineApp, self.app)
            return [*super().kafka_producer(), app.outlet, app.peer_feed]

    async def _consumer_wait_empty(self, consumer: ConsumerT, logger: logging.Logger) -> None:
        """Wait for the batches in hand, then save what the models learned; on a rebalance and on a stop."""
        await super()._consumer_wait_empty(consumer, logger)
        for agent in self.stage_agents:
            await guarded("models", agent.save_models())


def create_app(
    config: EngineConfig,
    intake: Admits,
    stages: Mapping[StageName, Stage],
    desk: Desk,
    *,
    observer: Observer | None = None,
    vault: Keeps | None = None,
    clock: Callable[[], float] = time.time,
) -> EngineApp:
    """Return a worker's app, not yet started.

    Args:
        config: how it runs.
        intake: what admits source records.
        stages: what looks at events, by name; a worker runs all stages.
        desk: where findings and the ledger go.
        observer: whom the engine tells about itself; by default nobody.
        vault: takes the tokens that the intake makes, where there is one.
        clock: seconds since the epoch.
    """
    plan, told = config.plan, observer or NullObserver()
    app = _bare_app(config)
    outlet = app.outlet
    views = {name: stage.peers for name, stage in stages.items()}
    app.peer_feed = PeerFeed(config.bootstrap, plan, views, config.security)
    pulse, progress = Pulse(config.session_timeout), Progress()
    desk_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="desk")

    def attach(name: str, topics: list[str], handle: Handle, portions: Portions) -> None:
        """Have `handle` called with batches of records of these topics, one batch at a time."""

        async def agent(stream: StreamT[Any]) -> None:
            gathering = Gathering(cast("Stream[Any]", stream), portions)
            with suppress(StopAsyncIteration):
                while True:
                    if events := await gathering.take():
                        await guarded(name, handle(events))
                        gathering.acknowledge(events)
                        progress.note(events)

        channel = app.topic(
            *topics,
            key_serializer="raw",
            value_serializer="raw",
            allow_empty=True,
            internal=False,
            maxsize=portions.buffered,
        )
        app.agent(channel, name=f"{config.app_id}.{name}", concurrency=1)(agent)

    intake_agent = IntakeAgent(intake, outlet, plan, told, Keeping(vault) if vault else None)
    portions = Portions(config.intake_records, config.gather_within, config.buffered_records)
    attach("intake", plan.sources, intake_agent.handle, portions)
    for name, stage in stages.items():
        table = ProfileTable.create(
            app, name=name, changelog=plan.table(name), partitions=plan.partitions, outlet=outlet
        )
        agent = StageAgent(
            stage,
            table,
            outlet,
            plan,
            observer=told,
            pulse=pulse,
            snapshot_seconds=config.snapshot_seconds,
            clock=clock,
        )
        app.stage_agents.append(agent)
        portions = Portions(config.stage_records, config.gather_parcels, config.buffered_parcels)
        attach(name, [plan.stage(name)], agent.handle, portions)
    response = response_agent(desk, outlet, plan, observer=told, executor=desk_thread)
    portions = Portions(config.desk_records, config.gather_parcels, config.buffered_parcels)
    attach("response", [plan.name(FINDINGS)], response.handle, portions)
    ledger = ledger_agent(desk, outlet, plan, observer=told, executor=desk_thread)
    portions = Portions(config.ledger_records, config.gather_ledger, config.buffered_parcels)
    attach("ledger", [plan.name(LEDGER)], ledger.handle, portions)

    async def watching() -> None:
        await Watch(app, progress, pulse, told).run()

    app.task(watching)
    return app


def _bare_app(config: EngineConfig) -> EngineApp:
    """Return the app with its settings and its outlet; each setting that is not a size has its reason in engines.md."""
    app = EngineApp(
        config.plan.prefix + config.app_id,
        broker=[f"kafka://{address}" for address in config.bootstrap.split(",")],
        broker_credentials=config.security.for_faust(),
        datadir=config.datadir,
        store=config.store,
        key_serializer="raw",
        value_serializer="raw",
        topic_allow_declare=False,  # topics are created by streams.topic_admin, with their settings
        topic_disable_leader=True,
        topic_partitions=config.plan.partitions,
        table_standby_replicas=config.standby_replicas,
        recovery_consistency_check=config.consistency_check,
        stream_wait_empty=True,
        stream_buffer_maxsize=config.buffered_records,
        stream_recovery_delay=config.recovery_delay,
        broker_commit_interval=config.commit_interval,
        broker_commit_every=COMMIT_EVERY,
        broker_session_timeout=config.session_timeout,
        broker_rebalance_timeout=config.rebalance_timeout,
        broker_heartbeat_interval=config.heartbeat_interval,
        broker_request_timeout=config.request_timeout,
        consumer_auto_offset_reset="earliest",
        processing_guarantee="at_least_once",
        web_enabled=False,
        worker_redirect_stdouts=False,
    )
    transport = FastTransport if config.fast_drain else CarefulTransport
    app.transport = transport(app.conf.broker_consumer, app)
    app.outlet = Outlet(
        config.bootstrap,
        maximum_bytes=config.plan.maximum_bytes,
        delivery_seconds=config.delivery_seconds,
        attempts=config.delivery_attempts,
        compression=config.compression,
        security=config.security,
    )
    app.stage_agents = []
    return app
