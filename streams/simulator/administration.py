"""What an office does beside patients: rights and passwords, reports, accounts of payees."""

from collections.abc import Iterator

import numpy as np

from detectors.events import BillingTransaction
from detectors.events.access import Action, Purpose, Resource, Source, Volume
from detectors.events.billing import BankChange
from streams.simulator.hospital import Hospital, user_ref
from streams.simulator.injections.scene import Scene
from streams.simulator.record import BILLING_SOURCE, Simulated
from streams.simulator.sessions import Sessions
from streams.simulator.timing import generator, instant
from streams.simulator.visits import Agenda

_GRANTS, _LEAST_GRANTS = 4.0, 0.4
_RESETS, _LEAST_RESETS = 6.0, 0.5
_REPORTS, _LEAST_REPORTS = 6.0, 1.0
_BANK_CHANGES, _LEAST_BANK_CHANGES = 0.3, 0.1
"""Means a weekday: at scale 1, and at any scale. Ours; no source counts them."""
_RIGHTS = ("scheduling", "reports", "order_entry", "registration")
_REPORT_RECORDS = (20, 200)
_BYTES_A_RECORD = 2_000


def administration_of(hospital: Hospital, agenda: Agenda, sessions: Sessions, day: int) -> Iterator[Simulated]:
    """Yield the office's deeds of a weekday, in any order."""
    if hospital.calendar.weekday(day) >= 5:
        return
    rng = generator(hospital.seed, "administration", day)
    scene = Scene(
        hospital=hospital,
        agenda=agenda,
        sessions=sessions,
        rng=rng,
        day=day,
        days_left=1,
        ordinal=0,
        name="administration",
    )
    for make, mean, least in (
        (_grant, _GRANTS, _LEAST_GRANTS),
        (_reset, _RESETS, _LEAST_RESETS),
        (_report, _REPORTS, _LEAST_REPORTS),
        (_bank_change, _BANK_CHANGES, _LEAST_BANK_CHANGES),
    ):
        for _ in range(int(rng.poisson(max(least, mean * hospital.scale)))):
            yield make(scene, scene.at(rng.uniform(8.5, 16.5)))


def _grant(scene: Scene, at: float) -> Simulated:
    right = Resource(type="Practitioner", id=_someone(scene), category=f"grant:{scene.rng.choice(_RIGHTS)}")
    return _by_identity_management(scene, "privilege_change", at, right)


def _reset(scene: Scene, at: float) -> Simulated:
    password = Resource(type="Practitioner", id=_someone(scene), category="password")
    return _by_identity_management(scene, "user_attribute_change", at, password)


def _by_identity_management(scene: Scene, action: Action, at: float, resource: Resource) -> Simulated:
    """Return a change by the account of identity management, which names its ticket."""
    service = np.flatnonzero([actor.type == "service" for actor in scene.hospital.actors])
    ticket = Purpose(code="HSYSADMIN", text_present=True)
    return scene.deed(
        int(service[-1]), action, at, resource=resource, kind=None, purpose=ticket, app="iam", labelled=False
    )


def _report(scene: Scene, at: float) -> Simulated:
    staff = scene.hospital.staff
    user = scene.at_work(staff.working_in("him_qa_research", scene.hospital.layout.of_kind("records")))
    records = int(scene.rng.integers(*_REPORT_RECORDS))
    listing = Resource(type="List", category="report", id=f"RPT-{int(scene.rng.integers(1, 30)):04d}")
    volume = Volume(records=records, bytes=records * _BYTES_A_RECORD)
    purpose = Purpose(code="HOPERAT")
    return scene.deed(user, "export", at, resource=listing, kind=None, purpose=purpose, volume=volume, labelled=False)


def _bank_change(scene: Scene, at: float) -> Simulated:
    hospital = scene.hospital
    clerk = scene.at_work(hospital.staff.working_in("billing_coding", hospital.layout.of_kind("accounts")))
    number = int(scene.rng.integers(100, 999))
    change = BankChange(
        payee_ref=f"PAYEE-{number}",
        old_fp=f"bank-PAYEE-{number}",
        new_fp=f"bank-PAYEE-{number}-{scene.day}",
        channel="portal",
        verified_by=user_ref(int(hospital.staff.manager[clerk])),
        verified_at=instant(at - 3600),
    )
    changed = BillingTransaction(
        kind="bank_account_change",
        occurred_at=instant(at),
        src=Source(system="billing", format="csv"),
        user=hospital.clerk(clerk),
        bank_change=change,
    )
    return scene.record(BILLING_SOURCE, at, changed, labelled=False)


def _someone(scene: Scene) -> str:
    return user_ref(int(scene.rng.integers(len(scene.hospital.actors))))
