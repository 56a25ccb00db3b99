"""The log of breaches that affect fewer than 500 individuals, by the year of their discovery (164.408(c))."""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from alerting.breach.affected import HHS_FROM
from alerting.breach.duties import duties
from alerting.breach.file import BreachFile


class LogLine(Struct, frozen=True, kw_only=True):
    """One breach of the log. `affected` is None while nobody has counted; dates are None for what is not done."""

    incident_id: str
    discovered_on: date
    affected: int | None
    states: str
    individuals_told_on: date | None
    hhs_due: date
    hhs_submitted_on: date | None
    is_late: bool


def yearly_log(files: Iterable[BreachFile], year: int) -> list[LogLine]:
    """Return the confirmed small breaches of our own that were discovered in a year, in the order of discovery."""
    lines = [_line(file) for file in files if _belongs(file, year)]
    return sorted((line for line in lines if line), key=lambda line: (line.discovered_on, line.incident_id))


def _belongs(file: BreachFile, year: int) -> bool:
    if file.decision != "breach" or file.described.part == "business_associate":
        return False
    total = file.counted.affected.total if file.counted else 0
    return file.discovered_on.year == year and total < HHS_FROM


def _line(file: BreachFile) -> LogLine | None:
    duty = next((duty for duty in duties(file) if duty.kind in ("hhs_yearly", "hhs")), None)
    if duty is None:
        return None
    affected = file.counted.affected if file.counted else None
    letters = [notice.made_on for notice in file.valid_notices if notice.kind in ("individual", "next_of_kin")]
    submitted = [notice.made_on for notice in file.valid_notices if notice.kind in ("hhs", "hhs_yearly")]
    return LogLine(
        incident_id=file.incident_id,
        discovered_on=file.discovered_on,
        affected=affected.total if affected else None,
        states=" ".join(f"{state}={n}" for state, n in sorted(affected.states.items())) if affected else "",
        individuals_told_on=max(letters, default=None),
        hhs_due=duty.due,
        hhs_submitted_on=min(submitted, default=None),
        is_late=duty.late,
    )
