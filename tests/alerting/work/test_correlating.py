"""How cases belong together: one actor in money and records, parties that several name, behaviour that repeats."""

from typing import Any

import pytest
from msgspec import structs

from alerting.commands import Acknowledge, Merge, RecordFindings, Resolve, RetractFindings
from alerting.desk import Desk
from alerting.notification import Notification
from alerting.policy import Policy
from alerting.routes import Route
from alerting.store import Store
from alerting.store.outbox_rows import claim_notice
from alerting.storm import StormLimit
from alerting.work.parties import (
    MOST_CASES,
    MOST_LINKS,
    Naming,
    links_to_make,
    possible_links,
    precedents,
    remembered,
)
from alerting.work.rows import links_of
from detectors.finding import Entity, EntityType, Finding
from detectors.retraction import Retraction
from tests.alerting.building import DAY, HOUR, MONDAY, Clock, a_desk, a_finding, an_incident, case_of


def naming(ref: str, *others: tuple[EntityType, str], **fields: Any) -> Finding:
    """A finding about a user that names others too."""
    finding = a_finding(ref=ref, **fields)
    return structs.replace(finding, entities=[finding.entity, *(Entity(*other) for other in others)])


def links(store: Store, incident_id: str) -> list[tuple[str, str]]:
    with store.reading() as connection:
        return [(link.other, link.relation) for link in links_of(connection, incident_id)]


