"""Incidents as values: what a case consists of, its statuses and its verdicts (domain.md §4.3)."""

from collections.abc import Iterable
from typing import Literal, TypeAlias, get_args

from msgspec import Struct

from alerting.severity import IncidentSeverity
from detectors.finding import Entity, Queue

Status: TypeAlias = Literal[
    "new",
    "triaged",
    "investigating",
    "awaiting_context",
    "contained",
    "remediating",
    "risk_assessment",
    "breach_confirmed",
    "notifying",
    "notified",
    "not_breach",
    "resolved",
    "closed",
    "merged",
    "suppressed",
]

FINISHED: frozenset[Status] = frozenset({"resolved", "closed", "merged", "suppressed"})
"""Statuses in which nobody works on the incident; in all others it is open."""

Verdict: TypeAlias = Literal[
    "true_positive_malicious",
    "true_positive_policy",
    "benign_explained",
    "false_positive_rule",
    "false_positive_data",
    "duplicate",
    "insufficient_data",
]

VERDICT_OCSF: dict[Verdict, int] = {
    "true_positive_malicious": 2,
    "true_positive_policy": 2,
    "benign_explained": 5,
    "false_positive_rule": 1,
    "false_positive_data": 1,
    "duplicate": 10,
    "insufficient_data": 7,
}
"""`verdict_id` of OCSF 1.8.0's Incident Finding (domain.md §4.3)."""

TRUE_POSITIVES: frozenset[Verdict] = frozenset({"true_positive_malicious", "true_positive_policy"})

QUEUES: tuple[Queue, ...] = tuple(queue for queue in get_args(Queue) if queue)
"""Queues beside that of fraud and privacy, which has no name."""

IncidentKind: TypeAlias = Literal["case", "rule_storm", "tripwire", "notice_failed", "nobody_reached", "review_overdue"]
"""A case about an entity, or one about Wardwatch itself: a rule that opens too many cases, a notice that held
what must not leave, a notice that reached nobody, an escalation that nobody answered, a review of activity
that nobody has signed."""


BreachEnd: TypeAlias = Literal["", "notified", "not_breach"]
"""The end that the assessment of a breach has reached, if it has."""


def is_about_records(rule: str) -> bool:
    """Whether a rule is a pattern of access to patient records (A01 to A30, domain.md §3.3)."""
    return rule[:1] == "A" and rule[1:2].isdigit()


def is_about_billing(rule: str) -> bool:
    """Whether a rule is a billing pattern (B01 to B34, domain.md §2.2)."""
    return rule[:1] == "B" and rule[1:2].isdigit()


class Incident(Struct, frozen=True, kw_only=True):
    """One incident.

    `key` says what it is about (`user:<token>`, `rule_storm:A09`) and is what findings are grouped by. `revision`
    is the number of its timeline entries and `last_hash` the hash of the last one. `findings` counts what it
    holds and what was not withdrawn since, for a rule storm what the storm guard held back. `first_at` and `last_at`
    are event times, all others times of the desk's clock; seconds since the epoch. `risk` is the highest of its
    findings, 0 to 100.
    `notified_findings` is the number of findings when people were last told. `breach` is the end that its breach
    assessment has reached. `merged_into` names the incident that took over its findings.
    """

    id: str
    kind: IncidentKind
    key: str
    entity: Entity | None
    status: Status
    severity: IncidentSeverity
    rules: tuple[str, ...]
    findings: int
    risk: float
    first_at: float
    last_at: float
    opened_at: float
    updated_at: float
    revision: int = 0
    last_hash: str = ""
    notified_findings: int = 0
    assignee: str = ""
    verdict: Verdict | None = None
    reason: str = ""
    resolved_at: float | None = None
    breach: BreachEnd = ""
    merged_into: str = ""

    @property
    def is_open(self) -> bool:
        """Whether somebody has yet to work on it."""
        return self.status not in FINISHED

    @property
    def queue(self) -> Queue:
        """Who looks at it; its key begins with that (`alerting.grouping.key_of`)."""
        return next((queue for queue in QUEUES if self.key.startswith(f"{queue}:")), "")

    @property
    def touches_records(self) -> bool:
        """Whether a pattern of access to patient records is part of it."""
        return any(map(is_about_records, self.rules))

    @property
    def touches_billing(self) -> bool:
        """Whether a billing pattern is part of it."""
        return any(map(is_about_billing, self.rules))

    def breach_with(self, more_rules: Iterable[str]) -> BreachEnd:
        """Return its end once findings of these rules join: whoever ruled a breach out did not know of them."""
        is_undone = self.breach == "not_breach" and any(map(is_about_records, more_rules))
        return "" if is_undone else self.breach

    def __repr__(self) -> str:
        return f"<Incident {self.id} {self.status} {self.severity}>"
