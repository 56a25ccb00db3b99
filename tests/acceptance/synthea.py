"""Claims and encounters of a Synthea population (`../shared/data/synthea-smart`) as canonical events.

Encounters become context, and what explains accesses: the practitioner opens the patient's chart twice, a nurse of the
organisation once, its registrar once. The organisation is the department. These accesses are ours, not Synthea's: there
is no public log of accesses to patient records. Claims and payments of insurers are Synthea's own.
"""

import csv
import datetime
import gzip
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from detectors.events import AccessEvent, BillingTransaction, EncounterContext, Event, StaffContext
from detectors.events.access import AccessedPatient, Action, Actor, Resource
from detectors.events.billing import Amounts, BilledPatient, Claim, Line, Link, Party
from detectors.reference.npi import passes_luhn
from tests.acceptance.world import World, event_of

CLINIC, PAYER = "urn:synthea:clinic", "urn:synthea:payer"
SEXES = {"male": "M", "female": "F"}
NURSES = 3
"""Nurses of an organisation."""
PAID_AFTER = datetime.timedelta(days=14)

Row = dict[str, str]


def read(folder: Path, since: datetime.datetime) -> World:
    """Return claims, remittances, encounters and derived accesses that begin at `since` or later.

    The set ends in April 2021 and reaches back to 1914; its later years are the dense ones.
    """
    encounters = [row for row in _rows(folder / "encounters.csv.gz") if _instant(row["start"]) >= since]
    claims = [row for row in _rows(folder / "claims.csv.gz") if _instant(row["start"]) >= since]
    by_visit = {(row["patient_id"], row["start"]): row["practitioner_id"] for row in encounters}
    world = World()
    world.context = [*_staff(encounters, since), *(_encounter(row) for row in encounters)]
    for row in encounters:
        world.events += _accesses(row)
    for row in claims:
        world.events += _claim(row, by_visit.get((row["patient_id"], row["start"]), ""))
    world.events.sort(key=lambda event: event.time)
    world.identifiers = {
        row[name]
        for rows, names in (
            (encounters, ("encounter_id", "patient_id", "practitioner_id", "org_id")),
            (claims, ("claim_id", "patient_id", "provider_id")),
        )
        for row in rows
        for name in names
        if row[name]
    }
    world.identifiers |= {npi_of(row["provider_id"]) for row in claims}
    return world


def npi_of(identifier: str) -> str:
    """Return a National Provider Identifier with a valid check digit; Synthea's providers have none."""
    digits = f"1{int(sha256(identifier.encode()).hexdigest(), 16) % 10**8:08d}"
    return next(digits + str(last) for last in range(10) if passes_luhn(f"80840{digits}{last}".encode()))


def staff_record(
    user: str, dept: str, role: str, at: datetime.datetime, *, terminated_at: datetime.datetime | None = None
) -> Event:
    """Return the record of a member of staff, as human resources know it at that time."""
    data = StaffContext(user_ref=user, dept=dept, role=role, status="active", terminated_at=terminated_at)
    return event_of(CLINIC, f"staff:{user}", data, at.timestamp())


def access(user: str, dept: str, role: str, patient: str, at: datetime.datetime, *, action: Action = "read") -> Event:
    """Return an access to a chart."""
    data = AccessEvent(
        action=action,
        occurred_at=at,
        actor=Actor(id=user, dept=dept, roles=[role]),
        patient=AccessedPatient(ref=patient),
        resource=Resource(type="summary"),
    )
    return event_of(CLINIC, f"access:{user}:{patient}:{at.isoformat()}:{action}", data, at.timestamp())


