"""Recording a batch of findings: known ones change nothing, new ones join or open incidents or are held back."""

import math
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct, structs
from sqlalchemy import Connection

from alerting.budget_keeper import BudgetKeeper
from alerting.drafts import Changed, Drafts, Evidence, Subject
from alerting.grouping import key_of
from alerting.policy import Policy
from alerting.severity import severity_of
from alerting.store.finding_rows import Fate, Held, fates_of, insert_findings, insert_held
from alerting.store.guard_rows import buckets_of, save_buckets
from alerting.store.withdrawal_rows import withdrawn_among
from alerting.storm import Bucket, taken
from detectors.finding import Finding
from models.budget import Decision

MAX_RISK = 100.0


class Recorded(Struct, frozen=True):
    """What became of a batch.

    `findings` are those that were given, in their order, with `alert` and `incident_id` as the store has them;
    `fresh` those among them that the store did not know; `held` counts what was held back, by reason.
    """

    findings: list[Finding]
    fresh: list[Finding]
    held: Counter[str]
    changed: list[Changed]


def record(
    connection: Connection,
    findings: Sequence[Finding],
    *,
    drafts: Drafts,
    policy: Policy,
    budget: BudgetKeeper,
    now: float,
) -> Recorded:
    """Store a batch within the caller's transaction, which holds `lock_opening`."""
    fates = fates_of(connection, {finding.id for finding in findings})
    fresh = {finding.id: finding for finding in reversed(findings) if finding.id not in fates}
    in_order = list(reversed(fresh.values()))
    sound = [finding for finding in in_order if _is_sound(finding)]
    if sound:
        drafts.load(
            {key_of(finding.entity, finding.queue) for finding in sound} | {_storm_key(finding) for finding in sound},
            first_at=min(finding.at for finding in sound),
            last_at=max(finding.at for finding in sound),
        )
    budget.load(connection)
    batch = _Batch(connection, drafts, policy, budget, {finding.detector for finding in sound})
    batch.withdrawn = withdrawn_among(connection, fresh)
    for finding in in_order:
        fates[finding.id] = batch.settle(finding)
    stored = [_with_fate(finding, fates[finding.id]) for finding in in_order]
    changed = drafts.save()
    insert_findings(connection, stored, now)
    insert_held(connection, batch.held)
    save_buckets(connection, batch.buckets)
    budget.save(connection)
    return Recorded(
        findings=[_with_fate(finding, fates[finding.id]) for finding in findings],
        fresh=stored,
        held=Counter(held.reason for held in batch.held),
        changed=changed,
    )


class _Batch:
    """Settles findings one after the other, in the order in which they came."""

    def __init__(
        self, connection: Connection, drafts: Drafts, policy: Policy, budget: BudgetKeeper, rules: set[str]
    ) -> None:
        self._drafts = drafts
        self._policy = policy
        self._budget = budget
        self.buckets: dict[str, Bucket] = buckets_of(connection, rules)
        self.held: list[Held] = []
        self.withdrawn: set[str] = set()

    def settle(self, finding: Finding) -> Fate:
        """Decide what becomes of a new finding.

        Only a finding that would ask for attention needs the budget: one that belongs to an open case joins it, or a
        burst about one person would use up what the others need. It alerts where it makes the case graver. What goes to
        another queue makes cases there, but no alert: the budget is the attention of fraud and privacy.
        """
        if not _is_sound(finding):
            return self._hold(finding, "malformed")
        if finding.id in self.withdrawn:
            return self._hold(finding, "withdrawn")
        key = key_of(finding.entity, finding.queue)
        place = self._drafts.placement(key, finding.at)
        may_wait = not finding.queue and place.reason != "open_in_window"
        if may_wait and self._budget.decide(finding) is Decision.HOLD:
            return self._hold(finding, "budget")
        evidence = Evidence(finding.detector, severity_of(finding), finding.at, finding.risk)
        if place.incident is None and not self._may_open(finding):
            storm, _ = self._drafts.add(Subject("rule_storm", _storm_key(finding)), evidence)
            return self._hold(finding, "storm", storm)
        incident_id, change = self._drafts.add(Subject("case", key, finding.entity), evidence)
        return Fate(change != "joined" and not finding.queue, incident_id)

    def _may_open(self, finding: Finding) -> bool:
        bucket = self.buckets.get(finding.detector)
        self.buckets[finding.detector], granted = taken(bucket, finding.at, self._policy.storm)
        return granted

    def _hold(self, finding: Finding, reason: str, incident_id: str | None = None) -> Fate:
        at = finding.at if math.isfinite(finding.at) else 0.0
        self.held.append(
            Held(subject_id=finding.id, reason=reason, at=at, source=finding.detector, incident_id=incident_id)
        )
        return Fate(False, incident_id)


def _is_sound(finding: Finding) -> bool:
    """Whether a finding has a time and a risk that can be reckoned with."""
    return math.isfinite(finding.at) and 0.0 <= finding.risk <= MAX_RISK


def _storm_key(finding: Finding) -> str:
    about = f"rule_storm:{finding.detector}"
    return f"{finding.queue}:{about}" if finding.queue else about


def _with_fate(finding: Finding, fate: Fate) -> Finding:
    return structs.replace(finding, alert=fate.alert, incident_id=fate.incident_id)
