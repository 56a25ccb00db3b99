"""A feed: everything that is new in the store, in order, from where one reader stopped the last time."""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct, structs
from sqlalchemy import Connection, and_, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from alerting.ocsf.events import MOST_LISTED, Exporter, finding_event, incident_event
from alerting.ocsf.tables import READERS
from alerting.store import Store
from alerting.store.finding_rows import finding_of, findings_of
from alerting.store.incident_rows import incident_of_row
from alerting.store.schema import FINDINGS, INCIDENTS, WITHDRAWALS

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

SETTLE_SECONDS = 30.0
"""What is younger is left for the next time: transactions that began before it may still be open, on other clocks."""

AT_ONCE = 500


class Place(Struct, frozen=True):
    """How far a reader has come, by time and id, in findings, their withdrawals, and incidents."""

    findings_at: float = 0.0
    findings_id: str = ""
    withdrawals_at: float = 0.0
    withdrawals_id: str = ""
    incidents_at: float = 0.0
    incidents_id: str = ""


Sink = Callable[[Sequence[dict[str, Any]]], None]
"""Takes events, and returns when they are safe; what it raises stops the feed, and the same events come again."""


class OcsfFeed:
    """Gives one reader what it has not had. An event may come twice, with the same `metadata.uid`.

    Args:
        store: what is read.
        reader: the name under which the place is kept.
        exporter: how events are written.
        clock: gives the time in seconds since the epoch.
    """

    def __init__(self, store: Store, reader: str, exporter: Exporter, clock: Callable[[], float]) -> None:
        self._store = store
        self._reader = reader
        self._exporter = exporter
        self._clock = clock

    def run_once(self, sink: Sink) -> int:
        """Give the sink the next events, note how far that was, and return how many they were."""
        until = self._clock() - SETTLE_SECONDS
        with self._store.reading() as connection:
            place = place_of(connection, self._reader)
            events, reached = events_after(connection, place, until, self._exporter)
        if events:
            sink(events)
            with self._store.writing() as connection:
                save_place(connection, self._reader, reached)
        return len(events)

    def run_all(self, sink: Sink) -> int:
        """Give the sink everything that is there, and return how many events that were."""
        total = 0
        while given := self.run_once(sink):
            total += given
        return total


def place_of(connection: Connection, reader: str) -> Place:
    """Return how far a reader has come; the beginning for a new one."""
    row = connection.execute(select(READERS).where(READERS.c.name == reader)).one_or_none()
    return Place(*row[1:]) if row else Place()


def save_place(connection: Connection, reader: str, place: Place) -> None:
    """Note how far a reader has come."""
    values = {"name": reader, **structs.asdict(place)}
    statement = _INSERT[connection.dialect.name](READERS).values(**values)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def readers_behind(connection: Connection, now: float) -> dict[str, float]:
    """Return how long the oldest finding or change has waited for each reader, in seconds; 0 where nothing does."""
    behind = {}
    for row in connection.execute(select(READERS)):
        place = Place(*row[1:])
        waiting = [
            _oldest_after(connection, FINDINGS.c.recorded_at, FINDINGS.c.id, place.findings_at, place.findings_id),
            _oldest_after(connection, INCIDENTS.c.updated_at, INCIDENTS.c.id, place.incidents_at, place.incidents_id),
        ]
        behind[row.name] = max([0.0, *(now - at for at in waiting if at is not None)])
    return behind


def _oldest_after(connection: Connection, time: Any, key: Any, at: float, name: str) -> float | None:  # noqa: ANN401
    oldest: float | None = connection.scalar(select(time).where(_after(time, key, at, name)).order_by(time).limit(1))
    return oldest


def events_after(
    connection: Connection, place: Place, until: float, exporter: Exporter
) -> tuple[list[dict[str, Any]], Place]:
    """Return the next events up to a time, at most `AT_ONCE` of each kind, and the place behind them."""
    findings, place = _findings(connection, place, until, exporter)
    withdrawn, place = _withdrawn(connection, place, until, exporter)
    incidents, place = _incidents(connection, place, until, exporter)
    return [*findings, *withdrawn, *incidents], place


def _findings(
    connection: Connection, place: Place, until: float, exporter: Exporter
) -> tuple[list[dict[str, Any]], Place]:
    table = FINDINGS.c
    query = (
        select(table.id, table.body, table.recorded_at, table.alert, table.incident_id)
        .where(_after(table.recorded_at, table.id, place.findings_at, place.findings_id), table.recorded_at <= until)
        .order_by(table.recorded_at, table.id)
        .limit(AT_ONCE)
    )
    events = []
    for row in connection.execute(query):
        finding = finding_of(row.body, row.alert, row.incident_id)
        events.append(finding_event(finding, exporter, recorded_at=row.recorded_at, is_withdrawn=False))
        place = structs.replace(place, findings_at=row.recorded_at, findings_id=row.id)
    return events, place


def _withdrawn(
    connection: Connection, place: Place, until: float, exporter: Exporter
) -> tuple[list[dict[str, Any]], Place]:
    table = WITHDRAWALS.c
    query = (
        select(table.finding_id, table.recorded_at, FINDINGS.c.body, FINDINGS.c.alert, FINDINGS.c.incident_id)
        .outerjoin(FINDINGS, FINDINGS.c.id == table.finding_id)
        .where(
            _after(table.recorded_at, table.finding_id, place.withdrawals_at, place.withdrawals_id),
            table.recorded_at <= until,
        )
        .order_by(table.recorded_at, table.finding_id)
        .limit(AT_ONCE)
    )
    events = []
    for row in connection.execute(query):
        if row.body is not None:
            finding = finding_of(row.body, row.alert, row.incident_id)
            events.append(finding_event(finding, exporter, recorded_at=row.recorded_at, is_withdrawn=True))
        place = structs.replace(place, withdrawals_at=row.recorded_at, withdrawals_id=row.finding_id)
    return events, place


def _incidents(
    connection: Connection, place: Place, until: float, exporter: Exporter
) -> tuple[list[dict[str, Any]], Place]:
    table, start = INCIDENTS.c, place
    query = (
        select(INCIDENTS)
        .where(_after(table.updated_at, table.id, place.incidents_at, place.incidents_id), table.updated_at <= until)
        .order_by(table.updated_at, table.id)
        .limit(AT_ONCE)
    )
    events = []
    for row in connection.execute(query).all():
        incident = incident_of_row(row)
        # What changed while it settled has a later revision when it is read first.
        is_new = incident.opened_at > start.incidents_at
        findings = findings_of(connection, incident.id, MOST_LISTED)
        events.append(incident_event(incident, findings, exporter, is_new=is_new))
        place = structs.replace(place, incidents_at=incident.updated_at, incidents_id=incident.id)
    return events, place


def _after(time: Any, key: Any, at: float, name: str) -> Any:  # noqa: ANN401 -- columns
    return and_(time >= at, or_(time > at, key > name))  # the first half is what an index serves
