"""What Prometheus sees of the response: how it stands in the store, looked at twice a minute."""

import logging
import threading
from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy.exc import SQLAlchemyError

from alerting.plan import Plan
from alerting.standing.counting import Standing, standing
from alerting.store import Store
from monitor.metric_set import MetricSet
from monitor.redaction import redact

_log = logging.getLogger(__name__)

PAUSE_SECONDS = 30.0
MOST_READERS = 20
OTHER = "other"
NOTHING = float("nan")
"""What a gauge shows of something that there is not: no comparison holds of it."""

Labelled = Mapping[tuple[str, ...], float]


class ResponseMetrics(MetricSet):
    """The gauges of the response. Every worker shows the same figures: take the greatest, not the sum."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__(registry)
        self._shown: dict[Gauge, set[tuple[str, ...]]] = {}
        self._open = self._gauge("open_incidents", "Open incidents by severity and status.", "severity", "status")
        self._own = self._gauge("own_incidents", "Open incidents about Wardwatch itself, by kind.", "kind")
        self._overdue = self._gauge("overdue_incidents", "Incidents by the clock that has run out.", "clock")
        self._climbs = self._gauge("escalations", "Cases that climb, or were answered but not worked on.", "state")
        self._steps = self._gauge("escalation_steps", "Steps made so far for the cases that climb.")
        self._digest = self._gauge("digest_items", "News that wait for a digest, one for each recipient.")
        days = "Days to the nearest deadline of notices of a breach, below zero once it has passed."
        self._breach = self._gauge("breach_days_left", days, "duty")
        self._review = self._gauge("review_overdue_seconds", "How long the review of activity is overdue, else 0.")
        verdicts = "Verdicts that stand, by rule or model: findings that people confirmed, cleared or neither."
        self._verdicts = self._gauge("verdicts", verdicts, "rule", "outcome")
        self._feedback = self._gauge("feedback_waiting", "Verdicts that wait to be published.")
        self._slack = self._gauge("slack_requests_waiting", "Requests of people in Slack that wait for the hooks.")
        age = "Age of the last signed checkpoint of the audit log; NaN where there is none."
        self._checkpoint = self._gauge("audit_checkpoint_age_seconds", age)
        self._checkpoint.set(NOTHING)
        behind = "How long the oldest event that a SIEM reader has not had has waited."
        self._siem = self._gauge("siem_behind_seconds", behind, "reader")

    def show(self, found: Standing, now: float) -> None:
        """Show how the response stands at a time, in seconds since the epoch."""
        self._these(self._open, {(severity, status): n for (severity, status), n in found.open_cases.items()})
        self._these(self._own, {(kind,): n for kind, n in found.about_wardwatch.items()})
        self._these(self._overdue, {(clock,): n for clock, n in found.overdue.items()})
        self._these(self._climbs, {(state,): n for state, n in found.climbs.items()})
        self._steps.set(found.climb_steps)
        self._digest.set(found.digest_items)
        self._these(self._breach, {(duty,): days for duty, days in found.breach_days.items()})
        self._review.set(found.review_overdue)
        self._these(self._verdicts, {(rule, outcome): n for (rule, outcome), n in found.verdicts.items()})
        self._feedback.set(found.feedback_waiting)
        self._slack.set(found.slack_waiting)
        self._checkpoint.set(NOTHING if found.checkpoint_at is None else now - found.checkpoint_at)
        self._these(self._siem, _readers(found.siem_behind))

    def _these(self, gauge: Gauge, values: Labelled) -> None:
        """Show these values and no others."""
        for gone in self._shown.get(gauge, set()) - values.keys():
            gauge.remove(*gone)
        for labels, value in values.items():
            gauge.labels(*labels).set(value)
        self._shown[gauge] = set(values)


def _readers(behind: Mapping[str, float]) -> dict[tuple[str, ...], float]:
    """Return the values by label: a reader's name, if it may be one; of those that may not, the one furthest behind."""
    shown: dict[tuple[str, ...], float] = {}
    for number, (name, seconds) in enumerate(sorted(behind.items())):
        is_name = len(name) <= 64 and name.isprintable() and redact(name) == name
        label = (name if is_name and number < MOST_READERS else OTHER,)
        shown[label] = max(seconds, shown.get(label, 0.0))
    return shown


class StandingWatch:
    """Counts how the response stands, again and again."""

    def __init__(self, store: Store, plan: Plan, metrics: ResponseMetrics, clock: Callable[[], float]) -> None:
        self._store = store
        self._plan = plan
        self._metrics = metrics
        self._clock = clock

    def run(self, stop: threading.Event) -> None:
        """Count twice a minute, until told to stop."""
        while not stop.is_set():
            try:
                self.look()
            except SQLAlchemyError as error:
                _log.warning("How the response stands cannot be shown: %s", type(error).__name__)
            stop.wait(PAUSE_SECONDS)

    def look(self) -> None:
        """Count once."""
        now = self._clock()
        with self._store.reading() as connection:
            found = standing(connection, self._plan, now)
        self._metrics.show(found, now)
