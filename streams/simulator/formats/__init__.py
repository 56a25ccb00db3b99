"""The simulated hospital as files of the formats that hospitals really have.

What is written reads back as the same events, in every field that a format carries (docs/simulator.md). Each event is
written once in a format, or left out where the format has no place for it.
"""

from collections.abc import Callable
from pathlib import Path

from streams.simulator.formats.atna import AtnaFiles
from streams.simulator.formats.fhir import FhirFiles
from streams.simulator.formats.json_lines import JsonLines
from streams.simulator.formats.sheet import Files, Sheet
from streams.simulator.formats.tables import TableFiles
from streams.simulator.formats.x12 import X12Files

JSON_LINES = "jsonl"

FORMATS: dict[str, Callable[[Path], Files]] = {
    JSON_LINES: JsonLines,
    "x12": lambda out: X12Files(out / "x12"),
    "fhir": lambda out: FhirFiles(out / "fhir"),
    "atna": lambda out: AtnaFiles(out / "atna"),
    "csv": lambda out: TableFiles(out / "csv"),
}
"""Name to what writes the files of a format into a folder."""

__all__ = ["FORMATS", "JSON_LINES", "Files", "Sheet"]
