"""Which routes take a case."""

import pytest

from alerting.people import Directory, Person, Team
from alerting.routing.receivers import Receiver
from alerting.routing.tree import Match, RouteNode, Traits, need_findings, route_problems, taken_by, traits_of
from detectors.finding import Entity
from tests.alerting.building import an_incident

PAGE, CHAT, MAIL = (Receiver(channel=name) for name in ("pagerduty", "slack", "email"))
TREE = (
    RouteNode(name="wardwatch", match=Match(kinds=("tripwire", "notice_failed")), receivers=(MAIL,)),
    RouteNode(name="archive", receivers=(Receiver(channel="webhook"),), continue_=True),
    RouteNode(
        name="records",
        match=Match(rules=("A",), queues=("fraud_and_privacy",)),
        receivers=(CHAT,),
        escalation="privacy",
        routes=(
            RouteNode(name="grave", match=Match(severity="SEV2"), receivers=(PAGE, CHAT)),
            RouteNode(name="lists", match=Match(severity="SEV4", rules=("A2",)), digest="daily 08:00"),
        ),
    ),
    RouteNode(
        name="money",
        match=Match(rules=("B",), entity_types=("provider",)),
        receivers=(CHAT,),
        digest="hourly",
        routes=(RouteNode(name="now", match=Match(departments=("cardiology",)), digest="none"),),
    ),
)


def paths(traits: Traits) -> list[str]:
    return ["/".join(taken.path) for taken in taken_by(traits, TREE)]


@pytest.mark.parametrize(
    ("traits", "expected"),
    [
        (Traits(severity="SEV1", rules=("A09",)), ["archive", "records/grave"]),
        (Traits(severity="SEV2", rules=("B05", "A09")), ["archive", "records/grave"]),
        (Traits(severity="SEV3", rules=("A09",)), ["archive", "records"]),
        (Traits(severity="SEV4", rules=("A21",)), ["archive", "records/lists"]),
        (Traits(severity="SEV2", rules=("A21",)), ["archive", "records/grave"]),
        (Traits(severity="SEV3", rules=("A09",), queue="data_quality"), ["archive"]),
        (Traits(severity="SEV3", rules=("B05",)), ["archive"]),
        (Traits(severity="SEV3", rules=("B05",), entity_type="provider"), ["archive", "money"]),
        (
            Traits(severity="SEV3", rules=("B05",), entity_type="provider", departments=frozenset({"cardiology"})),
            ["archive", "money/now"],
        ),
        (Traits(severity="SEV2", kind="tripwire", rules=("tripwire",)), ["wardwatch"]),
    ],
)
def test_children_go_first_and_the_first_match_wins(traits: Traits, expected: list[str]) -> None:
    assert paths(traits) == expected


def test_what_a_route_leaves_out_it_has_from_the_one_around_it() -> None:
    (_, lists) = taken_by(Traits(severity="SEV4", rules=("A21",)), TREE)
    assert (lists.receivers, lists.escalation, lists.digest) == ((CHAT,), "privacy", "daily 08:00")
    departments = frozenset({"cardiology"})
    (_, now) = taken_by(Traits(severity="SEV4", rules=("B1",), entity_type="provider", departments=departments), TREE)
    assert now.digest == ""


def test_without_a_match_there_is_no_route() -> None:
    assert taken_by(Traits(severity="SEV3"), (RouteNode(match=Match(severity="SEV2"), receivers=(PAGE,)),)) == []


def test_traits_are_those_of_the_incident() -> None:
    incident = an_incident(key="billing_quality:provider:n1:x", entity=Entity("provider", "n1:x"), rules=("B16",))
    assert traits_of(incident, ["epic"]) == Traits(
        severity="SEV2", queue="billing_quality", rules=("B16",), entity_type="provider", sources=frozenset({"epic"})
    )
    assert traits_of(an_incident(entity=None, kind="tripwire")).entity_type == ""


def test_findings_are_only_looked_at_where_a_route_asks() -> None:
    assert need_findings(TREE)
    assert not need_findings(TREE[:3])


def test_a_tree_tells_what_is_wrong_with_it() -> None:
    ana = Person(name="ana", slack="U1")
    directory = Directory([ana], [Team(name="night", members=("ana",))])
    wrong = (
        RouteNode(name="empty", match=Match(severity="SEV1")),
        RouteNode(
            match=Match(severity="SEV2"), escalation="never", digest="daily",
            receivers=(Receiver(team="none"), Receiver(person="zoe"), Receiver(schedule="none")),
        ),
        RouteNode(
            name="all", digest="hourly", receivers=(Receiver(channel="pagerduty"), Receiver(), Receiver(to="C1")),
            routes=(RouteNode(name="one", receivers=(Receiver(team="night", person="ana"),)),),
        ),
        RouteNode(
            name="late", receivers=(Receiver(channel="email", person="ana"), Receiver(channel="email", team="night"))
        ),
    )  # fmt: skip
    assert list(route_problems(wrong, directory, frozenset(), frozenset())) == [
        "routes: empty: it has no receivers",
        "routes: number 2: team 'none' is not in `teams`",
        "routes: number 2: person 'zoe' is nobody in `people`",
        "routes: number 2: schedule 'none' is not in `schedules`",
        "routes: number 2: escalation 'never' is not in `escalations`",
        "routes: number 2: 'daily' is no period; write hourly, daily 08:00 or weekly mon 08:00",
        "routes: all: a channel is needed",
        "routes: all: a channel is needed",
        "routes: all: a pager takes no digest",
        "routes: all: it takes everything, so the routes after it take nothing",
        "routes: all: one: give one of team, person, schedule and to, not team and person",
        "routes: late: 'ana' has no address for email",
        "routes: late: team 'night' has no address for email",
    ]
