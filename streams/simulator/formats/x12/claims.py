"""Claims as the segments of 837 professional and institutional (005010X222A1, 005010X223A2; domain.md §1.4)."""

import datetime

from detectors.events import BillingTransaction
from detectors.events.billing import BilledPatient, Claim, Diagnosis, Line, Member, Party
from streams.simulator.formats.x12.elements import amount, composite, day, minute, moment, quantity, segment, text

CITY, STREET = "BOSTON", "1 MAIN ST"
"""Required by the guides, and nowhere in an event: every address is in one street."""

_QUALIFIERS = {
    "principal": "ABK",
    "other": "ABF",
    "admitting": "ABJ",
    "reason_for_visit": "APR",
    "external_cause": "ABN",
}
_DEATH = "BH:55:D8"
"""Occurrence code 55, date of death (NUBC)."""


def header(transaction: BillingTransaction, originator: str) -> list[str]:
    """Return BHT to loop 2010AA, which claims of one moment and one billing provider share."""
    date, time = moment(transaction.occurred_at)
    billing = transaction.billing or Party()
    return [
        segment("BHT", "0019", "00", originator, date, time, "CH"),
        segment("NM1", "41", "2", "SIMULATED HOSPITAL", "", "", "", "", "46", "WARDWATCH"),
        segment("PER", "IC", "BILLING OFFICE", "TE", "6175550100"),
        segment("NM1", "40", "2", "SIMULATED PAYER", "", "", "", "", "46", "PAYER"),
        segment("HL", "1", "", "20", "1"),
        *([segment("PRV", "BI", "PXC", text(billing.taxonomy))] if billing.taxonomy else []),
        _name("85", billing),
        segment("N3", STREET),
        segment("N4", CITY, "MA", text(billing.zip)),
        *([segment("REF", "EI", text(billing.tin_ref))] if billing.tin_ref else []),
    ]


def claim(transaction: BillingTransaction, level: int) -> list[str]:
    """Return loops 2000B to 2400 of one claim; the patient is the subscriber. `level` is HL01."""
    about = transaction.claim or Claim()
    institutional = about.type == "institutional"
    patient = transaction.patient or BilledPatient(ref="UNKNOWN")
    found = _subscriber(transaction, about, patient, level, institutional=institutional)
    charge = transaction.amounts.charge if transaction.amounts else 0
    if institutional:
        place = composite(text(about.facility_code), "A", about.frequency)
        found.append(segment("CLM", text(about.pcn), amount(charge), "", "", place, "", "A", "Y", "Y"))
        found += _institutional_dates(about)
        found.append(segment("CL1", about.admission_type, "", about.discharge_status))
    else:
        place = composite(text(about.pos), "B", about.frequency)
        found.append(segment("CLM", text(about.pcn), amount(charge), "", "", place, "Y", "A", "Y", "Y"))
        found += [segment("DTP", "435", "D8", day(about.admit_at))] if about.admit_at else []
        found += [segment("DTP", "096", "D8", day(about.discharge_at))] if about.discharge_at else []
    references = (("G1", about.auth), ("F8", about.original_ref), ("EA", patient.ref))
    found += [segment("REF", code, text(value)) for code, value in references if value]
    found += _codes(about, patient, institutional=institutional)
    if transaction.referring and not institutional:
        found.append(_name("DN", transaction.referring))
    role, function = ("71", "AT") if institutional else ("82", "PE")
    found += _provider(role, function, transaction.attending if institutional else transaction.rendering)
    for line in transaction.lines:
        found += _line(line, institutional=institutional)
    return found


def _subscriber(
    transaction: BillingTransaction, about: Claim, patient: BilledPatient, level: int, *, institutional: bool
) -> list[str]:
    member = transaction.member or Member()
    death = patient.death_date
    return [
        segment("HL", str(level), "1", "22", "0"),
        segment("SBR", "P", member.relationship, "", "", "", "", "", "", about.filing_indicator),
        *([segment("PAT", "", "", "", "", "D8", day(death))] if death and not institutional else []),
        segment("NM1", "IL", "1", "PATIENT", "SIMULATED", "", "", "", "MI", text(member.ref)),
        segment("N3", STREET),
        segment("N4", CITY, text(patient.state), f"{text(patient.zip3)}00" if patient.zip3 else ""),
        segment("DMG", "D8", day(patient.birth_date), patient.sex) if patient.birth_date else "",
        segment("NM1", "PR", "2", "SIMULATED PAYER", "", "", "", "", "PI", text(member.payer_id)),
    ]


def _institutional_dates(about: Claim) -> list[str]:
    found = []
    if about.discharge_at:
        found.append(segment("DTP", "096", "TM", about.discharge_at.strftime("%H%M")))
    if about.from_:
        found.append(segment("DTP", "434", "RD8", f"{day(about.from_)}-{day(about.through or about.from_)}"))
    if about.admit_at:
        found.append(segment("DTP", "435", "DT", minute(about.admit_at)))
    return found


def _codes(about: Claim, patient: BilledPatient, *, institutional: bool) -> list[str]:
    """Return HI: the principal diagnosis first; in an institutional claim each kind of code has its own segment."""
    numbered = [code for code in about.dx if code.role in ("principal", "other")]
    groups = [numbered] if not institutional else [[code] for code in numbered[:1]] + [numbered[1:]]
    groups += [[code] for code in about.dx if code not in numbered]
    found = [segment("HI", *map(_diagnosis, group)) for group in groups if group]
    if institutional and about.drg:
        found.append(segment("HI", composite("DR", text(about.drg))))
    if institutional and patient.death_date:
        found.append(segment("HI", composite(_DEATH, day(patient.death_date))))
    return found


def _diagnosis(diagnosis: Diagnosis) -> str:
    return composite(_QUALIFIERS[diagnosis.role], text(diagnosis.code), "", "", "", "", "", "", diagnosis.poa)


def _provider(role: str, function: str, party: Party | None) -> list[str]:
    if party is None:
        return []
    return [_name(role, party), segment("PRV", function, "PXC", text(party.taxonomy)) if party.taxonomy else ""]


def _name(role: str, party: Party) -> str:
    person = party.entity == "1"
    last, first = ("PROVIDER", "SIMULATED") if person else ("SIMULATED HOSPITAL", "")
    return segment("NM1", role, party.entity, last, first, "", "", "", "XX", text(party.npi))


def _line(line: Line, *, institutional: bool) -> list[str]:
    procedure = composite(line.code_system, text(line.code), *map(text, line.modifiers)) if line.code else ""
    charge, units = amount(line.charge), quantity(line.units)
    if institutional:
        service = segment("SV2", text(line.revenue), procedure, charge, line.unit_basis, units)
    else:
        pointers = composite(*map(str, line.dx_ptr or [1]))
        service = segment("SV1", procedure, charge, line.unit_basis, units, text(line.pos), "", pointers)
    return [segment("LX", str(line.n)), service, *_service_date(line.dos_from, line.dos_to)]


def _service_date(first: datetime.date | None, last: datetime.date | None) -> list[str]:
    if first is None:
        return []
    if last is None or last == first:
        return [segment("DTP", "472", "D8", day(first))]
    return [segment("DTP", "472", "RD8", f"{day(first)}-{day(last)}")]
