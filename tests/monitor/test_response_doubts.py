"""What a response plan says and may not mean."""

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
    assert list(doubts(plan, frozenset({"slack", "email"}), MONDAY)) == [
        "teams: night is to be told by email, and shares no address there",
        "people: ana is to be told by email, and has no address there",
    ]
