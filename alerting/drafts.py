"""The incidents that one transaction works on: loaded together, grown by evidence, saved together."""

from collections.abc import Collection

from msgspec import Struct
from sqlalchemy import Connection

from alerting.breach.growing import reckon_with_more
from alerting.breach.rows import cases_with_file
from alerting.commands import Reopen
from alerting.feedback.rows import withdraw_verdicts
from alerting.grouping import Change, Placement, Windows, grown, opened, place, weightiest
from alerting.incident_ids import IncidentIds
from alerting.incidents import Incident, IncidentKind, is_about_billing, is_about_records
from alerting.severity import IncidentSeverity
from alerting.store.incident_rows import candidates, insert_incidents, is_id_free, update_incidents
from alerting.store.timeline_rows import insert_entries
from alerting.timeline import SYSTEM, Entry, extended
from alerting.transitions import moved
from alerting.work.overpayment_rows import doubt_overpayments
from alerting.work.sla import Promise
from alerting.work.timekeeping import keep_clocks
from detectors.finding import Entity


class Subject(Struct, frozen=True):
    """What an incident is about."""

    kind: IncidentKind
    key: str
    entity: Entity | None = None


class Evidence(Struct, frozen=True):
    """One thing that was seen: by which rule, how grave, when (event time), with what risk."""

    rule: str
    severity: IncidentSeverity
    at: float
    risk: float = 0.0


class Changed(Struct, frozen=True):
    """An incident as it was saved, and the weightiest thing that happened to it."""

    incident: Incident
    change: Change


class _Draft:
    """One incident while the transaction works on it."""

    def __init__(self, before: Incident | None, current: Incident) -> None:
        self.original = before
        self.before = before
        self.current = current
        self.entries: list[Entry] = []
        self.reopened: list[Change] = []
        self.evidence: list[Change] = []
        self.rules: dict[str, None] = {}


class Drafts:
    """The working set. The caller holds `lock_opening`."""

    def __init__(
        self,
        connection: Connection,
        windows: Windows,
        incident_ids: IncidentIds,
        now: float,
        promise: Promise = Promise(),  # noqa: B008 -- frozen
    ) -> None:
        self._connection = connection
        self._promise = promise
        self._windows = windows
        self._incident_ids = incident_ids
        self._now = now
        self._drafts: dict[str, _Draft] = {}
        self._ids_by_key: dict[str, list[str]] = {}

    def load(self, keys: Collection[str], *, first_at: float, last_at: float) -> None:
        """Load the incidents that evidence with these keys and event times could belong to."""
        found = candidates(self._connection, keys, self._windows, first_at=first_at, last_at=last_at)
        for key, incidents in found.items():
            for incident in incidents:
                self._drafts.setdefault(incident.id, _Draft(incident, incident))
                self._ids_by_key.setdefault(key, []).append(incident.id)

    def placement(self, key: str, at: float) -> Placement:
        """Say which incident evidence with this key and event time belongs to."""
        known = [self._drafts[incident_id].current for incident_id in self._ids_by_key.get(key, [])]
        return place(at, known, self._windows)

    def add(self, subject: Subject, evidence: Evidence) -> tuple[str, Change]:
        """Put evidence into the incident that it belongs to, a new one if need be; return its id and what changed."""
        placement = self.placement(subject.key, evidence.at)
        draft = self._drafts[placement.incident.id] if placement.incident else self._opened(subject, evidence)
        if placement.reason == "resolved_lately":
            self._reopen(draft)
        draft.current, change = grown(
            draft.current, evidence.rule, evidence.severity, at=evidence.at, risk=evidence.risk
        )
        draft.evidence.append(change)
        draft.rules[evidence.rule] = None
        return draft.current.id, "reopened" if placement.reason == "resolved_lately" else change

    def save(self, detail: dict[str, str | int] | None = None) -> list[Changed]:
        """Write what changed, with one timeline entry an incident (two where it was reopened)."""
        touched = [draft for draft in self._drafts.values() if draft.evidence]
        for draft in touched:
            counted: dict[str, str | int] = {
                "added": len(draft.evidence),
                "rules": ",".join(draft.rules),
                "severity": draft.current.severity,
            }
            self._note(draft, draft.before, weightiest(draft.evidence), counted | (detail or {}))
        self._doubt_decisions([draft for draft in touched if draft.before is not None])
        insert_incidents(self._connection, [draft.current for draft in touched if draft.before is None])
        update_incidents(self._connection, [draft.current for draft in touched if draft.before is not None])
        insert_entries(self._connection, [entry for draft in touched for entry in draft.entries])
        keep_clocks(self._connection, self._promise, [(draft.original, draft.current) for draft in touched])
        return [Changed(draft.current, weightiest([*draft.reopened, *draft.evidence])) for draft in touched]

    def _opened(self, subject: Subject, evidence: Evidence) -> _Draft:
        incident = opened(
            self._free_id(),
            subject.kind,
            subject.key,
            subject.entity,
            evidence.severity,
            at=evidence.at,
            now=self._now,
        )
        draft = self._drafts[incident.id] = _Draft(None, incident)
        self._ids_by_key.setdefault(subject.key, []).append(incident.id)
        return draft

    def _reopen(self, draft: _Draft) -> None:
        before = draft.current
        reason = "new evidence within the reopen window"
        withdraw_verdicts(self._connection, before.id)
        draft.current = moved(before, Reopen(incident_id=before.id, actor=SYSTEM, reason=reason), self._now)
        self._note(draft, before, "reopened", {"reason": reason})
        draft.before = draft.current
        draft.reopened.append("reopened")

    def _doubt_decisions(self, grown: list[_Draft]) -> None:
        """Let nothing that people decided stand for findings of which they did not know."""
        billing = [draft.current.id for draft in grown if any(map(is_about_billing, draft.rules))]
        doubt_overpayments(self._connection, billing)
        records = {draft.current.id: draft for draft in grown if any(map(is_about_records, draft.rules))}
        for incident_id in sorted(cases_with_file(self._connection, records)):
            draft = records[incident_id]
            for action, detail in reckon_with_more(self._connection, incident_id, self._now):
                self._note(draft, draft.current, action, detail)

    def _note(self, draft: _Draft, before: Incident | None, action: str, detail: dict[str, str | int]) -> None:
        draft.current, entry = extended(before, draft.current, action=action, now=self._now, detail=detail)
        draft.entries.append(entry)

    def _free_id(self) -> str:
        """Draw an id that no incident has."""
        while True:
            drawn = self._incident_ids()
            if drawn not in self._drafts and is_id_free(self._connection, drawn):
                return drawn
