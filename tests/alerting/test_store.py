"""What the store answers, and the ledger that must not be fooled by redelivery."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from alerting.commands import Acknowledge, RecordFindings, RecordLedger, Resolve
from alerting.ledger import LedgerEntry, LedgerRow
from alerting.store import Store, Totals, create_schema, open_engine
from alerting.store.tables import METADATA
from tests.alerting.building import MONDAY, Clock, a_desk, a_finding


def test_pages_of_incidents(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    for number in range(5):
        clock.advance(number % 2)  # some are opened at the same time
        desk.handle(RecordFindings([a_finding(ref=f"u1:{number}")]))
    desk.handle(Acknowledge(incident_id="INC-T0000003", actor="ana"))
    resolve = Resolve(incident_id="INC-T0000003", actor="ana", verdict="duplicate", reason="twice")
    desk.handle(resolve)
    pages: list[list[str]] = []
    after = None
    while page := store.incidents(limit=2, after=after):
        pages.append([incident.id[-1] for incident in page])
        after = page[-1].id
    assert pages == [["5", "4"], ["3", "2"], ["1"]]
    assert [incident.id[-1] for incident in store.incidents(only_open=True)] == ["5", "4", "2", "1"]
    assert [incident.id[-1] for incident in store.incidents(["resolved", "closed"])] == ["3"]
    assert store.incidents(["triaged"]) == []
    assert store.incidents(after="INC-NONE") == []


def test_an_unknown_incident(store: Store) -> None:
    assert store.incident("INC-NONE") is None


def test_a_case_shows_its_latest_findings(store: Store, clock: Clock) -> None:
    findings = [a_finding(at=MONDAY + number) for number in (3, 1, 2)]
    a_desk(store, clock).handle(RecordFindings(findings))
    case = store.incident("INC-T0000001", max_findings=2)
    assert case is not None
    assert [finding.at for finding in case.findings] == [MONDAY + 2, MONDAY + 3]


def test_the_schema_may_be_made_twice(engine: Engine) -> None:
    create_schema(engine)


def test_a_store_in_memory(clock: Clock) -> None:
    engine = open_engine("sqlite://")
    create_schema(engine)
    assert a_desk(Store(engine), clock).handle(RecordFindings([a_finding()])).new == 1
    engine.dispose()


def test_errors_of_the_database_show_no_values(store: Store, engine: Engine, clock: Clock) -> None:
    METADATA.drop_all(engine)
    with pytest.raises(Exception) as failed:
        a_desk(store, clock).handle(RecordFindings([a_finding(ref="u1:canary", ground="canary")]))
    assert "canary" not in str(failed.value)
    create_schema(engine)


def entry(rows: list[LedgerRow], partition: int = 0) -> LedgerEntry:
    return LedgerEntry("access.events", partition, rows)


def test_the_ledger(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    first = entry(
        [
            LedgerRow(0, 9, "ehr", 5, "received", 10),
            LedgerRow(0, 4, "ehr", 5, "scored", 5),
            LedgerRow(5, 6, "ehr", 5, "duplicate", 2),
            LedgerRow(7, 7, "ehr", 5, "dead_letter:not_json", 1),
            LedgerRow(8, 8, "ehr", 5, "filtered:pan", 1),
            LedgerRow(9, 9, "ehr", 5, "applied", 1),
        ]
    )
    billing = entry([LedgerRow(0, 0, "billing", 6, "received", 3), LedgerRow(0, 0, "billing", 6, "scored", 3)], 1)
    assert desk.handle(RecordLedger([first, billing])).events == 26
    assert desk.handle(RecordLedger([first, billing])).events == 0
    ledger = store.ledger()
    ehr = Totals(received=10, scored=5, applied=1, duplicates=2, dead_letters={"not_json": 1}, filtered={"pan": 1})
    assert ledger.per_source == {"ehr": ehr, "billing": Totals(received=3, scored=3)}
    assert (ledger.received, ledger.scored, ledger.dead_letters) == (13, 8, {"not_json": 1})
    assert ledger.is_balanced
    desk.handle(RecordLedger([entry([LedgerRow(8, 11, "ehr", 5, "received", 4)])]))
    assert store.ledger().received == 15  # 10 and 11 only: 8 and 9 had been counted
    assert not store.ledger().is_balanced


def test_outcomes_that_nobody_could_add_up_are_refused(store: Store, clock: Clock) -> None:
    with pytest.raises(ValueError, match="no outcome 'lost'"):
        a_desk(store, clock).handle(RecordLedger([entry([LedgerRow(0, 0, "ehr", 5, "lost", 1)])]))
    assert store.ledger().per_source == {}


def test_empty_entries(store: Store, clock: Clock) -> None:
    assert a_desk(store, clock).handle(RecordLedger([])).events == 0
    assert a_desk(store, clock).handle(RecordLedger([entry([])])).events == 0


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=6),
    replays=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 6)), max_size=6),
)
def test_overlapping_deliveries_count_every_record_once(
    engine: Engine, sizes: list[int], replays: list[tuple[int, int]]
) -> None:
    """Deliveries go on from the end, or back to any earlier offset and on over it, as after a crash."""
    METADATA.drop_all(engine)
    create_schema(engine)
    desk = a_desk(Store(engine), Clock())
    end = 0
    deliveries = [(None, size) for size in sizes] + [*replays]
    for start, size in deliveries:
        first = end if start is None else min(start, end)
        last = first + size - 1
        end = max(end, last + 1)
        rows = [LedgerRow(first, last, "ehr", 5, outcome, size) for outcome in ("received", "scored")]
        desk.handle(RecordLedger([entry(rows)]))
    ledger = desk.store.ledger()
    assert (ledger.received, ledger.scored) == (end, end)
