"""A hospital in a dozen lines: walks events through the real stages, one partition each, in event order."""

import datetime
from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Raw

from detectors.events import Data, event_type
from detectors.events.access import AccessedPatient, AccessEvent, Action, Actor, Client, Geo, Outcome, Resource
from detectors.finding import Finding
from detectors.itinerary import itinerary
from detectors.notes import NOTE_NAMES
from detectors.reference.service_minutes import ServiceMinutes
from detectors.references import References
from detectors.retraction import Retraction
from detectors.sigma import RuleSet, load_rules, shipped_rules
from detectors.stage import STAGE_ORDER, Failure, Score, Stage, StageModels
from detectors.thresholds import Thresholds
from detectors.visit import INTAKE, Arrival, Batch, StageName, Visit

MONDAY = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)
"""00:00 UTC; instants in tests are hours after it."""

RULES: RuleSet = load_rules([shipped_rules()], NOTE_NAMES)


def at(hours: float) -> datetime.datetime:
    """Return the instant that many hours after Monday 00:00."""
    return MONDAY + datetime.timedelta(hours=hours)


class Watch:
    """The four stages with one partition each; keeps everything that they say."""

    def __init__(
        self,
        rules: RuleSet = RULES,
        thresholds: Thresholds | None = None,
        minutes: Mapping[str, ServiceMinutes] | None = None,
        references: References | None = None,
        stage: type[Stage] = Stage,
    ) -> None:
        site = references or References(minutes=minutes or {})
        self.stages = {name: stage(name, rules, thresholds=thresholds, references=site) for name in STAGE_ORDER}
        self.tables: dict[StageName, dict[str, bytes]] = {name: {} for name in STAGE_ORDER}
        self.models: dict[StageName, StageModels] = {name: stage.new_models() for name, stage in self.stages.items()}
        self.offsets: dict[StageName, int] = dict.fromkeys(STAGE_ORDER, -1)
        self.findings: list[Finding] = []
        self.retractions: list[Retraction] = []
        self.failures: list[Failure] = []
        self.scores: list[Score] = []
        self.outcomes: dict[str, int] = {}
        self.notes: dict[str, object] = {}
        self.count = 0

    def see(self, *data: Data, known: datetime.datetime | None = None, id: str = "") -> list[Finding]:  # noqa: A002
        """Send events one by one; return the findings of the last. `known` is the time of context events."""
        found: list[Finding] = []
        for one in data:
            self.count += 1
            moment = getattr(one, "occurred_at", None) or known or MONDAY
            visit = Visit(
                id or f"event-{self.count}",
                "urn:test",
                event_type(one),
                moment.timestamp(),
                moment.timestamp(),
                Raw(msgspec.msgpack.encode(one)),
                itinerary(one),
                place=self.count,
            )
            found = self._walk(visit)
        return found

    def detected(self) -> set[str]:
        """Return the catalogue ids of all rule findings so far."""
        return {finding.detector for finding in self.findings if finding.kind == "rule"}

    def _walk(self, visit: Visit) -> list[Finding]:
        batches: list[Batch] = [Batch(INTAKE, 0, [visit])]
        found: list[Finding] = []
        while batches:
            onward: list[Batch] = []
            for batch in batches:
                found += self._step(batch, onward)
            batches = onward
        self.findings += found
        return found

    def _step(self, batch: Batch, onward: list[Batch]) -> list[Finding]:
        name = batch.visits[0].stop.stage
        self.offsets[name] += 1
        arrival = Arrival(0, self.offsets[name], batch)
        result = self.stages[name].step(self.tables[name], self.models[name], [arrival], 0.0)
        for key, value in result.profiles.items():
            if value is None:
                self.tables[name].pop(key, None)
            else:
                self.tables[name][key] = value
        for key, histogram in result.peers.items():
            self.stages[name].peers.receive(key, histogram)
        for row in result.rows:
            self.outcomes[row.outcome] = self.outcomes.get(row.outcome, 0) + row.n
        self.notes = dict(batch.visits[-1].notes)
        self.retractions += result.retractions
        self.failures += result.failures
        self.scores += result.scores
        onward += result.onward
        return result.findings


def access(
    user: str,
    patient: str | None,
    hours: float,
    *,
    action: Action = "read",
    outcome: Outcome = "success",
    dept: str = "",
    job: str = "nurse",
    rank: int | None = None,
    geo: tuple[float, float] | None = None,
    sensitive: Iterable[str] = (),
) -> AccessEvent:
    """Return one access, or one session event where `patient` is None."""
    return AccessEvent(
        action=action,
        outcome=outcome,
        occurred_at=at(hours),
        actor=Actor(id=user, dept=dept, job_code=job),
        client=Client(geo=Geo(lat=geo[0], lon=geo[1], accuracy_km=10) if geo else None),
        patient=AccessedPatient(ref=patient, mrn_rank=rank) if patient else None,
        resource=Resource(category="chart", sensitivity=list(sensitive)),
    )
