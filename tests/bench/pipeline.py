"""Events per second through the real broker and one worker on one core, between two baselines.

    python -m tests.bench.pipeline [--events N] [--runs N] [--latency-alone]

Apache Kafka runs on one core, the worker on the other. Context is published and applied first; then the events are
published, and only then the worker is started again, recovers its tables and finds all of them waiting. The clock runs
from the first event that the intake sees until the desk's ledger, in its database, is complete. Wall time suffers from
whatever else the machine does, the processor's time much less: both are shown.

Last, the time from an event to its finding is measured at half of the target load (`pipeline_parts/latency.py`). The
first draft (`baselines/faust_draft.py`) and the bare consumer (`baselines/bare.py`) read the very same records.
"""

import argparse
import os
import signal
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from streams.topics import TopicPlan
from tests.bench.baselines.bare import BareSettings
from tests.bench.baselines.faust_draft import DraftSettings
from tests.bench.pipeline_parts.corpus import Corpus, make_corpus, pack_forests, train_forests
from tests.bench.pipeline_parts.deployment import Deployment, start, wait_until
from tests.bench.pipeline_parts.latency import measure_latency
from tests.bench.pipeline_parts.worker import Report
from tests.services.child import end
from tests.services.kafka import KafkaServer

WORKER_CORE, OTHER_CORE = 0, 1
DRAFT_EVENTS = 3_000


class Took(Struct):
    """What a baseline writes."""

    seconds: float
    cpu_seconds: float


def measure(corpus: Corpus, deployment: Deployment) -> Report:
    """Run a worker over the events, and check the ledger to the event."""
    deployment.apply(corpus.context)
    before = deployment.ledger()
    deployment.ingest(corpus.events)
    deployment.start_worker(len(corpus.events))
    report = deployment.wait_for_report()
    deployment.stop_worker()
    after = deployment.ledger()
    fates = after.scored + after.duplicates + sum(after.dead_letters.values()) - before.scored - before.duplicates
    if not after.is_balanced or fates != len(corpus.events) or after.dead_letters:
        message = f"the ledger does not balance: {after}"
        raise SystemExit(message)
    return report


def measure_draft(deployment: Deployment, events: int) -> Took:
    """Run the first draft over the accesses of a deployment."""
    report = deployment.folder / "draft.json"
    settings = DraftSettings(
        bootstrap=deployment.bootstrap,
        topic=deployment.plan.name("access.events"),
        folder=str(deployment.folder / "draft"),
        report=str(report),
        core=WORKER_CORE,
        events=events,
    )
    return _run("tests.bench.baselines.faust_draft", msgspec.json.encode(settings), report)


def measure_bare(deployment: Deployment, events: int) -> Took:
    """Run the bare consumer over all events of a deployment."""
    report = deployment.folder / "bare.json"
    plan: TopicPlan = deployment.plan
    settings = BareSettings(
        bootstrap=deployment.bootstrap,
        topics=[plan.name("access.events"), plan.name("billing.transactions")],
        partitions=plan.partitions,
        report=str(report),
        core=WORKER_CORE,
        events=events,
    )
    return _run("tests.bench.baselines.bare", msgspec.json.encode(settings), report)


def _run(module: str, settings: bytes, report: Path) -> Took:
    log = report.with_suffix(".log")
    process = start(module, settings.decode(), log)
    try:
        wait_until(lambda: report.exists() and bool(report.read_bytes()), log, process)
    finally:
        end(process, how=signal.SIGKILL)
    return msgspec.json.decode(report.read_bytes(), type=Took)


def show(events: int, reports: Sequence[Report], draft: Took, bare: Took) -> None:
    """Print the table, and what the agents did."""
    rates = [events / report.seconds for report in reports]
    cpu_rates = [events / report.cpu_seconds for report in reports]
    rows = (
        ("Faust + River + scikit-learn per event", DRAFT_EVENTS / draft.seconds, DRAFT_EVENTS / draft.cpu_seconds),
        ("Wardwatch, one worker on one core", statistics.median(rates), statistics.median(cpu_rates)),
        ("bare aiokafka + msgspec", events / bare.seconds, events / bare.cpu_seconds),
    )
    ours = rows[1][1]
    print(f"\n{'':<42} {'events/s':>10} {'per CPU-second':>15} {'Wardwatch / this':>17}")
    for name, rate, cpu_rate in rows:
        print(f"{name:<42} {rate:>10,.0f} {cpu_rate:>15,.0f} {ours / rate:>16.2f}x")
    print("\nruns: " + ", ".join(f"{rate:,.0f} ({cpu:,.0f})" for rate, cpu in zip(rates, cpu_rates, strict=True)))
    print(f"the worker's memory at most: {max(report.mebibytes for report in reports):,.0f} MiB")
    print(f"\n{'agent':<12} {'batches':>9} {'events':>9} {'a batch':>9} {'ms a batch':>11}")
    for agent, (batches, seen, seconds) in reports[-1].steps.items():
        print(f"{agent:<12} {batches:>9,} {seen:>9,} {seen / batches:>9.1f} {seconds / batches * 1e3:>11.2f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=120_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--latency-alone", action="store_true", help="leave the throughput out")
    asked = parser.parse_args()
    os.sched_setaffinity(0, {OTHER_CORE})
    corpus = make_corpus(asked.events)
    load = os.getloadavg()[0]
    print(
        f"{len(corpus.events):,} events, {corpus.transactions:,} of them transactions, "
        f"{sum(map(len, corpus.events)) // len(corpus.events)} bytes each, after {len(corpus.context):,} of context; "
        f"load before {load:.1f}"
    )
    with tempfile.TemporaryDirectory(prefix="wardwatch-bench-") as folder, KafkaServer() as broker:
        forests = Path(folder) / "forests"
        forests.write_bytes(pack_forests(train_forests(corpus)))
        if not asked.latency_alone:
            reports = []
            for run in range(asked.runs):
                with Deployment(broker.bootstrap, Path(folder) / f"run{run}", forests, WORKER_CORE) as deployment:
                    reports.append(measure(corpus, deployment))
            draft, bare = measure_draft(deployment, DRAFT_EVENTS), measure_bare(deployment, len(corpus.events))
            show(len(corpus.events), reports, draft, bare)
        with Deployment(broker.bootstrap, Path(folder) / "latency", forests, WORKER_CORE) as deployment:
            measure_latency(corpus, deployment)


if __name__ == "__main__":
    main()
