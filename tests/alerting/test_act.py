"""Areas add commands and due work to the desk: one transaction, its timeline entry, its audit entry, or nothing."""

import logging

import pytest

from alerting.act import Act
from alerting.audit import first_break
from alerting.command import Command
from alerting.commands import Acknowledge, Close, RecordFindings
from alerting.incidents import Incident
from alerting.refusal import Refused, UnknownIncident
from alerting.store import Store
from alerting.store.audit_rows import audit_entries
from alerting.store.schema import AUDIT_LOG
from tests.alerting.building import MONDAY, Clock, a_desk, a_finding


class Wave(Command[Incident], frozen=True, kw_only=True):
    """A command of this test."""

    incident_id: str
    is_allowed: bool = True


def _wave(act: Act, command: Wave) -> Incident:
    waved = act.note(act.incident(command.incident_id), action="wave", actor=command.actor, detail={"hands": 2})
    if not command.is_allowed:
        message = "no waving here"
        raise Refused(message)
    return waved


@pytest.fixture(autouse=True)
def _waving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerting.desk.HANDLERS", {Wave: _wave})


def test_a_command_of_an_area_leaves_its_entries(store: Store) -> None:
    desk = a_desk(store, Clock())
    (incident_id,) = desk.handle(RecordFindings([a_finding()])).opened
    waved = desk.handle(Wave(actor="p.officer", incident_id=incident_id))
    case = store.incident(incident_id)
    assert case is not None
    assert (waved.revision, case.incident.revision) == (2, 2)
    assert [(entry.action, entry.actor, entry.detail) for entry in case.timeline][1:] == [
        ("wave", "p.officer", {"hands": 2})
    ]
    desk.handle(Acknowledge(incident_id=incident_id, actor="p.officer"))
    with store.reading() as connection:
        log = list(audit_entries(connection, AUDIT_LOG))
    assert [(entry.at, entry.actor, entry.action, entry.incident, entry.outcome) for entry in log] == [
        (MONDAY, "p.officer", "wave", incident_id, "done"),
        (MONDAY, "p.officer", "acknowledge", incident_id, "done"),
    ]
    assert first_break(log) is None


def test_what_is_refused_changes_nothing_and_is_in_the_audit_log(store: Store) -> None:
    desk = a_desk(store, Clock())
    (incident_id,) = desk.handle(RecordFindings([a_finding()])).opened
    with pytest.raises(Refused, match="no waving here"):
        desk.handle(Wave(actor="p.officer", incident_id=incident_id, is_allowed=False))
    with pytest.raises(UnknownIncident, match="there is no incident INC-NONE"):
        desk.handle(Wave(actor="p.officer", incident_id="INC-NONE"))
    with pytest.raises(Refused, match="Close is not possible while"):
        desk.handle(Close(incident_id=incident_id, actor="ana"))
    case = store.incident(incident_id)
    assert case is not None
    assert [entry.action for entry in case.timeline] == ["opened"]
    with store.reading() as connection:
        log = list(audit_entries(connection, AUDIT_LOG))
    assert [(entry.at, entry.actor, entry.action, entry.incident, entry.outcome) for entry in log] == [
        (MONDAY, "p.officer", "wave", incident_id, "refused"),
        (MONDAY, "p.officer", "wave", "", "refused"),  # what was given as an id may be anything
        (MONDAY, "ana", "close", incident_id, "refused"),
    ]


def test_due_work_that_fails_hinders_no_other(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    desk = a_desk(store, Clock())
    (incident_id,) = desk.handle(RecordFindings([a_finding()])).opened

    def fails(act: Act) -> None:
        act.note(act.incident(incident_id), action="half_done")
        message = "Jane Doe"
        raise ValueError(message)

    def works(act: Act) -> None:
        act.note(act.incident(incident_id), action="ticked")

    monkeypatch.setattr("alerting.desk.DUE", {"failing": fails, "working": works})
    with caplog.at_level(logging.ERROR):
        desk.pass_time()
    assert caplog.messages == ["failing could not be done and is tried again: ValueError"]
    case = store.incident(incident_id)
    assert case is not None
    assert [entry.action for entry in case.timeline] == ["opened", "ticked"]
