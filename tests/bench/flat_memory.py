"""Whether memory stays flat while a large file is read, and how fast it is read, by format.

    python -m tests.bench.flat_memory [--sizes 10 100 1000] [--formats "x12 837P" "fhir ndjson"]

Files are written to a temporary folder, one at a time, and read in a process of their own as `wardwatch ingest` reads
them, but for the broker. The peak is that of the whole process, interpreter and imports included. Ends with status 1
where the largest file takes more than `MOST_GROWTH` above the smallest.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from msgspec import Struct

from streams.file_formats import Reading, format_of, records_of
from streams.input_file import open_input
from streams.sources.api import Refused
from streams.sources.tables import Tally, load_mapping
from tests.bench.flat_parts.writing import PRESETS, TEMPLATES, write

ROOT = Path(__file__).parents[2]
MEGABYTE = 1_000_000
MOST_GROWTH = 16.0
"""Megabytes by which the peak may rise: caches that fill, not records."""

MORE_GROWTH = {"fhir bundle": 96.0, "csv accesses": 48.0}
"""Where more is kept, within a limit: a Bundle of up to 32 MB is held as a whole, a larger one is read entry by entry;
of rows that may be equal the last 400,000 are told apart."""


class Read(Struct):
    """What reading a file came to: events and refusals, processor seconds, and the peak in megabytes so far."""

    events: int
    refused: int
    seconds: float
    peak: float


def read(path: Path, name: str) -> Read:
    """Read a file of a format as `wardwatch ingest` does, and keep nothing."""
    reading = Reading(mapping=load_mapping(PRESETS[name], "America/New_York")) if name in PRESETS else Reading()
    events = refused = 0
    started = time.process_time()
    with open_input(path) as file:
        for record in records_of(file, format_of(file), reading, Tally()):
            if isinstance(record, Refused):
                refused += 1
            else:
                events += 1
    return Read(events, refused, time.process_time() - started, peak_megabytes())


def peak_megabytes() -> float:
    """Return the highest resident size of this process; of the program alone, not of the process that started it."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / MEGABYTE


def read_apart(name: str, *paths: Path) -> list[Read]:
    """Read files of a format one after the other in one process of its own."""
    command = [sys.executable, "-m", "tests.bench.flat_memory", "--formats", name, "--read", *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [Read(**json.loads(line)) for line in done.stdout.splitlines()]


def measure(name: str, sizes: list[int]) -> float:
    """Print a row for each size; return by how much the peak grows from the first to the last."""
    peaks = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="wardwatch-bench-") as folder:
            path = Path(folder) / "file"
            records = write(path, name, size * MEGABYTE)
            (found,) = read_apart(name, path)
            written = path.stat().st_size / MEGABYTE
        peaks.append(found.peak)
        print(
            f"{name:<12} {written:>7,.0f} {records:>11,} {found.events:>11,} {found.refused:>8,} "
            f"{records / found.seconds:>10,.0f} {written / found.seconds:>7.1f} {found.peak:>8.1f}",
            flush=True,
        )
    return peaks[-1] - peaks[0]


def main() -> int:
    """Print the table; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000], help="megabytes")
    parser.add_argument("--formats", nargs="+", default=list(TEMPLATES), choices=list(TEMPLATES))
    parser.add_argument("--read", type=Path, nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.read:
        for path in asked.read:
            found = read(path, asked.formats[0])
            print(json.dumps({name: getattr(found, name) for name in found.__struct_fields__}))
        return 0
    print("format            MB     records      events  refused  records/s    MB/s  peak MB")
    is_flat = True
    for name in asked.formats:
        grown, allowed = measure(name, asked.sizes), MORE_GROWTH.get(name, MOST_GROWTH)
        print(f"{name}: {grown:+.1f} MB, {allowed:.0f} allowed", flush=True)
        is_flat = is_flat and grown <= allowed
    return 0 if is_flat else 1


if __name__ == "__main__":
    sys.exit(main())
