"""Where receivers are told; the subject of a case never is."""

import pytest

from alerting.people import Directory, Person, Team
from alerting.places import Place
from alerting.routing.addressing import Addressing
from alerting.routing.receivers import Receiver

ANA = Person(name="ana", slack="UANA", email="ana@hospital.example", pagerduty="PANA", backup="ben")
BEN = Person(name="ben", slack="UBEN", backup="cho")
CHO = Person(name="cho", slack="UCHO", email="cho@hospital.example", backup="ana")
SEC = Person(name="sec", email="sec@hospital.example", roles=("security_officer",))
TEAMS = (
    Team(name="privacy", members=("ana", "ben"), slack="CPRIV", backup="audit"),
    Team(name="audit", members=("cho", "ben"), slack="CAUDIT"),
    Team(name="loose", members=("ana", "ben", "cho")),
)
EVERYBODY = Directory((ANA, BEN, CHO, SEC), TEAMS)


def told(receiver: Receiver, *subjects: str, on_call: str = "ana", usual: str = "", avoid: str = "") -> list[str]:
    """Every way as `first>second>…`, without the log at the end."""
    addressing = Addressing(
        EVERYBODY,
        on_call=lambda _: on_call,
        subjects=frozenset(subjects),
        usual={"slack": usual} if usual else {},
        avoid=frozenset({avoid} if avoid else ()),
    )
    found = addressing.deliveries([receiver])
    assert all("log" in {place.channel for place in (one.place, *one.fallbacks)} for one in found)
    ways = [[one.place, *(place for place in one.fallbacks if place.channel != "log")] for one in found]
    return [">".join(f"{place.channel}:{place.to}" for place in way) for way in ways]


PERSON = Receiver(person="ana", channel="pagerduty", fallback=("slack", "email"))


@pytest.mark.parametrize(
    ("receiver", "subjects", "expected"),
    [
        (PERSON, (), ["pagerduty:PANA>slack:UANA>email:ana@hospital.example"]),
        (PERSON, ("ana",), ["slack:UBEN"]),  # who has no pager
        (PERSON, ("ana", "ben"), ["slack:UCHO>email:cho@hospital.example"]),
        (PERSON, ("ana", "ben", "cho"), ["email:sec@hospital.example"]),
        (PERSON, ("ana", "ben", "cho", "sec"), ["log:"]),
        (Receiver(person="ana"), (), ["slack:UANA>email:ana@hospital.example"]),
        (Receiver(person="ana", channel="email"), ("ana",), ["email:sec@hospital.example"]),  # ben has no mail
        (Receiver(schedule="night", channel="slack"), (), ["slack:UANA"]),
        (Receiver(schedule="night", channel="slack"), ("ana",), ["slack:UBEN"]),
        (Receiver(team="privacy", channel="slack"), (), ["slack:CPRIV"]),
        (Receiver(team="privacy", channel="slack"), ("cho",), ["slack:CPRIV"]),
        (Receiver(team="privacy", channel="slack"), ("ana",), ["slack:CAUDIT"]),
        (Receiver(team="privacy", channel="slack"), ("ben",), ["slack:UCHO"]),  # who is in both teams
        (Receiver(team="audit", channel="slack"), ("cho",), ["slack:UANA"]),
        (Receiver(team="loose", channel="slack"), (), ["slack:UANA", "slack:UBEN", "slack:UCHO"]),
        (Receiver(team="loose", channel="slack"), ("ben",), ["slack:UANA", "slack:UCHO"]),
        (Receiver(team="loose", channel="slack"), ("ana", "ben", "cho"), ["email:sec@hospital.example"]),
        (Receiver(channel="slack"), ("ana",), ["slack:"]),
        (Receiver(channel="slack", to="CPRIV"), ("ana",), ["slack:CAUDIT"]),
        (Receiver(channel="slack", to="UANA"), ("ana",), ["slack:UBEN"]),
        (Receiver(channel="email", to="ANA@hospital.example", fallback=("slack",)), ("ana",), ["slack:UBEN"]),
        (Receiver(channel="webhook", fallback=("email",)), (), ["webhook:>email:"]),
    ],
)
def test_everybody_is_told_but_the_subject(receiver: Receiver, subjects: tuple[str, ...], expected: list[str]) -> None:
    assert told(receiver, *subjects) == expected


def test_who_only_shares_the_channel_of_a_subjects_team_is_told_alone() -> None:
    teams = (Team(name="soc", members=("ana",), slack="C1"), Team(name="all", members=("ana", "ben"), slack="C1"))
    addressing = Addressing(Directory((ANA, BEN, CHO), teams), subjects=frozenset({"ben"}))
    (delivery,) = addressing.deliveries([Receiver(team="soc", channel="slack")])
    assert delivery.place == Place("slack", "UANA")


def test_the_usual_place_may_be_that_of_a_team() -> None:
    assert told(Receiver(channel="slack"), "ana", usual="CPRIV") == ["slack:CAUDIT"]
    assert told(Receiver(channel="slack"), "cho", usual="CPRIV") == ["slack:"]


def test_while_nobody_is_on_call_the_security_officers_are_told() -> None:
    assert told(Receiver(schedule="night", channel="pagerduty"), on_call="") == ["email:sec@hospital.example"]


def test_channels_that_cannot_be_used_are_gone_round() -> None:
    assert told(Receiver(channel="slack", fallback=("email",)), avoid="slack") == ["email:"]
    assert told(Receiver(channel="slack"), avoid="slack") == ["log:"]


def test_two_receivers_at_one_place_are_one() -> None:
    found = Addressing(EVERYBODY).deliveries([Receiver(channel="slack", to="C1"), Receiver(channel="slack", to="C1")])
    assert [one.place for one in found] == [Place("slack", "C1")]
    assert Addressing(EVERYBODY).deliveries([]) == []
    assert Addressing(EVERYBODY).person("nobody") == []
