"""Whoever changes what was written is found, to the row; whoever cuts it off, by what was signed."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs
from sqlalchemy import delete, text, update

from alerting.auditing.checkpoints import Checkpoint, is_genuine
from alerting.auditing.keeping import CheckpointKeeper
from alerting.auditing.rows import AuditQuery, audit_page, checkpoints, keep_hashes
from alerting.auditing.tables import DELETED_ENTRIES
from alerting.auditing.verifying import Fault, faults_in
from alerting.commands import Acknowledge, Comment, RecordFindings, Resolve
from alerting.records.commands import DeleteExpired
from alerting.records.years import years_after, years_before
from alerting.store import Store
from alerting.store.audit_rows import append_audit
from alerting.store.metadata import METADATA
from alerting.store.schema import AUDIT_LOG, INCIDENTS, TIMELINE
from tests.alerting.building import DAY, HOUR, MONDAY, Clock, a_desk, a_finding, case_of

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
LATER = years_after(MONDAY) + 30 * DAY
FIRST, SECOND = "INC-T0000001", "INC-T0000002"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def worked(store: Store, clock: Clock) -> Store:
    """Two cases, each acknowledged and commented on, and a checkpoint an hour later: four audit entries."""
    desk = a_desk(store, clock)
    for ref in ("u1:a", "u1:b"):
        (incident_id,) = desk.handle(RecordFindings([a_finding(ref=ref)])).opened
        desk.handle(Acknowledge(incident_id=incident_id, actor="p.officer"))
        desk.handle(Comment(incident_id=incident_id, actor="p.officer", note="asked the manager"))
    clock.now = MONDAY + HOUR
    CheckpointKeeper(store, KEY, clock).sign()
    return store


def faults(store: Store, *kept: Checkpoint, now: float = LATER) -> list[Fault]:
    with store.reading() as connection:
        return faults_in(connection, KEY.public_key(), kept, now=now)


def change(store: Store, statement: object) -> None:
    with store.writing() as connection:
        connection.execute(statement)  # type: ignore[call-overload]  # any statement


def test_what_nobody_touched_is_sound(worked: Store) -> None:
    assert faults(worked) == []


@pytest.mark.parametrize("column", ["actor", "action", "incident", "outcome", "purpose", "subject"])
def test_a_changed_audit_entry_is_found(worked: Store, column: str) -> None:
    change(worked, update(AUDIT_LOG).where(AUDIT_LOG.c.seq == 3).values({column: "x"}))
    assert [(fault.where, fault.row) for fault in faults(worked)] == [("audit log", 3)]


def test_a_removed_audit_entry_is_found(worked: Store) -> None:
    change(worked, delete(AUDIT_LOG).where(AUDIT_LOG.c.seq == 2))
    assert [(fault.where, fault.row) for fault in faults(worked)] == [("audit log", 2)]


def test_a_log_cut_off_at_its_end_is_found(worked: Store) -> None:
    change(worked, delete(AUDIT_LOG).where(AUDIT_LOG.c.seq == 4))
    assert [(fault.where, fault.row) for fault in faults(worked)] == [("audit log", 4)]


def test_a_changed_timeline_entry_is_found(worked: Store) -> None:
    second = (TIMELINE.c.incident_id == SECOND) & (TIMELINE.c.seq == 2)
    change(worked, update(TIMELINE).where(second).values(actor="somebody"))
    assert [(fault.where, fault.row) for fault in faults(worked)] == [(SECOND, 2)]


def test_a_changed_note_is_found(worked: Store) -> None:
    third = (TIMELINE.c.incident_id == FIRST) & (TIMELINE.c.seq == 3)
    change(worked, update(TIMELINE).where(third).values(note=b"asked nobody"))
    assert [(fault.where, fault.row) for fault in faults(worked)] == [(FIRST, 3)]


def test_a_note_that_is_no_text_any_more_is_found(worked: Store) -> None:
    third = (TIMELINE.c.incident_id == FIRST) & (TIMELINE.c.seq == 3)
    change(worked, update(TIMELINE).where(third).values(note=b"\xff"))
    assert [(fault.where, fault.row) for fault in faults(worked)] == [(FIRST, 0)]


def test_a_timeline_cut_off_is_found_even_where_the_incident_was_adapted(worked: Store) -> None:
    last = (TIMELINE.c.incident_id == FIRST) & (TIMELINE.c.seq == 3)
    change(worked, delete(TIMELINE).where(last))
    assert [(fault.where, fault.row) for fault in faults(worked)] == [(FIRST, 2), ("checkpoint", 1)]
    kept = worked.incident(FIRST)
    assert kept is not None
    adapted = update(INCIDENTS).where(INCIDENTS.c.id == FIRST).values(revision=2, last_hash=kept.timeline[-1].hash)
    change(worked, adapted)
    assert [(fault.where, fault.row) for fault in faults(worked)] == [("checkpoint", 1)]


def test_digests_of_old_checkpoints_are_computed_when_asked(worked: Store, clock: Clock) -> None:
    last = (TIMELINE.c.incident_id == FIRST) & (TIMELINE.c.seq == 3)
    kept = worked.incident(FIRST)
    assert kept is not None
    change(worked, delete(TIMELINE).where(last))
    ends = {"revision": 2, "last_hash": kept.timeline[1].hash}
    change(worked, update(INCIDENTS).where(INCIDENTS.c.id == FIRST).values(**ends))
    clock.now += HOUR
    CheckpointKeeper(worked, KEY, clock).sign()  # of what was changed already
    with worked.reading() as connection:
        assert faults_in(connection, KEY.public_key(), now=LATER, digests=1) == []
        (found,) = faults_in(connection, KEY.public_key(), now=LATER, digests=None)
    assert (found.where, found.row) == ("checkpoint", 1)


def test_a_timeline_that_is_gone_is_found(worked: Store) -> None:
    change(worked, delete(TIMELINE).where(TIMELINE.c.incident_id == FIRST))
    assert [(fault.where, fault.row) for fault in faults(worked)] == [(FIRST, 0), ("checkpoint", 1)]


def test_a_checkpoint_signed_by_another_is_found(worked: Store) -> None:
    with worked.reading() as connection:
        (genuine,) = checkpoints(connection)
    assert is_genuine(genuine, KEY.public_key())
    assert not is_genuine(genuine, OTHER.public_key())
    change(worked, text("UPDATE audit_checkpoints SET seq = 3"))
    assert [(fault.where, fault.row) for fault in faults(worked)] == [("checkpoint", 1), ("audit log", 3)]


def test_a_log_written_anew_is_found_by_what_was_kept_elsewhere(worked: Store) -> None:
    with worked.reading() as connection:
        (kept,) = checkpoints(connection)
    change(worked, text("DELETE FROM audit_checkpoints"))
    change(worked, delete(AUDIT_LOG))
    assert faults(worked) == []
    assert [(fault.where, fault.row) for fault in faults(worked, kept)] == [("audit log", 4)]


def test_work_after_a_checkpoint_does_not_hurt_it(worked: Store, clock: Clock) -> None:
    clock.now += 1
    desk = a_desk(worked, clock)
    desk.handle(Comment(incident_id=FIRST, actor="p.officer", note="again"))
    assert faults(worked) == []


def delete_by_hand(store: Store, incident_id: str) -> None:
    """What somebody does who may change the database, and knows it."""
    with store.writing() as connection:
        keep_hashes(connection, [incident_id])
        for table in reversed(METADATA.sorted_tables):
            for column in table.columns:
                if any(key.target_fullname == "incidents.id" for key in column.foreign_keys):
                    connection.execute(delete(table).where(column == incident_id))
        connection.execute(delete(INCIDENTS).where(INCIDENTS.c.id == incident_id))


def test_a_case_that_was_deleted_after_its_time_leaves_checkpoints_sound(worked: Store, clock: Clock) -> None:
    desk = a_desk(worked, clock)
    desk.handle(Resolve(incident_id=FIRST, actor="p.officer", verdict="benign_explained", reason="known"))
    clock.now = years_after(clock()) + DAY
    assert desk.handle(DeleteExpired(actor="p.officer")).cases == 1
    assert worked.incident(FIRST) is None
    assert faults(worked, now=clock()) == []
    assert [(fault.where, fault.row) for fault in faults(worked, now=clock() - 1)] == [(FIRST, 4)]  # not to be yet


def test_a_case_that_was_deleted_by_hand_is_found(worked: Store) -> None:
    delete_by_hand(worked, FIRST)
    assert [(fault.where, fault.row) for fault in faults(worked)] == [(FIRST, 3)]


@pytest.mark.parametrize(("action", "subject"), [("retention.case_deleted", ""), ("retention.deleted", FIRST)])
def test_a_deletion_that_names_another_end_is_found(worked: Store, clock: Clock, action: str, subject: str) -> None:
    delete_by_hand(worked, FIRST)
    with worked.writing() as connection:
        at = years_after(clock()) + DAY
        append_audit(
            connection, AUDIT_LOG, at=at, actor="x", action=action, outcome="done", subject=subject, incident=FIRST
        )
    assert [(fault.where, fault.row) for fault in faults(worked)] == [(FIRST, 3)]


def test_a_deletion_before_its_time_is_found_even_where_the_log_tells_of_it(worked: Store, clock: Clock) -> None:
    case = worked.incident(FIRST)
    assert case is not None
    delete_by_hand(worked, FIRST)
    subject, at = case.incident.last_hash, years_after(MONDAY)
    with worked.writing() as connection:
        append_audit(
            connection,
            AUDIT_LOG,
            at=at,
            actor="x",
            action="retention.case_deleted",
            outcome="done",
            subject=subject,
            incident=FIRST,
        )
    assert [(fault.where, fault.row) for fault in faults(worked)] == [(FIRST, 3)]


def test_a_forged_age_of_what_was_deleted_is_found_by_checkpoints_from_before(store: Store, clock: Clock) -> None:
    earlier = CheckpointKeeper(store, KEY, clock).sign()
    clock.now += HOUR
    desk = a_desk(store, clock)
    (incident_id,) = desk.handle(RecordFindings([a_finding()])).opened
    end = case_of(store, incident_id).incident.last_hash
    delete_by_hand(store, incident_id)
    change(store, update(DELETED_ENTRIES).values(at=years_before(clock()) - 1))
    with store.writing() as connection:
        append_audit(
            connection,
            AUDIT_LOG,
            at=clock(),
            actor="x",
            action="retention.case_deleted",
            outcome="done",
            subject=end,
            incident=incident_id,
        )
    assert [(fault.where, fault.row) for fault in faults(store, earlier)] == [("checkpoint", 1), ("checkpoint", 2)]


def test_a_checkpoint_is_made_every_hour(store: Store, clock: Clock) -> None:
    keeper = CheckpointKeeper(store, KEY, clock)
    first = keeper.sign_if_due()
    assert first is not None
    assert structs.replace(first, timelines="", signature="") == Checkpoint(
        seq=0, hash="", at=MONDAY, covered_until=MONDAY - 600, incidents=0, timelines=""
    )
    clock.now += HOUR - 1
    assert keeper.sign_if_due() is None
    clock.now += 1
    assert keeper.sign_if_due() is not None


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (AuditQuery(), [1, 2, 3, 4]),
        (AuditQuery(limit=2), [3, 4]),
        (AuditQuery(action="comment"), [2, 4]),
        (AuditQuery(incident=FIRST), [1, 2]),
        (AuditQuery(actor="nobody"), []),
        (AuditQuery(until=MONDAY), []),
        (AuditQuery(since=MONDAY, until=MONDAY + 1), [1, 2, 3, 4]),
        (AuditQuery(since=MONDAY + 1), []),
    ],
)
def test_pages_of_the_log(worked: Store, wanted: AuditQuery, expected: list[int]) -> None:
    with worked.reading() as connection:
        assert [entry.seq for entry in audit_page(connection, wanted)] == expected
