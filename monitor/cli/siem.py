"""`wardwatch siem`: findings and incidents for a SIEM, in OCSF."""

import signal
import threading
import time
from importlib import metadata
from typing import Annotated

import typer

from alerting.ocsf.events import Exporter
from alerting.ocsf.feed import OcsfFeed
from alerting.policy import OWN_TITLES
from monitor.auditing import note_process
from monitor.catalogue import read_rules, titles
from monitor.cli.shared import ConfigOption, load_settings, new_app, remark
from monitor.response import opened_store
from monitor.siem import STANDARD_OUTPUT, sink_for

app = new_app("Give findings and incidents to a SIEM, as OCSF 1.8.0 events.")

EVERY_SECONDS = 10.0


@app.command()
def push(
    to: Annotated[
        str, typer.Option("--to", metavar="PLACE", help="A file, `kafka:TOPIC`, `https://…`, or `-` for the screen.")
    ] = STANDARD_OUTPUT,
    *,
    reader: Annotated[
        str, typer.Option("--reader", metavar="NAME", help="Who reads: each name has had what it has had.")
    ] = "siem",
    external: Annotated[
        bool, typer.Option("--external", help="Without parties, reasons and exact times: for a SIEM outside the house.")
    ] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until Ctrl-C.")] = False,
    config: ConfigOption = None,
) -> None:
    """Write what is new since the last time: findings (2004), their withdrawal, and incidents (2005).

    Without --external events hold tokens, which are PHI: the place must be as well guarded as the store. An event may
    come twice, with the same `metadata.uid`.

    Example:
        wardwatch siem push --to https://collector.example/ocsf --follow
    """
    settings = load_settings(config)
    exporter = Exporter(
        product_version=metadata.version("wardwatch"),
        titles={**titles(read_rules(settings)), **OWN_TITLES},
        console_url=settings.public_url.rstrip("/"),
        is_external=external,
    )
    ended = threading.Event()
    sink = sink_for(to, settings, time.sleep)
    with opened_store(settings) as store:
        note_process(store, "siem", "siem_push", reader)
        feed = OcsfFeed(store, reader, exporter, time.time)
        total = feed.run_all(sink)
        if follow:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: ended.set())
            while not ended.wait(EVERY_SECONDS):
                total += feed.run_all(sink)
    remark(f"{total} events were written.")
