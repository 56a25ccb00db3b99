"""Pure decisions: severity, grouping, storm guard, routes, backoff, ids."""

import random
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.backoff import Breaker, delay
from alerting.grouping import Windows, grown, joined, key_of, opened, place, weightiest
from alerting.incident_ids import random_ids
from alerting.incidents import Incident, Status
from alerting.notices import notice_id
from alerting.routes import Route, route_for
from alerting.severity import IncidentSeverity, graver, severity_of
from alerting.storm import Bucket, StormLimit, taken
from alerting.tripwire import Tripwire
from detectors.finding import Entity, EntityType, Kind, Severity
from tests.alerting.building import DAY, HOUR, MONDAY, SEVERITIES, a_finding, an_incident


@pytest.mark.parametrize(
    ("detector", "kind", "severity", "expected"),
    [
        ("B28", "rule", "critical", "SEV1"),  # an active payment diversion
        ("A13", "rule", "critical", "SEV1"),  # a terminated account in use
        ("B14", "rule", "critical", "SEV2"),  # an excluded provider
        ("B05", "rule", "critical", "SEV2"),  # an impossible day
        ("A17", "rule", "high", "SEV2"),  # credentials
        ("A01", "rule", "medium", "SEV3"),  # one patient's chart
        ("A11", "rule", "low", "SEV4"),
        ("A29", "rule", "info", "SEV4"),
        ("fused", "fused", "critical", "SEV2"),
        ("half_space_trees", "online", "critical", "SEV3"),
        ("isolation_forest", "batch", "high", "SEV3"),
        ("gradient_boosting", "supervised", "low", "SEV4"),
    ],
)
def test_severity(detector: str, kind: Kind, severity: Severity, expected: IncidentSeverity) -> None:
    assert severity_of(a_finding(detector, kind=kind, severity=severity)) == expected


def test_graver() -> None:
    assert [graver("SEV2", other) for other in SEVERITIES] == ["SEV1", "SEV2", "SEV2", "SEV2"]


def test_every_type_of_entity_has_keys_of_its_own() -> None:
    keys = {key_of(Entity(entity_type, "same")) for entity_type in get_args(EntityType)}
    assert len(keys) == 5


@pytest.mark.parametrize(
    ("sentence", "at", "fields", "expected"),
    [
        ("evidence within a day after the last joins", MONDAY + DAY, {}, "open_in_window"),
        ("evidence later than that starts anew", MONDAY + DAY + 1, {}, "none_in_window"),
        ("evidence from up to a day before the first joins", MONDAY - DAY, {}, "open_in_window"),
        ("evidence from before that starts anew", MONDAY - DAY - 1, {}, "none_in_window"),
        ("the window moves with the last evidence", MONDAY + 3 * DAY, {"last_at": MONDAY + 2 * DAY}, "open_in_window"),
        ("work in progress goes on", MONDAY, {"status": "awaiting_context"}, "open_in_window"),
        (
            "a case resolved at most a week ago is reopened",
            MONDAY + 8 * DAY,
            {"status": "resolved", "resolved_at": MONDAY + DAY},
            "resolved_lately",
        ),
        (
            "one resolved longer ago is not",
            MONDAY + 8 * DAY + 1,
            {"status": "resolved", "resolved_at": MONDAY + DAY},
            "none_in_window",
        ),
        (
            "evidence from long before a resolved case is not about it",
            MONDAY - DAY - 1,
            {"status": "resolved", "resolved_at": MONDAY + DAY},
            "none_in_window",
        ),
        ("a closed case stays closed", MONDAY, {"status": "closed", "resolved_at": MONDAY}, "none_in_window"),
        ("a suppressed case stays so", MONDAY, {"status": "suppressed"}, "none_in_window"),
        ("a merged case takes nothing", MONDAY, {"status": "merged"}, "none_in_window"),
    ],
)
def test_where_evidence_belongs(sentence: str, at: float, fields: dict[str, object], expected: str) -> None:
    placement = place(at, [an_incident(**fields)], Windows())
    assert placement.reason == expected, sentence
    assert (placement.incident is None) == (expected == "none_in_window")


def test_the_open_case_with_the_nearest_evidence_is_chosen() -> None:
    def one(incident_id: str, last_at: float, status: Status = "new") -> Incident:
        return an_incident(id=incident_id, last_at=last_at, status=status, resolved_at=MONDAY)

    cases = [one("INC-A", MONDAY), one("INC-B", MONDAY + HOUR), one("INC-C", MONDAY + 2 * HOUR, "resolved")]
    chosen = place(MONDAY + HOUR, cases, Windows()).incident
    assert chosen is not None
    assert chosen.id == "INC-B"
    later = an_incident(id="INC-D", first_at=MONDAY + 20 * HOUR, last_at=MONDAY + 21 * HOUR)
    assert [place(MONDAY + hour * HOUR, [cases[0], later], Windows()).incident for hour in (9, 11)] == [cases[0], later]


