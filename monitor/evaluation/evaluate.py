"""Evaluation: what was found of what was injected, how soon, and at which price in alerts.

Definitions, which every figure of the report follows (docs/evaluation.md has them for readers):

* An *alert* is a finding that the desk let through to people. An event that alerts by its score row alone is one, too.
* An incident's *parties* are the entities that at least half of its scored labelled events end at (the user who
  snooped, the provider who billed, the clerk who refunded), so not the many patients that it touches.
* A finding *speaks of* an incident where its event is labelled with it, or where it is about one of the incident's
  parties and was made between the incident's first labelled event and `GRACE_SECONDS` after its last. What the
  incident's own pattern says of a provider adds up the claims of many days: it speaks of the incident for as long as
  they are among them (`LOOK_BACK`).
* An incident is *found* where an alert speaks of it; its *delay* runs from its first labelled event to that alert.
* It is found *strictly* where an alert is its *own*: made on one of its labelled events, or by its own pattern (or a
  part of that, as B24c is of B24). What else is said of a party may have reasons that have nothing to do with it.
* An alert is *true* where it speaks of an incident, or where its case (the incident of the desk that people open) holds
  a finding that does: whoever is told of the case sees what was injected.
* *Precision* is true alerts over alerts; *case precision* true cases over cases that alerted.
* *Ranked precision* does not ask what alerted: of all scored events the budget's number with the highest risks is
  taken, over the whole run or day by day, and the labelled share of these is counted (precision at k).
* An incident is *critical* where a critical finding is its own, told or not. It is *complete* with the first event
  whose label says so, else with its first: a payee's account has to be changed before that can be a diversion. It was
  found promptly where the first alert of its own came within five minutes after that.

Labels carry no times: those of an incident are the times of its labelled events in the scores and findings.
"""

import math
import re
import statistics
import string
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from detectors.patterns import DETECTORS
from monitor.evaluation.bootstrap import Figures, intervals
from monitor.evaluation.days import by_day, day_of
from monitor.evaluation.decoys import decoy_reports
from monitor.evaluation.inputs import FoundLike, Label, ScoreRow
from monitor.evaluation.ranking import Ranking
from monitor.evaluation.report import PROMPT_SECONDS, DecoyReport, RankedPrecision, Report, ScenarioReport

GRACE_SECONDS = 3600.0
"""An alert that follows an incident's last event within an hour still speaks of it."""

LOOK_BACK = {
    pattern.id: int(days[1]) * 86_400.0
    for pattern, _ in DETECTORS.values()
    if pattern.stage == "provider" and (days := re.match(r"(\d+) days", pattern.window))
}
"""Seconds over which a pattern adds up a provider's claims, by its number."""

Entity = tuple[str, str]


@dataclass
class _Incident:
    """One incident as the run saw it. `alerted_at` holds the times of the alerts that speak of it.

    `own_alerted_at` holds those of its own alone. It `is_critical` where a critical finding is its own.
    """

    scenario: str
    events: int = 0
    alerted: int = 0
    first: float = float("inf")
    last: float = float("-inf")
    completing: set[str] = field(default_factory=set)
    complete: float = float("inf")
    ends: dict[Entity, int] = field(default_factory=lambda: defaultdict(int))
    alerted_at: list[float] = field(default_factory=list)
    own_alerted_at: list[float] = field(default_factory=list)
    is_critical: bool = False

    def see(self, event_id: str, at: float) -> None:
        """Take note of the time of one of its events."""
        self.first, self.last = min(self.first, at), max(self.last, at)
        if event_id in self.completing:
            self.complete = min(self.complete, at)

    def take_alert(self, at: float, *, is_own: bool) -> None:
        """Take note of the time of an alert that speaks of it."""
        self.alerted_at.append(at)
        if is_own:
            self.own_alerted_at.append(at)

    @property
    def delay(self) -> float | None:
        """Seconds from its first labelled event to its first alert; None where there is none."""
        return min(self.alerted_at) - self.first if self.alerted_at else None

    @property
    def delay_once_complete(self) -> float | None:
        """Seconds from the event that completes it to its first own alert, 0 where that came before; None without."""
        if not self.own_alerted_at:
            return None
        return max(0.0, min(self.own_alerted_at) - (self.first if math.isinf(self.complete) else self.complete))

    @property
    def pattern(self) -> str:
        """The number of the pattern that it is an example of: A19 for the scenario A19-slow."""
        return self.scenario.split("-")[0]

    def is_of_its_pattern(self, finding: FoundLike) -> bool:
        """Return whether its pattern made the finding, or a part of that, such as B24c."""
        return self.pattern in (finding.detector, finding.detector.rstrip(string.ascii_lowercase))

    def may_be_meant_by(self, finding: FoundLike) -> bool:
        """Return whether a finding about one of its parties was made in time to speak of it."""
        look_back = LOOK_BACK.get(finding.detector, 0.0) if finding.detector == self.pattern else 0.0
        grace = max(GRACE_SECONDS, look_back)
        return self.first <= finding.at <= self.last + grace

    def parties(self) -> list[Entity]:
        """Return the entities that at least half of the scored labelled events end at."""
        scored = sum(self.ends.values())
        return [entity for entity, count in self.ends.items() if 2 * count >= scored]


