"""Evaluation: what was found of what was injected, how soon, and at which price in alerts.

Definitions, which every figure of the report follows:

* An event *alerts* where its score row says so or an alerted finding was made on it.
* An incident's *parties* are the entities that at least half of its scored labelled events end at (the user who
  snooped, the provider who billed, the clerk who refunded), so not the many patients that it touches.
* An alert *speaks of* an incident where its event is labelled with it, or where it is an alerted finding about one of
  the incident's parties, made between the incident's first labelled event and `GRACE_SECONDS` after its last.
* An incident is *found* where an alert speaks of it; its *delay* runs from its first labelled event to that alert.
* *Precision* counts alerted events once each, however many findings they carry.

Labels carry no times: those of an incident are the times of its labelled events in the scores and findings.
"""

import datetime
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from monitor.evaluation.inputs import FoundLike, Label, ScoreRow
from monitor.evaluation.report import Report, ScenarioReport

GRACE_SECONDS = 3600.0
"""An alert that follows an incident's last event within an hour still speaks of it."""


@dataclass
class _Incident:
    """One incident as the run saw it. `alerted_at` holds the times of the alerts that speak of it."""

    scenario: str
    events: int = 0
    alerted: int = 0
    first: float = float("inf")
    last: float = float("-inf")
    ends: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    alerted_at: list[float] = field(default_factory=list)

    def see(self, at: float) -> None:
        """Take note of the time of one of its events."""
        self.first, self.last = min(self.first, at), max(self.last, at)

    def parties(self) -> list[tuple[str, str]]:
        """Return the entities that at least half of the scored labelled events end at."""
        scored = sum(self.ends.values())
        return [entity for entity, count in self.ends.items() if 2 * count >= scored]


def evaluate_run(findings: Iterable[FoundLike], scores: Iterable[ScoreRow], labels: Iterable[Label]) -> Report:
    """Evaluate a run.

    Args:
        findings: findings; those without an alert are ignored.
        scores: one row for each scored event; of two rows for one event the later counts.
        labels: one for each labelled event and incident.
    """
    truth: dict[str, list[str]] = defaultdict(list)
    incidents: dict[str, _Incident] = {}
    for label in labels:
        incident = incidents.setdefault(label.incident, _Incident(label.scenario))
        incident.events += 1
        truth[label.event_id].append(label.incident)
    rows = {row.event_id: row for row in scores}
    for event_id, names in truth.items():
        if event_id in rows:
            for name in names:
                incidents[name].see(rows[event_id].time)
                incidents[name].ends[rows[event_id].entity] += 1
    alerts = [finding for finding in findings if finding.alert]
    for finding in alerts:
        for name in truth.get(finding.event_id, ()):
            incidents[name].see(finding.at)
    speaking = _match(alerts, rows, truth, incidents)
    alerted = {finding.event_id for finding in alerts} | {row.event_id for row in rows.values() if row.alert}
    for event_id in alerted:
        for name in truth.get(event_id, ()):
            incidents[name].alerted += 1
    return _report(list(incidents.values()), rows, truth, alerted=len(alerted), true=len(speaking))


def _match(
    alerts: Sequence[FoundLike],
    rows: dict[str, ScoreRow],
    truth: dict[str, list[str]],
    incidents: dict[str, _Incident],
) -> set[str]:
    """Note on each incident the times of the alerts that speak of it; return the alerted events that do so."""
    by_party: dict[tuple[str, str], list[_Incident]] = defaultdict(list)
    for incident in incidents.values():
        for party in incident.parties():
            by_party[party].append(incident)
    moments = [(row.event_id, row.time) for row in rows.values() if row.alert]
    moments += [(finding.event_id, finding.at) for finding in alerts]
    speaking: set[str] = set()
    for event_id, at in moments:
        for name in truth.get(event_id, ()):
            incidents[name].alerted_at.append(at)
            speaking.add(event_id)
    for finding in alerts:
        for incident in by_party.get((finding.entity.type, finding.entity.ref), ()):
            if incident.first <= finding.at <= incident.last + GRACE_SECONDS:
                incident.alerted_at.append(finding.at)
                speaking.add(finding.event_id)
    return speaking


def _report(
    incidents: Sequence[_Incident],
    rows: dict[str, ScoreRow],
    truth: dict[str, list[str]],
    *,
    alerted: int,
    true: int,
) -> Report:
    found = sum(bool(incident.alerted_at) for incident in incidents)
    labelled = sum(event_id in truth for event_id in rows)
    days = len({datetime.datetime.fromtimestamp(row.time, datetime.UTC).date() for row in rows.values()})
    return Report(
        scenarios=[_scenario(name, incidents) for name in sorted({incident.scenario for incident in incidents})],
        incidents=len(incidents),
        found=found,
        recall=found / len(incidents) if incidents else None,
        precision=true / alerted if alerted else None,
        average_precision=_average_precision(rows, truth) if labelled else None,
        base_rate=labelled / len(rows) if rows else None,
        events=len(rows),
        labelled=labelled,
        unscored=len(truth) - labelled,
        alerts=alerted,
        true_alerts=true,
        days=days,
        alerts_per_day=alerted / days if days else None,
    )


def _scenario(name: str, incidents: Sequence[_Incident]) -> ScenarioReport:
    mine = [incident for incident in incidents if incident.scenario == name]
    delays = [min(one.alerted_at) - one.first for one in mine if one.alerted_at]
    return ScenarioReport(
        scenario=name,
        incidents=len(mine),
        found=len(delays),
        recall=len(delays) / len(mine),
        delay_median=statistics.median(delays) if delays else None,
        delay_longest=max(delays) if delays else None,
        events=sum(one.events for one in mine),
        alerted=sum(one.alerted for one in mine),
    )


def _average_precision(rows: dict[str, ScoreRow], truth: dict[str, list[str]]) -> float:
    """Return scikit-learn's exact average precision of the risk: no interpolation, ties counted together."""
    # Here, because loading scikit-learn takes longer than every other command does.
    from sklearn.metrics import average_precision_score  # type: ignore[import-untyped]  # noqa: PLC0415 - no types

    is_labelled: npt.NDArray[np.bool_] = np.fromiter((event_id in truth for event_id in rows), np.bool_, len(rows))
    risk: npt.NDArray[np.float64] = np.fromiter((row.risk for row in rows.values()), np.float64, len(rows))
    return float(average_precision_score(is_labelled, risk))
