"""Digests as values."""

import msgspec

from alerting.channels.text import plain
from alerting.places import Place
from alerting.routing.addressing import Delivery
from alerting.routing.collecting import MOST_LINES, collected, digest, digest_id
from alerting.routing.rows import Collected
from tests.alerting.building import CONSOLE, MONDAY, an_incident


def test_the_gravest_and_oldest_come_first_and_the_others_are_counted() -> None:
    incidents = [
        an_incident(id=f"INC-{number:08d}", severity="SEV4" if number % 2 else "SEV3", opened_at=MONDAY - number)
        for number in range(30)
    ]
    made = digest("DIG-1", incidents, CONSOLE)
    assert (made.severity, len(made.lines), made.others) == ("SEV3", MOST_LINES, 10)
    assert [line.incident_id for line in made.lines][:2] == ["INC-00000028", "INC-00000026"]
    assert [line.severity for line in made.lines] == ["SEV3"] * 15 + ["SEV4"] * 5
    assert made.lines[15].incident_id == "INC-00000029"


def test_a_digest_stays_below_what_slack_takes() -> None:
    rules = tuple(f"a_rule_of_a_site_with_a_long_name_{number}" for number in range(40))
    incidents = [an_incident(id=f"INC-{number:08d}", rules=rules, findings=9_999) for number in range(500)]
    made = digest("DIG-1", incidents, CONSOLE)
    assert made.others == 480
    assert len("\n".join(plain(made))) < 8_000
    assert len(msgspec.json.encode(made)) < 16_000


def test_the_same_place_and_time_are_the_same_digest() -> None:
    here = digest_id(Place("slack", "C1"), MONDAY)
    assert here == digest_id(Place("slack", "C1"), MONDAY)
    others = {digest_id(place, at) for place in (Place("slack"), Place("email", "C1")) for at in (MONDAY, MONDAY + 1)}
    assert len({here, *others, digest_id(Place("slack", "C1"), MONDAY + 1)}) == 6
    assert here.startswith("DIG-")
    assert len({here, *(digest_id(Place("slack", "C1"), MONDAY, number) for number in (1, 2, 3))}) == 3


def test_what_is_collected_waits_for_the_next_local_time() -> None:
    incident, delivery = an_incident(), Delivery(Place("email", "eva@hospital.example"), (Place("log"),))
    assert list(collected([(incident, delivery, "daily 08:00")], "America/Chicago", MONDAY)) == [
        # 2026-03-02 at 08:00 in Chicago is 14:00 UTC, 4 hours, 45 minutes and 57 seconds later
        Collected(delivery.place, delivery.fallbacks, MONDAY + 4 * 3600 + 45 * 60 + 57, incident.id)
    ]
