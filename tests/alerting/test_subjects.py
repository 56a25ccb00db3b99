"""Whom a case is about."""

from collections.abc import Callable
from typing import Any

import pytest

from alerting.bundle.exporting import ExportCase
from alerting.command import Command
from alerting.commands import Acknowledge, Assign, IncidentCommand, Merge, RecordFindings, Suppress
from alerting.muting.commands import Snooze
from alerting.policy import Policy
from alerting.refusal import Refused
from alerting.store import Store
from alerting.store.audit_rows import audit_entries
from alerting.store.schema import AUDIT_LOG
from alerting.subjects import subjects_of, users_of
from alerting.work.commands import AddEvidence
from detectors.finding import Entity
from tests.alerting.building import HOUR, MONDAY, Clock, a_desk, a_finding, case_of

NPI = "1234567893"
ACCOUNTS = Policy(subjects={"u1:clerk": "ana", "u2:clerk": "ana", "u1:nurse": "bo", "p1:clerk": "nobody"})


def test_those_who_acted_in_a_case_about_somebody_else_are_its_subjects(store: Store) -> None:
    finding = a_finding(ref="p1:clerk", entity_type="patient")
    finding.entities.append(Entity("user", "u1:nurse"))
    (incident_id,) = a_desk(store, Clock()).handle(RecordFindings([finding])).opened
    incident = case_of(store, incident_id).incident
    with store.reading() as connection:
        assert subjects_of(connection, ACCOUNTS, incident) == {"bo"}
        assert users_of(connection, incident) == ["u1:nurse"]


def test_the_user_that_a_case_is_about_is_its_subject(sqlite_store: Store) -> None:
    (incident_id,) = a_desk(sqlite_store, Clock()).handle(RecordFindings([a_finding(ref="u2:clerk")])).opened
    with sqlite_store.reading() as connection:
        incident = case_of(sqlite_store, incident_id).incident
        assert subjects_of(connection, ACCOUNTS, incident) == {"ana"}
        assert subjects_of(connection, Policy(), incident) == frozenset()


def test_who_acted_in_the_oldest_of_very_many_findings_is_a_subject(sqlite_store: Store) -> None:
    first = a_finding(ref="p1:x", entity_type="patient")
    first.entities.append(Entity("user", "u1:nurse"))
    later = [a_finding(ref="p1:x", entity_type="patient", at=MONDAY + 1 + second) for second in range(1100)]
    (incident_id,) = a_desk(sqlite_store, Clock()).handle(RecordFindings([first, *later])).opened
    incident = case_of(sqlite_store, incident_id).incident
    assert incident.findings == 1101
    with sqlite_store.reading() as connection:
        assert subjects_of(connection, ACCOUNTS, incident) == {"bo"}


def test_a_provider_is_the_subject_of_cases_about_what_they_bill_and_are_paid(store: Store) -> None:
    policy = Policy(subjects={NPI: "cy", f"payee:{NPI}": "cy"})
    desk = a_desk(store, Clock())
    billed = a_finding("B04", ref=NPI, entity_type="provider")
    paid = a_finding("B28", ref=f"payee:{NPI}", entity_type="instrument")
    other = a_finding("B04", ref="1245319599", entity_type="provider")
    opened = desk.handle(RecordFindings([billed, paid, other])).opened
    incidents = [case_of(store, incident_id).incident for incident_id in opened]
    with store.reading() as connection:
        found = [subjects_of(connection, policy, incident) for incident in incidents]
        assert found == [{"cy"}, {"cy"}, frozenset()]
        assert users_of(connection, incidents[0]) == []


@pytest.mark.parametrize(
    "command",
    [
        lambda case, actor: Acknowledge(incident_id=case, actor=actor),
        lambda case, actor: Suppress(incident_id=case, actor=actor),
        lambda case, actor: Snooze(incident_id=case, actor=actor, until=MONDAY + HOUR, reason="it is nothing"),
        lambda case, actor: AddEvidence(incident_id=case, actor=actor, kind="note", reference="an alibi"),
        lambda case, actor: ExportCase(incident_id=case, actor=actor, purpose="to look", sha256="0" * 64),
    ],
    ids=["acknowledge", "suppress", "snooze", "add_evidence", "export"],
)
@pytest.mark.parametrize("name", ["bo", " Bo"])
def test_nobody_works_on_a_case_about_themselves(
    sqlite_store: Store, command: Callable[[str, str], Command[Any] | IncidentCommand], name: str
) -> None:
    desk = a_desk(sqlite_store, Clock(), policy=ACCOUNTS)
    (case,) = desk.handle(RecordFindings([a_finding(ref="u1:nurse")])).opened
    with pytest.raises(Refused, match=f"^{name} cannot work on {case}: somebody else must$"):
        desk.handle(command(case, name))
    assert len(case_of(sqlite_store, case).timeline) == 1
    with sqlite_store.reading() as connection:
        (refusal,) = audit_entries(connection, AUDIT_LOG)
    assert (refusal.actor, refusal.outcome, refusal.incident) == (name, "refused", case)
    desk.handle(Acknowledge(incident_id=case, actor="ana"))


def test_nobody_is_made_responsible_for_a_case_about_themselves(store: Store) -> None:
    desk = a_desk(store, Clock(), policy=ACCOUNTS)
    (incident_id,) = desk.handle(RecordFindings([a_finding(ref="u1:nurse")])).opened
    with pytest.raises(Refused, match=f"^bo cannot be responsible for {incident_id}: choose somebody else$"):
        desk.handle(Assign(incident_id=incident_id, actor="eva", assignee="bo"))
    assert len(case_of(store, incident_id).timeline) == 1
    assert desk.handle(Assign(incident_id=incident_id, actor="eva", assignee="ana")).assignee == "ana"
    assert desk.handle(Assign(incident_id=incident_id, actor="eva", assignee="")).assignee == ""


def test_nobody_merges_into_a_case_about_themselves(sqlite_store: Store) -> None:
    desk = a_desk(sqlite_store, Clock(), policy=ACCOUNTS)
    other, own = desk.handle(RecordFindings([a_finding(ref="u1:else"), a_finding(ref="u1:nurse")])).opened
    desk.handle(Acknowledge(incident_id=other, actor="bo"))
    with pytest.raises(Refused, match=f"^bo cannot work on {own}: somebody else must$"):
        desk.handle(Merge(incident_id=other, actor="bo", into=own))
    assert len(case_of(sqlite_store, own).timeline) == 1
