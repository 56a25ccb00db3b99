"""One claim payment of an 835 while its segments are read: loops 2100 and 2110."""

from collections.abc import Callable

from detectors.events.billing import Adjustment, Amounts, BilledPatient, Claim, Line, Member, Party
from streams.sources.x12.hierarchy import identify
from streams.sources.x12.placing import LONGEST_REFERENCE, composite
from streams.sources.x12.values import PADDING, BadElement, cents, day, quantity, required, required_cents

REVERSAL = "22"
_CAS_TRIPLETS = range(2, 20, 3)
_MOA_REMARKS = range(3, 8)
_MIA_REMARKS = (5, 20, 21, 22, 23)
"""Elements of MOA and MIA that hold remark codes (X12 005010X221, loop 2100)."""


class PaidClaim:
    """The claim payment as read so far. What stands before the first SVC is the claim's."""

    def __init__(self, declared_component: str) -> None:
        self.claim = Claim()
        self.amounts = Amounts()
        self.lines: list[Line] = []
        self.rendering: Party | None = None
        self.record_number = ""
        self.patient_number = ""
        self.subscriber_number = ""
        self.checks: list[str] = []
        self.loop = "2100"
        self._component = declared_component
        # Adjustments and remarks of the claim itself; becomes line 0 where there are any.
        self._whole = Line(n=0, units=0.0)
        self._line: Line | None = None

    def begin(self, elements: list[str]) -> None:
        """CLP: numbers, status, amounts."""
        claim, amounts = self.claim, self.amounts
        claim.pcn, claim.status = required(elements, 1), required(elements, 2)
        amounts.charge, amounts.paid = required_cents(elements, 3), required_cents(elements, 4)
        amounts.patient_resp = cents(elements, 5)
        claim.filing_indicator, claim.payer_ccn = elements[6], elements[7]
        claim.facility_code, claim.frequency, claim.drg = elements[8], elements[9], elements[11]

    def adjustments(self, elements: list[str]) -> None:
        """CAS: up to six triplets of reason, amount and quantity."""
        line = self._line or self._whole
        for at in _CAS_TRIPLETS:
            if not elements[at]:
                continue
            amount = required_cents(elements, at + 1)
            absent = None if not elements[at + 2] else quantity(elements, at + 2, 0.0)
            line.adjustments.append(Adjustment(group=elements[1], carc=elements[at], amount=amount, qty=absent))
            self.amounts.adjustment += amount
            if elements[1] == "PR":
                line.patient_resp += amount

    def name(self, elements: list[str]) -> None:
        """NM1: patient (QC), insured (IL), who rendered the service (82)."""
        role = elements[1]
        if role == "QC":
            self.patient_number = elements[9]
        elif role == "IL":
            self.subscriber_number = elements[9]
        elif role == "82":
            self.rendering = identify(Party(), elements)

    def reference(self, elements: list[str]) -> None:
        """REF: of the claim, or of a line."""
        qualifier, line = elements[1], self._line
        if line is not None:
            if qualifier == "6R":
                line.control = elements[2]
            elif qualifier == "HPI":
                line.rendering_npi = elements[2]
        elif qualifier == "F8":
            self.claim.original_ref = elements[2]
        elif qualifier == "EA":
            self.record_number = elements[2]
        elif qualifier == "G1":
            self.claim.auth = elements[2]
        elif qualifier == "9F":
            self.claim.referral = elements[2]

    def date(self, elements: list[str]) -> None:
        """DTM: period of the claim (232, 233), date or period of a line (472, 150, 151)."""
        qualifier, line = elements[1], self._line
        if line is None:
            if qualifier == "232":
                self.claim.from_ = day(elements, 2)
            elif qualifier == "233":
                self.claim.through = day(elements, 2)
        elif qualifier in ("472", "150"):
            line.dos_from = line.dos_to = day(elements, 2)
        elif qualifier == "151":
            line.dos_to = day(elements, 2)

    def amount(self, elements: list[str]) -> None:
        """AMT: what the payer covers of the claim (AU), what it allows for a line (B6)."""
        if elements[1] == "AU" and self._line is None:
            self.amounts.allowed = required_cents(elements, 2)
        elif elements[1] == "B6" and self._line is not None:
            self._line.allowed = required_cents(elements, 2)

    def outpatient(self, elements: list[str]) -> None:
        """MOA: remark codes."""
        self._whole.remarks += [elements[at] for at in _MOA_REMARKS if elements[at]]

    def inpatient(self, elements: list[str]) -> None:
        """MIA: remark codes."""
        self._whole.remarks += [elements[at] for at in _MIA_REMARKS if elements[at]]

    def service(self, elements: list[str]) -> None:
        """SVC: the next service line."""
        value = required(elements, 1)
        mark = composite(value, self._component)
        if mark != self._component:
            self._component = mark
            self._check("component_separator_undeclared")
        parts = value.split(self._component) + PADDING
        self._line = line = Line(n=len(self.lines) + 1, code_system=parts[0], code=parts[1])
        line.modifiers = [modifier for modifier in parts[2:6] if modifier]
        line.charge, line.paid = required_cents(elements, 2), required_cents(elements, 3)
        line.revenue = elements[4]
        line.units = quantity(elements, 5, 1.0)
        if line.code_system == "NU" and not line.revenue:
            # NUBC: the code itself is a revenue code.
            line.revenue, line.code, line.code_system = line.code, "", ""
        self.lines.append(line)
        self.loop = "2110"

    def remark(self, elements: list[str]) -> None:
        """LQ: remark code of a line."""
        if elements[1] == "HE" and self._line is not None and elements[2]:
            self._line.remarks.append(elements[2])

    def finish(self) -> None:
        """Derive what stands in no single segment."""
        claim, amounts = self.claim, self.amounts
        charge = allowed = owed = 0
        for line in self.lines:
            owed += line.patient_resp
            charge += line.charge
            allowed += line.allowed
            if not line.code and (line.code_system or not line.revenue):
                self._check("procedure_code_missing")
        if claim.from_ is None:
            claim.from_ = min([line.dos_from for line in self.lines if line.dos_from], default=None)
        if claim.through is None:
            claim.through = max([line.dos_to for line in self.lines if line.dos_to], default=claim.from_)
        if claim.status == REVERSAL:
            claim.original_ref = claim.original_ref or claim.payer_ccn
            # CLP05 stays empty in a reversal (005010X221, 1.10.2.8): what the patient no longer owes stands in the CAS.
            amounts.patient_resp = amounts.patient_resp or self._whole.patient_resp + owed
        if not amounts.allowed:
            amounts.allowed = allowed
        if amounts.charge - amounts.adjustment != amounts.paid:
            self._check("claim_out_of_balance")
        if self.lines and charge != amounts.charge:
            self._check("line_charges_differ")
        if self._whole.adjustments or self._whole.remarks:
            self.lines.insert(0, self._whole)

    def _check(self, code: str) -> None:
        if code not in self.checks:
            self.checks.append(code)

    def patient(self) -> BilledPatient | None:
        """Return the patient: by medical record number where there is one, else by number of membership."""
        ref = self.record_number or (f"member:{self.patient_number}" if self.patient_number else "")
        if len(ref) > LONGEST_REFERENCE:
            raise BadElement("too_long", "NM109")
        return BilledPatient(ref=ref) if ref else None

    def member(self) -> Member | None:
        """Return the insured person."""
        ref = self.subscriber_number or self.patient_number
        return Member(ref=ref) if ref else None


STEPS: dict[str, Callable[[PaidClaim, list[str]], None]] = {
    "CLP": PaidClaim.begin,
    "CAS": PaidClaim.adjustments,
    "NM1": PaidClaim.name,
    "REF": PaidClaim.reference,
    "DTM": PaidClaim.date,
    "AMT": PaidClaim.amount,
    "MOA": PaidClaim.outpatient,
    "MIA": PaidClaim.inpatient,
    "SVC": PaidClaim.service,
    "LQ": PaidClaim.remark,
}
