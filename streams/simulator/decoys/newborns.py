"""A registrar goes through the week's newborns, whose numbers follow one another."""

from collections.abc import Iterator

from detectors.events import EncounterContext, PatientContext
from streams.simulator.accesses import resource_of
from streams.simulator.hospital import patient_ref
from streams.simulator.injections.scene import Scene
from streams.simulator.people import NEWBORNS
from streams.simulator.record import Simulated
from streams.simulator.timing import instant

NEWBORNS_A_WEEK = 24
_SECONDS_BETWEEN = 55.0


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield births, stays, and a round of 24 charts in the order of their numbers, half a minute to a minute apart."""
    hospital = scene.hospital
    registrars = hospital.staff.working_in("ma_registrar", [hospital.layout.named("Obstetrics")])
    registrar = int(registrars[0])
    ward = hospital.layout.names[hospital.layout.of_kind("unit")[0]]
    week = scene.day // 7
    for number in range(NEWBORNS_A_WEEK):
        child = hospital.patients.n + (week * NEWBORNS_A_WEEK + number) % NEWBORNS
        born = scene.at(1.0 + number * 0.25)
        yield scene.known(born, PatientContext(patient_ref=patient_ref(child), age_band="0-9"))
        encounter = EncounterContext(
            patient_ref=patient_ref(child),
            encounter_id=f"E{scene.day}:newborn:{number}",
            class_="newborn",
            dept="Obstetrics",
            unit=ward,
            admit_at=instant(born),
            facility="main",
        )
        yield scene.known(born, encounter)
        at = round(scene.at(10.0) + number * _SECONDS_BETWEEN + scene.rng.uniform(0, 20), 3)
        demographics = resource_of("demographics", 0)
        yield scene.look(registrar, child, at, resource=demographics, action="create", labelled=False)
