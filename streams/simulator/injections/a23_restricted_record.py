"""A23: a record is restricted, and somebody whom nothing ties to the patient opens it."""

from collections.abc import Iterator

from detectors.events import PatientContext
from streams.simulator.hospital import patient_ref
from streams.simulator.injections.scene import Scene
from streams.simulator.record import Simulated


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the flag in the morning and two looks in one go, by a nurse at work."""
    hospital = scene.hospital
    nurses = hospital.staff.working_in("nurse", hospital.layout.of_kind("unit"))
    user, (patient,) = scene.at_work(nurses), scene.strangers(1)
    yield scene.known(scene.at(6.0), PatientContext(patient_ref=patient_ref(patient), restricted=True))
    at = scene.at(scene.rng.uniform(10.0, 15.0))
    for _ in range(2):
        yield scene.look(user, patient, at)
        at = round(at + scene.rng.uniform(20, 90), 3)
