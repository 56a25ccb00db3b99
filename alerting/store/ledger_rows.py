"""The tables of the ledger: counts by source, hour and outcome, and how far each partition has been counted."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from msgspec import Struct, field
from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from alerting.ledger import LedgerEntry, new_counts
from alerting.store.arrival_rows import add_arrivals
from alerting.store.schema import LEDGER_COUNTS, LEDGER_POSITIONS
from detectors.arrivals import SLOT_SECONDS

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
NOTHING_COUNTED = -1


class Totals(Struct):
    """What was received from one source, or from all, and what became of it (design.md §8)."""

    received: int = 0
    scored: int = 0
    applied: int = 0
    duplicates: int = 0
    dead_letters: dict[str, int] = field(default_factory=dict)
    filtered: dict[str, int] = field(default_factory=dict)

    def add(self, outcome: str, n: int) -> None:
        """Add `n` events of an outcome of `LedgerRow`."""
        match outcome.partition(":"):
            case ("received", "", ""):
                self.received += n
            case ("scored", "", ""):
                self.scored += n
            case ("applied", "", ""):
                self.applied += n
            case ("duplicate", "", ""):
                self.duplicates += n
            case ("dead_letter", ":", reason):
                self.dead_letters[reason] = self.dead_letters.get(reason, 0) + n
            case ("filtered", ":", reason):
                self.filtered[reason] = self.filtered.get(reason, 0) + n
            case _:
                message = f"the ledger knows no outcome {outcome!r}"
                raise ValueError(message)

    def include(self, other: "Totals") -> None:
        """Add the totals of a source."""
        self.received += other.received
        self.scored += other.scored
        self.applied += other.applied
        self.duplicates += other.duplicates
        self.dead_letters = dict(Counter(self.dead_letters) + Counter(other.dead_letters))
        self.filtered = dict(Counter(self.filtered) + Counter(other.filtered))

    @property
    def is_balanced(self) -> bool:
        """Whether every received event has met exactly one fate (design.md §3.4)."""
        fates = self.scored + self.applied + self.duplicates
        return self.received == fates + sum(self.dead_letters.values()) + sum(self.filtered.values())


def add_to_ledger(connection: Connection, entries: Sequence[LedgerEntry], now: float) -> int:
    """Add what entries say beyond what is counted already; return how many events that were.

    Received events count as arrivals of the present five minutes, too: senders' clocks do not matter to silence.
    """
    positions = _locked_positions(connection, sorted({(entry.topic, entry.partition) for entry in entries}))
    counts: Counter[tuple[str, int, str]] = Counter()
    received: Counter[str] = Counter()
    for entry in entries:
        place = (entry.topic, entry.partition)
        for source, hour, outcome, n in new_counts(entry, positions[place]):
            Totals().add(outcome, n)  # refuses an outcome that nobody could add up
            counts[source, hour, outcome] += n
            if outcome == "received":
                received[source] += n
        positions[place] = max([positions[place], *(row.last for row in entry.rows)])
    _add_counts(connection, counts)
    add_arrivals(connection, int(now // SLOT_SECONDS), received)
    _move_positions(connection, positions)
    return counts.total()


def ledger_totals(connection: Connection) -> dict[str, Totals]:
    """Return the totals by source."""
    table = LEDGER_COUNTS.c
    query = select(table.source, table.outcome, func.sum(table.n)).group_by(table.source, table.outcome)
    by_source: dict[str, Totals] = {}
    for source, outcome, n in connection.execute(query.order_by(table.source, table.outcome)):
        by_source.setdefault(source, Totals()).add(outcome, int(n))
    return by_source


def _locked_positions(connection: Connection, places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """Return how far each place is counted, locked. A row is made first, for a lock needs one."""
    table = LEDGER_POSITIONS.c
    positions = {}
    for topic, partition in places:
        row = {"topic": topic, "partition": partition, "counted_to": NOTHING_COUNTED}
        connection.execute(_INSERT[connection.dialect.name](LEDGER_POSITIONS).values(row).on_conflict_do_nothing())
        query = select(table.counted_to).where(table.topic == topic, table.partition == partition)
        positions[topic, partition] = connection.execute(query.with_for_update()).scalar_one()
    return positions


def _add_counts(connection: Connection, counts: Counter[tuple[str, int, str]]) -> None:
    if not counts:
        return
    statement = _INSERT[connection.dialect.name](LEDGER_COUNTS)
    statement = statement.on_conflict_do_update(
        index_elements=["source", "hour", "outcome"], set_={"n": LEDGER_COUNTS.c.n + statement.excluded.n}
    )
    rows = [
        {"source": source, "hour": hour, "outcome": outcome, "n": n}
        for (source, hour, outcome), n in sorted(counts.items())  # one order for all: no deadlock
    ]
    connection.execute(statement, rows)


def _move_positions(connection: Connection, positions: dict[tuple[str, int], int]) -> None:
    table = LEDGER_POSITIONS
    for (topic, partition), counted_to in positions.items():
        place = (table.c.topic == topic) & (table.c.partition == partition)
        connection.execute(table.update().where(place).values(counted_to=counted_to))
