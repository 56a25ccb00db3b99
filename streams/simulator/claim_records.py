"""Claims and remittances as events, file by file."""

import datetime
from collections.abc import Iterator
from typing import Literal

import numpy as np

from detectors.events import BillingTransaction
from detectors.events.access import Source
from detectors.events.billing import Adjustment, Amounts, Claim, Diagnosis, Kind, Line, Link, Party, Payment
from streams.simulator.claims import (
    CARCS,
    DENIED,
    MODIFIERS,
    PAID_OUT,
    REPLACED,
    RESUBMITTED,
    REVERSED,
    SUBMITTED,
    VOIDED,
    Claims,
    Due,
)
from streams.simulator.hospital import Hospital
from streams.simulator.record import BILLING_SOURCE, Recorder, Simulated
from streams.simulator.tariff import DIAGNOSES, TARIFF, Tariff
from streams.simulator.timing import HOUR, instant

_ALLOWED_TO_PAID = 1.25
"""A payer pays 80 % of what it allows; the patient owes 20 %."""
_REPLACED_CHARGE = 0.9
_PAYER = "1987654321"
"""Who pays, as remittances name payers: 1 and the tax number (TRN03, ten characters)."""
_KEYS = {SUBMITTED: "claim", REPLACED: "replacement", VOIDED: "void", PAID_OUT: "remit", DENIED: "remit",
         REVERSED: "reversal", RESUBMITTED: "again"}  # fmt: skip
_KINDS: dict[int, Kind] = {
    SUBMITTED: "claim_submitted",
    REPLACED: "claim_replaced",
    VOIDED: "claim_voided",
    PAID_OUT: "remit_paid",
    DENIED: "remit_denied",
    REVERSED: "remit_reversed",
    RESUBMITTED: "claim_submitted",
}
_RELATIONS: dict[int, tuple[Literal["replaces", "reverses", "pays"], int]] = {
    REPLACED: ("replaces", SUBMITTED),
    VOIDED: ("reverses", SUBMITTED),
    PAID_OUT: ("pays", SUBMITTED),
    DENIED: ("pays", SUBMITTED),
    REVERSED: ("reverses", PAID_OUT),
}
"""What a record links to: a void reverses the claim, a reversal the remittance."""


