"""Records are chained: whatever is changed, removed or put between is found."""

from collections.abc import Callable
from datetime import date

import pytest
from msgspec import structs
from sqlalchemy import Executable, delete, update

from alerting.breach.affected import Affected
from alerting.breach.file import file_of
from alerting.breach.records import Begun, Counted, Line, Record, Voided, first_break, following
from alerting.breach.tables import BREACH_RECORDS
from alerting.breach.verifying import broken_files
from alerting.store import Store
from tests.alerting.breach.building import POLICY, a_breach_in_notification, a_notice
from tests.alerting.building import Clock, a_desk


def a_chain() -> list[Line]:
    records: list[Record] = [
        Begun(first_alert_on=date(2026, 3, 2)),
        Counted(affected=Affected(states={"NY": 12})),
        a_notice(count=12),
        Voided(number=1, reason="wrong case"),
    ]
    lines: list[Line] = []
    for record in records:
        last = lines[-1] if lines else None
        lines.append(following(last, record, incident_id="INC-A", actor="ana", at=10.0 - len(lines)))
    return lines


def test_a_chain_is_whole_and_time_does_not_run_backwards() -> None:
    lines = a_chain()
    assert first_break(lines) is None
    assert [line.at for line in lines] == [10.0] * 4
    assert first_break([]) is None


def fewer_affected(line: Line) -> Line:
    return structs.replace(line, record=Counted(affected=Affected(states={"NY": 2})))


@pytest.mark.parametrize(
    ("damage", "place"),
    [
        (lambda lines: [lines[0], fewer_affected(lines[1]), *lines[2:]], 2),
        (lambda lines: [*lines[:2], structs.replace(lines[2], actor="bo"), lines[3]], 3),
        (lambda lines: [*lines[:2], structs.replace(lines[2], at=11.0), lines[3]], 3),
        (lambda lines: [*lines[:1], *lines[2:]], 2),
        (lambda lines: [*lines, lines[3]], 5),
        (lambda lines: [structs.replace(line, incident_id="INC-B") for line in lines], 1),
    ],
)
def test_every_damage_is_found(damage: Callable[[list[Line]], list[Line]], place: int) -> None:
    assert first_break(damage(a_chain())) == place


def test_a_file_begins_with_its_beginning() -> None:
    assert file_of([]) is None
    assert file_of(a_chain()[1:]) is None


def tampered(store: Store, change: Executable) -> list[tuple[str, int]]:
    with store.writing() as connection:
        connection.execute(change)
    with store.reading() as connection:
        return list(broken_files(connection))


def test_what_somebody_does_to_the_database_is_found(sqlite_store: Store, clock: Clock) -> None:
    desk = a_desk(sqlite_store, clock, policy=POLICY)
    incident_id = a_breach_in_notification(desk, NY=2)  # five records
    rows = BREACH_RECORDS.c
    with sqlite_store.reading() as connection:
        assert list(broken_files(connection)) == []
    assert tampered(sqlite_store, update(BREACH_RECORDS).where(rows.seq == 3).values(actor="q.officer")) == [
        (incident_id, 3)
    ]
    assert tampered(sqlite_store, delete(BREACH_RECORDS).where(rows.seq >= 3)) == [(incident_id, 3)]
    assert tampered(sqlite_store, update(BREACH_RECORDS).where(rows.seq == 2).values(record=b"{")) == [(incident_id, 0)]
    assert tampered(sqlite_store, delete(BREACH_RECORDS)) == [(incident_id, 1)]
