"""What tests of alerting are made of: findings, a clock that stands still, ids that count, channels that obey."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from alerting.channels.api import Call, Message, Outcome, Sent
from alerting.desk import Desk
from alerting.incidents import Incident, Status
from alerting.notices import Notice
from alerting.notification import Notification, RuleLine
from alerting.policy import Policy
from alerting.routes import Route
from alerting.severity import IncidentSeverity
from alerting.store import Case, Store
from alerting.timeline import first_break
from detectors.finding import Entity, EntityType, Finding, Kind, Severity, finding_id

MONDAY = 1_772_442_843.0
"""2026-03-02T09:14:03Z."""
HOUR = 3600.0
DAY = 24 * HOUR
CONSOLE = "https://wardwatch.example"

_grounds = itertools.count()

PAGER_THEN_CHAT = Policy(
    routes=(Route("SEV2", ("pagerduty", "slack"), ("webhook",)), Route("SEV3", ("slack",))), console_url=CONSOLE
)


def a_finding(
    detector: str = "A09",
    *,
    ref: str = "u1:clerk",
    entity_type: EntityType = "user",
    at: float = MONDAY,
    severity: Severity = "high",
    kind: Kind = "rule",
    risk: float = 50.0,
    ground: str = "",
    reasons: list[str] | None = None,
) -> Finding:
    """A finding; without `ground` one that no other test has."""
    ground = ground or f"event-{next(_grounds)}"
    return Finding(
        id=finding_id(detector, 1, ground),
        event_id=ground,
        at=at,
        kind=kind,
        detector=detector,
        version=1,
        severity=severity,
        risk=risk,
        entity=Entity(entity_type, ref),
        entities=[Entity(entity_type, ref)],
        reasons=reasons or ["opened 212 different charts in one hour"],
        features={"charts": 212.0},
    )


def an_incident(**fields: Any) -> Incident:
    """A new incident about a user, with what the test says otherwise."""
    usual: dict[str, Any] = {
        "id": "INC-F73K9Q2M",
        "kind": "case",
        "key": "user:u1:clerk",
        "entity": Entity("user", "u1:clerk"),
        "status": "new",
        "severity": "SEV2",
        "rules": ("A09",),
        "findings": 1,
        "risk": 50.0,
        "first_at": MONDAY,
        "last_at": MONDAY,
        "opened_at": MONDAY,
        "updated_at": MONDAY,
    }
    return Incident(**(usual | fields))


def a_notification(**fields: Any) -> Notification:
    """A notification of a new incident, with what the test says otherwise."""
    usual: dict[str, Any] = {
        "incident_id": "INC-F73K9Q2M",
        "kind": "case",
        "revision": 1,
        "told": "opened",
        "status": "new",
        "severity": "SEV2",
        "entity_type": "user",
        "rules": (RuleLine("A09", "Unusual volume of records"),),
        "other_rules": 0,
        "findings": "<11",
        "first_hour": "2026-03-02T09:00:00Z",
        "last_hour": "2026-03-02T11:00:00Z",
        "link": f"{CONSOLE}/incidents/INC-F73K9Q2M",
    }
    return Notification(**(usual | fields))


def notification_of(notice: Notice) -> Notification:
    """The notification that a notice holds."""
    assert isinstance(notice.body, Notification)
    return notice.body


def a_notice(*, channel: str = "slack", thread: str = "", **fields: Any) -> Notice:
    """A notice of `a_notification`."""
    return Notice(
        id="0123456789abcdef0123456789abcdef",
        channel=channel,
        body=a_notification(**fields),
        created_at=MONDAY,
        due_at=MONDAY,
        thread=thread,
    )


@dataclass
class Clock:
    """A clock that a test sets."""

    now: float = MONDAY

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


def numbered_ids(prefix: str = "INC-T") -> Callable[[], str]:
    """Ids that count: `INC-T0000001`, `INC-T0000002`, …"""
    numbers = itertools.count(1)
    return lambda: f"{prefix}{next(numbers):07d}"


def a_desk(store: Store, clock: Clock, **options: Any) -> Desk:
    """A desk with a console address, ids that count and no budget, unless the test says otherwise."""
    options.setdefault("policy", Policy(console_url=CONSOLE))
    options.setdefault("incident_ids", numbered_ids())
    return Desk(store, clock=clock, **options)


@dataclass
class ObedientChannel:
    """A channel that notes what it is given and answers as told: `answers` first, then always `usual`."""

    usual: Outcome = field(default_factory=lambda: Sent("receipt"))
    answers: Iterator[Outcome] = field(default_factory=lambda: iter(()))
    pace: float = 0.0
    body: dict[str, Any] = field(default_factory=dict)
    told: list[Notice] = field(default_factory=list)
    composed: Notice | None = None

    def compose(self, notice: Notice) -> Message:
        self.composed = notice
        return Message((Call("tell", {}, {"incident": notification_of(notice).incident_id} | self.body),))

    def send(self, message: Message) -> Outcome:
        assert self.composed is not None
        assert message.calls[0].body["incident"] == notification_of(self.composed).incident_id
        self.told.append(self.composed)
        return next(self.answers, self.usual)

    @property
    def news(self) -> list[tuple[str, str, str]]:
        """Incident, why, and status of everything told, in order."""
        return [
            (notification_of(notice).incident_id, notification_of(notice).told, notification_of(notice).status)
            for notice in self.told
        ]


@dataclass(frozen=True)
class PlainSecret:
    """A secret of tests."""

    value: str = field(repr=False)

    def reveal(self) -> str:
        return self.value


STATUSES: tuple[Status, ...] = (
    "new", "triaged", "investigating", "awaiting_context", "contained", "remediating", "risk_assessment",
    "breach_confirmed", "notifying", "notified", "not_breach", "resolved", "closed", "merged", "suppressed",
)  # fmt: skip
SEVERITIES: tuple[IncidentSeverity, ...] = ("SEV1", "SEV2", "SEV3", "SEV4")


def case_of(store: Store, incident_id: str) -> Case:
    """Return a case whose timeline is whole."""
    case = store.incident(incident_id)
    assert case is not None
    assert first_break(case.timeline) is None
    assert case.timeline[-1].hash == case.incident.last_hash
    assert [entry.seq for entry in case.timeline] == list(range(1, case.incident.revision + 1))
    return case
