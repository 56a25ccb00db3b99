"""What people ask for beside the status of a case."""

import datetime

from alerting.command import Command
from alerting.incidents import Incident
from alerting.work.sealing import Content
from alerting.work.values import Evidence, EvidenceKind, Overpayment, OverpaymentDecision, Relation, Task


class WatchIncident(Command[tuple[str, ...]], frozen=True, kw_only=True):
    """Tell `watcher` (a work name; empty for the actor) what happens to a case; the answer are all who watch it."""

    incident_id: str
    watcher: str = ""


class UnwatchIncident(Command[tuple[str, ...]], frozen=True, kw_only=True):
    """Do not tell `watcher` (empty for the actor) any more."""

    incident_id: str
    watcher: str = ""


class AddTask(Command[Task], frozen=True, kw_only=True):
    """There is this to do, for `assignee` (a work name; empty for nobody yet), until a time if one is given."""

    incident_id: str
    text: str
    assignee: str = ""
    due_at: float | None = None


class FinishTask(Command[Task], frozen=True, kw_only=True):
    """The task of this number is done."""

    incident_id: str
    number: int


class LinkIncidents(Command[Incident], frozen=True, kw_only=True):
    """The incident stands in this relation to the other."""

    incident_id: str
    other: str
    relation: Relation = "related"


class UnlinkIncidents(Command[Incident], frozen=True, kw_only=True):
    """The two incidents are not linked any more."""

    incident_id: str
    other: str


class Split(Command[Incident], frozen=True, kw_only=True):
    """These findings (ids) of a case are another case, which is the answer."""

    incident_id: str
    findings: tuple[str, ...]
    reason: str = ""


class AddEvidence(Command[Evidence], frozen=True, kw_only=True):
    """Keep this as evidence: a finding or an event by `reference`, or sealed `content` (`alerting.work.sealing`)."""

    incident_id: str
    kind: EvidenceKind
    reference: str = ""
    content: Content | None = None


class DecideOverpayment(Command[Overpayment], frozen=True, kw_only=True):
    """Money was paid that was not due, or was not; for an overpayment, when it was identified and how much it is."""

    incident_id: str
    decision: OverpaymentDecision
    identified_on: datetime.date | None = None
    cents: int = 0
    reason: str = ""


class ReturnOverpayment(Command[Overpayment], frozen=True, kw_only=True):
    """The overpayment was reported and returned on this day."""

    incident_id: str
    returned_on: datetime.date
