"""Signatures and contents of PagerDuty's webhooks."""

import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.pagerduty.events import MAX_NOTE, PagerDutyEvent, read_event
from alerting.pagerduty.signature import verify
from tests.alerting.building import PlainSecret
from tests.alerting.pagerduty.webhooks import incident, note, user, webhook

SECRET, OTHER = PlainSecret("test-secret"), PlainSecret("another")
BODY = b'{"event":{"id":"x"}}'
GOLDEN = "v1=ff99fcd3be041d9cf67577a21f649fbec5b29ca5a159d01677604f427021191c"
"""domain.md §9."""


def test_the_golden_vector() -> None:
    assert verify(BODY, GOLDEN, [SECRET])


@pytest.mark.parametrize(
    ("header", "secrets"),
    [
        (f"v1={'0' * 64},{GOLDEN}", [SECRET]),  # PagerDuty has a new secret, and signs with both
        (f"{GOLDEN}, v1={'0' * 64}", [SECRET]),
        (GOLDEN, [OTHER, SECRET]),  # we have a new one
        (f"v2=abc,{GOLDEN}", [SECRET]),
    ],
)
def test_while_a_secret_changes(header: str, secrets: list[PlainSecret]) -> None:
    assert verify(BODY, header, secrets)


@pytest.mark.parametrize(
    ("body", "header", "secrets"),
    [
        (BODY + b" ", GOLDEN, [SECRET]),
        (BODY, GOLDEN, [OTHER]),
        (BODY, GOLDEN, []),
        (BODY, "", [SECRET]),
        (BODY, "v1=", [SECRET]),
        (BODY, GOLDEN.removeprefix("v1="), [SECRET]),
        (BODY, GOLDEN.replace("v1=", "v2="), [SECRET]),
        (BODY, GOLDEN.upper(), [SECRET]),
        (BODY, "v1=é\ud800", [SECRET]),
    ],
)
def test_what_is_not_from_pagerduty(body: bytes, header: str, secrets: list[PlainSecret]) -> None:
    assert not verify(body, header, secrets)


@given(st.binary(), st.text())
def test_nobody_guesses_a_signature(body: bytes, header: str) -> None:
    digest = hmac.new(b"test-secret", body, hashlib.sha256).hexdigest()
    assert verify(body, header, [SECRET]) == (f"v1={digest}" in [part.strip() for part in header.split(",")])


def test_an_incident() -> None:
    read = read_event(
        webhook("incident.reassigned", incident("INC-F73K9Q2M", assignees=("PANA", "PBEN")), user("PCAT"))
    )
    assert read == PagerDutyEvent(
        did="reassigned", alert="PGR0VU2", key="INC-F73K9Q2M", user="PCAT", assignees=("PANA", "PBEN")
    )


def test_a_note_names_its_incident_by_the_title() -> None:
    title = "[SEV2] INC-F73K9Q2M: case opened"
    read = read_event(webhook("incident.annotated", note("on it " * MAX_NOTE, title=title), user("PCAT")))
    assert read is not None
    assert (read.did, read.alert, read.key, read.named) == ("annotated", "PGR0VU2", "", "INC-F73K9Q2M")
    assert len(read.note) == MAX_NOTE
    assert "on it" not in repr(read)


@pytest.mark.parametrize(
    "agent",
    [None, {"id": "PSVC", "type": "service_reference"}, {"id": "PINT", "type": "inbound_integration_reference"}],
)
def test_what_no_person_did_has_no_user(agent: dict[str, str] | None) -> None:
    read = read_event(webhook("incident.acknowledged", incident("INC-A"), agent))
    assert read is not None
    assert read.user == ""


@pytest.mark.parametrize(
    "kind",
    ["incident.priority_updated", "incident.responder.added", "service.updated", "pagey.ping", "acknowledged", "x"],
)
def test_what_does_not_concern_us(kind: str) -> None:
    assert read_event(webhook(kind, {"message": "Hello from your friend Pagey!", "type": "ping"}, None)) is None


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"event": 1}', b'{"event": {"event_type": "x"}}', b"\xff", b'"\xed\xa0\x80"']
)
def test_what_is_no_webhook(body: bytes) -> None:
    with pytest.raises(ValueError, match="this is no webhook of PagerDuty"):
        read_event(body)


@given(
    st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner), max_leaves=9)
)
def test_nothing_else_is_ever_raised(value: object) -> None:
    for body in (json.dumps(value), json.dumps({"event": {"event_type": "incident.resolved", "data": value}})):
        try:
            read_event(body.encode())
        except ValueError as error:
            assert str(error) == "this is no webhook of PagerDuty"
