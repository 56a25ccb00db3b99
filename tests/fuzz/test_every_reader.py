"""Every public reader of what comes from outside has a target, and every target is bounded."""

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import detectors.reference
import streams.sources
from tests.fuzz.targets import TARGETS

_PARSES = re.compile(r"(read|load|parse|looks_like)(_[a-z0-9_]+)?")


def modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def readers() -> dict[str, Callable[..., object]]:
    """What the packages of sources offer, and the loaders of reference tables."""
    found: dict[str, Callable[..., object]] = {}
    for module in modules(streams.sources):
        names = getattr(module, "__all__", ())
        found |= {f"{module.__name__}.{name}": getattr(module, name) for name in names if _PARSES.fullmatch(name)}
    for module in modules(detectors.reference):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if _PARSES.fullmatch(name) and function.__module__ == module.__name__:
                found[f"{module.__name__}.{name}"] = function
    return found


def test_every_reader_has_a_target() -> None:
    found = readers()
    covered = {function for target in TARGETS.values() for function in target.of}
    assert len(found) > 15
    missing = sorted(name for name, function in found.items() if function not in covered)
    assert missing == [], "add a line to TARGETS in tests/fuzz/targets.py"


def test_hostile_repetition_takes_bounded_time_and_memory() -> None:
    """Its own process: the system ends it where one input takes too long, and memory is measured from its start."""
    names = [name for name in TARGETS if name != "presets"]  # reads as `table` does, five times
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.adversarial", *names],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    last = done.stdout.splitlines()[-1:]
    assert done.returncode == 0, f"ended at {last}: {done.stderr[-2000:]}"
    assert len(done.stdout.splitlines()) > 1_000