@dataclass(frozen=True)
class Alert:
    """One alert: its event, its time, the case that it is part of (empty where there is none), and if it is true."""

    event_id: str
    at: float
    case: str
    is_true: bool


def evaluate_run(
    findings: Iterable[FoundLike],
    scores: Iterable[ScoreRow],
    labels: Iterable[Label],
    *,
    budget: float | None = None,
    decoys: Mapping[str, str] | None = None,
    explained: float | None = None,
) -> Report:
    """Evaluate a run.

    Args:
        findings: findings; of those without an alert only what is part of a case matters.
        scores: one row for each scored event; of two rows for one event the later counts.
        labels: one for each labelled event and incident.
        budget: alerts a day that the run was allowed.
        decoys: name of the decoy by event id.
        explained: share of ordinary accesses that were explained.
    """
    found = list(findings)
    truth: dict[str, list[str]] = defaultdict(list)
    incidents: dict[str, _Incident] = {}
    for label in labels:
        incident = incidents.setdefault(label.incident, _Incident(label.scenario))
        incident.events += 1
        truth[label.event_id].append(label.incident)
        incident.completing |= {label.event_id} if label.completes else set()
    rows = {row.event_id: row for row in scores}
    for event_id, names in truth.items():
        if event_id in rows:
            for name in names:
                incidents[name].see(event_id, rows[event_id].time)
                incidents[name].ends[rows[event_id].entity] += 1
    for finding in found:
        if finding.alert:
            for name in truth.get(finding.event_id, ()):
                incidents[name].see(finding.event_id, finding.at)
    alerts, astray = _alerts(found, rows, truth, incidents)
    for event_id in {alert.event_id for alert in alerts}:
        for name in truth.get(event_id, ()):
            incidents[name].alerted += 1
    return _report(
        list(incidents.values()),
        alerts,
        Ranking.of(rows.values(), truth),
        unscored=len(truth.keys() - rows.keys()),
        budget=budget,
        decoys=decoy_reports(astray, rows, decoys or {}),
        explained=explained,
    )


def _alerts(
    findings: Sequence[FoundLike],
    rows: Mapping[str, ScoreRow],
    truth: Mapping[str, list[str]],
    incidents: Mapping[str, _Incident],
) -> tuple[list[Alert], list[FoundLike]]:
    """Return the alerts, and the findings that alerted and speak of nothing that was injected.

    The times of those that speak of an incident are noted on it.
    """
    by_party: dict[Entity, list[_Incident]] = defaultdict(list)
    for incident in incidents.values():
        for party in incident.parties():
            by_party[party].append(incident)

    def spoken_of(finding: FoundLike) -> list[tuple[_Incident, bool]]:
        """Return the incidents that it speaks of, each with whether the finding is its own."""
        made_on = [(incidents[name], True) for name in truth.get(finding.event_id, ())]
        return made_on + [
            (incident, incident.is_of_its_pattern(finding))
            for incident in by_party.get((finding.entity.type, finding.entity.ref), ())
            if incident.may_be_meant_by(finding)
        ]

    true_cases: set[str] = set()
    alerting: list[tuple[FoundLike, bool]] = []
    for finding in findings:
        about = spoken_of(finding)
        if about and finding.incident_id:
            true_cases.add(finding.incident_id)
        if finding.severity == "critical":
            for incident, is_own in about:
                incident.is_critical |= is_own
        if finding.alert:
            alerting.append((finding, bool(about)))
            for incident, is_own in about:
                incident.take_alert(finding.at, is_own=is_own)
    alerts = [
        Alert(finding.event_id, finding.at, finding.incident_id or "", speaks or finding.incident_id in true_cases)
        for finding, speaks in alerting
    ]
    by_score = _alerts_by_score(rows, {alert.event_id for alert in alerts}, truth, incidents)
    return [*alerts, *by_score], [finding for finding, speaks in alerting if not speaks]


