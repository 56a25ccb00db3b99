"""What a response plan says and may not mean."""

import datetime

from alerting.oncall.layers import Layer
from alerting.oncall.schedules import Schedule
from alerting.people import Person, Team
from alerting.plan import Plan
from alerting.routing.receivers import Receiver
from alerting.routing.tree import RouteNode
from monitor.response_doubts import doubts
from tests.alerting.building import MONDAY


def test_addresses_that_are_missing_for_a_fallback_are_told() -> None:
    plan = Plan(
        people=(Person(name="ana", slack="U1"),),
        teams=(Team(name="night", members=("ana",), slack="C1"), Team(name="loose", members=("ana",))),
        routes=(
            RouteNode(
                receivers=(
                    Receiver(channel="slack", team="night", fallback=("email",)),
                    Receiver(channel="slack", team="loose", fallback=("email",)),
                    Receiver(channel="slack", person="ana", fallback=("email",)),
                    Receiver(person="ana"),
                )
            ),
        ),
    )
    assert list(doubts(plan, frozenset({"slack", "email"}), frozenset(), MONDAY)) == [
        "teams: night is to be told by email, and shares no address there",
        "people: ana is to be told by email, and has no address there",
    ]


def test_who_is_on_call_needs_a_key_at_the_pager() -> None:
    plan = Plan(
        people=(Person(name="ana", pagerduty="PANA"), Person(name="ben", pagerduty="PBEN"), Person(name="cho")),
        schedules=(
            Schedule(name="night", layers=(Layer(people=("ana", "ben", "cho"), starts=datetime.date(2026, 1, 1)),)),
        ),
        routes=(
            RouteNode(
                receivers=(
                    Receiver(channel="pagerduty", schedule="night"),
                    Receiver(channel="pagerduty", to="privacy"),
                    Receiver(channel="pagerduty"),
                )
            ),
        ),
    )
    assert list(doubts(plan, frozenset({"pagerduty"}), frozenset({"PANA"}), MONDAY)) == [
        "people: ben is to be paged, and WARDWATCH_PAGERDUTY_KEYS has no key PBEN",
        "people: cho is to be told by pagerduty, and has no address there",
        "receivers: WARDWATCH_PAGERDUTY_KEYS has no key privacy",
    ]
