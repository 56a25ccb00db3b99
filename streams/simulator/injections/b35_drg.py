"""B35: stays of a night are billed in groups with a major complication, for a single secondary diagnosis."""

from collections.abc import Iterator

import msgspec

from detectors.events import BillingTransaction
from detectors.events.access import Source
from detectors.events.billing import Claim, Diagnosis, Line, Party
from streams.simulator.claim_records import totals
from streams.simulator.injections.scene import Scene
from streams.simulator.providers import TAXONOMIES
from streams.simulator.record import BILLING_SOURCE, Simulated
from streams.simulator.timing import instant

DAYS, STAYS_A_DAY = 8, 5
GROUPS = ("193", "637", "689")
"""Of a high weight, each: in `streams/simulator/drg.py` who lies there stays for four nights and more."""
COMPLICATION = "E43"
"""ICD-10-CM, severe malnutrition: a major complication that audits find billed without ground."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the hospital's claims for the stays, the day after each; all are labelled."""
    attending = msgspec.structs.replace(scene.provider(), taxonomy=TAXONOMIES["Hospital Medicine"])
    for later, number in scene.over(DAYS, STAYS_A_DAY):
        (patient,) = scene.patients(1)
        yield _claim(scene, attending, patient, number, later)


def _claim(scene: Scene, attending: Party, patient: int, number: int, later: int) -> Simulated:
    first, last = scene.date(2 - later), scene.date(1 - later)
    account, at = f"{scene.name}-{scene.ordinal}-{number}", scene.at(10.0, later) + number * 0.02
    lines = [
        Line(
            n=1, revenue="0120", units=1.0, unit_basis="UN", charge=int(scene.rng.integers(200_000, 400_000)),
            dos_from=first, dos_to=first,
        )
    ]  # fmt: skip
    stay = BillingTransaction(
        kind="claim_submitted",
        occurred_at=instant(at),
        src=Source(system="billing", format="x12_837i", file_id=f"file-{scene.name}-{scene.ordinal}"),
        claim=Claim(
            pcn=f"PCN-{account}",
            frequency="1",
            type="institutional",
            facility_code="11",
            from_=first,
            through=last,
            admit_at=instant(scene.at(20.0, later - 2)),
            discharge_at=instant(scene.at(11.0, later - 1)),
            admission_type="3",
            discharge_status="01",
            drg=GROUPS[number % len(GROUPS)],
            filing_indicator="MB",
            dx=[
                Diagnosis(code="J189", system="icd10cm", role="principal", seq=1),
                Diagnosis(code=COMPLICATION, system="icd10cm", role="other", seq=2),
            ],
        ),
        patient=scene.hospital.billed(patient),
        member=scene.hospital.member(patient),
        billing=scene.hospital.organisation(),
        attending=attending,
        lines=lines,
        amounts=totals(lines),
    )
    return scene.record(BILLING_SOURCE, at, stay, labelled=True)
