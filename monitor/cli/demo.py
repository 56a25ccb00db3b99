"""`wardwatch demo`: see it work, with nothing but Python."""

import logging
import signal
import time
from types import FrameType
from typing import Annotated

import typer

from monitor.cli.shared import console, say
from monitor.demo.feed import Feed, Hospital
from monitor.demo.figures import Figures, Watch
from monitor.demo.site import Site, running_site
from monitor.demo.view import showing
from monitor.failure import Failure

LOOK_SECONDS = 1.0


def demo(
    *,
    days: Annotated[int, typer.Option("--days", min=1, max=90, help="Simulated days.")] = 14,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same hospital.")] = 1,
    scale: Annotated[float, typer.Option("--scale", min=0.001, max=1, help="1.0 is a hospital of 400 beds.")] = 0.03,
    speed: Annotated[
        float, typer.Option("--speed", min=1, max=100_000, help="Simulated seconds a second; 1440 is a day a minute.")
    ] = 1440.0,
    seconds: Annotated[
        float | None, typer.Option("--for", metavar="SECONDS", min=1, help="End after so long; else with Ctrl-C.")
    ] = None,
    incidents: Annotated[
        int | None, typer.Option("--until-incidents", metavar="N", min=1, help="End when N incidents are there.")
    ] = None,
) -> None:
    """Watch a simulated hospital with everything embedded, until Ctrl-C.

    Broker, worker, console, a practice Slack and a practice PagerDuty run on this machine only; nothing is kept. An
    analyst takes on the first grave case, the others climb, and a silence holds back what one model alone finds.

    Example:
        wardwatch demo --speed 2880
    """
    for ending in (signal.SIGINT, signal.SIGTERM):  # a shell starts background jobs with SIGINT ignored
        signal.signal(ending, _as_interrupt)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # its complaints would run through the live view
    hospital = Hospital(days=days, seed=seed, scale=scale, speed=speed)
    say("Starting the broker, a worker, the console and a simulated hospital.")
    try:
        with running_site() as site:
            last = _watch(site, hospital, seconds, incidents)
    except KeyboardInterrupt:
        say("\nThe demo has ended; nothing is left of it.")
        return
    if incidents is not None and len(last.incidents) < incidents:
        message = f"only {len(last.incidents)} incidents came in {seconds:g} s"
        raise Failure(message)
    say("The demo has ended; nothing is left of it.")


def _watch(site: Site, hospital: Hospital, seconds: float | None, incidents: int | None) -> Figures:
    """Show the demo until its end has come; return the last figures."""
    watch, began = Watch(site), time.monotonic()
    with Feed(site.settings, hospital) as feed, showing(site, console()) as show:
        while True:
            site.require_worker()
            if feed.progress.failed:
                message = f"the simulated hospital cannot be sent to the broker: {feed.progress.failed}"
                raise Failure(message)
            figures = watch.look()
            show(figures, feed.progress)
            enough = incidents is not None and len(figures.incidents) >= incidents and figures.messages > 0
            if enough or (seconds is not None and time.monotonic() - began >= seconds):
                return figures
            time.sleep(LOOK_SECONDS)


def _as_interrupt(_signal: int, _frame: FrameType | None) -> None:
    """End as on Ctrl-C, so that nothing is left behind."""
    raise KeyboardInterrupt
