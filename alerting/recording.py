"""Recording a batch of findings: known ones change nothing, new ones join or open incidents or are held back."""

import math
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct, structs
from sqlalchemy import Connection

from alerting.budget_keeper import BudgetKeeper
from alerting.drafts import Changed, Drafts, Evidence, Subject
from alerting.feedback.rows import load_ranking
from alerting.grouping import key_of
from alerting.policy import Policy
from alerting.severity import severity_of
from alerting.store.finding_rows import (
    Fate,
    Held,
    fates_of,
    findings_by_id,
    insert_findings,
    insert_held,
    release_findings,
)
from alerting.store.guard_rows import buckets_of, save_buckets
from alerting.store.watch_rows import watched_among
from alerting.store.withdrawal_rows import withdrawn_among
from alerting.storm import Bucket, taken
from alerting.watch_list import raised, watched_ids
from detectors.finding import Finding
from models.budget import Decision

MAX_RISK = 100.0


class Recorded(Struct, frozen=True):
    """What became of a batch.

    `findings` are those that were given, in their order, with `alert` and `incident_id` as the store has them;
    `fresh` those among them that the store did not know; `held` counts what was held back, by reason; `released` are
    findings of earlier batches that the budget let go.
    """

    findings: list[Finding]
    fresh: list[Finding]
    held: Counter[str]
    changed: list[Changed]
    released: list[Finding]


def record(
    connection: Connection,
    findings: Sequence[Finding],
    *,
    drafts: Drafts,
    policy: Policy,
    budget: BudgetKeeper,
    now: float,
    until: float | None = None,
) -> Recorded:
    """Store a batch within the caller's transaction, which holds `lock_opening`.

    All findings before the event time `until` have come, where that is known.
    """
    fates = fates_of(connection, {finding.id for finding in findings})
    fresh = {finding.id: finding for finding in reversed(findings) if finding.id not in fates}
    in_order = list(reversed(fresh.values()))
    sound = [finding for finding in in_order if _is_sound(finding)]
    budget.load(connection)
    times = [finding.at for finding in sound] + ([until] if until is not None else [])
    waiting = _waiting(connection, budget) if times and budget.is_due(max(times)) else {}
    concerned = [*sound, *waiting.values()]
    if concerned:
        drafts.load(
            {key for finding in concerned for key in (_key_of(finding), _storm_key(finding))},
            first_at=min(finding.at for finding in concerned),
            last_at=max(finding.at for finding in concerned),
        )
    ranks = load_ranking(connection).ranks(in_order)
    batch = _Batch(connection, drafts, policy, budget, findings=concerned)
    batch.ranks = {finding.id: rank for finding, rank in zip(in_order, ranks, strict=True)}
    batch.withdrawn = withdrawn_among(connection, fresh)
    for finding in in_order:
        if _is_sound(finding):
            batch.pass_time(finding.at)
        batch.settle(finding)
    if until is not None:
        batch.pass_time(until)
    stored = [_with_fate(finding, batch.fates[finding.id]) for finding in in_order]
    released = {one: fate for one, fate in batch.fates.items() if one in waiting}
    changed = drafts.save()
    insert_findings(connection, stored, now)
    insert_held(connection, list(batch.held.values()))
    release_findings(connection, released, "budget")
    save_buckets(connection, batch.buckets)
    budget.save(connection)
    fates |= batch.fates
    return Recorded(
        findings=[_with_fate(finding, fates[finding.id]) for finding in findings],
        fresh=stored,
        held=Counter(held.reason for one, held in batch.held.items() if one not in waiting),
        changed=changed,
        released=[_with_fate(waiting[one], fate) for one, fate in released.items() if fate.alert],
    )


def _waiting(connection: Connection, budget: BudgetKeeper) -> dict[str, Finding]:
    """Return the findings of earlier batches that the budget may release, without those that were withdrawn."""
    ids = budget.waiting - withdrawn_among(connection, budget.waiting)
    return findings_by_id(connection, ids)


