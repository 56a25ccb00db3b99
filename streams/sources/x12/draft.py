"""A claim while its segments are read: loops 2300 to 2430 of the 837, professional and institutional."""

import datetime
from typing import Literal

from detectors.events.billing import Amounts, Claim, ClaimProcedure, Diagnosis, Line, Party
from detectors.events.envelope import EARLIEST
from streams.sources.x12.hierarchy import TAX_NUMBERS, identify
from streams.sources.x12.placing import composite
from streams.sources.x12.values import (
    PADDING,
    BadElement,
    at_time,
    date_of,
    days,
    instant,
    number,
    required,
    required_cents,
)

DiagnosisRole = Literal["principal", "admitting", "reason_for_visit", "external_cause", "other"]

_DIAGNOSES: dict[str, tuple[DiagnosisRole, str]] = {
    "ABK": ("principal", "icd10cm"), "BK": ("principal", "icd9cm"),
    "ABF": ("other", "icd10cm"), "BF": ("other", "icd9cm"),
    "ABJ": ("admitting", "icd10cm"), "BJ": ("admitting", "icd9cm"),
    "APR": ("reason_for_visit", "icd10cm"), "PR": ("reason_for_visit", "icd9cm"),
    "ABN": ("external_cause", "icd10cm"), "BN": ("external_cause", "icd9cm"),
}  # fmt: skip
"""HIxx-1 to the role and code system of a diagnosis (X12 element 1270, domain.md §1.4)."""

_PROCEDURES = {"BBR": "principal", "BR": "principal", "CAH": "principal", "BBQ": "other", "BQ": "other"}
_DEATH = "55"
"""Occurrence code of the date of death (NUBC)."""

ROLES = {
    "82": "rendering", "DN": "referring", "P3": "referring", "DK": "ordering", "DQ": "supervising",
    "71": "attending", "72": "operating", "77": "service_facility", "FA": "service_facility",
}  # fmt: skip
"""NM101 to the party of the transaction."""

_POINT = "."
_LONGEST_TIME = len("HHMMSSDD")


