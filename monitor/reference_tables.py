"""The reference tables of a site, read from the files that the settings name."""

import datetime
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from msgspec import structs

from detectors.reference.code_attributes import load_code_attributes
from detectors.reference.drg_weights import load_drg_weights
from detectors.reference.global_days import load_global_days
from detectors.reference.nppes import load_registry
from detectors.reference.procedure_pairs import load_procedure_pairs
from detectors.reference.rows import BadRow, Rows, delimited_rows
from detectors.reference.service_minutes import TableError
from detectors.reference.unit_limits import Quarter, UnitLimits, load_unit_limits
from detectors.reference.zip_places import Place
from detectors.reference.zip_places import load as load_zip_places
from detectors.references import References
from monitor.catalogue import read_diagnosis_groups, read_minutes
from monitor.failure import Failure
from monitor.settings import Settings

Loaded = TypeVar("Loaded")
Absent = TypeVar("Absent")

UNIT_LIMITS_SUFFIXES = frozenset({".csv", ".txt"})


def read_references(settings: Settings) -> References:
    """Read every table that the settings name.

    Raises:
        Failure: naming the file, and the row where one is wrong.
    """
    settings = with_folder(settings)
    return References(
        minutes=read_minutes(settings),
        responsible=read_diagnosis_groups(settings),
        pairs=read_table(settings.procedure_pairs, load_procedure_pairs, None),
        unit_limits=read_unit_limits(settings.unit_limits),
        code_attributes=read_table(settings.code_attributes, load_code_attributes, {}),
        global_days=read_table(settings.global_days, load_global_days, {}),
        drg_weights=read_table(settings.drg_weights, load_drg_weights, {}),
        registry=read_table(settings.provider_registry, load_registry, None),
        zip_places=read_zip_places(settings.zip_places),
    )


USUAL_NAMES = {
    "service_minutes": "service_minutes.csv",
    "diagnosis_departments": "diagnosis_departments.csv",
    "procedure_pairs": "procedure_pairs.csv",
    "unit_limits": "unit_limits",
    "code_attributes": "code_attributes.csv",
    "global_days": "global_days.csv",
    "drg_weights": "drg_weights.csv",
    "provider_registry": "providers.csv",
    "zip_places": "zip_places.csv",
}
"""Setting to the name that its table has in the folder of all tables; `wardwatch simulate` writes these."""


def with_folder(settings: Settings) -> Settings:
    """Return the settings with every table of the folder that no setting names.

    Raises:
        Failure: where the folder is none.
    """
    folder = settings.tables_dir
    if folder is None:
        return settings
    if not folder.is_dir():
        message = f"{folder} is no folder; correct WARDWATCH_TABLES_DIR"
        raise Failure(message)
    found = {
        name: folder / file
        for name, file in USUAL_NAMES.items()
        if getattr(settings, name) is None and (folder / file).exists()
    }
    return structs.replace(settings, **found)


def read_zip_places(path: Path | None) -> Mapping[str, Place]:
    """Read the table of places; empty where the site has none.

    Raises:
        Failure: naming the line that cannot be read.
    """
    if path is None:
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return load_zip_places(lines)
    except TableError as error:
        message = f"{path}: {error}"
        raise Failure(message) from None


def read_table(
    path: Path | None, load: Callable[[Rows], tuple[Loaded, list[BadRow]]], absent: Absent
) -> Loaded | Absent:
    """Read one table; `absent` where the site has none.

    Raises:
        Failure: where it is none, or where a row cannot be used: half a table would be wrong in silence.
    """
    if path is None:
        return absent
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            table, bad = load(delimited_rows(lines))
    except (TableError, UnicodeDecodeError) as error:
        reason = str(error) if isinstance(error, TableError) else "no text in UTF-8"
        message = f"{path}: {reason}"
        raise Failure(message) from None
    if bad:
        message = f"{path}: {len(bad)} rows cannot be used, the first is row {bad[0].number} ({bad[0].reason})"
        raise Failure(message)
    return table


def read_unit_limits(folder: Path | None) -> UnitLimits | None:
    """Read a folder of quarterly files, each named by its first day (`2026-01-01.csv`); None where there is none.

    Raises:
        Failure: where a file's name is no day, or its content no table.
    """
    if folder is None:
        return None
    files = sorted(path for path in folder.iterdir() if path.suffix in UNIT_LIMITS_SUFFIXES)
    return UnitLimits(_quarters(files))


def _quarters(files: Iterable[Path]) -> Iterable[Quarter]:
    for path in files:
        try:
            since = datetime.date.fromisoformat(path.stem)
        except ValueError:
            message = f"{path}: name the file by the first day of its quarter, such as 2026-01-01.csv"
            raise Failure(message) from None

        def load(rows: Rows, since: datetime.date = since) -> tuple[Quarter, list[BadRow]]:
            return load_unit_limits(rows, since)

        yield read_table(path, load, Quarter(since, {}))
