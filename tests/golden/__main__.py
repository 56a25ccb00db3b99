"""Write every file that is made from the code again. A difference in git is a change of behaviour, to be reviewed."""

from collections.abc import Callable, Mapping
from pathlib import Path

from monitor.metric_table import metrics_document
from monitor.setting_table import settings_document
from tests.detectors.reasons import reason_files
from tests.detectors.schemas import schema_files
from tests.docs.catalogue import page_files as catalogue_files
from tests.docs.hospital import hospital_document
from tests.docs.notes import notes_document
from tests.docs.thresholds import thresholds_document
from tests.monitor.cli.helps import help_files
from tests.streams.sources.reference import page_files

ROOT = Path(__file__).resolve().parents[2]

# Folder to what makes its files: name to text.
MADE: dict[str, Callable[[], Mapping[str, str]]] = {
    "docs": lambda: {
        "hospital.md": hospital_document(),
        "metrics.md": metrics_document(),
        "notes.md": notes_document(),
        "settings.md": settings_document(),
        "thresholds.md": thresholds_document(),
        **page_files(),
    },
    "docs/catalogue": catalogue_files,
    "docs/schemas": schema_files,
    "tests/golden/help": help_files,
    "tests/golden/reasons": reason_files,
}


def main() -> None:
    """Write the files whose text has changed, and name them."""
    for folder, make in MADE.items():
        for name, text in make().items():
            path = ROOT / folder / name
            if not path.exists() or path.read_text() != text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
                print(f"wrote {path.relative_to(ROOT)}")  # noqa: T201 -- a program of its own


if __name__ == "__main__":
    main()
