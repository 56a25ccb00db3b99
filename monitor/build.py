"""The composition root of a worker: from settings to everything that runs, and the only place that knows all parts."""

import datetime
import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import overload

from prometheus_client import CollectorRegistry
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from alerting.commands import RecordFindings, RecordLedger, RetractFindings
from alerting.desk import Desk
from alerting.feedback.teaching import TakeVerdict
from alerting.muting.waiting import count_waiting
from alerting.policy import OWN_TITLES
from alerting.sender import Sender
from alerting.store import Store
from alerting.store.ledger_rows import ledger_totals
from alerting.system_health import SystemHealth
from alerting.tripwire import Tripwire
from monitor.auditing import CheckpointClock, build_checkpoints
from monitor.catalogue import read_rules, titles
from monitor.channels import alertmanager, build_channels
from monitor.clockwork import Clockwork
from monitor.console import console_routes
from monitor.detection import build_stages
from monitor.failure import Failure
from monitor.feedback import FeedbackFeed
from monitor.health import Check, Heartbeat, health_routes
from monitor.kafka_security import kafka_security
from monitor.keys import required_keys
from monitor.metrics import Metrics
from monitor.model_files import current_models
from monitor.response import build_desk, open_database
from monitor.response_metrics import ResponseMetrics, StandingWatch
from monitor.response_plan import response_plan
from monitor.settings import Settings
from monitor.source_volumes import SourceVolumes
from monitor.topics import topic_plan
from monitor.vault import door, open_vault
from monitor.web import Route
from streams.app import EngineApp, create_app
from streams.config import EngineConfig
from streams.intake import Intake

_log = logging.getLogger(__name__)

LOOP_PATIENCE_SECONDS = 60.0
"""The engine's watch beats every second; after a minute without a beat the event loop hangs."""

GAUGES_SECONDS = 5.0

STORES = {"memory": "memory://", "rocksdb": "rocksdb://"}
"""Setting `table_store` to Faust's name of a store."""


class MeasuredDesk:
    """The desk as the engine sees it: every transaction is timed, and the ledger is counted on its way."""

    def __init__(self, desk: Desk, metrics: Metrics) -> None:
        self._desk = desk
        self._metrics = metrics

    @overload
    def handle(self, command: RecordFindings) -> object: ...
    @overload
    def handle(self, command: RetractFindings) -> object: ...
    @overload
    def handle(self, command: RecordLedger) -> object: ...
    @overload
    def handle(self, command: TakeVerdict) -> object: ...
    def handle(self, command: RecordFindings | RetractFindings | RecordLedger | TakeVerdict) -> object:
        """Hand a command to the desk."""
        began = time.perf_counter()
        answer: object = self._desk.handle(command)
        self._metrics.desk_took(time.perf_counter() - began)
        if isinstance(command, RecordLedger):
            self._metrics.accounted(command.entries)
        return answer


@dataclass
class Worker:
    """Everything that runs in one worker process, not yet started."""

    app: EngineApp
    engine: EngineConfig
    database: Engine
    store: Store
    sender: Sender
    sources: SourceVolumes
    clockwork: Clockwork
    feedback: FeedbackFeed
    health: SystemHealth | None
    checkpoints: CheckpointClock | None
    standing: StandingWatch
    metrics: Metrics
    heartbeat: Heartbeat

    def alive(self) -> dict[str, Callable[[], Check]]:
        """Return the checks that call for a restart when they fail."""
        return {"event_loop": self.heartbeat.check}

    def works(self) -> list[Callable[[threading.Event], None]]:
        """Return what runs beside the engine, each in a thread of its own until its event is set."""
        optional = [work.run for work in (self.health, self.checkpoints) if work is not None]
        return [
            self.sender.run, self.refresh, self.sources.run, self.clockwork.run, self.feedback.run, self.standing.run,
            *optional,
        ]  # fmt: skip

    def ready(self) -> dict[str, Callable[[], Check]]:
        """Return the checks that say whether events are being processed."""
        return {"events": self._events, "store": lambda: check_store(self.store)}

    def _events(self) -> Check:
        ready = self.metrics.is_ready
        return Check(ok=ready, detail="" if ready else "no partitions yet, or tables are being recovered")

    def refresh(self, stop: threading.Event) -> None:
        """Keep the gauges that come from the store up to date, until told to stop."""
        refresh_gauges(self.store, self.metrics, stop)


