"""Memory does not grow with a file: each format is read small and then large, in a process of its own."""

from pathlib import Path

import pytest

from tests.bench.flat_memory import MEGABYTE, read_apart
from tests.bench.flat_parts.writing import TEMPLATES, write

SIZES = {"fhir bundle": (34 * MEGABYTE, 39 * MEGABYTE), "csv payments": (MEGABYTE, 3 * MEGABYTE)}
"""Small and large file, where they are not the usual ones: a Bundle is read entry by entry only when it is large."""

USUAL = (MEGABYTE, 4 * MEGABYTE)

MOST_GROWTH = 2.0
"""Megabytes; even a hash of every record would be more."""


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name != "csv accesses"])
def test_memory_does_not_grow_with_the_file(name: str, tmp_path: Path) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    written = [write(path, name, size) for path, size in zip((small, large), SIZES.get(name, USUAL), strict=True)]
    found = read_apart(name, small, large)
    assert [(one.events, one.refused) for one in found] == [(count, 0) for count in written]
    assert found[1].peak - found[0].peak < MOST_GROWTH
