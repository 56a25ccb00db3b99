"""With 100,000 incidents nothing may walk a whole table: how SQLite goes about every statement of the desk."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from alerting.commands import Acknowledge, Merge, RecordFindings, RetractFindings
from alerting.desk import Desk
from alerting.policy import Policy
from alerting.routes import Route
from alerting.store import Store
from alerting.store.tables import METADATA
from alerting.work.commands import AddTask, LinkIncidents, Split, WatchIncident
from detectors.finding import Entity
from detectors.retraction import Retraction
from tests.alerting.building import HOUR, Clock, a_desk, a_finding

ONE = "INC-T0000001"
FIRST = a_finding(ref="u1:a")
SMALL = {"breach_watch", "budget_state", "storm_buckets"}
"""Tables that hold a few rows, whatever happens."""
LARGE = METADATA.tables.keys() - SMALL


@contextmanager
def statements(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """Collect what is asked of the database, with one set of parameters each."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        asked.append((statement, parameters[0] if many else parameters))

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def walks(store: Store, asked: list[tuple[str, Any]]) -> list[str]:
    """The statements that read a whole table, row by row and to its end."""
    found = []
    with store.reading() as connection:
        for statement, parameters in dict(asked).items():
            if statement.split()[0] in {"SELECT", "UPDATE", "DELETE"} and " LIMIT " not in statement:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
                walked = {step.split()[1] for *_, step in plan if step.startswith("SCAN ") and "USING" not in step}
                found += [f"{table}: {statement}" for table in sorted(walked & LARGE)]
    return found


def _records(desk: Desk) -> None:
    finding = a_finding(ref="u1:new")
    finding.entities.append(Entity("patient", "p1:x"))
    desk.handle(RecordFindings([finding, a_finding(ref="u1:a")]))


COMMANDS: dict[str, Callable[[Desk], object]] = {
    "record": _records,
    "withdraw": lambda desk: desk.handle(
        RetractFindings([Retraction(finding_id=FIRST.id, at=FIRST.at, entity=FIRST.entity, reason="late")])
    ),
    "acknowledge": lambda desk: desk.handle(Acknowledge(incident_id=ONE, actor="ana")),
    "watch": lambda desk: desk.handle(WatchIncident(incident_id=ONE, actor="ana")),
    "task": lambda desk: desk.handle(AddTask(incident_id=ONE, actor="ana", text="call", due_at=0.0)),
    "link": lambda desk: desk.handle(LinkIncidents(incident_id=ONE, actor="ana", other="INC-T0000002")),
    "split": lambda desk: desk.handle(Split(incident_id=ONE, actor="ana", findings=(FIRST.id,))),
    "merge": lambda desk: desk.handle(Merge(incident_id=ONE, actor="ana", into="INC-T0000002")),
    "due": lambda desk: desk.pass_time(),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_walks_a_table(sqlite_store: Store, clock: Clock, name: str) -> None:
    desk = a_desk(sqlite_store, clock, policy=Policy(routes=(Route("SEV4", ("slack",)),)))
    desk.handle(RecordFindings([FIRST, a_finding(ref="u1:a"), a_finding(ref="u1:b")]))
    clock.advance(2 * HOUR)
    if name == "merge":
        desk.handle(Acknowledge(incident_id=ONE, actor="ana"))
    with statements(sqlite_store) as asked:
        COMMANDS[name](desk)
    assert asked
    assert walks(sqlite_store, asked) == []
