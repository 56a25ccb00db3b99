"""Whatever a plan looks like: nobody reads of a case that is about them, and somebody is always told."""

from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.people import Directory, Person, Team
from alerting.places import Place
from alerting.routing.addressing import Addressing
from alerting.routing.receivers import Receiver

NAMES = ("ana", "ben", "cho", "dee", "eva")
CHANNELS = ("slack", "email", "pagerduty", "webhook")
TEAMS = ("night", "day", "officers")


@st.composite
def directories(draw: st.DrawFn) -> Directory:
    """People and teams with any addresses, backups and members; teams may share an address, people have their own."""
    has = st.booleans()
    people = [
        Person(
            name=name,
            roles=("security_officer",) if draw(has) else (),
            slack=f"U-{name}" if draw(has) else "",
            email=f"{name}@hospital.example" if draw(has) else "",
            pagerduty=f"P-{name}" if draw(has) else "",
            backup=draw(st.sampled_from(("", *NAMES))),
        )
        for name in NAMES
    ]
    teams = [
        Team(
            name=name,
            members=tuple(draw(st.lists(st.sampled_from(NAMES), unique=True))),
            slack=draw(st.sampled_from(("", f"C-{name}", "C-together"))),
            email=draw(st.sampled_from(("", f"{name}@hospital.example", "together@hospital.example"))),
            backup=draw(st.sampled_from(("", *TEAMS))),
        )
        for name in TEAMS
    ]
    return Directory(people, teams)


ADDRESSES = [f"U-{name}" for name in NAMES] + [f"C-{name}" for name in TEAMS] + ["C-together", "C-elsewhere"]
FALLBACKS = st.lists(st.sampled_from(CHANNELS), max_size=3, unique=True).map(tuple)
CHANNEL = st.sampled_from(CHANNELS)
RECEIVERS = st.one_of(
    st.builds(Receiver, channel=CHANNEL, person=st.sampled_from(NAMES), fallback=FALLBACKS),
    st.builds(Receiver, channel=CHANNEL, team=st.sampled_from(TEAMS), fallback=FALLBACKS),
    st.builds(Receiver, channel=CHANNEL, schedule=st.just("weekly"), fallback=FALLBACKS),
    st.builds(Receiver, channel=CHANNEL, to=st.sampled_from(ADDRESSES), fallback=FALLBACKS),
    st.builds(Receiver, channel=CHANNEL, fallback=FALLBACKS),
    st.builds(Receiver, person=st.sampled_from(NAMES)),
)


def readers(directory: Directory, place: Place, usual: dict[str, str]) -> set[str]:
    """Say by the plan alone who reads what comes to a place."""
    address = place.to or usual.get(place.channel, "")
    owners = {"slack": "slack", "email": "email", "pagerduty": "pagerduty"}
    field = owners.get(place.channel)
    if not field or not address:
        return set()
    own = {person.name for person in directory.people if getattr(person, field) == address}
    shared = [team for team in directory.teams if getattr(team, field, "") == address]
    return own | {name for team in shared for name in team.members}


@settings(max_examples=400, deadline=None)
@given(
    directory=directories(),
    receivers=st.lists(RECEIVERS, min_size=1, max_size=3),
    subjects=st.frozensets(st.sampled_from(NAMES)),
    on_call=st.sampled_from(("", *NAMES)),
    usual=st.dictionaries(st.just("slack"), st.sampled_from(ADDRESSES)),
)
def test_no_subject_reads_and_somebody_is_told(
    directory: Directory, receivers: list[Receiver], subjects: frozenset[str], on_call: str, usual: dict[str, str]
) -> None:
    addressing = Addressing(directory, on_call=lambda _: on_call, subjects=subjects, usual=usual)
    deliveries = addressing.deliveries(receivers)
    assert deliveries
    for delivery in deliveries:
        for place in (delivery.place, *delivery.fallbacks):
            assert readers(directory, place, usual).isdisjoint(subjects)
        assert len({delivery.place, *delivery.fallbacks}) == 1 + len(delivery.fallbacks)
    places = [delivery.place for delivery in deliveries]
    assert len(set(places)) == len(places)
