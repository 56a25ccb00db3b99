"""Fuzzes the targets one after the other and says how many inputs each took: `python -m tests.fuzz [TARGET…]`.

`--atheris PYTHON` names an interpreter that has Atheris; without it, damaged samples are tried without regard to
coverage. `--seconds` is for each target. What breaks a property is kept in `.cache/fuzz/found`: then exit code 1.
"""

import argparse
import hashlib
import re
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from tests.fuzz.mutations import LONGEST, mutated
from tests.fuzz.properties import check
from tests.fuzz.targets import TARGETS

CACHE = Path(".cache/fuzz")
FOUND = CACHE / "found"
_EXECUTED = re.compile(r"stat::number_of_executed_units:\s*(\d+)")


def kept(name: str, content: bytes) -> Path:
    """Write an input that broke a property into the folder of what was found."""
    FOUND.mkdir(parents=True, exist_ok=True)
    path = FOUND / f"{name}-{hashlib.sha256(content).hexdigest()[:16]}"
    path.write_bytes(content)
    return path


def by_damage(name: str, seconds: float, seed: int) -> tuple[int, list[Path]]:
    """Try damaged samples for some time; return how many, and what was found."""
    target, random = TARGETS[name], Random(seed)
    tried, found, end = 0, list[Path](), time.monotonic() + seconds
    while time.monotonic() < end:
        content = mutated(random.choice(target.samples), random, target.syntax)
        try:
            check(name, content, [random.choice((1, 7, 100, 3_000)) if len(content) < LONGEST // 8 else 4_000])
        except Exception as broken:  # noqa: BLE001 - whatever it is, it is what is looked for
            found.append(kept(name, content))
            sys.stderr.write(f"{found[-1]}: {type(broken).__name__}: {broken}\n")
        tried += 1
    return tried, found


def by_coverage(name: str, seconds: float, python: str) -> tuple[int, list[Path]]:
    """Let Atheris try; it stops at the first input that breaks a property."""
    corpus, seeds = CACHE / "corpus" / name, CACHE / "samples" / name
    for folder in (FOUND, corpus, seeds):
        folder.mkdir(parents=True, exist_ok=True)
    for number, sample in enumerate(TARGETS[name].samples):
        (seeds / str(number)).write_bytes(sample)
    before = set(FOUND.iterdir())
    options = [
        f"-max_total_time={int(seconds)}", f"-max_len={LONGEST}", "-timeout=60", "-report_slow_units=60",
        "-rss_limit_mb=2048", "-print_final_stats=1", f"-artifact_prefix={FOUND}/{name}-", str(corpus), str(seeds),
    ]  # fmt: skip
    command = [python, "-m", "tests.fuzz.coverage", name, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    executed = _EXECUTED.search(done.stderr)
    found = sorted(set(FOUND.iterdir()) - before)
    if found or executed is None:
        sys.stderr.write(done.stderr[-4_000:] + "\n")
    if executed is None and not found:
        message = f"{name}: the fuzzer did not run"
        raise SystemExit(message)
    return int(executed[1]) if executed else 0, found


def main() -> int:
    """Fuzz, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make fuzz", description="Fuzz the parsers.")
    parser.add_argument("targets", nargs="*", help=f"of {', '.join(TARGETS)}; all where none is named")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32)
    parser.add_argument("--atheris", default="", metavar="PYTHON", help="an interpreter that has Atheris")
    asked = parser.parse_args()
    unknown = [name for name in asked.targets if name not in TARGETS]
    if unknown:
        parser.error(f"no such target: {', '.join(unknown)}")
    everything: list[Path] = []
    way = "Atheris" if asked.atheris else f"damaged samples without coverage, seed {asked.seed}"
    sys.stdout.write(f"By {way}, {asked.seconds:g} s each\n")
    for name in asked.targets or TARGETS:
        if asked.atheris:
            tried, found = by_coverage(name, asked.seconds, asked.atheris)
        else:
            tried, found = by_damage(name, asked.seconds, asked.seed)
        everything += found
        sys.stdout.write(f"{name:16} {tried:>12,} inputs {len(found):>4} found\n")
        sys.stdout.flush()
    return 1 if everything else 0


if __name__ == "__main__":
    sys.exit(main())
