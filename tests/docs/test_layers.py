"""The import line, the size of modules, and who may read the environment."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

LINE = ("monitor", "streams", "alerting", "detectors", "models")
"""Each may import only what stands right of it."""

LONGEST = 400


def modules(*packages: str) -> Iterator[Path]:
    """Yield every module of some packages."""
    for package in packages:
        yield from sorted((ROOT / package).rglob("*.py"))


def imported(module: Path) -> set[str]:
    """Return the top-level packages that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("package", LINE)
def test_the_import_line_is_kept(package: str) -> None:
    forbidden = set(LINE[: LINE.index(package)]) | {"tests"}
    wrong = {str(module.relative_to(ROOT)) for module in modules(package) if imported(module) & forbidden}
    assert not wrong


CORE_FREE_OF = {"faust", "aiokafka", "kafka", "sqlalchemy", "httpx", "slack_sdk", "socket", "os"}


def test_the_core_knows_no_network_database_or_environment() -> None:
    wrong = {str(module.relative_to(ROOT)) for module in modules("detectors") if imported(module) & CORE_FREE_OF}
    assert not wrong


def test_no_module_is_longer_than_it_may_be() -> None:
    lengths = {
        str(module.relative_to(ROOT)): len(module.read_text().splitlines()) for module in modules(*LINE, "tests")
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
