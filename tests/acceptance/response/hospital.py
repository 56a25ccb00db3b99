"""The people, schedules and routes of the stories, and the policy made of them."""

import datetime
from typing import Any

from alerting.oncall.escalations import Escalation, Step
from alerting.oncall.layers import Layer
from alerting.oncall.schedules import Schedule
from alerting.people import Person, Team
from alerting.plan import Plan
from alerting.policy import Policy
from alerting.routing.receivers import Receiver
from alerting.routing.tree import Match, RouteNode
from tests.alerting.building import CONSOLE

ANA = Person(name="ana", roles=("analyst",), slack="UANA", email="ana@hospital.example", pagerduty="PANA", backup="ben")
BEN = Person(name="ben", roles=("analyst",), slack="UBEN", email="ben@hospital.example", pagerduty="PBEN")
EVA = Person(name="eva", roles=("privacy_officer",), slack="UEVA", email="eva@hospital.example")
SAM = Person(name="sam", roles=("security_officer",), slack="USAM", email="sam@hospital.example", pagerduty="PSAM")
PEOPLE = (ANA, BEN, EVA, SAM)
TEAMS = (
    Team(name="security", members=("ana", "ben"), slack="CSEC", email="security@hospital.example", backup="officers"),
    Team(name="officers", members=("eva", "sam"), slack="COFFICERS"),
)
FIRST_MONDAY = datetime.date(2026, 3, 2)
WEEKLY = Schedule(
    name="security",
    zone="America/Chicago",
    layers=(Layer(people=("ana", "ben"), starts=FIRST_MONDAY, handover="03:00"),),
)
"""Changes on Mondays at 03:00 in Chicago, which is 09:00 UTC until 2026-03-08 and 08:00 UTC afterwards."""

ON_CALL = Receiver(channel="pagerduty", schedule="security", fallback=("email",))
CHAIN = Escalation(
    name="security",
    steps=(
        Step(receivers=(ON_CALL,)),
        Step(after=10, receivers=(Receiver(channel="slack", team="officers"),)),
    ),
    patience=20,
)
CHAT = Receiver(channel="slack", team="security", fallback=("email",))


def policy(*routes: RouteNode, **parts: Any) -> Policy:
    """The policy of the hospital with these routes; parts of the plan and `subjects` may be others."""
    subjects = parts.pop("subjects", {})
    parts.setdefault("people", PEOPLE)
    parts.setdefault("teams", TEAMS)
    parts.setdefault("schedules", (WEEKLY,))
    parts.setdefault("escalations", (CHAIN,))
    parts.setdefault("last_resort", Receiver(channel="email", person="sam"))
    return Policy(plan=Plan(routes=routes, zone="America/Chicago", **parts), console_url=CONSOLE, subjects=subjects)


ALONE = policy(
    RouteNode(escalation="alone", receivers=(Receiver(channel="pagerduty"),)),
    escalations=(
        Escalation(
            name="alone",
            steps=(Step(receivers=(Receiver(channel="pagerduty"),)),),
            repeat=1,
            patience=20,
            ack_timeout=60,
        ),
    ),
)
"""A site with one pager: cases are opened there, and everybody who is called is called there."""
TO_CHAT = policy(RouteNode(receivers=(CHAT,)))
WITH_CHAIN = policy(
    RouteNode(name="grave", match=Match(severity="SEV2"), receivers=(CHAT,), escalation="security"),
    RouteNode(name="others", receivers=(CHAT,)),
)
