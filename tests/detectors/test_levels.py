"""The severities that a detector declares are those that its module writes, or the one that makes its hits."""

import ast
import sys
from pathlib import Path

import pytest

from detectors.finding import SEVERITIES
from detectors.patterns import DETECTORS, splits
from detectors.scene import Pattern


def module_of(name: str) -> str:
    """Return the module that makes the hits of a detector."""
    pattern, detect = DETECTORS[name]
    return splits.__name__ if pattern.references is splits.REFERENCES else detect.__module__


def written(module: str, usual: str) -> set[str]:
    """Return the severities that a module writes outside its `Pattern`, and `usual` where it says `PATTERN.level`."""
    tree = ast.parse(Path(str(sys.modules[module].__file__)).read_text())
    headers = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Pattern"]
    declared = {id(node) for header in headers for node in ast.walk(header)}
    others = [node for node in ast.walk(tree) if id(node) not in declared]
    said = {str(node.value) for node in others if isinstance(node, ast.Constant) and node.value in SEVERITIES}
    by_name = any(isinstance(node, ast.Attribute) and ast.unparse(node) == "PATTERN.level" for node in others)
    return said | ({usual} if by_name else set())


@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_a_detector_declares_the_severities_that_its_module_writes(name: str) -> None:
    pattern, _ = DETECTORS[name]
    assert set(pattern.severities) == written(module_of(name), pattern.level)


@pytest.mark.parametrize("pattern", [*(pattern for pattern, _ in DETECTORS.values())], ids=lambda one: one.id)
def test_levels_rise_and_the_usual_one_is_among_them(pattern: Pattern) -> None:
    assert pattern.level in pattern.severities
    ranks = [SEVERITIES.index(level) for level in pattern.severities]
    assert ranks == sorted(set(ranks))
    assert len(pattern.levels) != 1, "one level alone needs no list"
