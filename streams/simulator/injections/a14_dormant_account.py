"""A14: the account of a locum, unused for months, comes back to life from outside and opens strangers' charts."""

import datetime
from collections.abc import Iterator

from detectors.events import AccessEvent, StaffContext
from detectors.events.access import Action, Actor, Client, Session
from streams.simulator.accesses import resource_of
from streams.simulator.hospital import user_ref
from streams.simulator.injections.scene import Scene
from streams.simulator.record import ACCESS_SOURCE, Simulated
from streams.simulator.timing import instant

IDLE_DAYS, HIRED_DAYS_BEFORE, CHARTS = 140, 700, 4
"""More than ninety days without use (domain.md A14); what the directory knows of it comes with the staff record."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the staff record in the morning, a login of the evening, and charts of people who do not come here."""
    hospital, rng = scene.hospital, scene.rng
    clinic = hospital.layout.names[hospital.layout.of_kind("clinic")[0]]
    account, morning = f"L{scene.ordinal + 1:04d}", scene.at(5.0)
    record = StaffContext(
        user_ref=account,
        dept=clinic,
        role="physician",
        job_code="J00",
        status="active",
        manager_ref=user_ref(scene.staff("physician", "clinic")),
        hired_at=instant(morning) - datetime.timedelta(days=HIRED_DAYS_BEFORE),
        last_login_at=instant(morning) - datetime.timedelta(days=IDLE_DAYS),
    )
    yield scene.known(morning, record)
    at = scene.at(rng.uniform(19.0, 21.0))
    yield _deed(scene, record, "login", at)
    for patient in rng.choice(hospital.strangers(), CHARTS, replace=False).tolist():
        at = round(at + rng.uniform(60, 600), 3)
        yield _deed(scene, record, "read", at, patient)


def _deed(scene: Scene, record: StaffContext, action: Action, at: float, patient: int | None = None) -> Simulated:
    access = AccessEvent(
        action=action,
        occurred_at=instant(at),
        actor=Actor(id=record.user_ref, type="human", roles=[record.role], dept=record.dept, job_code=record.job_code),
        session=Session(id=f"locum-{scene.ordinal}-{scene.day}", auth="password"),
        client=Client(ip=f"198.51.100.{60 + scene.ordinal % 60}", ip_class="remote", app="ehr"),
        patient=None if patient is None else scene.hospital.accessed(patient),
        resource=None if patient is None else resource_of("summary", 0),
    )
    return scene.record(ACCESS_SOURCE, at, access, labelled=True)
