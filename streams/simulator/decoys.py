"""Decoys: ordinary work that looks suspicious and must not alert high. They carry no labels.

Two others are part of ordinary work: month-end coding (`charts.py`) and expired-password Monday (`accesses.py`).
"""

from collections.abc import Iterator

from detectors.events import EncounterContext, PatientContext
from streams.simulator.hospital import Hospital, patient_ref
from streams.simulator.injections.scene import Scene
from streams.simulator.people import NEWBORNS
from streams.simulator.record import Simulated
from streams.simulator.sessions import ONSITE_CLASS, Sessions
from streams.simulator.timing import generator, instant
from streams.simulator.visits import Agenda

NEWBORNS_A_WEEK = 24
_REGISTRATION_WEEKDAY = 2
_SECONDS_BETWEEN = 55.0


def newborn_registration(hospital: Hospital, agenda: Agenda, sessions: Sessions, day: int) -> Iterator[Simulated]:
    """Yield, each Wednesday, a registrar's round through the week's newborns, whose numbers follow one another."""
    if hospital.calendar.weekday(day) != _REGISTRATION_WEEKDAY:
        return
    scene = Scene(
        hospital=hospital,
        agenda=agenda,
        sessions=sessions,
        rng=generator(hospital.seed, "newborns", day),
        day=day,
        days_left=1,
        ordinal=0,
        name="newborns",
    )
    obstetrics = hospital.layout.named("Obstetrics")
    registrar = int(hospital.staff.working_in("ma_registrar", [obstetrics])[0])
    ward = hospital.layout.names[hospital.layout.of_kind("unit")[0]]
    week = day // 7
    for number in range(NEWBORNS_A_WEEK):
        child = hospital.patients.n + (week * NEWBORNS_A_WEEK + number) % NEWBORNS
        born = scene.at(1.0 + number * 0.25)
        yield scene.known(born, PatientContext(patient_ref=patient_ref(child), age_band="0-9"))
        encounter = EncounterContext(
            patient_ref=patient_ref(child),
            encounter_id=f"E{day}:newborn:{number}",
            class_="newborn",
            dept="Obstetrics",
            unit=ward,
            admit_at=instant(born),
            facility="main",
        )
        yield scene.known(born, encounter)
        at = round(scene.at(10.0) + number * _SECONDS_BETWEEN + scene.rng.uniform(0, 20), 3)
        yield scene.opening(
            registrar, child, at, kind=ONSITE_CLASS, category="demographics", action="create", labelled=False
        )
