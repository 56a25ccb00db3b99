"""Memory per profile and per worker, with 100,000 patients and 5,000 users.

    python -m tests.bench.memory [--events N]

A hospital is simulated whose patients and users are about as many, with six weeks of context and a morning of accesses
and transactions, and all of it goes through the stages of one worker. Profiles are kept as a worker with memory tables
keeps them: as bytes in the table, and the last used of each stage also as structs (`detectors.profiles.entries.Codec`).
The process has the imports of a worker, but neither broker connections nor buffers of records, which
`tests.bench.pipeline` includes in what it says of its worker.
"""

import argparse
import gc
import multiprocessing
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

import streams.app  # noqa: F401 - what a worker has in memory before it begins
from detectors.events import AccessEvent, BillingTransaction
from detectors.events.envelope import encode_structured
from detectors.visit import INTAKE, STAGES, Batch, StageName
from streams.collector import settle_collector
from streams.emulation import EmulatedTopics
from streams.records import SourceRecord
from streams.simulator.simulation import stream
from tests.bench.pipeline_parts.corpus import BATCH_LINES, PARTITIONS, SEED, make_intake, make_stages

SCALE = 1.55
"""Of the simulated hospital: gives about 100,000 patients with context and, by the end of a morning, 5,000 users."""

DICT_ENTRY = 104
"""Bytes of a dictionary's slot, hash and index per entry at CPython's usual fill, rounded up."""


def resident_mebibytes() -> float:
    """Return the memory of this process that is in RAM."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def kinds(profiles: Mapping[StageName, Mapping[str, bytes]]) -> dict[str, tuple[list[int], float]]:
    """Return, by kind of entry, the sizes of the values in bytes and all that the table holds, in mebibytes."""
    found: dict[str, tuple[list[int], float]] = {}
    for stage in STAGES:
        for day in (False, True):
            entries = [(key, value) for key, value in profiles[stage].items() if ("@" in key) is day]
            if entries:
                held = sum(sys.getsizeof(key) + sys.getsizeof(value) + DICT_ENTRY for key, value in entries)
                sizes = [len(value) for _, value in entries]
                found[f"{stage} day" if day else stage] = (sizes, held / 2**20)
    return found


def write_lines(path: Path, events: int) -> None:
    """Write context, and so many accesses and transactions, as lines of CloudEvents."""
    seen = 0
    with path.open("wb") as file:
        for event in stream(14, SEED, SCALE):
            file.write(encode_structured(event) + b"\n")
            seen += isinstance(event.data, AccessEvent | BillingTransaction)
            if seen == events:
                return


def feed(topics: EmulatedTopics, path: Path) -> int:
    """Send lines through the stages; return how many."""
    intake, fed = make_intake(), 0
    with path.open("rb") as file:
        while lines := list(islice(file, BATCH_LINES)):
            records = [SourceRecord("bench", 0, fed + n, 0.0, line) for n, line in enumerate(lines)]
            topics.send([Batch(INTAKE, 0, intake.admit(records).visits)])
            for _ in topics.drain(0.0):
                pass
            fed += len(lines)
    return fed


def show(found: Mapping[str, tuple[Sequence[int], float]]) -> None:
    """Print the table of profiles."""
    print(
        f"\n{'profile':<16} {'number':>9} {'median B':>9} {'mean B':>8} {'p99 B':>8} {'largest B':>10} {'MiB held':>9}"
    )
    for name, (sizes, held) in found.items():
        ordered = sorted(sizes)
        print(
            f"{name:<14} {len(sizes):>9,} {statistics.median(sizes):>9,.0f} {statistics.mean(sizes):>8,.0f} "
            f"{ordered[len(sizes) * 99 // 100]:>8,} {ordered[-1]:>10,} {held:>9.1f}"
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=350_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wardwatch-bench-") as folder:
        path = Path(folder) / "lines"
        # Another process, for the simulator's own memory is not a worker's.
        simulator = multiprocessing.get_context("spawn").Process(target=write_lines, args=(path, asked.events))
        simulator.start()
        simulator.join()
        topics = EmulatedTopics(make_stages({}), PARTITIONS)
        settle_collector()
        before = resident_mebibytes()
        fed = feed(topics, path)
    gc.collect()
    after = resident_mebibytes()
    found = kinds(topics._profiles)
    show(found)
    tables = sum(held for _, held in found.values())
    print(
        f"\n{fed:,} events. Resident: {before:.0f} MiB before, {after:.0f} MiB after; tables {tables:.0f} MiB, "
        f"structs of the last used profiles, known tokens and models {after - before - tables:.0f} MiB"
    )


if __name__ == "__main__":
    main()
