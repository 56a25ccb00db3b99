"""The table of all metrics for people, made from the metrics themselves (`docs/metrics.md`)."""

from prometheus_client import CollectorRegistry

from monitor.archive_metrics import ArchiveMetrics
from monitor.feed_metrics import FeedMetrics
from monitor.hook_metrics import HookMetrics
from monitor.metrics import Metrics
from monitor.response_metrics import ResponseMetrics

HEAD = """\
# Metrics

Made by `make golden`; do not edit. Every process shows them on `/metrics`: a worker on `WARDWATCH_HEALTH_PORT`, the
console on `WARDWATCH_CONSOLE_PORT`. No label names a person.
Those that begin with `wardwatch_feed_` are shown by `wardwatch listen` alone, on `WARDWATCH_HEALTH_PORT` too;
those that begin with `wardwatch_archive_` by `wardwatch archive`, with `wardwatch_hook_` by `wardwatch hooks` on
`WARDWATCH_HOOKS_METRICS_PORT`. Figures that come from the database, such as
`wardwatch_open_incidents` and `wardwatch_outbox_depth`, are the same in every worker: take `max`, not `sum`.

| metric | kind | labels | meaning |
|---|---|---|---|
"""


def metrics_document() -> str:
    """Return the document in Markdown."""
    rows = [
        *Metrics(CollectorRegistry()).listed,
        *ResponseMetrics(CollectorRegistry()).listed,
        *FeedMetrics(CollectorRegistry(), "urn:example").listed,
        *ArchiveMetrics(CollectorRegistry()).listed,
        *HookMetrics(CollectorRegistry()).listed,
    ]
    return HEAD + "".join(
        f"| `{row.name}` | {row.kind} | {', '.join(f'`{label}`' for label in row.labels) or '-'} | {row.about} |\n"
        for row in sorted(rows, key=lambda row: row.name)
    )