class _Batch:
    """Settles findings one after the other, in the order in which they came."""

    def __init__(
        self,
        connection: Connection,
        drafts: Drafts,
        policy: Policy,
        budget: BudgetKeeper,
        *,
        findings: Sequence[Finding],
    ) -> None:
        self._drafts = drafts
        self._policy = policy
        self._budget = budget
        self._by_id = {finding.id: finding for finding in findings}
        refs = {entity.ref for finding in findings for entity in (finding.entity, *finding.entities)}
        self._watched = watched_ids(findings, watched_among(connection, refs))
        self.withdrawn: set[str] = set()
        self.ranks: dict[str, float] = {}
        self.buckets: dict[str, Bucket] = buckets_of(connection, {finding.detector for finding in findings})
        self.fates: dict[str, Fate] = {}
        self.held: dict[str, Held] = {}

    def pass_time(self, at: float) -> None:
        """Release what the budget lets go, now that event time has come to `at`."""
        while (name := self._budget.due(at)) is not None:
            finding = self._by_id.get(name)
            if finding is None:
                continue  # it was withdrawn
            key = _key_of(finding)
            if self._drafts.placement(key, finding.at).incident is None and not self._may_open(finding):
                self.fates[name] = self._hold_for_storm(finding)  # the budget does not wait for it any more
                continue
            self.held.pop(name, None)
            self.fates[name] = fate = self._join(finding, key)
            if fate.alert:
                self._budget.spent()

    def settle(self, finding: Finding) -> None:
        """Decide what becomes of a new finding."""
        self.fates[finding.id] = self._settled(finding)

    def _settled(self, finding: Finding) -> Fate:
        """Return what becomes of a new finding.

        Only a finding that would ask for attention needs the budget: one that belongs to an open case joins it, or a
        burst about one person would use up what the others need. It alerts where it makes the case graver. What goes to
        another queue makes cases there, but no alert: the budget is the attention of fraud and privacy. What is about a
        watched entity alerts whatever is left of the budget.
        """
        if not _is_sound(finding):
            return self._hold(finding, "malformed")
        if finding.id in self.withdrawn:
            return self._hold(finding, "withdrawn")
        key = _key_of(finding)
        place = self._drafts.placement(key, finding.at)
        must_ask = not finding.queue and place.reason != "open_in_window"
        must_ask = must_ask and finding.id not in self._watched
        if must_ask and self._budget.decide(finding, key, self.ranks[finding.id]) is Decision.HOLD:
            return self._hold(finding, "budget")
        if place.incident is None and not self._may_open(finding):
            return self._hold_for_storm(finding)
        fate = self._join(finding, key)
        if fate.alert and must_ask:
            self._budget.spent()
        elif fate.alert:
            self._budget.charge(finding.at)
        return fate

    def _hold_for_storm(self, finding: Finding) -> Fate:
        """Count a finding whose rule has opened too many cases into the incident that says so."""
        evidence = Evidence(finding.detector, severity_of(finding), finding.at, finding.risk)
        storm, _ = self._drafts.add(Subject("rule_storm", _storm_key(finding)), evidence)
        return self._hold(finding, "storm", storm)

    def _join(self, finding: Finding, key: str) -> Fate:
        """Put a finding into the case that it belongs to."""
        severity = raised(severity_of(finding)) if finding.id in self._watched else severity_of(finding)
        evidence = Evidence(finding.detector, severity, finding.at, finding.risk)
        incident_id, change = self._drafts.add(Subject("case", key, finding.entity), evidence)
        return Fate(change != "joined" and not finding.queue, incident_id)

    def _may_open(self, finding: Finding) -> bool:
        bucket = self.buckets.get(finding.detector)
        self.buckets[finding.detector], granted = taken(bucket, finding.at, self._policy.storm)
        return granted

    def _hold(self, finding: Finding, reason: str, incident_id: str | None = None) -> Fate:
        at = finding.at if math.isfinite(finding.at) else 0.0
        self.held[finding.id] = Held(
            subject_id=finding.id, reason=reason, at=at, source=finding.detector, incident_id=incident_id
        )
        return Fate(False, incident_id)


def _is_sound(finding: Finding) -> bool:
    """Whether a finding has a time and a risk that can be reckoned with."""
    return math.isfinite(finding.at) and 0.0 <= finding.risk <= MAX_RISK


def _key_of(finding: Finding) -> str:
    return key_of(finding.entity, finding.queue)


def _storm_key(finding: Finding) -> str:
    about = f"rule_storm:{finding.detector}"
    return f"{finding.queue}:{about}" if finding.queue else about


def _with_fate(finding: Finding, fate: Fate) -> Finding:
    return structs.replace(finding, alert=fate.alert, incident_id=fate.incident_id)
