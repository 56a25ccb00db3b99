"""`wardwatch archive`: the process that keeps who opened which record, for as long as the law asks for it."""

import asyncio
import logging
import signal
import time

from prometheus_client import CollectorRegistry

from monitor import logs
from monitor.archive import opened_archive
from monitor.archive_metrics import ArchiveMetrics
from monitor.cli.services import serving
from monitor.cli.shared import ConfigOption, load_settings
from monitor.failure import Failure
from monitor.health import health_routes
from monitor.topics import inspect, require_broker, topic_plan
from streams.archive import Archivist

_log = logging.getLogger(__name__)


def archive(config: ConfigOption = None) -> None:
    """Keep every access to a patient's record in the archive, by token. Ends cleanly on SIGTERM and Ctrl-C.

    Run one, or several for more speed; away for longer than the stages' topics are kept (24 hours), it misses accesses,
    says so, and every report says so too. docs/accounting.md tells what is made of it.

    Example:
        WARDWATCH_BROKER=kafka:9092 WARDWATCH_ARCHIVE_URL_FILE=/run/secrets/archive_url wardwatch archive
    """
    settings = load_settings(config)
    logs.configure(settings.log_level)
    security = require_broker(settings)
    if missing := inspect(settings).missing:
        message = f"{len(missing)} topics are missing; run `wardwatch topics create`"
        raise Failure(message)
    metrics = ArchiveMetrics(CollectorRegistry())
    routes = health_routes(metrics.registry, {"archive": metrics.heartbeat.check}, {})
    with opened_archive(settings) as kept, serving(settings.health_host, settings.health_port, routes, "HEALTH"):
        archivist = Archivist(
            settings.broker, topic_plan(settings), kept, observer=metrics, clock=time.time, security=security
        )
        _log.info("Archive starts")
        asyncio.run(_until_told(archivist))
        _log.info("Archive ends")


async def _until_told(archivist: Archivist) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await archivist.run(stop)