def test_one_actor_has_one_case_across_money_and_records(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    money = a_finding("B22", ref="u1:clerk")
    records = a_finding("A09", ref="u1:clerk", at=MONDAY + HOUR)
    assert desk.handle(RecordFindings([money])).opened == ("INC-T0000001",)
    assert desk.handle(RecordFindings([records])).opened == ()
    incident = case_of(store, "INC-T0000001").incident
    assert incident.rules == ("B22", "A09")
    assert incident.touches_billing
    assert incident.touches_records


@pytest.mark.parametrize("party", [("patient", "p1:x"), ("provider", "n1:x"), ("instrument", "i1:x")])
def test_cases_that_name_one_party_are_linked(store: Store, clock: Clock, party: tuple[EntityType, str]) -> None:
    desk = a_desk(store, clock, policy=Policy(routes=(Route("SEV4", ("slack",)),)))
    desk.handle(RecordFindings([naming("u1:a", party)]))
    desk.handle(RecordFindings([naming("u1:b", party, at=MONDAY + HOUR), naming("u1:c", ("patient", "p1:other"))]))
    assert links(store, "INC-T0000001") == [("INC-T0000002", "related")]
    assert links(store, "INC-T0000002") == [("INC-T0000001", "related")]
    assert links(store, "INC-T0000003") == []
    for incident_id, other in (("INC-T0000001", "INC-T0000002"), ("INC-T0000002", "INC-T0000001")):
        last = case_of(store, incident_id).timeline[-1]
        assert (last.action, last.detail) == ("link", {"other": other, "relation": "related", "by": "party"})
    assert store.outbox() == {"slack": {"pending": 3}}, "people are told of three cases, and of no link"
    desk.handle(RecordFindings([naming("u1:b", party, at=MONDAY + HOUR)]))
    assert len(links(store, "INC-T0000001")) == 1, "once"


def test_the_case_of_a_party_itself_is_linked(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    one, other = desk.handle(RecordFindings([a_finding(ref="u1:b"), naming("u1:a", ("user", "u1:b"))])).opened
    assert links(store, one) == [(other, "related")]


@pytest.mark.parametrize(
    ("sentence", "finding"),
    [
        ("a source is nobody", naming("u1:b", ("source", "ehr"))),
        ("long after", naming("u1:b", ("patient", "p1:x"), at=MONDAY + DAY + 1)),
        ("another type with the same token", naming("u1:b", ("provider", "p1:x"))),
    ],
)
def test_what_links_nothing(store: Store, clock: Clock, sentence: str, finding: Finding) -> None:
    desk = a_desk(store, clock)
    desk.handle(RecordFindings([naming("u1:a", ("patient", "p1:x"), ("source", "ehr"))]))
    desk.handle(RecordFindings([finding]))
    assert links(store, "INC-T0000001") == [], sentence


def test_a_party_whom_everybody_names_links_nothing(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    for number in range(8):
        desk.handle(RecordFindings([naming(f"u1:{number}", ("patient", "p1:x"))]))
    # The sixth case had five partners, the seventh six: it is left alone.
    assert [len(links(store, f"INC-T000000{number}")) for number in range(1, 9)] == [5, 5, 5, 5, 5, 5, 0, 0]


def test_finished_cases_are_not_linked(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    (one,) = desk.handle(RecordFindings([naming("u1:a", ("patient", "p1:x"))])).opened
    desk.handle(Acknowledge(incident_id=one, actor="ana"))
    desk.handle(Resolve(incident_id=one, actor="ana", verdict="benign_explained", reason="covering"))
    desk.handle(RecordFindings([naming("u1:b", ("patient", "p1:x"))]))
    assert links(store, one) == []


def test_what_a_storm_holds_back_links_nothing(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=Policy(storm=StormLimit(per_hour=1)))
    findings = [naming(f"u1:{number}", ("patient", "p1:x")) for number in range(3)]
    recorded = desk.handle(RecordFindings(findings))
    assert recorded.held == {"storm": 2}
    assert [links(store, incident.id) for incident in store.incidents()] == [[], []]


def test_the_third_case_within_ninety_days_is_marked_and_told(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=Policy(routes=(Route("SEV4", ("slack",)),)))
    opened = [open_and_confirm(desk, MONDAY + days * DAY) for days in (0, 40, 89, 179)]
    assert [news(store) for _ in range(12)].count("repeated") == 1
    assert links(store, opened[2]) == [(opened[0], "repeat"), (opened[1], "repeat")]
    assert links(store, opened[0]) == [(opened[2], "repeated_by")]
    entry = case_of(store, opened[2]).timeline[1]
    assert (entry.action, entry.detail) == (
        "repeat_behaviour", {"cases": 3, "days": 90, "latest": f"{opened[1]},{opened[0]}"},
    )  # fmt: skip
    assert links(store, opened[3]) == [], "of the three before it two are older than 90 days"


def open_and_confirm(desk: Desk, at: float) -> str:
    (opened,) = desk.handle(RecordFindings([a_finding(at=at)])).opened
    desk.handle(Acknowledge(incident_id=opened, actor="ana"))
    desk.handle(Resolve(incident_id=opened, actor="ana", verdict="true_positive_policy", reason="snooping"))
    return opened


def news(store: Store) -> str:
    """Take the next notice, and say why it is told."""
    with store.writing() as connection:
        notice = claim_notice(connection, "slack", "test", now=1e12, until=2e12)
        if notice is None:
            return ""
        connection.exec_driver_sql("UPDATE outbox SET fate = 'sent' WHERE claimed_by = 'test'")
    assert isinstance(notice.body, Notification)
    return notice.body.told


@pytest.mark.parametrize(
    ("sentence", "fields", "counts"),
    [
        ("at work", {}, True),
        ("confirmed", {"status": "closed", "verdict": "true_positive_malicious"}, True),
        ("exactly ninety days ago", {"first_at": MONDAY - 90 * DAY}, True),
        ("earlier", {"first_at": MONDAY - 90 * DAY - 1}, False),
        ("of later", {"first_at": MONDAY + 1}, False),
        ("merged", {"status": "merged"}, False),
        ("suppressed", {"status": "suppressed"}, False),
        ("explained", {"status": "closed", "verdict": "benign_explained"}, False),
        ("a rule's mistake", {"status": "resolved", "verdict": "false_positive_rule"}, False),
        ("about Wardwatch itself", {"kind": "rule_storm"}, False),
        ("itself", {"id": "INC-NEW"}, False),
    ],
)
def test_precedents(sentence: str, fields: dict[str, Any], counts: bool) -> None:
    new = an_incident(id="INC-NEW")
    assert bool(precedents(new, [an_incident(**fields)])) is counts, sentence


def test_of_a_party_the_latest_cases_are_remembered() -> None:
    known = [Naming(f"INC-{number:02}", number, number) for number in range(MOST_CASES)]
    more = remembered(known, [Naming("INC-05", 1, 99), Naming("INC-NEW", 50, 50)])
    assert len(more) == MOST_CASES
    assert (more[-1], more[-2]) == (Naming("INC-05", 1, 99), Naming("INC-NEW", 50, 50))
    assert "INC-00" not in [one.incident_id for one in more]


def test_pairs_begin_with_who_names_the_party_anew() -> None:
    known = [Naming("INC-A", 0, 10), Naming("INC-B", 200, 210)]
    assert possible_links(known, [Naming("INC-A", 0, 20)], 50) == []
    assert possible_links(known, [Naming("INC-C", 60, 60)], 50) == [("INC-C", "INC-A")]
    assert possible_links([], [Naming("INC-C", 60, 60), Naming("INC-D", 61, 61)], 50) == [
        ("INC-C", "INC-D"), ("INC-D", "INC-C"),
    ]  # fmt: skip


def test_a_case_gets_so_many_links_and_no_more() -> None:
    pairs = [("INC-A", "INC-B"), ("INC-A", "INC-C"), ("INC-B", "INC-A")]
    is_open = dict.fromkeys(("INC-A", "INC-B", "INC-C"), True)
    assert links_to_make(pairs, is_open, {}) == [("INC-B", "INC-A"), ("INC-A", "INC-C")]
    assert links_to_make(pairs, is_open, {"INC-A": {"INC-B"}, "INC-B": {"INC-A"}}) == [("INC-A", "INC-C")]
    full = {"INC-A": {f"INC-{number}" for number in range(MOST_LINKS)}}
    assert links_to_make(pairs[:2], is_open, full) == []


def test_late_and_withdrawn_findings_reach_the_case(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    first, late = a_finding(at=MONDAY), a_finding("A01", at=MONDAY - 20 * HOUR, severity="critical")
    (one,) = desk.handle(RecordFindings([first])).opened
    desk.handle(RecordFindings([late]))
    incident = case_of(store, one).incident
    assert (incident.first_at, incident.severity, incident.findings) == (MONDAY - 20 * HOUR, "SEV1", 2)
    (other,) = desk.handle(RecordFindings([a_finding(ref="u1:else")])).opened
    desk.handle(Acknowledge(incident_id=one, actor="ana"))
    desk.handle(Merge(incident_id=one, actor="ana", into=other))
    desk.handle(
        RetractFindings([Retraction(finding_id=late.id, at=MONDAY, entity=late.entity, reason="a late roster")])
    )
    assert case_of(store, other).incident.findings == 2, "a withdrawal follows a merged case"


def test_parties_are_forgotten_after_thirty_days(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    desk.handle(RecordFindings([naming("u1:a", ("patient", "p1:x"))]))
    clock.advance(29 * DAY)
    desk.handle(RecordFindings([naming("u1:b", ("patient", "p1:y"))]))
    clock.advance(DAY + 1)
    desk.pass_time()
    with store.reading() as connection:
        left = connection.exec_driver_sql("SELECT entity_ref FROM work_parties ORDER BY entity_ref").scalars().all()
    assert left == ["p1:y", "u1:b"]
