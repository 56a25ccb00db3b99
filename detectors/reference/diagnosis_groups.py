"""Which department answers for which diagnoses (T5): a plain table that the site supplies, nothing is mined.

Learning such explanations from the access log is patented (US 8745085 B2); configured relationship tests are older
practice (domain.md §3.4).
"""

import csv
from collections.abc import Iterable, Iterator, Mapping

from detectors.reference.service_minutes import TableError

DiagnosisGroups = Mapping[str, tuple[str, ...]]
"""Beginning of an ICD-10-CM code, at most three characters, to the departments."""

CATEGORY = 3
"""Characters of a category of ICD-10-CM; the table speaks of categories or wider groups."""


def load(lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Read a CSV with the columns `department,diagnosis`: `Cardiology,I2` stands for all codes that begin with I2.

    Raises:
        TableError: naming the line.
    """
    table: dict[str, tuple[str, ...]] = {}
    reader = csv.DictReader(lines)
    try:
        for row in reader:
            department, group = row["department"].strip(), row["diagnosis"].strip().upper()
            if not department or not 1 <= len(group) <= CATEGORY or not group.isalnum() or not group[0].isalpha():
                raise ValueError
            table[group] = tuple(dict.fromkeys((*table.get(group, ()), department)))
    except (KeyError, AttributeError, ValueError, csv.Error):
        message = (
            f"diagnosis groups, line {reader.line_num}: expected department,diagnosis with one to three characters of "
            "an ICD-10-CM code"
        )
        raise TableError(message) from None
    return table


def departments_for(category: str, table: DiagnosisGroups) -> Iterator[str]:
    """Yield the departments that answer for a category."""
    for length in range(1, CATEGORY + 1):
        yield from table.get(category[:length], ())