class Draft:
    """The claim as read so far. `scope`: its segments are those of the claim, of a line, or of no interest."""

    def __init__(self, declared_component: str, zone: datetime.tzinfo) -> None:
        self.claim = Claim()
        self.amounts = Amounts()
        self.lines: list[Line] = []
        self.line = Line()
        self.parties: dict[str, Party] = {}
        self.record_number = ""
        self.death: datetime.date | None = None
        self.checks: list[str] = []
        self.scope = "claim"
        self.loop = "2300"
        self._component = declared_component
        self._zone = zone
        self._party: Party | None = None
        self._discharge_time: list[str] = []

    def composite(self, value: str) -> list[str]:
        """Return the components of an element."""
        return value.split(self._component) + PADDING

    def begin(self, elements: list[str]) -> None:
        """CLM: control number, charge, place, frequency."""
        claim = self.claim
        claim.pcn = required(elements, 1)
        self.amounts.charge = required_cents(elements, 2)
        mark = composite(required(elements, 5), self._component)
        if mark != self._component:
            self._component = mark
            self.checks.append("component_separator_undeclared")
        place = self.composite(elements[5])
        claim.frequency = place[2].partition(_POINT)[0]
        professional = place[1] == "B" or (not place[1] and claim.type != "institutional")
        claim.pos, claim.facility_code = (place[0], "") if professional else ("", place[0])
        claim.delay_reason = elements[20]

    def date(self, elements: list[str]) -> None:
        """DTP of the claim: statement period, admission, discharge."""
        qualifier = elements[1]
        if qualifier == "434":
            self.claim.from_, self.claim.through = days(elements, 2)
        elif qualifier == "435":
            self.claim.admit_at = self._moment(elements)
        elif qualifier == "096":
            if elements[2] == "TM" and len(elements[3]) <= _LONGEST_TIME:
                instant(EARLIEST.date(), elements, 3, self._zone)
                self._discharge_time = elements
            else:
                self.claim.discharge_at = self._moment(elements)

    def _moment(self, elements: list[str]) -> datetime.datetime | None:
        """Return the instant of a DTP segment: a date (D8), or a date and time (DT, at times called TM)."""
        text = elements[3]
        if not text:
            return None
        try:
            return at_time(date_of(text[:8]), text[8:], self._zone)
        except ValueError as error:
            raise BadElement(str(error), "DTP03") from None

    def reference(self, elements: list[str]) -> None:
        """REF of the claim or of one of its providers."""
        qualifier = elements[1]
        if self._party is not None:
            if qualifier in TAX_NUMBERS:
                self._party.tin_ref = elements[2]
        elif qualifier == "F8":
            self.claim.original_ref = elements[2]
        elif qualifier == "EA":
            self.record_number = elements[2]
        elif qualifier == "G1":
            self.claim.auth = elements[2]
        elif qualifier == "9F":
            self.claim.referral = elements[2]

    def amount(self, elements: list[str]) -> None:
        """AMT of the claim: paid by the patient (F5), estimated due from the patient (F3)."""
        if elements[1] == "F5":
            self.amounts.patient_paid = required_cents(elements, 2)
        elif elements[1] == "F3":
            self.amounts.patient_resp = required_cents(elements, 2)

    def institution(self, elements: list[str]) -> None:
        """CL1: type of admission, discharge status."""
        self.claim.admission_type, self.claim.discharge_status = elements[1], elements[3]

    def codes(self, elements: list[str]) -> None:
        """HI: diagnoses, procedures, DRG, occurrences."""
        for at in range(1, 13):
            if not elements[at]:
                continue
            parts = self.composite(elements[at])
            qualifier, code = parts[0], parts[1]
            if not code:
                continue
            if qualifier in _DIAGNOSES:
                self._diagnosis(parts)
            elif qualifier in _PROCEDURES:
                date = _dated(parts, at)
                self.claim.icd_proc.append(
                    ClaimProcedure(code=code.replace(_POINT, ""), date=date, role=_PROCEDURES[qualifier])
                )
            elif qualifier == "DR":
                self.claim.drg = code
            elif qualifier == "BH" and code == _DEATH:
                self.death = _dated(parts, at)

    def _diagnosis(self, parts: list[str]) -> None:
        role, system = _DIAGNOSES[parts[0]]
        numbered = role in ("principal", "other")
        seq = 1 + sum(1 for known in self.claim.dx if known.seq) if numbered else 0
        code = parts[1].replace(_POINT, "")
        self.claim.dx.append(Diagnosis(code=code, system=system, role=role, poa=parts[8], seq=seq))

    def name(self, elements: list[str]) -> None:
        """NM1 of the claim (2310): the first of each role counts."""
        role = ROLES.get(elements[1], "")
        self._party = identify(Party(), elements)
        if role:
            self._party = self.parties.setdefault(role, self._party)
        self.loop = "2310"

    def provider(self, elements: list[str]) -> None:
        """PRV of a provider: its taxonomy."""
        if self._party is not None and elements[2] in ("PXC", "ZZ"):
            self._party.taxonomy = elements[3]

    def place(self, elements: list[str]) -> None:
        """N4 of a provider: its postal code."""
        if self._party is not None:
            self._party.zip = elements[3]

    def other_insurance(self, elements: list[str]) -> None:
        """SBR within a claim begins 2320: what other payers did is not this claim's."""
        self.loop, self.scope = "2320", "other"

    def begin_line(self, elements: list[str]) -> None:
        """LX: the next service line."""
        self.line = Line(n=number(elements, 1))
        self.lines.append(self.line)
        self.loop, self.scope = "2400", "line"

    def finish(self) -> None:
        """Derive what stands in no single segment."""
        claim = self.claim
        if self._discharge_time and claim.through is not None:
            claim.discharge_at = instant(claim.through, self._discharge_time, 3, self._zone)
        if claim.from_ is None:
            starts = [line.dos_from for line in self.lines if line.dos_from]
            claim.from_ = min(starts, default=None)
            claim.through = max([line.dos_to or line.dos_from for line in self.lines if line.dos_from], default=None)
        if sum(line.charge for line in self.lines) != self.amounts.charge:
            self.checks.append("line_charges_differ")
        if any(not line.code and (line.code_system or not line.revenue) for line in self.lines):
            self.checks.append("procedure_code_missing")


def _dated(parts: list[str], at: int) -> datetime.date | None:
    """Return the date of a code, HIxx-4, where it has one."""
    if parts[2] != "D8" or not parts[3]:
        return None
    try:
        return date_of(parts[3])
    except ValueError as error:
        raise BadElement(str(error), f"HI{at:02d}-4") from None
