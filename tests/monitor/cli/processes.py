"""`wardwatch` as a process of its own, which cannot outlive a test."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[3]


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for a process with these settings and none of ours."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("WARDWATCH_")}
    return {**inherited, **{f"WARDWATCH_{name.upper()}": value for name, value in settings.items()}}


@contextmanager
def started(words: list[str], variables: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in the background for as long as the block lasts; what it writes goes to the log."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "monitor.cli", *words],
            env=dict(variables),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(what: str, is_there: Callable[[], bool], log: Path, *, seconds: float = 60.0, pause: float = 0.2) -> None:
    """Wait until something is so, or fail with the end of the log."""
    deadline = time.monotonic() + seconds
    while not is_there():
        assert time.monotonic() < deadline, f"{what} did not come; the log ends: {log.read_text()[-2000:]}"
        time.sleep(pause)


def ports_in(text: str) -> list[int]:
    """Return the loopback ports that a text names."""
    return sorted({int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", text)})