class ClaimRecords:
    """Keeps what is still to become of claims, and turns it into events on its day."""

    def __init__(self, hospital: Hospital) -> None:
        self._hospital = hospital
        self._organisation = hospital.organisation()
        self._record = Recorder(BILLING_SOURCE, hospital.seed)
        self._due: dict[int, list[tuple[Due, np.ndarray[tuple[int], np.dtype[np.int64]]]]] = {}

    def expect(self, due: Due, first: int, last: int) -> None:
        """Take note of what is due on the days from `first` up to, but without, `last`."""
        days = ((due.at - self._hospital.calendar.origin) // (24 * HOUR)).astype(np.int64)
        for day in np.unique(days[(days >= first) & (days < last)]).tolist():
            self._due.setdefault(day, []).append((due, np.flatnonzero(days == day)))

    def of_day(self, day: int) -> Iterator[Simulated]:
        """Yield the claims and remittances of `day` by time."""
        work = [
            (float(at), number, int(row), int(step), due.claims)
            for number, (due, rows) in enumerate(self._due.pop(day, []))
            for at, row, step in zip(due.at[rows], due.row[rows], due.step[rows], strict=True)
        ]
        work.sort(key=lambda item: item[:4])
        for at, _, row, step, table in work:
            key = f"{_KEYS[step]}:{table.day}:{row}"
            yield self._record(key, at, self._transaction(table, row, step, at))

    def _transaction(self, table: Claims, row: int, step: int, at: float) -> BillingTransaction:
        hospital, claim = self._hospital, table.claims[row]
        remit = step in (PAID_OUT, DENIED, REVERSED)
        lines = [self._line(table, claim, number, step) for number in range(int(claim["first"]), int(claim["last"]))]
        frequency = {REPLACED: "7", VOIDED: "8"}.get(step, "1")
        institutional = bool(claim["institutional"])
        provider = int(claim["provider"])
        is_laboratory = hospital.is_laboratory(provider)
        person = hospital.rendering(provider)
        moment = instant(at)
        transaction = BillingTransaction(
            kind=_KINDS[step],
            occurred_at=moment,
            src=Source(
                system="billing",
                format="x12_835" if remit else ("x12_837i" if institutional else "x12_837p"),
                file_id=f"file-{moment:%m%d-%H}",
            ),
            claim=Claim(
                pcn=f"PCN-{table.day + 1000}-{row}",
                payer_ccn=f"CCN-{table.day + 1000}-{row}" if step not in (SUBMITTED, RESUBMITTED) else "",
                original_ref=f"CCN-{table.day + 1000}-{row}" if frequency != "1" else "",
                frequency=frequency,
                type="institutional" if institutional else "professional",
                facility_code="11" if institutional else "",
                pos=f"{claim['pos']}" if claim["pos"] else "",
                status={PAID_OUT: "1", DENIED: "4", REVERSED: "22"}.get(step, ""),
                from_=self._date(int(claim["from"])),
                through=self._date(int(claim["through"])),
                admit_at=None if np.isnan(claim["admitted"]) else instant(claim["admitted"]),
                discharge_at=None if np.isnan(claim["discharged"]) else instant(claim["discharged"]),
                admission_type=("1" if np.isnan(claim["admitted"]) else "3") if institutional else "",
                discharge_status="01" if institutional else "",
                drg=f"{claim['drg']}" if claim["drg"] else "",
                filing_indicator="MB",
                dx=[Diagnosis(code=DIAGNOSES[claim["dx"]], system="icd10cm", role="principal", seq=1)],
            ),
            patient=hospital.billed(int(claim["patient"])),
            member=hospital.member(int(claim["patient"])),
            billing=person if is_laboratory else self._organisation,
            lines=lines,
            amounts=totals(lines),
            links=self._links(table, row, step),
        )
        if institutional:
            transaction.attending = person
        elif not is_laboratory:
            transaction.rendering = person
        if not remit and claim["referrer"] >= 0:
            transaction.referring = self._referring(int(claim["referrer"]))
        if remit:
            transaction.payment = Payment(
                method="ACH", direction="C", trace=f"EFT-{moment:%m%d-%H}", effective=moment.date(), payer_id=_PAYER
            )
        return transaction

    def _links(self, table: Claims, row: int, step: int) -> list[Link]:
        if step not in _RELATIONS:
            return []
        relation, origin = _RELATIONS[step]
        return [Link(rel=relation, id=self._record.id(f"{_KEYS[origin]}:{table.day}:{row}"))]

    def _line(self, table: Claims, claim: np.void, number: int, step: int) -> Line:
        code, units, charge, modifier, day = table.lines[number].tolist()
        tariff = TARIFF[code]
        if step == REPLACED:
            charge = round(charge * _REPLACED_CHARGE)
        line = Line(
            n=number - int(claim["first"]) + 1,
            code="" if tariff.revenue else tariff.code,
            code_system="" if tariff.revenue else "HC",
            revenue=tariff.revenue,
            modifiers=[MODIFIERS[modifier]] if modifier else [],
            units=float(units),
            unit_basis="UN",
            charge=charge,
            dos_from=self._date(day),
            dos_to=self._date(day),
            rendering_npi=self._renderer(tariff, int(claim["provider"])),
        )
        if step in (PAID_OUT, REVERSED):
            adjudicate(line, round(tariff.paid * _ALLOWED_TO_PAID) * units, -1 if step == REVERSED else 1)
        elif step == DENIED:
            line.adjustments = [Adjustment(group="CO", carc=CARCS[claim["carc"]], amount=charge)]
        return line

    def _renderer(self, tariff: Tariff, provider: int) -> str:
        if tariff.revenue or self._hospital.is_laboratory(provider):
            return ""
        return self._hospital.npis[provider]

    def _referring(self, physician: int) -> Party:
        return Party(npi=self._hospital.npis[physician], entity="1")

    def _date(self, day: int) -> datetime.date:
        return self._hospital.calendar.date(day)


def adjudicate(line: Line, allowed: int, sign: int) -> None:
    """Pay a line up to what the payer allows: charge less adjustments is what is paid. `sign` -1 takes it back."""
    allowed = min(line.charge, allowed)
    owed = allowed // 5
    adjusted = (("CO", "45", line.charge - allowed), ("PR", "2", owed))
    line.adjustments = [
        Adjustment(group=group, carc=carc, amount=sign * amount) for group, carc, amount in adjusted if amount
    ]
    line.charge, line.allowed = sign * line.charge, sign * allowed
    line.patient_resp, line.paid = sign * owed, sign * (allowed - owed)


def totals(lines: list[Line]) -> Amounts:
    """Return the totals of the lines."""
    return Amounts(
        charge=sum(line.charge for line in lines),
        allowed=sum(line.allowed for line in lines),
        paid=sum(line.paid for line in lines),
        patient_resp=sum(line.patient_resp for line in lines),
        adjustment=sum(part.amount for line in lines for part in line.adjustments),
    )
