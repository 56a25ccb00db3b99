"""The desk with 100,000 open incidents: acknowledging, pages of lists, and taking in findings, on both databases.

    python -m tests.bench.desk

Targets: acknowledging and a page of a list under 200 ms at the 99th percentile, 1,000 findings a second. Findings come
in batches of 500, one a minute of event time; each names one of 50,000 patients as well. The rate is that of findings
of which every third is about somebody new and opens a case; the incidents before them are opened by one finding each.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from alerting.commands import Acknowledge, RecordFindings
from alerting.desk import Desk
from alerting.incident_ids import random_ids
from alerting.policy import Policy
from alerting.routes import Route
from alerting.store import Store, create_schema, open_engine
from alerting.storm import StormLimit
from alerting.work.pages import Wanted, page_of
from detectors.finding import Entity, Finding, finding_id
from tests.services.postgres import PostgresServer

INCIDENTS, BATCH, MEASURED, ASKED = 100_000, 500, 20_000, 300
START = 1_772_442_843.0
NO_STORM = Policy(storm=StormLimit(per_hour=10**9), routes=(Route("SEV2", ("slack",)),))
PAGES: dict[str, dict[str, Any]] = {
    "open": {"only_open": True},
    "gravest": {"only_open": True, "severities": ("SEV1",)},
    "mine": {"concerns": "ana"},
    "overdue": {"only_open": True, "overdue_at": START + 9e6},
    "by rule": {"only_open": True, "rule": "A09"},
    "by a rule that has none": {"only_open": True, "rule": "A30"},
}


class Rates(NamedTuple):
    """Findings in a second by the clock, and in a second of this process's processor time."""

    by_clock: float
    by_processor: float


def findings(source: random.Random, *, first: int, every: int) -> list[Finding]:
    """Return a batch of findings from this number on, one a minute; one of `every` is about a user who is new."""
    made = []
    for number in range(first, first + BATCH):
        who = number if number % every == 0 else (number - source.randrange(1000)) // 3 * 3
        user = Entity("user", f"u1:{who:08}")
        ground = f"event-{number}"
        made.append(
            Finding(
                id=finding_id("A09", 1, ground),
                event_id=ground,
                at=START + number * 60.0,
                kind="rule",
                detector="A09",
                version=1,
                severity=source.choice(("critical", "high", "medium", "medium", "low")),
                risk=50.0,
                entity=user,
                entities=[user, Entity("patient", f"p1:{source.randrange(50_000):08}")],
                reasons=["opened 212 different charts in one hour"],
                features={"charts": 212.0},
            )
        )
    return made


def filled(store: Store, source: random.Random, incidents: int) -> tuple[Desk, list[str], Rates]:
    """Open so many incidents; return the desk, their ids, and the rates of findings at the end."""
    desk = Desk(store, clock=lambda: START, incident_ids=random_ids(source), policy=NO_STORM)
    ids: list[str] = []
    first = 0
    while len(ids) < incidents:
        ids += desk.handle(RecordFindings(findings(source, first=first, every=1))).opened
        first += BATCH
    batches = [findings(source, first=first + number, every=3) for number in range(0, MEASURED, BATCH)]
    began, spent = time.perf_counter(), time.process_time()
    for batch in batches:
        ids += desk.handle(RecordFindings(batch)).opened
    by_clock, by_processor = time.perf_counter() - began, time.process_time() - spent
    return desk, ids, Rates(MEASURED / by_clock, MEASURED / by_processor)


def milliseconds(act: Callable[[], object]) -> float:
    """Return how long something takes."""
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)


def at_percentile(times: list[float], percent: int) -> float:
    """Return the time that so many percent do not exceed."""
    return sorted(times)[min(len(times) - 1, len(times) * percent // 100)]


def measured(url: str, name: str, incidents: int) -> bool:
    """Measure on one database, say what was found, and return whether the targets are met."""
    source = random.Random(1)
    engine = open_engine(url)
    create_schema(engine)
    store = Store(engine)
    began = time.perf_counter()
    desk, ids, rates = filled(store, source, incidents)
    load = os.getloadavg()[0]
    print(f"{name}: {len(ids):,} open incidents after {time.perf_counter() - began:.0f} s, load {load:.1f}")
    print(f"  {rates.by_clock:,.0f} findings/s, {rates.by_processor:,.0f} per CPU-second", flush=True)
    if name == "PostgreSQL":
        with engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
    chosen = source.sample(ids, ASKED)
    timed = {
        "acknowledge": [milliseconds(partial(desk.handle, Acknowledge(incident_id=one, actor="ana"))) for one in chosen]
    }
    for page, wanted in PAGES.items():
        ask = partial(_page, store, Wanted(**wanted))
        timed[page] = [milliseconds(ask) for _ in range(ASKED // 3)]
    for what, times in timed.items():
        print(f"  {what:24} p50 {at_percentile(times, 50):6.1f} ms, p99 {at_percentile(times, 99):6.1f} ms")
    engine.dispose()
    return rates.by_clock >= 1000 and max(at_percentile(times, 99) for times in timed.values()) < 200


def _page(store: Store, wanted: Wanted) -> None:
    with store.reading() as connection:
        page_of(connection, wanted, limit=50)


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """Give an empty database of each kind."""
    with tempfile.TemporaryDirectory() as folder, PostgresServer() as server:
        yield {
            "SQLite": f"sqlite:///{Path(folder) / 'desk.sqlite'}",
            "PostgreSQL": server.create_database(),
        }


def main() -> int:
    """Measure on both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--incidents", type=int, default=INCIDENTS)
    incidents = parser.parse_args().incidents
    with databases() as urls:
        met = [measured(url, name, incidents) for name, url in urls.items()]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
