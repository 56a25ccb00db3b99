"""The reference tables of a site, read from the files that the settings name."""

import datetime
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from detectors.reference.code_attributes import load_code_attributes
from detectors.reference.global_days import load_global_days
from detectors.reference.procedure_pairs import load_procedure_pairs
from detectors.reference.rows import BadRow, Rows, delimited_rows
from detectors.reference.service_minutes import TableError
from detectors.reference.unit_limits import Quarter, UnitLimits, load_unit_limits
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
    return References(
        minutes=read_minutes(settings),
        responsible=read_diagnosis_groups(settings),
        pairs=read_table(settings.procedure_pairs, load_procedure_pairs, None),
        unit_limits=read_unit_limits(settings.unit_limits),
        code_attributes=read_table(settings.code_attributes, load_code_attributes, {}),
        global_days=read_table(settings.global_days, load_global_days, {}),
    )


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
