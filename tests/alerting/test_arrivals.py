"""Arrivals by source and five minutes: counted with the ledger, once, by the desk's clock."""

from sqlalchemy import Connection

from alerting.commands import RecordLedger
from alerting.ledger import LedgerEntry, LedgerRow
from alerting.store import Store
from alerting.store.arrival_rows import arrivals_since, forget_before, mark_watched, watched_since
from tests.alerting.building import MONDAY, Clock, a_desk

SLOT = int(MONDAY) // 300
"""2026-03-02T09:10Z; the clock stands at 09:14:03."""


def all_arrivals(connection: Connection) -> set[tuple[str, int, int]]:
    return set(arrivals_since(connection, 0))


def test_received_events_are_counted_in_the_slot_of_the_clock(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    rows = [
        LedgerRow(0, 9, "ehr", 5, "received", 10),
        LedgerRow(10, 10, "billing", 5, "received", 1),
        LedgerRow(0, 9, "ehr", 5, "scored", 10),
    ]
    desk.handle(RecordLedger([LedgerEntry("access.events", 0, rows)]))
    desk.handle(RecordLedger([LedgerEntry("access.events", 1, [LedgerRow(0, 4, "ehr", 5, "received", 5)])]))
    clock.advance(57)  # 09:15:00
    # Offsets 0 to 10 are delivered again, with 11 and 12: only those two are new.
    desk.handle(RecordLedger([LedgerEntry("access.events", 0, [LedgerRow(0, 12, "ehr", 5, "received", 13)])]))
    with store.reading() as connection:
        assert all_arrivals(connection) == {("ehr", SLOT, 15), ("billing", SLOT, 1), ("ehr", SLOT + 1, 2)}
        assert arrivals_since(connection, SLOT + 1) == [("ehr", SLOT + 1, 2)]


def test_what_no_one_asks_for_any_more_is_forgotten(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    desk.handle(RecordLedger([LedgerEntry("access.events", 0, [LedgerRow(0, 9, "ehr", 5, "received", 10)])]))
    with store.writing() as connection:
        for slot in (SLOT, SLOT, SLOT + 1):  # twice, as two workers do
            mark_watched(connection, slot)
    with store.writing() as connection:
        assert sorted(watched_since(connection, 0)) == [SLOT, SLOT + 1]
        forget_before(connection, SLOT + 1)
        assert all_arrivals(connection) == set()
        assert watched_since(connection, 0) == [SLOT + 1]
