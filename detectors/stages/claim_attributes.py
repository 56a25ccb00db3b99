"""Codes that do not fit the sex or the age on the claim (B16): a matter of billing quality, never of fraud."""

import datetime

from detectors.events import BillingTransaction
from detectors.events.billing import BilledPatient
from detectors.reference.code_attributes import CodeAttributes, find_attributes
from detectors.scene import Scene
from detectors.stages.billing import EPOCH, line_dates
from detectors.thresholds_claims import ClaimThresholds

ON_PURPOSE = "KX"
"""Modifier that says that the sex on the claim and the service differ on purpose (CMS, transgender and intersex)."""

MOTHERS = range(12, 56)
"""Ages at which a newborn's services may stand on its mother's claim."""


def note_mismatches(scene: Scene, transaction: BillingTransaction, thresholds: ClaimThresholds) -> None:
    """Note how many codes of a claim do not fit the patient, and of what kind the first is: `sex` or `age`."""
    table, patient = scene.around.references.code_attributes, transaction.patient
    if not table or patient is None:
        return
    found: list[str] = []
    dates = list(line_dates(transaction))
    billed = [(line.code, day) for line, day in dates if ON_PURPOSE not in line.modifiers]
    if transaction.claim is not None and billed:
        billed += [(diagnosis.code, min(day for _, day in dates)) for diagnosis in transaction.claim.dx]
    for code, day in billed:
        date = datetime.date.fromordinal(day + EPOCH)
        attributes = find_attributes(table, code, date)
        mismatch = _mismatch(attributes, patient, date, thresholds) if attributes else ""
        if mismatch:
            found.append(mismatch)
    if found:
        scene.notes["claim.mismatches"] = len(found)
        scene.notes["claim.mismatch_of"] = found[0]


def _mismatch(
    attributes: CodeAttributes, patient: BilledPatient, date: datetime.date, thresholds: ClaimThresholds
) -> str:
    """Return what does not fit: `sex`, `age` or nothing. What the claim does not state fits."""
    if attributes.sex and patient.sex in ("F", "M") and patient.sex != attributes.sex:
        return "sex"
    if patient.birth_date is None:
        return ""
    age = full_years(patient.birth_date, date)
    if attributes.min_age <= age <= attributes.max_age:
        return ""
    is_newborn_code = attributes.max_age * 365 <= thresholds.mismatch_newborn_days
    return "" if is_newborn_code and patient.sex == "F" and age in MOTHERS else "age"


def full_years(birth: datetime.date, on: datetime.date) -> int:
    """Return full years of age: who is born on a leap day is a year older from 1 March on in other years."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
