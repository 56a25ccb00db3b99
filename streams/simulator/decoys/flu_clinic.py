"""A flu clinic: one physician bills the same two codes, diagnosis and charges for everybody who comes."""

from collections.abc import Iterator

from streams.simulator.injections.scene import Scene, line
from streams.simulator.record import Simulated

PEOPLE = 48


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the visits, from 8 to 16, and in the evening their claims, all alike."""
    hospital = scene.hospital
    physician = int(hospital.staff.working_in("physician", [hospital.layout.named("Family Medicine")])[0])
    rendering, dos = hospital.rendering(physician), scene.date()
    for number, patient in enumerate(scene.patients(PEOPLE)):
        yield scene.visit(physician, patient, scene.at(8.0 + number / 6))
        lines = [line("90471", 1, 3_900, dos, rendering), line("90686", 1, 4_800, dos, rendering, n=2)]
        at = scene.at(22.0) + number * 0.02
        yield scene.claim(patient, rendering, lines, at, account=str(number), labelled=False)
