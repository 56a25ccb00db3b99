"""What the demo shows: a live table on a terminal, plain lines anywhere else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from alerting.incidents import Incident
from monitor.demo.feed import Progress
from monitor.demo.figures import SHOWN_INCIDENTS, Figures
from monitor.demo.response import ANALYST
from monitor.demo.site import Site

PLAIN_EVERY = 5
"""On no terminal the figures come with every so manieth look, new incidents at once."""

Show = Callable[[Figures, Progress], None]


def headline(figures: Figures, progress: Progress) -> str:
    """Return the figures in one line."""
    if not figures.ready and not figures.events:
        return "the worker is starting"
    at = datetime.fromtimestamp(progress.now, UTC).strftime("%a %d %b %H:%M") if progress.now else "-"
    over = f" (stopped: {progress.failed})" if progress.failed else " (over)" if progress.finished else ""
    return (
        f"simulated time {at}{over} | {progress.sent:,} sent | {figures.events:,} taken in, {figures.rate:,.0f}/s | "
        f"lag {figures.lag:,} | {figures.findings:,} findings | {len(figures.incidents)} incidents | "
        f"Slack {figures.messages}, pages {figures.pages}"
    )


def response_line(figures: Figures) -> str:
    """Return how people answer, in one line."""
    seen = sum(n for (_, status), n in figures.response.open_cases.items() if status != "new")
    return (
        f"response: {seen} seen by {ANALYST}, {figures.response.climbs.get('climbing', 0)} climb "
        f"({figures.response.climb_steps} steps), {figures.waiting} held back by a silence"
    )


def incident_line(incident: Incident, site: Site) -> str:
    """Return an incident in one line, with its page."""
    about = incident.entity.type if incident.entity else incident.kind
    return (
        f"{incident.severity} {incident.id} about a {about}: {', '.join(incident.rules)} "
        f"{site.console}/incidents/{incident.id}"
    )


def links(site: Site) -> list[str]:
    """Return where to look."""
    return [
        f"console   {site.console}/",
        f"metrics   {site.worker_health}/metrics",
        f"health    {site.worker_health}/readyz",
        f"broker    {site.settings.broker}",
        f"plan      {site.settings.response_file}",
        f"try       wardwatch incidents list --config {site.config}",
        f"          wardwatch silences list --config {site.config}",
    ]


@contextmanager
def showing(site: Site, console: Console) -> Iterator[Show]:
    """Show the demo for as long as the block lasts."""
    for line in links(site):
        console.print(line, soft_wrap=True)
    if not console.is_terminal:
        yield _plain(site, console)
        return
    with Live(console=console, refresh_per_second=4) as live:
        yield lambda figures, progress: live.update(_table(figures, progress, site))


def _plain(site: Site, console: Console) -> Show:
    seen: set[str] = set()
    looks = 0

    def show(figures: Figures, progress: Progress) -> None:
        nonlocal looks
        for incident in reversed(figures.incidents):
            if incident.id not in seen:
                seen.add(incident.id)
                console.print(incident_line(incident, site), soft_wrap=True)
        if looks % PLAIN_EVERY == 0:
            console.print(headline(figures, progress), soft_wrap=True)
            console.print(response_line(figures), soft_wrap=True)
        looks += 1

    return show


def _table(figures: Figures, progress: Progress, site: Site) -> Group:
    table = Table(box=None, pad_edge=False)
    for column in ("", "incident", "about", "rules", "status", "page"):
        table.add_column(column, overflow="fold")
    for incident in figures.incidents[:SHOWN_INCIDENTS]:
        table.add_row(
            incident.severity,
            incident.id,
            incident.entity.type if incident.entity else incident.kind,
            ", ".join(incident.rules),
            incident.status,
            f"{site.console}/incidents/{incident.id}",
        )
    return Group(
        Text(""),
        Text(headline(figures, progress)),
        Text(response_line(figures)),
        Text(""),
        table,
        Text("\nCtrl-C ends the demo.", style="dim"),
    )
