"""`wardwatch worker`, `wardwatch console` and `wardwatch hooks`: the processes that run for months."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata

import typer
from prometheus_client import CollectorRegistry

from monitor import logs
from monitor.auditing import note_life
from monitor.build import Worker, build_worker, check_store, console_pages, refresh_gauges
from monitor.catalogue import read_rules
from monitor.cli.shared import ConfigOption, load_settings
from monitor.failure import Failure
from monitor.health import health_routes
from monitor.hook_metrics import HookMetrics
from monitor.hooks import Parts, hook_pages, hook_posts, hook_works
from monitor.kafka_security import described
from monitor.metrics import Metrics
from monitor.response import build_desk, opened_store
from monitor.settings import Settings
from monitor.topics import inspect
from monitor.web import Observe, Route, WebServer, application
from streams.collector import settle_collector
from streams.worker import run_worker

_log = logging.getLogger(__name__)

SENDER_PATIENCE_SECONDS = 5.0
"""How long the end of a process waits for a notice in hand; the outbox keeps the rest."""

Work = Callable[[threading.Event], None]
"""Goes on until the event is set."""


def worker(config: ConfigOption = None) -> None:
    """Run a worker: take in events, judge them, open incidents, notify. Ends cleanly on SIGTERM and Ctrl-C.

    Start as many as there is work for, up to the number of partitions.

    Example:
        WARDWATCH_BROKER=kafka:9092 WARDWATCH_TOKEN_KEY_FILE=/run/secrets/token_key wardwatch worker
    """
    settings = load_settings(config)
    logs.configure(settings.log_level)
    built = build_worker(settings, CollectorRegistry())
    try:
        code = _run(settings, built)
    finally:
        built.database.dispose()
    raise typer.Exit(code)


def _run(settings: Settings, built: Worker) -> int:
    """Run a worker until it is told to stop; return its exit code."""
    settle_collector()
    _require_topics(settings)
    routes = health_routes(built.metrics.registry, built.alive(), built.ready())
    with (
        serving(settings.health_host, settings.health_port, routes, "HEALTH"),
        background(*built.works()),
    ):
        beginning = {"version": metadata.version("wardwatch"), "app": built.engine.app_id, "kafka": described(settings)}
        _log.info("Worker starts", extra=beginning)
        note_life(built.store, "worker", "worker_starts", beginning["version"])
        code = run_worker(built.app, stop_seconds=built.engine.stop_seconds)
        note_life(built.store, "worker", "worker_ends", f"code {code}")
        _log.info("Worker ends", extra={"code": code})
    return code


def console(config: ConfigOption = None) -> None:
    """Serve the console, read-only for now, with health and metrics. Ends on SIGTERM and Ctrl-C.

    Example:
        WARDWATCH_CONSOLE_PORT=8080 wardwatch console
    """
    settings = load_settings(config)
    logs.configure(settings.log_level)
    ended = _end_on_signals()
    metrics = Metrics(CollectorRegistry())
    with (
        opened_store(settings) as store,
        serving(settings.console_host, settings.console_port, console_pages(settings, store, metrics), "CONSOLE"),
        background(lambda stop: refresh_gauges(store, metrics, stop)),
    ):
        _log.info("Console starts", extra={"version": metadata.version("wardwatch")})
        note_life(store, "console", "console_starts", metadata.version("wardwatch"))
        ended.wait()
        note_life(store, "console", "console_ends")
        _log.info("Console ends")


def hooks(config: ConfigOption = None) -> None:
    """Serve what others call: Slack, PagerDuty, and the pages on which people answer. Ends on SIGTERM and Ctrl-C.

    It has a port of its own, for it may be reached from outside, the console never. Its metrics have another one.

    Example:
        WARDWATCH_HOOKS_PORT=8082 wardwatch hooks
    """
    settings = load_settings(config)
    logs.configure(settings.log_level)
    ended = _end_on_signals()
    with opened_store(settings) as store:
        parts = Parts(settings, build_desk(settings, store, read_rules(settings)), time.time)
        pages = hook_pages(parts, {"store": lambda: check_store(store)})
        metrics = HookMetrics(CollectorRegistry())
        figures = health_routes(metrics.registry, {}, {})
        with (
            serving(settings.hooks_host, settings.hooks_port, pages, "HOOKS", hook_posts(parts), metrics.answered),
            serving(settings.health_host, settings.hooks_metrics_port, figures, "HOOKS_METRICS"),
            background(*hook_works(parts)),
        ):
            _log.info("Hooks start", extra={"version": metadata.version("wardwatch")})
            note_life(store, "hooks", "hooks_start", metadata.version("wardwatch"))
            ended.wait()
            note_life(store, "hooks", "hooks_end")
            _log.info("Hooks end")


def _end_on_signals() -> threading.Event:
    """Return what is set when the process is told to end."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    return ended


@contextmanager
def serving(
    host: str,
    port: int,
    routes: Mapping[str, Route],
    name: str,
    posts: Mapping[str, Route] | None = None,
    *observers: Observe,
) -> Iterator[WebServer]:
    """Serve pages for as long as the block lasts.

    Raises:
        Failure: where the port is taken.
    """
    try:
        server = WebServer(application(routes, posts, *observers), host, port)
    except OSError as error:
        message = f"cannot listen on {host}:{port}: {error.strerror}; set another WARDWATCH_{name}_PORT"
        raise Failure(message) from None
    with server:
        yield server


@contextmanager
def background(*works: Work) -> Iterator[None]:
    """Do these works in threads of their own for as long as the block lasts."""
    stop = threading.Event()
    threads = [threading.Thread(target=work, args=(stop,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(SENDER_PATIENCE_SECONDS)


def _require_topics(settings: Settings) -> None:
    report = inspect(settings)
    if report.missing:
        message = f"{len(report.missing)} topics are missing; run `wardwatch topics create`"
        raise Failure(message)
    unequal = [name for name, found in report.different.items() if any("partitions" in each for each in found)]
    if unequal:
        message = f"{unequal[0]} has another number of partitions than WARDWATCH_PARTITIONS={settings.partitions}"
        raise Failure(message)
