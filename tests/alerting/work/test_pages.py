"""Lists of incidents: every filter alone and together, page by page, and that an index serves them."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, inspect

from alerting.commands import Acknowledge, Assign, RecordFindings
from alerting.store import Store, create_schema
from alerting.work.clock_rows import clocks_to_tell
from alerting.work.commands import WatchIncident
from alerting.work.pages import Wanted, page_of
from detectors.finding import Finding
from tests.alerting.building import DAY, HOUR, MONDAY, Clock, a_desk, a_finding


@pytest.fixture
def full(store: Store, clock: Clock) -> Store:
    """Five incidents, one an hour; the third is acknowledged and Ana's, the fourth she watches."""
    desk = a_desk(store, clock)
    findings: list[Callable[[], Finding]] = [
        lambda: a_finding("A09", ref="u1:a", severity="critical"),
        lambda: a_finding("B22", ref="n1:b", entity_type="provider", severity="medium"),
        lambda: a_finding("A01", ref="u1:c"),
        lambda: a_finding("A019", ref="u1:d", severity="low"),
        lambda: quality_finding("u1:e"),
    ]
    for make in findings:
        desk.handle(RecordFindings([make()]))
        clock.advance(HOUR)
    desk.handle(Acknowledge(incident_id="INC-T0000003", actor="ana"))
    desk.handle(Assign(incident_id="INC-T0000003", actor="ana", assignee="ana"))
    desk.handle(WatchIncident(incident_id="INC-T0000004", actor="ana"))
    return store


def quality_finding(ref: str) -> Finding:
    finding = a_finding("B16", ref=ref)
    finding.queue = "billing_quality"
    return finding


def numbers(store: Store, wanted: Wanted, *, limit: int = 50, after: str | None = None) -> str:
    """The last digits of the ids of a page."""
    with store.reading() as connection:
        page = page_of(connection, wanted, limit=limit, after=after)
    assert all(listed.clock and listed.clock.incident_id == listed.incident.id for listed in page)
    return "".join(listed.incident.id[-1] for listed in page)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, "54321"),
        ({"only_open": True}, "54321"),
        ({"statuses": ["triaged"]}, "3"),
        ({"severities": ["SEV1", "SEV4"]}, "41"),
        ({"queue": "billing_quality"}, "5"),
        ({"queue": "data_quality"}, ""),
        ({"queue": ""}, "4321"),
        ({"assignee": "ana"}, "3"),
        ({"assignee": ""}, "5421"),
        ({"concerns": "ana"}, "43"),
        ({"rule": "A01"}, "3"),  # not A019
        ({"rule": '"'}, ""),
        ({"entity_type": "provider"}, "2"),
        # At the start of the sixth hour: SEV1 since 09:29, the acknowledged SEV2 must be acted upon by 15:14:03.
        ({"overdue_at": MONDAY + 5 * HOUR}, "1"),
        ({"overdue_at": MONDAY + 6 * HOUR}, "31"),
        ({"overdue_at": MONDAY + 30 * DAY}, "54321"),
        ({"since": MONDAY + 3 * HOUR}, "54"),
        ({"prefix": "INC-T000000"}, "54321"),
        ({"prefix": "INC-T0000002"}, "2"),
        ({"prefix": "INC_T"}, ""),
        ({"prefix": "%"}, ""),
        ({"only_open": True, "severities": ["SEV2"], "concerns": "ana", "rule": "A01"}, "3"),
    ],
)
def test_filters(full: Store, wanted: dict[str, Any], expected: str) -> None:
    assert numbers(full, Wanted(**wanted)) == expected


def test_pages_follow_one_another(full: Store) -> None:
    wanted = Wanted(queue="")
    assert numbers(full, wanted, limit=2) == "43"
    assert numbers(full, wanted, limit=2, after="INC-T0000003") == "21"
    assert numbers(full, wanted, limit=2, after="INC-T0000001") == ""
    assert numbers(full, wanted, limit=2, after="INC-NONE") == ""


def plan_of(store: Store, ask: Callable[[Any], object]) -> str:
    """How SQLite goes about the statements that are asked."""
    asked: list[str] = []
    with store.reading() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.set_trace_callback(asked.append)
        ask(connection)
        raw.set_trace_callback(None)
        plans = [
            connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
            for statement in asked
            if statement.lstrip().startswith("SELECT")
        ]
    assert plans
    return "\n".join(row[-1] for plan in plans for row in plan)


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"only_open": True},
        {"statuses": ["new"]},
        {"only_open": True, "severities": ["SEV1"]},
        {"assignee": "ana"},
        {"concerns": "ana"},
        {"overdue_at": MONDAY},
        {"since": MONDAY},
        {"rule": "A09"},
    ],
)
def test_an_index_serves_every_page(sqlite_store: Store, wanted: dict[str, Any]) -> None:
    plan = plan_of(sqlite_store, lambda connection: page_of(connection, Wanted(**wanted), limit=50))
    walks = ("SCAN incidents", "SCAN work_")
    scans = [step for step in plan.splitlines() if step.startswith(walks) and " USING " not in step]
    assert scans == []


def test_where_many_are_overdue_they_are_found_one_by_one(full: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerting.work.pages.FEW", 2)
    assert numbers(full, Wanted(overdue_at=MONDAY + 30 * DAY)) == "54321"
    assert numbers(full, Wanted(overdue_at=MONDAY + 5 * HOUR)) == "1"


def test_an_index_serves_the_clocks(sqlite_store: Store) -> None:
    plan = plan_of(sqlite_store, lambda connection: clocks_to_tell(connection, MONDAY, 10))
    assert "USING INDEX work_clocks_to_tell" in plan


def test_indexes_of_a_newer_version_are_made_at_start(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX incidents_by_severity")
        connection.exec_driver_sql("DROP INDEX work_clocks_by_due")
    create_schema(engine)
    with engine.connect() as connection:
        found = inspect(connection)
        made = {index["name"] for table in ("incidents", "work_clocks") for index in found.get_indexes(table)}
    assert {"incidents_by_severity", "work_clocks_by_due"} <= made
