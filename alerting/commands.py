"""What people and processes ask of the desk. Each is a value; `Desk.handle` gives the answer.

`note` and `reason` are free text, may hold PHI, stay in the store and are never shown by `repr`.
"""

from msgspec import Struct

from alerting.incidents import Verdict
from alerting.ledger import LedgerEntry
from detectors.finding import Entity, Finding
from detectors.retraction import Retraction


class RecordFindings(Struct, frozen=True):
    """Store these findings, in this order, and see to it that those which deserve it become incidents.

    `until` says that all findings before this event time have come, so that what is due by then can be released;
    without it, time passes with the findings.
    """

    findings: list[Finding]
    until: float | None = None


class RetractFindings(Struct, frozen=True):
    """The ground of these findings has fallen away: withdraw them, and tell their incidents."""

    retractions: list[Retraction]


class Watch(Struct, frozen=True):
    """Put an entity on the watch list, until a time in seconds since the epoch."""

    entity: Entity
    actor: str
    until: float
    reason: str

    def __repr__(self) -> str:
        return f"<Watch {self.entity.type}>"


class Unwatch(Struct, frozen=True):
    """Take an entity off the watch list."""

    entity: Entity
    actor: str


class RecordLedger(Struct, frozen=True):
    """Add these entries to the ledger; what lies at or before the last counted offset is ignored."""

    entries: list[LedgerEntry]


class BlockNotice(Struct, frozen=True):
    """The tripwire found these patterns in a notice: drop it, keep a record of it, raise an incident."""

    notice_id: str
    patterns: tuple[str, ...]


class GiveUpNotice(Struct, frozen=True):
    """A notice could not be sent: hand it to the next channel of its route and raise an incident."""

    notice_id: str
    reason: str


class IncidentCommand(Struct, frozen=True, kw_only=True):
    """A command about one incident, by `actor` (a work name), with an optional note for the timeline."""

    incident_id: str
    actor: str
    note: str = ""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.incident_id}>"


class Comment(IncidentCommand, frozen=True):
    """Add the note to the timeline."""


class Assign(IncidentCommand, frozen=True):
    """Make `assignee` (a work name; empty for nobody) responsible."""

    assignee: str


class Acknowledge(IncidentCommand, frozen=True):
    """Somebody has seen it."""


class Suppress(IncidentCommand, frozen=True):
    """It is not worth anyone's time; the note says why."""


class Merge(IncidentCommand, frozen=True):
    """It is part of the open incident `into`, which takes over its findings, also those still to come."""

    into: str


class StartInvestigation(IncidentCommand, frozen=True):
    """Somebody works on it, or works on it again after waiting for context."""


class AwaitContext(IncidentCommand, frozen=True):
    """An answer from human resources, a manager or the patient is awaited."""


class Contain(IncidentCommand, frozen=True):
    """Nothing more can happen: access is cut, the payment is held."""


class Remediate(IncidentCommand, frozen=True):
    """What happened is being repaired."""


class AssessRisk(IncidentCommand, frozen=True):
    """The four-factor assessment of 45 CFR 164.402(2) has begun."""


class ConfirmBreach(IncidentCommand, frozen=True):
    """It is a breach of unsecured PHI."""


class RuleOutBreach(IncidentCommand, frozen=True):
    """It is no breach, for this reason: low probability of compromise, an exclusion, secured PHI."""

    reason: str


class StartNotifying(IncidentCommand, frozen=True):
    """The notices of 45 CFR 164.404 to 164.408 are being made."""


class FinishNotifying(IncidentCommand, frozen=True):
    """All notices have been made."""


class Resolve(IncidentCommand, frozen=True):
    """The work is done, with this verdict, for this reason (outcome and mitigation)."""

    verdict: Verdict
    reason: str


class Reopen(IncidentCommand, frozen=True):
    """The verdict does not hold any more, for this reason."""

    reason: str


class Close(IncidentCommand, frozen=True):
    """The verdict is final."""
