"""What people work with beside the case itself: tasks, links, evidence, the decision about an overpayment."""

import datetime
from typing import Literal, TypeAlias

from msgspec import Struct

Relation: TypeAlias = Literal["related", "duplicate", "caused_by", "repeat"]
"""How one incident stands to another. `caused_by`: the other is the cause; `repeat`: the other is earlier, about the
same party, and the desk has noticed that this goes on."""

RELATIONS: tuple[Relation, ...] = ("related", "duplicate", "caused_by")
"""Those that people give."""

SEEN_FROM_THE_OTHER: dict[Relation, str] = {
    "related": "related",
    "duplicate": "duplicate",
    "caused_by": "cause_of",
    "repeat": "repeated_by",
}
"""The same link in the words of the other incident."""

EvidenceKind: TypeAlias = Literal["finding", "event", "note", "file"]
SEALED_KINDS: frozenset[EvidenceKind] = frozenset({"note", "file"})
"""Kinds that have content, which is sealed; the others only refer."""

OverpaymentDecision: TypeAlias = Literal["overpayment", "no_overpayment"]


class Quiet(Struct, frozen=True, kw_only=True):
    """A value whose texts may hold PHI."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Task(Quiet, frozen=True):
    """Something to do for a case. Times are seconds since the epoch; `done_at` is None while it is open."""

    incident_id: str
    number: int
    text: str
    assignee: str
    due_at: float | None
    added_at: float
    added_by: str
    done_at: float | None = None
    done_by: str = ""


class Link(Quiet, frozen=True):
    """A link as one incident sees it: `relation` is a `Relation`, or the word of `SEEN_FROM_THE_OTHER`."""

    other: str
    relation: str
    at: float
    actor: str


class Evidence(Quiet, frozen=True):
    """A piece of evidence without its content. `reference` is a finding's id, an event's token, or a file's name.

    `size` in bytes and `sha256` are of the content; 0 and empty where there is none.
    """

    id: str
    incident_id: str
    kind: EvidenceKind
    reference: str
    size: int
    sha256: str
    at: float
    actor: str


class Overpayment(Quiet, frozen=True):
    """What was decided about money that was paid and not due (42 CFR 401.305).

    An overpayment was identified on a day; it must be reported and returned by `due_on`. `cents` is its amount.
    `is_doubted` says that findings about billing have joined the case since.
    """

    incident_id: str
    decision: OverpaymentDecision
    identified_on: datetime.date | None
    due_on: datetime.date | None
    cents: int
    reason: str
    decided_at: float
    decided_by: str
    returned_on: datetime.date | None = None
    is_doubted: bool = False
