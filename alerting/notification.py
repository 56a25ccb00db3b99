"""What may leave Wardwatch: an allow-list of what domain.md §4.6 permits, as types.

Every channel builds its message from a `Body` (a `Notification`, a `Digest` or a `Question`) and from nothing else.
There is no field for a name, a token, a reason, a note or an exact time, and no free text: adding one is a change of
this file, its test and the specification.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from msgspec import Struct

from alerting.incidents import Incident, IncidentKind, Status
from alerting.severity import IncidentSeverity
from detectors.finding import EntityType

SMALL_COUNT = 11
"""Counts below this are told as `<11` (domain.md §4.6): small cells re-identify."""
LARGE_COUNT = 10_000
"""Counts from here on are told as `10000+`: exact ones help nobody and look like record numbers to the tripwire."""
MAX_RULES = 10
MAX_RULE_ID = 64
MAX_TITLE = 100
"""Together they keep every message under 8 kB: Slack refuses more than about 13 000 characters of blocks."""
_SECONDS_PER_HOUR = 3600
UNTITLED = "Unusual activity"
_WORK_NAME = re.compile(r"[a-z][a-z0-9._-]{0,39}")
"""What is shown as the name of who is responsible; somebody may have typed another one, with a text in it."""

Told: TypeAlias = Literal[
    "opened",
    "repeated",
    "reopened",
    "escalated",
    "more_evidence",
    "status_changed",
    "withdrawn",
    "overdue",
    "escalation_step",
    "unmuted",
    "reminder",
    "breach_due",
    "overpayment_due",
    "overpayment_overdue",
    "answered",
    "linked",
    "split",
    "nobody_reached",
    "assigned",
    "commented",
]
"""Why people are told. `repeated`: it was opened, and is the third case or more about its party; `withdrawn`: no
finding of the case stands any more, and somebody works on it; `overdue`: its clock has run out; `unmuted`: what held
its notices back has ended; `answered`: somebody was asked and has answered."""


class RuleLine(Struct, frozen=True, forbid_unknown_fields=True):
    """A rule by its id and neutral title ("Sensitive-category access", never the category)."""

    id: str
    title: str


class Notification(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag="notification"
):
    """What is told about an incident.

    `entity_type` is empty for incidents about Wardwatch itself. `findings` is a bucketed count. `first_hour` and
    `last_hour` are event times rounded down to the hour, RFC 3339 in UTC. `other_rules` counts those not listed.
    `assignee` is the work name of who is responsible, empty (and left out) if nobody is or it is no work name. `call`
    numbers the calls of one pager about the incident, from 1 (which is left out).
    """

    incident_id: str
    kind: IncidentKind
    revision: int
    told: Told
    status: Status
    severity: IncidentSeverity
    entity_type: EntityType | Literal[""]
    rules: tuple[RuleLine, ...]
    other_rules: int
    findings: str
    first_hour: str
    last_hour: str
    link: str
    assignee: str = ""
    call: int = 1

    @property
    def about(self) -> str:
        """What the outbox keeps in order: the incident."""
        return self.incident_id


class DigestLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One incident of a digest."""

    incident_id: str
    severity: IncidentSeverity
    status: Status
    rules: tuple[str, ...]
    findings: str
    link: str


class Digest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="digest"):
    """Many incidents, told together. `severity` is the gravest; `others` counts those not listed.

    One that has `ended` tells whoever began the silence or the maintenance window of this id what it held back.
    """

    digest_id: str
    severity: IncidentSeverity
    lines: tuple[DigestLine, ...]
    others: int
    link: str
    revision: int = 1
    ended: Literal["", "silence", "maintenance"] = ""

    @property
    def incidents(self) -> int:
        """How many incidents it tells of."""
        return len(self.lines) + self.others

    @property
    def about(self) -> str:
        """What the outbox keeps in order: the digest."""
        return self.digest_id


class Question(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="question"):
    """The question "was this you?", to the person whose account acted or to the manager: hours and a link.

    Neither a record nor a case is named.

    `link` can be used once, until the hour `expires`.
    """

    question_id: str
    audience: Literal["actor", "manager"]
    first_hour: str
    last_hour: str
    link: str
    expires: str
    severity: IncidentSeverity = "SEV3"
    revision: int = 1

    def __repr__(self) -> str:
        return f"<Question {self.question_id}>"

    @property
    def about(self) -> str:
        """What the outbox keeps in order: the question."""
        return self.question_id


RoomStep: TypeAlias = Literal["open", "invite", "archive"]


class Room(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="room"):
    """A step in the life of a room: a private channel for one case, under a codename that says nothing of it.

    `members` are the ids, in the channel's own terms, of the people to invite; with `archive`, of those who must leave.
    """

    codename: str
    step: RoomStep
    members: tuple[str, ...]
    severity: IncidentSeverity
    link: str
    revision: int

    @property
    def about(self) -> str:
        """What the outbox keeps in order: the room."""
        return f"room:{self.codename}"


Body: TypeAlias = Notification | Digest | Question | Room
"""What a notice can hold."""


def notification(incident: Incident, told: Told, titles: Mapping[str, str], console_url: str) -> Notification:
    """Reduce an incident to what may leave.

    Args:
        incident: the incident as it is now.
        told: why people are told.
        titles: neutral titles by rule id, from the catalogue; unknown rules go by a general one.
        console_url: where the authenticated console is, without a slash at the end.
    """
    listed = incident.rules[:MAX_RULES]
    return Notification(
        incident_id=incident.id,
        kind=incident.kind,
        revision=incident.revision,
        told=told,
        status=incident.status,
        severity=incident.severity,
        entity_type=incident.entity.type if incident.entity else "",
        rules=tuple(RuleLine(rule[:MAX_RULE_ID], titles.get(rule, UNTITLED)[:MAX_TITLE]) for rule in listed),
        other_rules=len(incident.rules) - len(listed),
        findings=bucketed(incident.findings),
        first_hour=hour_of(incident.first_at),
        last_hour=hour_of(incident.last_at),
        link=f"{console_url}/incidents/{incident.id}",
        assignee=shown_name(incident.assignee),
    )


def bucketed(count: int) -> str:
    """Return a count as it may be told.

    >>> bucketed(10), bucketed(11), bucketed(12_345)
    ('<11', '11', '10000+')
    """
    if count < SMALL_COUNT:
        return f"<{SMALL_COUNT}"
    return str(count) if count < LARGE_COUNT else f"{LARGE_COUNT}+"


def shown_name(name: str) -> str:
    """Return a work name as it may be shown; nothing for what is none, which may be any text."""
    return name if _WORK_NAME.fullmatch(name) else ""


def hour_of(at: float) -> str:
    """Return the hour that an instant lies in; `unknown` for what no calendar holds.

    >>> hour_of(1_772_442_843.5)
    '2026-03-02T09:00:00Z'
    """
    try:
        hour = datetime.fromtimestamp(at // _SECONDS_PER_HOUR * _SECONDS_PER_HOUR, UTC)
    except (OverflowError, ValueError, OSError):
        return "unknown"
    return hour.strftime("%Y-%m-%dT%H:00:00Z")
