"""What reading X12 costs: claims a second against x12sdk on the same file, and memory over a large file.

    python -m tests.bench.x12

One transaction set of 20 MB and one of 200 MB are read: the peak of the process must not grow. Then every repetition
reads each generated file with both readers, one after the other, so that a busy machine slows both; medians are shown.
Ends with status 1 where x12sdk is less than ten times slower, or memory grows.
"""

import io
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO

from x12sdk.generate import generate_835, generate_837i, generate_837p
from x12sdk.io import X12ModelReader

from streams.sources.api import Origin
from streams.sources.x12 import read_x12

CLAIMS, REPETITIONS = 1_000, 5
LEAST_RATIO = 10.0
SMALL, LARGE = 20, 200
"""Megabytes."""
MOST_GROWTH = 8.0
"""Megabytes by which the peak of the process may rise from the small file to the large one: caches, not records."""

ORIGIN = Origin("urn:wardwatch:src:bench", "bench")
GENERATORS: dict[str, Callable[..., str]] = {"837p": generate_837p, "837i": generate_837i, "835": generate_835}


def count(stream: BinaryIO) -> int:
    """Read a stream; nothing is kept."""
    return sum(1 for _ in read_x12(stream, ORIGIN))


def count_of_x12sdk(path: Path) -> int:
    """Read a file with x12sdk."""
    with X12ModelReader(str(path)) as reader:
        models: Iterable[Any] = reader.models()  # Their common type lacks `claims`, which those of claims have.
        return sum(len(list(model.claims())) for model in models)


def seconds(function: Callable[[], int]) -> float:
    """Return the processor time of a call."""
    start = time.process_time()
    assert function() >= CLAIMS
    return time.process_time() - start


def compare(kind: str, folder: Path) -> float:
    """Print one row; return how many times faster ours is."""
    text = GENERATORS[kind](seed=1, claims=CLAIMS)
    path = folder / f"generated.{kind}"
    path.write_text(text)
    content = text.encode()
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(REPETITIONS):
        ours.append(seconds(lambda: count(io.BytesIO(content))))
        theirs.append(seconds(lambda: count_of_x12sdk(path)))
    own, other = statistics.median(ours), statistics.median(theirs)
    ratio = other / own
    print(f"{kind:>5} {CLAIMS / own:>12,.0f} {CLAIMS / other:>12,.0f} {ratio:>8.1f}")
    return ratio


def large_file(path: Path, megabytes: int) -> None:
    """Write one transaction set of that size."""
    isa, gs, st, bht, *body = generate_837p(seed=2, claims=CLAIMS).replace("\n", "").split("~")[:-1]
    body = body[:-3]
    block = "".join(segment + "~\n" for segment in body)
    times = megabytes * 1_000_000 // len(block)
    with path.open("w") as file:
        file.writelines(_lines([isa, gs, st, bht]))
        for _ in range(times):
            file.write(block)
        file.writelines(_lines([f"SE*{len(body) * times + 3}*0001", "GE*1*1", "IEA*1*000000001"]))


def _lines(segments: Iterable[str]) -> Iterable[str]:
    return (segment + "~\n" for segment in segments)


def peak_megabytes() -> float:
    """Return the highest resident size of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def memory(folder: Path) -> float:
    """Print the peak after a small and a large file; return the growth between them, in megabytes."""
    path, peaks = folder / "large.edi", []
    for megabytes in (SMALL, LARGE):
        large_file(path, megabytes)
        start = time.process_time()
        with path.open("rb") as file:
            claims = count(file)
        took = time.process_time() - start
        peaks.append(peak_megabytes())
        size = path.stat().st_size / 1e6
        print(f"{size:>5.0f} MB in one set: {claims:>9,} claims, {claims / took:>8,.0f}/s, peak {peaks[-1]:.1f} MB")
    return peaks[1] - peaks[0]


def main() -> int:
    """Print the table; return the exit status."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # First, as the peak of a process never falls.
        growth = memory(folder)
        print(f"growth {growth:.1f} MB, {MOST_GROWTH:.0f} allowed\n")
        print(f"{'':>5} {'claims/s':>12} {'x12sdk':>12} {'ratio':>8}")
        ratios = [compare(kind, folder) for kind in GENERATORS]
    return 0 if min(ratios) >= LEAST_RATIO and growth <= MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
