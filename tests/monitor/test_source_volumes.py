"""The watch over sources beside a worker: from arrivals in the store to one incident, whoever looks."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy.exc import OperationalError

from alerting.incidents import Incident
from alerting.store import Store, create_schema, open_engine
from alerting.store.arrival_rows import add_arrivals
from alerting.store.metadata import METADATA
from alerting.store.schema import WATCHED
from detectors.arrivals import SLOT_SECONDS, WEEK
from detectors.finding import Finding
from monitor.build import build_worker
from monitor.settings import load
from monitor.source_volumes import SourceVolumes
from tests.alerting.building import Clock, a_desk
from tests.detectors.arrivals import EHR, NOON

START = NOON * SLOT_SECONDS
MINUTE = 60.0


def fill(store: Store, first: int, end: int, volume: int) -> None:
    """Write what a source sent in each slot of `[first, end)`, all of them watched."""
    with store.writing() as connection:
        for slot in range(first, end) if volume else ():
            add_arrivals(connection, slot, {EHR: volume, "unknown": volume})
        connection.execute(WATCHED.insert(), [{"slot": slot} for slot in range(first, end)])


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store whose source sent 100 events in five minutes for eight days, up to Monday noon."""
    engine = open_engine(database_url)
    METADATA.drop_all(engine)
    create_schema(engine)
    made = Store(engine)
    fill(made, NOON - WEEK - 2 * 288, NOON, 100)
    yield made
    engine.dispose()


def watch_of(store: Store, clock: Clock, *, is_ready: bool = True) -> SourceVolumes:
    return SourceVolumes(a_desk(store, clock), clock=clock, is_ready=lambda: is_ready)


def look_for(minutes: int, clock: Clock, *watches: SourceVolumes) -> None:
    for _ in range(minutes):
        for watch in watches:
            watch.look()
        clock.advance(MINUTE)


def incident_of(store: Store) -> tuple[Incident, list[Finding]]:
    (incident,) = store.incidents()
    case = store.incident(incident.id)
    assert case is not None
    return incident, case.findings


def test_an_outage_is_one_incident_however_many_workers_look(store: Store) -> None:
    clock = Clock(START)
    watches = [watch_of(store, clock), watch_of(store, clock)]
    look_for(15, clock, *watches)
    assert store.incidents() == []
    look_for(30, clock, *watches, watch_of(store, clock))  # the third comes later
    incident, findings = incident_of(store)
    assert (incident.severity, incident.rules) == ("SEV2", ("a27_source_volume",))
    assert incident.entity is not None
    assert (incident.entity.type, incident.entity.ref) == ("source", EHR)
    assert len(findings) == 1
    assert (
        findings[0]
        .reasons[0]
        .startswith(f"{EHR} sent 0 events between 2026-03-02 12:00 and 12:15 UTC; 300 are usual at this hour.")
    )


def test_its_return_joins_the_incident(store: Store) -> None:
    clock = Clock(START)
    watch = watch_of(store, clock)
    look_for(20, clock, watch)
    with store.writing() as connection:
        add_arrivals(connection, NOON + 4, {EHR: 100})
    look_for(7, clock, watch)
    incident, findings = incident_of(store)
    assert [finding.detector for finding in findings] == ["a27_source_volume", "a27_source_back"]
    assert (incident.findings, incident.severity, incident.status) == (2, "SEV2", "new")


def test_a_worker_that_takes_nothing_in_says_nothing(store: Store) -> None:
    clock = Clock(START)
    look_for(30, clock, watch_of(store, clock, is_ready=False))
    assert store.incidents() == []
    look_for(14, clock, watch_of(store, clock))  # nobody watched the half hour before
    assert store.incidents() == []


class Flaky(Clock):
    """A clock that a database away looks like."""

    failures = 0

    def __call__(self) -> float:
        if self.failures:
            self.failures -= 1
            raise OperationalError("SELECT", {}, OSError("away"))
        return self.now


def test_what_could_not_be_stored_is_stored_later(store: Store) -> None:
    clock, desk_clock = Clock(START), Flaky(START)
    watch = SourceVolumes(a_desk(store, desk_clock), clock=clock, is_ready=lambda: True)
    look_for(16, clock, watch)
    desk_clock.failures = 1
    with pytest.raises(OperationalError):
        watch.look()
    assert store.incidents() == []
    watch.look()
    assert len(incident_of(store)[1]) == 1


def test_a_worker_watches_its_sources(tmp_path: Path) -> None:
    """A built worker, by the clock of the wall: eight days of a feed that ended twenty minutes ago."""
    given = {"data_dir": str(tmp_path), "token_key": "0123456789abcdef" * 4, "table_store": "memory"}
    worker = build_worker(
        load(environment={f"WARDWATCH_{name.upper()}": value for name, value in given.items()}), CollectorRegistry()
    )
    now = int(time.time()) // SLOT_SECONDS
    fill(worker.store, now - WEEK - 2 * 288, now - 4, 100)
    fill(worker.store, now - 4, now, 0)
    worker.metrics.ready(is_ready=True)
    stop = threading.Event()
    thread = threading.Thread(target=worker.sources.run, args=(stop,))
    thread.start()
    while not worker.store.incidents():
        assert thread.is_alive()
        stop.wait(0.02)
    stop.set()
    thread.join()
    assert incident_of(worker.store)[0].rules == ("a27_source_volume",)
    worker.database.dispose()