def claim(
    number: str, patient: str, provider: str, practitioner: str, *, lines: list[Line], at: datetime.datetime
) -> Event:
    """Return a claim that was submitted at that time, billed by an organisation for who rendered the service."""
    data = BillingTransaction(
        kind="claim_submitted",
        occurred_at=at,
        claim=Claim(pcn=number, frequency="1", from_=at.date(), through=at.date()),
        patient=BilledPatient(ref=patient),
        billing=Party(npi=npi_of(provider), entity="2"),
        rendering=Party(npi=npi_of(practitioner), entity="1") if practitioner else None,
        lines=lines,
        amounts=Amounts(charge=sum(line.charge for line in lines)),
    )
    return event_of(CLINIC, f"claim:{number}", data, at.timestamp())


def _rows(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _instant(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def _staff(encounters: list[Row], since: datetime.datetime) -> Iterator[Event]:
    """Yield one record for everybody who works in the encounters."""
    seen: set[str] = set()
    for row in encounters:
        people = ((row["practitioner_id"], "physician"), (_nurse(row), "nurse"), (_registrar(row), "registrar"))
        for user, role in people:
            if user and user not in seen:
                seen.add(user)
                yield staff_record(user, row["org_id"], role, since)


def _nurse(row: Row) -> str:
    return f"nurse-{int(row['encounter_id'][:8], 16) % NURSES}-{row['org_id']}"


def _registrar(row: Row) -> str:
    return f"registrar-{row['org_id']}"


def _encounter(row: Row) -> Event:
    admitted, discharged = _instant(row["start"]), _instant(row["end"])
    data = EncounterContext(
        patient_ref=row["patient_id"],
        encounter_id=row["encounter_id"],
        admit_at=admitted,
        class_=row["class"],
        dept=row["org_id"],
        user_refs=[row["practitioner_id"]] if row["practitioner_id"] else [],
        discharge_at=discharged,
        facility=row["org_id"],
    )
    return event_of(CLINIC, f"encounter:{row['encounter_id']}", data, admitted.timestamp())


def _accesses(row: Row) -> Iterator[Event]:
    begin, end = _instant(row["start"]), _instant(row["end"])
    minute = datetime.timedelta(minutes=1)
    patient, org = row["patient_id"], row["org_id"]
    yield access(_registrar(row), org, "registrar", patient, begin - 10 * minute)
    yield access(_nurse(row), org, "nurse", patient, begin - 2 * minute)
    if row["practitioner_id"]:
        yield access(row["practitioner_id"], org, "physician", patient, begin + minute)
        yield access(row["practitioner_id"], org, "physician", patient, end - minute, action="update")


def _claim(row: Row, practitioner: str) -> Iterator[Event]:
    codes = [code for code in row["codes"].split("|") if code]
    total = _cents(row["total"])
    lines = [
        Line(n=n + 1, code=code, code_system="SNOMED", charge=total if n == 0 else 0) for n, code in enumerate(codes)
    ]
    end = _instant(row["end"])
    submitted = claim(row["claim_id"], row["patient_id"], row["provider_id"], practitioner, lines=lines, at=end)
    assert isinstance(submitted.data, BillingTransaction)
    assert submitted.data.claim is not None
    assert submitted.data.patient is not None
    submitted.data.claim.type = "pharmacy" if row["type"] == "pharmacy" else "institutional"
    submitted.data.patient.sex = SEXES.get(row["gender"], "U")  # type: ignore[assignment]  # one of the literals
    yield submitted
    if row["eob_paid"]:
        paid_at = end + PAID_AFTER
        paid = BillingTransaction(
            kind="remit_paid",
            occurred_at=paid_at,
            claim=Claim(pcn=row["claim_id"], status="1"),
            patient=BilledPatient(ref=row["patient_id"]),
            billing=submitted.data.billing,
            rendering=submitted.data.rendering,
            amounts=Amounts(charge=total, paid=_cents(row["eob_paid"])),
            links=[Link(rel="pays", id=submitted.id)],
        )
        yield event_of(PAYER, f"remit:{row['claim_id']}", paid, paid_at.timestamp())


def _cents(amount: str) -> int:
    return round(float(amount) * 100)