def _alerts_by_score(
    rows: Mapping[str, ScoreRow],
    told: Collection[str],
    truth: Mapping[str, list[str]],
    incidents: Mapping[str, _Incident],
) -> Iterator[Alert]:
    """Yield the alerts of events whose score row says so, but that no alerted finding is known of."""
    for row in rows.values():
        if row.alert and row.event_id not in told:
            names = truth.get(row.event_id, ())
            for name in names:
                incidents[name].take_alert(row.time, is_own=True)
            yield Alert(row.event_id, row.time, "", bool(names))


def _report(
    incidents: Sequence[_Incident],
    alerts: Sequence[Alert],
    ranking: Ranking,
    *,
    unscored: int,
    budget: float | None,
    decoys: list[DecoyReport],
    explained: float | None,
) -> Report:
    is_found = [bool(incident.alerted_at) for incident in incidents]
    is_found_strictly = [bool(incident.own_alerted_at) for incident in incidents]
    days = by_day(ranking.days, [(day_of(alert.at), alert.is_true) for alert in alerts])
    cases = {alert.case: alert.is_true for alert in alerts if alert.case}
    true = sum(alert.is_true for alert in alerts)
    average_precision = ranking.average_precision()
    figures = Figures(is_found, is_found_strictly, [(one.alerts, one.true_alerts) for one in days], ranking)
    return Report(
        scenarios=[_scenario(name, incidents) for name in sorted({incident.scenario for incident in incidents})],
        incidents=len(incidents),
        found=sum(is_found),
        recall=sum(is_found) / len(incidents) if incidents else None,
        precision=true / len(alerts) if alerts else None,
        case_precision=sum(cases.values()) / len(cases) if cases else None,
        average_precision=average_precision,
        base_rate=ranking.labelled / ranking.events if ranking.events else None,
        events=ranking.events,
        labelled=ranking.labelled,
        unscored=unscored,
        alerts=len(alerts),
        true_alerts=true,
        cases=len(cases),
        days=len(days),
        alerts_per_day=len(alerts) / len(days) if days else None,
        budget=budget,
        per_day=days,
        intervals=intervals(figures, budget),
        ranked=None if budget is None else _ranked(ranking, budget),
        curve=ranking.curve(),
        decoys=decoys,
        explained=explained,
        found_strictly=sum(is_found_strictly),
        recall_strict=sum(is_found_strictly) / len(incidents) if incidents else None,
    )


def _ranked(ranking: Ranking, budget: float) -> RankedPrecision | None:
    pooled = ranking.precision_at(budget)
    if pooled is None:
        return None
    per_day, most = ranking.precision_by_day(budget), ranking.attainable_by_day(budget)
    return RankedPrecision(pooled, float(per_day.mean()), float(most.mean()))


def _scenario(name: str, incidents: Sequence[_Incident]) -> ScenarioReport:
    mine = [incident for incident in incidents if incident.scenario == name]
    delays = [one.delay for one in mine if one.delay is not None]
    strictly = sum(bool(one.own_alerted_at) for one in mine)
    critical = [one.delay_once_complete for one in mine if one.is_critical]
    return ScenarioReport(
        scenario=name,
        incidents=len(mine),
        found=len(delays),
        recall=len(delays) / len(mine),
        delay_median=statistics.median(delays) if delays else None,
        delay_longest=max(delays) if delays else None,
        events=sum(one.events for one in mine),
        alerted=sum(one.alerted for one in mine),
        critical=len(critical),
        critical_prompt=sum(delay is not None and delay <= PROMPT_SECONDS for delay in critical),
        critical_delay=max((delay for delay in critical if delay is not None), default=None),
        found_strictly=strictly,
        recall_strict=strictly / len(mine),
    )
