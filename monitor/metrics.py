"""What Prometheus sees of a process.

Labels are rules, severities, channels, outcomes, topics, models and sources: a few hundred values together, and none
names a person (domain.md §4.6). Everything is updated once per batch, never per event.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import metadata
from typing import get_args

from prometheus_client import CollectorRegistry

from alerting.incidents import IncidentKind
from alerting.ledger import LedgerEntry
from alerting.muting.waiting import HoldReason
from alerting.severity import IncidentSeverity
from alerting.store import Totals
from detectors.finding import Finding, Severity
from monitor.health import Heartbeat
from monitor.metric_set import MetricSet
from monitor.redaction import redact

MOST_SOURCES = 50
OTHER = "other"
"""Sources are named by the input: a sender that invents them must not fill the memory of Prometheus."""


class Metrics(MetricSet):
    """All metrics of a process, on a registry of its own.

    It is the observer of the desk, of the sender (`alerting.observer.Observer`) and of the engine
    (`streams.observer.Observer`).
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        heartbeat: Heartbeat | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(registry)
        self._heartbeat = heartbeat
        self.is_ready = False
        self._clock = clock
        self._sources: dict[str, str] = {}
        self._events = self._counter("events", "Events by source and what became of them.", "source", "outcome")
        self._passed = self._counter("agent_events", "Events that an agent took, by what it did.", "agent", "outcome")
        self._dead_letters = self._counter("dead_letters", "Records and events set aside, by reason.", "reason")
        self._failures = self._counter("failures", "What failed and was gone around, by agent.", "agent", "kind")
        self._unknown = self._counter("unknown_fields", "Fields of events that are not known and were kept out.")
        self._masked = self._counter("masked_texts", "Events in whose free text an identifier was masked.")
        self._findings = self._counter("findings", "New findings by rule and severity.", "rule", "severity")
        told = "Findings that people were told of: they opened a case or made it graver."
        self._alerts = self._counter("alerts", told, "rule", "severity")
        self._held = self._counter("held", "Findings and notices held back, by what held them.", "reason")
        self._withdrawn = self._counter("withdrawn", "Findings whose ground fell away, by outcome.", "outcome")
        self._incidents = self._counter("incidents", "Changes of incidents.", "kind", "severity", "change")
        self._notices = self._counter("notices", "Attempts to notify by channel and outcome.", "channel", "outcome")
        self._rebalances = self._counter("rebalances", "Times that this worker was given other partitions.")
        self._scoring = self._histogram("scoring_seconds", "Time to judge one batch at one stage.", "stage")
        self._steps = self._histogram("step_seconds", "Time of one step of an agent, with its sends.", "agent")
        self._latency = self._histogram("event_to_finding_seconds", "From the broker's timestamp to the finding.")
        self._desk = self._histogram("desk_seconds", "Time of one transaction of the desk.")
        self._lag = self._gauge("consumer_lag", "Records that wait, by topic and partition.", "topic", "partition")
        self._commit_age = self._gauge("commit_age_seconds", "Time that processed records wait for their commit.")
        self._partitions = self._gauge("assigned_partitions", "Partitions that this worker has.")
        self._ready = self._gauge("ready", "1 while events are processed, else 0.")
        self._model_age = self._gauge("model_age_seconds", "Age of the training data of a loaded model.", "model")
        self._ledger = self._gauge("ledger", "The ledger's totals by source and outcome.", "source", "outcome")
        self._outbox = self._gauge("outbox_depth", "Notices that wait to be sent.")
        self._waiting = self._gauge("waiting_cases", "Cases whose news wait, by what holds them back.", "reason")
        self._vault = self._counter("vault_tokens", "New tokens, by what became of them in the vault.", "outcome")
        self._vault_failures = self._counter("vault_failures", "Attempts to write to the vault that failed.")
        self._vault_waiting = self._gauge("vault_waiting", "Tokens that wait for the vault.")
        build = self._gauge("build_info", "Always 1; the version is the label.", "version")
        build.labels(metadata.version("wardwatch")).set(1)

    # What the engine tells.

    def events(self, agent: str, outcome: str, n: int) -> None:
        """Count events that an agent took."""
        self._passed.labels(agent, outcome).inc(n)

    def step(self, agent: str, seconds: float, events: int) -> None:
        """Note the time of one batch."""
        del events  # counted by `events`, with their outcomes
        self._steps.labels(agent).observe(seconds)

    def found(self, findings: Sequence[Finding], seconds: Sequence[float]) -> None:
        """Note how long it took from the events to their findings; the desk counts those that are new."""
        del findings
        for age in seconds:
            self._latency.observe(age)

    def failure(self, agent: str, kind: str, n: int) -> None:
        """Count what failed and was gone around."""
        self._failures.labels(agent, kind).inc(n)

    def unknown_fields(self, n: int) -> None:
        """Count fields that the intake kept out."""
        self._unknown.inc(n)

    def masked_texts(self, n: int) -> None:
        """Count events in whose free text something was masked."""
        self._masked.inc(n)

    def lag(self, topic: str, partition: int, records: int) -> None:
        """Show how many records of a partition wait."""
        self._lag.labels(topic, str(partition)).set(records)

    def commit_age(self, seconds: float) -> None:
        """Show how long processed records have been waiting for their commit."""
        self._commit_age.set(seconds)

    def rebalanced(self, partitions: int) -> None:
        """Count a new assignment; the lag of partitions that went elsewhere is shown there."""
        self._rebalances.inc()
        self._partitions.set(partitions)
        self._lag.clear()

    def ready(self, is_ready: bool) -> None:
        """Show whether events are being processed; the engine says so every second, as long as its loop goes round."""
        if self._heartbeat is not None:
            self._heartbeat.beat()
        self.is_ready = is_ready
        self._ready.set(is_ready)

    def judged(self, stage: str, seconds: float) -> None:
        """Note the time of the pure part of a step at a stage."""
        self._scoring.labels(stage).observe(seconds)

    # What the desk and the sender tell.

    def finding(self, rule: str, severity: Severity, *, alert: bool) -> None:
        """Count a new finding."""
        self._findings.labels(rule, severity).inc()
        if alert:
            self._alerts.labels(rule, severity).inc()

    def held(self, reason: str) -> None:
        """Count a finding or notice that was held back."""
        self._held.labels(reason).inc()

    def released(self, rule: str, severity: Severity) -> None:
        """Count a finding that people are told of after all."""
        self._alerts.labels(rule, severity).inc()

    def withdrawn(self, outcome: str, n: int) -> None:
        """Count findings whose ground fell away; `unknown` are those that the store does not hold."""
        self._withdrawn.labels(outcome).inc(n)

    def incident(self, kind: IncidentKind, severity: IncidentSeverity, change: str) -> None:
        """Count a change of an incident."""
        self._incidents.labels(kind, severity, change).inc()

    def notice(self, channel: str, outcome: str) -> None:
        """Count an attempt to notify."""
        self._notices.labels(channel, outcome).inc()

    # What the vault's writer tells (`alerting.vault.VaultObserver`).

    def vault_wrote(self, n: int) -> None:
        """Count tokens that are new in the vault."""
        self._vault.labels("written").inc(n)

    def vault_failed(self) -> None:
        """Count an attempt that failed."""
        self._vault_failures.inc()

    def vault_waits(self, n: int) -> None:
        """Show how many tokens wait."""
        self._vault_waiting.set(n)

    def vault_gave_up(self, n: int) -> None:
        """Count tokens that waited too long."""
        self._vault.labels("given_up").inc(n)

    # What the composition (`monitor/build.py`) tells.

    def desk_took(self, seconds: float) -> None:
        """Note the time of one transaction of the desk."""
        self._desk.observe(seconds)

    def accounted(self, entries: Iterable[LedgerEntry]) -> None:
        """Count events by source and outcome, from the ledger's entries on their way to the store."""
        for entry in entries:
            for row in entry.rows:
                outcome, _, reason = row.outcome.partition(":")
                self._events.labels(self._source(row.source), outcome).inc(row.n)
                if outcome == "dead_letter":
                    self._dead_letters.labels(reason).inc(row.n)

    def model_loaded(self, model: str, trained_until: float) -> None:
        """Show the age of a model from the end of its training data, in seconds since the epoch."""
        self._model_age.labels(model).set_function(lambda: self._clock() - trained_until)

    def ledger(self, per_source: Mapping[str, Totals]) -> None:
        """Show the ledger's totals by source; what is received and not yet accounted for is in flight."""
        shown: dict[tuple[str, str], int] = {}
        for source, totals in per_source.items():
            fates = {
                "scored": totals.scored,
                "applied": totals.applied,
                "duplicate": totals.duplicates,
                "dead_letter": sum(totals.dead_letters.values()),
                "filtered": sum(totals.filtered.values()),
            }
            in_flight = totals.received - sum(fates.values())
            for outcome, n in {"received": totals.received, **fates, "in_flight": in_flight}.items():
                key = self._source(source), outcome
                shown[key] = shown.get(key, 0) + n
        for (label, outcome), n in shown.items():
            self._ledger.labels(label, outcome).set(n)

    def outbox(self, depth: int) -> None:
        """Show how many notices wait."""
        self._outbox.set(depth)

    def waiting_cases(self, counts: Mapping[str, int]) -> None:
        """Show how many cases people will be told of later, by what holds their news back."""
        for reason in get_args(HoldReason):
            self._waiting.labels(reason).set(counts.get(reason, 0))

    def _source(self, source: str) -> str:
        """Return the label of a source; one that may hold more than a system's name, or one too many, is `other`."""
        label = self._sources.get(source)
        if label is None:
            is_name = len(source) <= 64 and redact(source) == source and source.isprintable()
            label = self._sources[source] = source if is_name and len(self._sources) < MOST_SOURCES else OTHER
        return label
