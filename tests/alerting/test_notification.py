"""What may leave, and the wire that is tripped by what may not."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.notices import Notice
from alerting.notification import Notification, Question, bucketed, hour_of, notification
from alerting.people import Person
from alerting.tripwire import Tripwire
from tests.alerting.building import CONSOLE, MONDAY, a_notification, an_incident

ALLOWED = {
    "incident_id", "kind", "revision", "told", "status", "severity", "entity_type", "rules", "other_rules",
    "findings", "first_hour", "last_hour", "link", "assignee", "call",
}  # fmt: skip


def test_the_allow_list_is_that_of_the_specification() -> None:
    # Whoever adds a field must also change this list, and show where domain.md §4.6 allows it.
    assert {field.name for field in msgspec.structs.fields(Notification)} == ALLOWED


def test_unknown_keys_are_impossible() -> None:
    body = msgspec.to_builtins(a_notification()) | {"patient": "Jane"}
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert(body, Notification)
    with pytest.raises(TypeError):
        Notification(**body)


def test_an_incident_is_reduced_to_what_may_leave() -> None:
    incident = an_incident(
        revision=3, findings=212, rules=("A09", "A99"), reason="free text", assignee="ana", last_at=MONDAY + 7200
    )
    told = notification(incident, "escalated", {"A09": "Unusual volume of records"}, CONSOLE)
    assert msgspec.to_builtins(told) == {
        "type": "notification",
        "incident_id": "INC-F73K9Q2M",
        "kind": "case",
        "revision": 3,
        "told": "escalated",
        "status": "new",
        "severity": "SEV2",
        "entity_type": "user",
        "rules": (
            {"id": "A09", "title": "Unusual volume of records"},
            {"id": "A99", "title": "Unusual activity"},
        ),
        "other_rules": 0,
        "findings": "212",
        "first_hour": "2026-03-02T09:00:00Z",
        "last_hour": "2026-03-02T11:00:00Z",
        "link": "https://wardwatch.example/incidents/INC-F73K9Q2M",
        "assignee": "ana",
    }


@pytest.mark.parametrize("name", ["Jane Doe", "ana: asked her sister", "A.DOE", "7", "a" * 41, "ana\n"])
def test_only_a_work_name_is_shown_as_one(name: str) -> None:
    assert notification(an_incident(assignee=name), "opened", {}, CONSOLE).assignee == ""


def test_long_lists_and_titles_are_cut() -> None:
    rules = tuple(f"B{number}" for number in range(13))
    told = notification(an_incident(rules=rules), "opened", dict.fromkeys(rules, "x" * 500), CONSOLE)
    assert [rule.id for rule in told.rules] == list(rules[:10])
    assert told.other_rules == 3
    assert {len(rule.title) for rule in told.rules} == {100}


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "<11"), (1, "<11"), (10, "<11"), (11, "11"), (9999, "9999"), (10_000, "10000+")]
)
def test_small_counts_are_hidden(count: int, expected: str) -> None:
    assert bucketed(count) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (0.0, "1970-01-01T00:00:00Z"),
        (3599.999, "1970-01-01T00:00:00Z"),
        (3600.0, "1970-01-01T01:00:00Z"),
        (MONDAY, "2026-03-02T09:00:00Z"),
        (-1.0, "1969-12-31T23:00:00Z"),
        (float("inf"), "unknown"),
        (float("nan"), "unknown"),
        (1e300, "unknown"),
    ],
)
def test_times_are_rounded_to_the_hour(at: float, expected: str) -> None:
    assert hour_of(at) == expected


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("SSN 123-45-6789", "ssn"),
        ("123 45 6789", "ssn"),
        ("jane.doe@example.org", "email"),
        ("(212) 555-0187", "phone"),
        ("+1 212 555 0187", "phone"),
        ("2125550187", "phone"),
        ("MRN: 00X123", "mrn"),
        ("medical record no. 5512", "mrn"),
        ("NPI 1234567893", "number"),
        ("account 1234567.", "number"),
        ("born 1954-03-07", "date"),
        ("born 1954-3-7", "date"),
        ("born 03/07/1954", "date"),
        ("born 3/7/54", "date"),
        ("at 2026-03-02T09:14:03Z", "date"),
        ("at 09:14:03", "time"),
        ("p1:Q2xlcms9x", "token"),
        ("user u12:aGVsbG8gd29y", "token"),
        ("card:x9", "instrument"),
        ("from 10.1.2.3", "ipv4"),
        ("2001:db8::7", "ipv6"),
        ("4111111111111111", "pan"),
        ("5555 5555 5555 4444", "pan"),
        ("3782-822463-10005", "pan"),
        ("2221000000000009", "pan"),
        ("HIV clinic", "category"),
        ("psychotherapy notes", "category"),
        ("substance use", "category"),
    ],
)
def test_what_trips_the_wire(text: str, pattern: str) -> None:
    assert pattern in Tripwire().patterns_in_text(text)
    assert pattern in Tripwire().patterns_in({"outer": [{"inner": f"see {text}"}]})
    assert pattern in Tripwire().patterns_in({text: 1})


@pytest.mark.parametrize(
    "text",
    [
        "[SEV2] INC-F73K9Q2M: case opened",
        "A09 Unusual volume of records, 212 findings",
        "2026-03-02T09:00:00Z",
        "0123456789abcdef0123456789abcdef",
        "4111111111111112",  # not a card number by Luhn
        "9999999999999995",  # Luhn holds, but no scheme's number begins so
        "https://wardwatch.example/incidents/INC-F73K9Q2M",
        "1,234 findings in 26 hours (95 %)",
    ],
)
def test_what_does_not(text: str) -> None:
    assert Tripwire().patterns_in_text(text) == ()


def test_our_own_address_may_leave_and_nothing_near_it() -> None:
    wire = Tripwire(allowed=("http://127.0.0.1:8080",))
    assert wire.patterns_in_text("http://127.0.0.1:8080/incidents/INC-F73K9Q2M") == ()
    assert wire.patterns_in_text("http://127.0.0.1:8080/incidents/INC-F73K9Q2M from 10.1.2.3") == ("ipv4",)


@given(st.integers(0, 10**6), st.integers(0, 4_000_000_000), st.integers(1, 40))
def test_no_notification_trips_the_wire(findings: int, at: int, rules: int) -> None:
    incident = an_incident(findings=findings, last_at=at, rules=tuple(f"A{number:02}" for number in range(rules)))
    told = notification(incident, "opened", {}, CONSOLE)
    assert Tripwire().patterns_in(msgspec.to_builtins(told)) == ()


def test_links_and_addresses_are_no_part_of_repr() -> None:
    question = Question(
        question_id="Q-1",
        audience="actor",
        first_hour="9",
        last_hour="10",
        link="https://h/answers/token",
        expires="11",
    )
    notice = Notice(id="n1", channel="email", body=question, to="clerk@h.example", created_at=0.0, due_at=0.0)
    person = Person(
        name="p.officer", email="p@h.example", slack="U0P", user_ids=("PAT1",), provider_ids=("1234567893",)
    )
    assert repr([question, notice, person]) == "[<Question Q-1>, <Notice n1>, <Person p.officer>]"
