"""A service starts and ends whether or not the database can be told; whoever looks at a case is noted, or fails."""

import logging
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from alerting.auditing.rows import AuditQuery, audit_page
from alerting.store import Store, create_schema, open_engine
from monitor.auditing import note_life, note_process


def test_what_a_service_says_of_itself(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'desk.sqlite'}")
    store = Store(engine)
    with caplog.at_level(logging.WARNING):
        note_life(store, "worker", "worker_ends")  # there is no table yet
    assert caplog.messages == ["worker_ends could not be noted in the audit log: OperationalError"]
    with pytest.raises(OperationalError):
        note_process(store, "p.officer", "look", incident="INC-1")
    create_schema(engine)
    note_life(store, "worker", "worker_starts", "0.1.0")
    note_process(store, "p.officer", "look", incident="INC-1")
    with store.reading() as connection:
        entries = audit_page(connection, AuditQuery())
    assert [(entry.actor, entry.action, entry.subject, entry.incident) for entry in entries] == [
        ("worker", "worker_starts", "0.1.0", ""),
        ("p.officer", "look", "", "INC-1"),
    ]
    engine.dispose()