def test_growing() -> None:
    new = opened("INC-A", "case", "user:u", Entity("user", "u"), "SEV3", at=MONDAY, now=MONDAY + 9)
    first, change = joined(new, a_finding("A01", severity="medium", risk=30))
    assert (change, first.findings, first.notified_findings, first.rules) == ("opened", 1, 1, ("A01",))
    second, change = joined(first, a_finding("A01", severity="low", risk=20, at=MONDAY - 5))
    assert (change, second.findings, second.severity, second.risk) == ("more_evidence", 2, "SEV3", 30)
    assert (second.first_at, second.last_at) == (MONDAY - 5, MONDAY)
    third, change = joined(second, a_finding("B22", severity="medium", risk=70, at=MONDAY + 5))
    assert (change, third.findings, third.notified_findings, third.rules) == ("new_ground", 3, 2, ("A01", "B22"))
    fourth, change = joined(third, a_finding("B22", severity="medium"))
    assert (change, fourth.findings, fourth.notified_findings) == ("more_evidence", 4, 4)
    assert joined(fourth, a_finding("B22", severity="medium"))[1] == "joined"
    assert joined(fourth, a_finding("A05", severity="low"))[1] == "joined", "slighter than the case"
    assert (third.risk, third.last_at) == (70, MONDAY + 5)
    graver_one, change = joined(third, a_finding("A13", severity="critical"))
    assert (change, graver_one.severity, graver_one.notified_findings) == ("escalated", "SEV1", 4)


@given(st.lists(st.sampled_from(SEVERITIES), min_size=1, max_size=40))
def test_people_are_told_only_of_higher_severity_or_doubled_evidence(severities: list[IncidentSeverity]) -> None:
    incident = opened("INC-A", "case", "k", None, severities[0], at=0, now=0)
    told_at, told_severity = 0, severities[0]
    for number, severity in enumerate(severities, start=1):
        incident, change = grown(incident, "A01", severity, at=0)
        worth_telling = number == 1 or severity < told_severity or number >= 2 * told_at
        assert (change != "joined") == worth_telling
        assert incident.findings == number
        if worth_telling:
            told_at, told_severity = number, min(severity, told_severity)
    assert incident.severity == min(severities)


def test_weightiest() -> None:
    assert weightiest(["joined", "escalated", "more_evidence"]) == "escalated"
    assert weightiest(["opened", "escalated"]) == "opened"


def test_a_rule_may_open_thirty_cases_at_once_and_one_every_two_minutes() -> None:
    bucket: Bucket | None = None
    granted = []
    for at in [*([MONDAY] * 31), MONDAY + 119, MONDAY + 120, MONDAY + 121, MONDAY + 60]:
        bucket, yes = taken(bucket, at, StormLimit())
        granted.append(yes)
    assert granted == [True] * 30 + [False, False, True, False, False]
    assert bucket is not None
    assert bucket.at == MONDAY + 121


def test_a_quiet_rule_saves_up_no_more_than_an_hours_worth() -> None:
    bucket, _ = taken(Bucket(0.0, MONDAY), MONDAY + 30 * DAY, StormLimit())
    assert bucket.tokens == 29.0


@given(st.lists(st.floats(0, 7200), max_size=200))
def test_the_storm_guard_never_grants_more_than_its_limit(times: list[float]) -> None:
    bucket: Bucket | None = None
    granted = 0
    for at in times:
        bucket, yes = taken(bucket, at, StormLimit(per_hour=5))
        granted += yes
    assert granted <= 5 + 2 * 5  # what it starts with, and two hours' refill


def test_routes() -> None:
    pager = Route("SEV2", ("pagerduty", "slack"), ("webhook",))
    chat = Route("SEV3", ("slack",))
    chosen = [route_for(severity, [pager, chat]).channels for severity in SEVERITIES]
    assert chosen == [("pagerduty", "slack"), ("pagerduty", "slack"), ("slack",), ("log",)]


@given(st.integers(1, 100), st.integers())
def test_delays_have_full_jitter(attempts: int, seed: int) -> None:
    bounds = {1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 6: 32}
    assert 0 <= delay(attempts, random.Random(seed)) <= bounds.get(attempts, 60)


def test_delays_reach_their_bound_and_zero() -> None:
    source = random.Random(1)
    many = [delay(4, source) for _ in range(1000)]
    assert min(many) < 0.1
    assert max(many) > 7.9


def test_the_breaker_opens_after_five_failures_in_a_row_for_a_minute() -> None:
    breaker = Breaker()
    for second in range(4):
        breaker = breaker.after_failure(MONDAY + second)
        assert not breaker.is_open(MONDAY + second)
    breaker = breaker.after_failure(MONDAY + 4)
    assert breaker.is_open(MONDAY + 63.9)
    assert not breaker.is_open(MONDAY + 64)
    assert breaker.after_failure(MONDAY + 64).is_open(MONDAY + 123)


@given(st.integers())
def test_incident_ids_are_sayable_and_do_not_trip_the_wire(seed: int) -> None:
    drawn = random_ids(random.Random(seed))()
    assert len(drawn) == 12
    assert drawn.startswith("INC-")
    assert set(drawn[4:]) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert Tripwire().patterns_in_text(f"[SEV1] {drawn}: case opened") == ()


def test_notice_ids_are_deterministic_and_apart() -> None:
    # sha256 of "INC-A", "1", "slack" with a unit separator in between, computed with sha256sum
    assert notice_id("INC-A", 1, "slack") == "adbdb1b70e5bcec0233bd776ff8b6e21"
    others = [("INC-B", 1, "slack"), ("INC-A", 2, "slack"), ("INC-A", 1, "log")]
    assert len({notice_id(*other) for other in others} | {notice_id("INC-A", 1, "slack")}) == 4


def test_a_queue_keeps_its_cases_apart() -> None:
    user = Entity("user", "U1")
    assert len({key_of(user), key_of(user, "billing_quality"), key_of(user, "data_quality")}) == 3