def build_worker(settings: Settings, registry: CollectorRegistry) -> Worker:
    """Put a worker together.

    Raises:
        Failure: where a part cannot be had, and what to do about it.
    """
    _make_data_dir(settings)
    heartbeat = Heartbeat(LOOP_PATIENCE_SECONDS)
    metrics = Metrics(registry, heartbeat=heartbeat)
    rules = read_rules(settings)
    database = open_database(settings)
    store = Store(database)
    desk = build_desk(settings, store, rules, observer=metrics)
    engine = engine_config(settings)
    trained = current_models(settings)
    for name, (_, manifest) in trained.items():
        metrics.model_loaded(name, datetime.datetime.fromisoformat(manifest.trained_until).timestamp())
    stages = build_stages(settings, rules, trained, judged=metrics.judged)
    at_the_door = door(required_keys(settings), open_vault(settings), metrics)
    app = create_app(
        engine,
        Intake(at_the_door.tokeniser),
        stages,
        MeasuredDesk(desk, metrics),
        observer=metrics,
        vault=at_the_door.writer,
    )
    sender = build_sender(settings, desk, metrics)
    sources = SourceVolumes(desk, clock=time.time, is_ready=lambda: metrics.is_ready)
    health = build_health(settings, store, titles(rules))
    feedback = FeedbackFeed(settings, store)
    checkpoints = build_checkpoints(settings, store)
    standing = StandingWatch(store, response_plan(settings), ResponseMetrics(registry), time.time)
    return Worker(
        app,
        engine,
        database,
        store,
        sender,
        sources,
        Clockwork(desk),
        feedback,
        health,
        checkpoints,
        standing,
        metrics,
        heartbeat,
    )


def _make_data_dir(settings: Settings) -> None:
    """Make the folder that tables, and without another database the incident store, are kept in."""
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"cannot make the folder {settings.data_dir}: {error.strerror}; correct WARDWATCH_DATA_DIR"
        raise Failure(message) from error


def build_sender(settings: Settings, desk: Desk, metrics: Metrics) -> Sender:
    """Return the sender with all channels of the settings."""
    return Sender(
        desk,
        build_channels(settings),
        clock=time.time,
        source=random.SystemRandom(),
        tripwire=Tripwire(allowed=tuple(url.rstrip("/") for url in (settings.public_url, settings.hooks_url))),
        observer=metrics,
    )


def build_health(settings: Settings, store: Store, rule_titles: Mapping[str, str]) -> SystemHealth | None:
    """Return what tells the Alertmanager of the settings how Wardwatch is, where they name one."""
    push = alertmanager(settings)
    if push is None:
        return None
    console_url = settings.public_url.rstrip("/")
    return SystemHealth(
        store,
        push,
        titles={**rule_titles, **OWN_TITLES},
        console_url=console_url,
        clock=time.time,
        tripwire=Tripwire(allowed=(console_url,)),
    )


def engine_config(settings: Settings) -> EngineConfig:
    """Return how the engine runs."""
    return EngineConfig(
        bootstrap=settings.broker,
        security=kafka_security(settings),
        datadir=settings.data_dir / "tables",
        app_id=settings.app_id,
        plan=topic_plan(settings),
        store=STORES[settings.table_store],
        consistency_check=settings.recovery_check,
        fast_drain=settings.fast_drain,
        intake_records=settings.intake_batch,
        commit_interval=settings.commit_interval,
        session_timeout=settings.session_timeout,
        rebalance_timeout=settings.rebalance_timeout,
        heartbeat_interval=min(3.0, settings.session_timeout / 6),
        request_timeout=max(90.0, settings.session_timeout + 30.0),
    )


def console_pages(settings: Settings, store: Store, metrics: Metrics) -> dict[str, Route]:
    """Return all pages of the console, health and metrics included."""
    pages = console_routes(store, titles(read_rules(settings)), settings.public_url.rstrip("/"))
    return {**pages, **health_routes(metrics.registry, {}, {"store": lambda: check_store(store)})}


def check_store(store: Store) -> Check:
    """Return whether the incident store answers."""
    with store.reading() as connection:
        connection.exec_driver_sql("SELECT 1")
    return Check(ok=True)


def refresh_gauges(store: Store, metrics: Metrics, stop: threading.Event) -> None:
    """Show the ledger and the outbox, every few seconds, until told to stop."""
    while not stop.is_set():
        try:
            with store.reading() as connection:
                metrics.ledger(ledger_totals(connection))
                metrics.waiting_cases(count_waiting(connection))
            metrics.outbox(sum(fates.get("pending", 0) for fates in store.outbox().values()))
        except SQLAlchemyError as error:
            _log.warning("The ledger cannot be shown: %s", type(error).__name__)
        stop.wait(GAUGES_SECONDS)
