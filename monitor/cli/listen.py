"""`wardwatch listen`: receivers of what other systems send by themselves, as processes that run for months."""

import asyncio
import datetime
import logging
from collections.abc import Mapping
from typing import Annotated

import typer
from prometheus_client import CollectorRegistry

from monitor import logs
from monitor.cli.file_options import LONGEST_SOURCE
from monitor.cli.services import serving
from monitor.cli.shared import ConfigOption, load_settings, new_app
from monitor.failure import Failure
from monitor.feed_metrics import FeedMetrics
from monitor.health import health_routes
from monitor.keys import required_keys
from monitor.listening import Listening, OnReady, Receive
from monitor.listening_addresses import address_of, plain_address_of, server_context, source_limits
from monitor.redaction import redact
from monitor.settings import Settings
from monitor.topics import inspect, require_broker
from monitor.vault import opened_door
from streams.feed import Feed
from streams.sources import atna as syslog
from streams.sources import hl7 as mllp
from streams.sources.api import Item, Origin
from streams.sources.listening import Address
from streams.sources.local_time import zone as zone_of

_log = logging.getLogger(__name__)

ACKNOWLEDGE_SECONDS = 20.0
"""How long an MLLP sender waits for the broker before it is told to send again. Interface engines give up on an answer
after 30 s and more."""

app = new_app("Receive messages from other systems: audit records by syslog, ADT by MLLP.")

SourceOption = Annotated[
    str, typer.Option("--source", metavar="URN", help="Name of the sending system in events, ledger and metrics.")
]


@app.callback()
def _group() -> None:
    """Receive messages from other systems: audit records by syslog, ADT by MLLP."""


@app.command("atna")
def atna(
    source: SourceOption,
    tls: Annotated[str, typer.Option("--tls", metavar="HOST:PORT", help="Listen for syslog over TLS here.")] = "",
    udp: Annotated[str, typer.Option("--udp", metavar="HOST:PORT", help="Listen for syslog over UDP here.")] = "",
    config: ConfigOption = None,
) -> None:
    """Receive ATNA audit messages by syslog, over TLS (RFC 5425), UDP (RFC 5426), or both, until SIGTERM or Ctrl-C.

    UDP loses messages and is for systems that cannot do better. docs/listening.md shows certificates and senders.

    Example:
        wardwatch listen atna --tls 0.0.0.0:6514 --source urn:example:ehr-audit
    """
    settings = load_settings(config)
    if not (tls or udp):
        raise typer.BadParameter("name an address, with --tls or --udp")
    tls_at = (address_of(tls), server_context(settings)) if tls else None
    udp_at = plain_address_of(udp, settings) if udp else None
    limits = syslog.Limits(source=source_limits(settings), connections=settings.listen_connections)

    async def receive(origin: Origin, feed: Feed, metrics: FeedMetrics, on_ready: OnReady) -> None:
        def ready(endpoints: syslog.Endpoints) -> None:
            found = {"tls": endpoints.tls, "udp": endpoints.udp}
            on_ready({name: address for name, address in found.items() if address})

        await syslog.listen(origin, feed.take, tls=tls_at, udp=udp_at, limits=limits, observer=metrics, on_ready=ready)

    _run(settings, Origin(_source(source), "syslog"), receive)


@app.command("hl7")
def hl7(
    address: Annotated[str, typer.Option("--address", metavar="HOST:PORT", help="Listen for MLLP here.")],
    source: SourceOption,
    plain: Annotated[bool, typer.Option("--plain", help="Listen without TLS: on the loopback only.")] = False,
    zone: Annotated[str, typer.Option("--zone", metavar="ZONE", help="Zone of times without offset.")] = "UTC",
    config: ConfigOption = None,
) -> None:
    """Receive HL7 v2 ADT messages by MLLP, over TLS, until SIGTERM or Ctrl-C.

    A message is answered when the broker has it: AA accepted, AE refused and kept as a dead letter, AR send it again.

    Example:
        wardwatch listen hl7 --address 0.0.0.0:2575 --source urn:example:adt --zone America/New_York
    """
    settings = load_settings(config)
    context = None if plain else server_context(settings)
    host, port = plain_address_of(address, settings) if plain else address_of(address)
    place = zone_of(zone)
    if place is None:
        message = f"there is no time zone {zone}; name one such as America/New_York"
        raise typer.BadParameter(message)
    limits = mllp.Limits(
        source=source_limits(settings), idle_seconds=settings.listen_idle, connections=settings.listen_connections
    )

    async def receive(origin: Origin, feed: Feed, metrics: FeedMetrics, on_ready: OnReady) -> None:
        async def deliver(items: list[Item]) -> str:
            return await feed.deliver(items, ACKNOWLEDGE_SECONDS)

        listener = mllp.Listener(origin, place, deliver, _now, limits=limits, observer=metrics)
        try:
            bound = await listener.start(host, port, context)
            on_ready(_named(bound, plain=plain))
            await asyncio.Event().wait()
        finally:
            await listener.stop()

    _run(settings, Origin(_source(source), "mllp"), receive)


def _run(settings: Settings, origin: Origin, receive: Receive) -> None:
    """Listen, with health page and metrics, until told to stop."""
    logs.configure(settings.log_level)
    keys = required_keys(settings)
    security = require_broker(settings)
    missing = inspect(settings).missing
    if missing:
        message = f"{len(missing)} topics are missing; run `wardwatch topics create`"
        raise Failure(message)
    metrics = FeedMetrics(CollectorRegistry(), origin.source)
    with opened_door(settings, keys) as door:
        listening = Listening(settings, origin, door, security.for_aiokafka(), receive, metrics)
        routes = health_routes(metrics.registry, listening.alive(), listening.ready())
        with serving(settings.health_host, settings.health_port, routes, "HEALTH"):
            asyncio.run(listening.run())
    _log.info("Listener ends")


def _source(name: str) -> str:
    """Return the name of a source if it may be shown everywhere.

    Raises:
        typer.BadParameter: where it may not.
    """
    if not 0 < len(name) <= LONGEST_SOURCE or not name.isprintable() or " " in name or redact(name) != name:
        message = f"--source takes a URN of up to {LONGEST_SOURCE} characters without spaces, as in urn:example:ehr"
        raise typer.BadParameter(message)
    return name


def _named(bound: Address, *, plain: bool) -> Mapping[str, Address]:
    return {"mllp" if plain else "mllp_tls": bound}


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
