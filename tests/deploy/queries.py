"""What the PromQL queries of the deployment files name, and what Wardwatch's metrics offer."""

import re
from dataclasses import dataclass

import promql_parser
from prometheus_client import CollectorRegistry

from monitor.archive_metrics import ArchiveMetrics
from monitor.hook_metrics import HookMetrics
from monitor.metrics import Metrics
from monitor.response_metrics import ResponseMetrics

# Labels and metrics that Prometheus itself adds.
SCRAPE_LABELS = {"job", "instance"}
SCRAPE_METRICS = {"up": SCRAPE_LABELS}

_SELECTOR = re.compile(r"\b(?P<metric>wardwatch_\w+|up)\b(?:\{(?P<matchers>[^}]*)\})?")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring)\s*\((?P<labels>[^)]*)\)")
_MATCHER = re.compile(r"(?P<label>\w+)\s*(?:=~|!~|!=|=)")
_SUFFIXES: dict[str, list[tuple[str, set[str]]]] = {
    "counter": [("_total", set())],
    "gauge": [("", set())],
    "histogram": [("_bucket", {"le"}), ("_sum", set()), ("_count", set())],
}


@dataclass(frozen=True)
class Query:
    """The names in one PromQL expression."""

    metrics: set[str]
    labels: set[str]


def parse(expression: str) -> Query:
    """Return the names in an expression; ValueError where it is not PromQL."""
    promql_parser.parse(expression)
    selectors = list(_SELECTOR.finditer(expression))
    grouped = {label.strip() for found in _GROUPING.finditer(expression) for label in found["labels"].split(",")}
    matched = {found["label"] for selector in selectors for found in _MATCHER.finditer(selector["matchers"] or "")}
    return Query({selector["metric"] for selector in selectors}, grouped | matched)


def offered() -> dict[str, set[str]]:
    """Return the labels of every time series that Prometheus gets, by its name."""
    registry = CollectorRegistry()
    Metrics(registry)
    ArchiveMetrics(registry)
    ResponseMetrics(registry)
    HookMetrics(registry)
    families = {family.name: family.type for family in registry.collect()}
    # prometheus_client shows label names only on its collectors, and those only by a private name.
    labels = {
        name: set(getattr(collector, "_labelnames", ()))
        for collector, names in registry._collector_to_names.items()
        for name in names
    }
    return SCRAPE_METRICS | {
        f"{name}{suffix}": labels[name] | extra | SCRAPE_LABELS
        for name, kind in families.items()
        for suffix, extra in _SUFFIXES[kind]
    }


def unknown_names(expression: str) -> set[str]:
    """Return the metrics of an expression that nobody offers, and the labels that none of its metrics has."""
    query, known = parse(expression), offered()
    labels = set().union(*(known.get(metric, set()) for metric in query.metrics))
    return (query.metrics - known.keys()) | (query.labels - labels)
