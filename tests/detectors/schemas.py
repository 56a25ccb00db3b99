"""Writes the JSON Schemas of all events to `docs/schemas/`: `python -m tests.detectors.schemas`."""

import json
from pathlib import Path

from detectors.events.envelope import json_schemas

FOLDER = Path(__file__).parents[2] / "docs" / "schemas"


def schema_files() -> dict[str, str]:
    """Return file name to text."""
    return {
        f"{name}.json": json.dumps(schema, indent=2, sort_keys=True) + "\n" for name, schema in json_schemas().items()
    }


def write() -> None:
    """Write all files."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in schema_files().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    write()
