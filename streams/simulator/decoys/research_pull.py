"""A research pull with a ticket: one person opens 150 charts in an afternoon and exports 620, all on a work queue."""

from collections.abc import Iterator

from detectors.events import TaskContext
from detectors.events.access import Purpose, Resource, Volume
from streams.simulator.hospital import patient_ref, user_ref
from streams.simulator.injections.scene import Scene
from streams.simulator.record import Simulated
from streams.simulator.timing import DAY, instant

CHARTS, RECORDS = 150, 620
"""Over the 500 records at which an export without a ticket counts (domain.md A10)."""
_SECONDS_BETWEEN = 110.0


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield a task for each record, opened in the morning, the charts, and the export under the ticket's number."""
    hospital, rng = scene.hospital, scene.rng
    user = scene.at_work(hospital.staff.working_in("him_qa_research", hospital.layout.of_kind("records")))
    cohort = scene.patients(RECORDS)
    opened = scene.at(7.0)
    for patient in cohort:
        task = TaskContext(
            patient_ref=patient_ref(patient), user_ref=user_ref(user), queue="research",
            opened_at=instant(opened), closed_at=instant(opened + 3 * DAY),
        )  # fmt: skip
        yield scene.known(opened, task)
    for number, patient in enumerate(cohort[:CHARTS]):
        at = round(scene.at(10.0) + number * _SECONDS_BETWEEN + rng.uniform(0, 30), 3)
        yield scene.look(user, patient, at, labelled=False)
    listing = Resource(type="List", category="report", id=f"TICKET-RESEARCH-{scene.ordinal + 1:04d}")
    purpose = Purpose(code="HRESCH", text_present=True)
    volume = Volume(records=len(cohort), bytes=len(cohort) * 2_000)
    at = scene.at(15.5)
    yield scene.deed(user, "export", at, resource=listing, kind=None, purpose=purpose, volume=volume, labelled=False)
