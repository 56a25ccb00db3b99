"""The store: transactions for the desk and the sender, and questions of the command line and the console."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from msgspec import Struct
from sqlalchemy import Connection, Engine, func, select

from alerting.incidents import Incident, Status
from alerting.notices import Fate
from alerting.store.engine import WRITES
from alerting.store.finding_rows import count_findings, findings_of, held_counts
from alerting.store.incident_rows import find_incident, page_of_incidents
from alerting.store.ledger_rows import Totals, ledger_totals
from alerting.store.outbox_rows import outbox_counts
from alerting.store.schema import INCIDENTS
from alerting.store.timeline_rows import entries_of
from alerting.store.watch_rows import log_lines, watch_entries
from alerting.store.withdrawal_rows import Withdrawal, count_withdrawn, withdrawals_of
from alerting.timeline import Entry
from alerting.watch_list import WatchEntry, WatchLogLine
from detectors.finding import Finding

_OPENING_LOCK = 0x57_41_52_44  # "WARD": the key of our advisory lock in PostgreSQL
MAX_FINDINGS = 1_000


class Case(Struct, frozen=True):
    """An incident with its latest findings (by event time) and its whole timeline; `withdrawn` by finding id."""

    incident: Incident
    findings: list[Finding]
    timeline: list[Entry]
    withdrawn: dict[str, Withdrawal] = {}


class Ledger(Totals):
    """The ledger of design.md §8: totals over all sources, then by source; `withdrawn` of the findings were."""

    findings: int = 0
    alerts: int = 0
    incidents: int = 0
    withdrawn: int = 0
    per_source: dict[str, Totals] = {}


class Store:
    """Everything that Wardwatch knows about incidents, in SQLite or PostgreSQL.

    It may be used by several threads and several processes at once; an SQLite in memory by one thread only.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a transaction that is committed at the end, or undone if something raises."""
        with self.engine.connect() as connection:
            connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the store, and does not write."""
        with self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    def incidents(
        self,
        statuses: Sequence[Status] = (),
        *,
        only_open: bool = False,
        limit: int = 50,
        after: str | None = None,
    ) -> list[Incident]:
        """Return a page of incidents, newest first; the next page is `after` the id of the last one."""
        with self.reading() as connection:
            return page_of_incidents(connection, statuses, only_open=only_open, limit=limit, after=after)

    def incident(self, incident_id: str, *, max_findings: int = MAX_FINDINGS) -> Case | None:
        """Return an incident with its latest findings and its timeline, None if there is none."""
        with self.reading() as connection:
            incident = find_incident(connection, incident_id)
            if incident is None:
                return None
            findings = findings_of(connection, incident_id, max_findings)
            withdrawn = withdrawals_of(connection, incident_id)
            return Case(incident, findings, entries_of(connection, incident_id), withdrawn)

    def ledger(self) -> Ledger:
        """Return the ledger as it is now."""
        with self.reading() as connection:
            per_source = ledger_totals(connection)
            findings, alerts = count_findings(connection)
            incidents = connection.scalar(select(func.count()).select_from(INCIDENTS).where(INCIDENTS.c.kind == "case"))
            withdrawn = count_withdrawn(connection)
        ledger = Ledger(
            findings=findings, alerts=alerts, incidents=incidents or 0, withdrawn=withdrawn, per_source=per_source
        )
        for totals in per_source.values():
            ledger.include(totals)
        return ledger

    def watch_list(self) -> list[WatchEntry]:
        """Return who is on the watch list, also the entries that have ended."""
        with self.reading() as connection:
            return watch_entries(connection)

    def watch_log(self) -> list[WatchLogLine]:
        """Return what was done to the watch list."""
        with self.reading() as connection:
            return log_lines(connection)

    def outbox(self) -> dict[str, dict[Fate, int]]:
        """Return the number of notices by channel and fate."""
        with self.reading() as connection:
            return outbox_counts(connection)

    def held(self) -> dict[tuple[str, str], int]:
        """Return how much was held back, by reason and rule or channel."""
        with self.reading() as connection:
            return held_counts(connection)


def lock_opening(connection: Connection) -> None:
    """Let one transaction at a time open incidents: grouping, budget and storm guard look at all of them.

    SQLite has one writer anyway. Findings come in batches, so this costs little.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_OPENING_LOCK)))
