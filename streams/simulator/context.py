"""Context events: what the hospital's other systems say, at the moment at which they come to know it."""

import datetime
import heapq
from collections.abc import Iterator

import numpy as np

from detectors.events import (
    AppointmentContext,
    CareTeamContext,
    EncounterContext,
    ExclusionContext,
    OrderContext,
    PatientContext,
    RosterContext,
    StaffContext,
    TaskContext,
)
from streams.simulator.hospital import (
    Hospital,
    address_token,
    area_code,
    block_token,
    patient_ref,
    surname_token,
    user_ref,
)
from streams.simulator.parameters import BOOKED_AHEAD_DAYS, HISTORY_DAYS, ROLES, SHIFTS
from streams.simulator.providers import npi
from streams.simulator.record import CONTEXT_SOURCE, Recorder, Simulated, time_of
from streams.simulator.roster import Duty
from streams.simulator.tariff import DIAGNOSES
from streams.simulator.timing import DAY, HOUR, Rows, instant
from streams.simulator.visits import CLASSES, INPATIENT, OUTPATIENT, Agenda
from streams.simulator.work import KINDS_OF_ORDER, QUEUES

_FORMER_LEFT_DAYS_BEFORE = 3
_HIRED_DAYS_BEFORE = 1500
EXCLUDED_ELSEWHERE = 20
_EXCLUDED_FROM_NUMBER = 90_000_000
_ROSTER_AHEAD = 12 * HOUR


def excluded_elsewhere(number: int) -> ExclusionContext:
    """Return the exclusion of a provider who bills nobody here."""
    return ExclusionContext(
        from_=datetime.date(2019, 1, 20) + datetime.timedelta(days=97 * number),
        npi=npi(_EXCLUDED_FROM_NUMBER + number),
        list="LEIE",
    )


class Registry:
    """Turns the plan of a hospital into context events."""

    def __init__(self, hospital: Hospital) -> None:
        self._hospital = hospital
        self._record = Recorder(CONTEXT_SOURCE, hospital.seed)

    def beginning(self) -> Iterator[Simulated]:
        """Yield what is known when the history begins: staff, flagged patients, exclusions, earlier bookings."""
        time = self._hospital.calendar.begin(-HISTORY_DAYS)
        for user in range(len(self._hospital.actors)):
            yield self._record(f"staff:{user}", time, staff_record(self._hospital, user))
        people = self._hospital.patients
        flagged = people.vip | people.employee | people.deceased
        for patient in np.flatnonzero(flagged).tolist():
            yield self._record(f"patient:{patient}", time, self._patient(patient))
        for number in range(EXCLUDED_ELSEWHERE):
            yield self._record(f"exclusion:{number}", time, excluded_elsewhere(number))

    def of_day(self, day: int, agenda: Agenda, duty: Duty | None, orders: Rows, tasks: Rows) -> Iterator[Simulated]:
        """Yield the context that becomes known on `day`, by time."""
        return heapq.merge(
            iter(sorted(self._appointments(day, agenda), key=time_of)),
            iter(sorted(self._encounters(day, agenda), key=time_of)),
            self._orders(day, orders),
            self._tasks(day, tasks),
            iter(sorted(self._shifts(day, duty), key=time_of) if duty else ()),
            key=time_of,
        )

    def _patient(self, patient: int) -> PatientContext:
        shown = self._hospital.accessed(patient)
        return PatientContext(
            patient_ref=shown.ref,
            vip=shown.vip,
            is_employee=shown.is_employee,
            deceased_at=shown.deceased_at,
            last_name_tok=shown.last_name_tok,
            address_tok=shown.address_tok,
            geo5=shown.geo5,
            block_tok=shown.block_tok,
            age_band=shown.age_band,
        )

    def _appointments(self, day: int, agenda: Agenda) -> Iterator[Simulated]:
        begin = self._hospital.calendar.begin(day)
        # On the first day of the history, whatever was booked before it becomes known at its own, earlier time.
        first = -np.inf if day == -HISTORY_DAYS else begin
        for ahead in range(BOOKED_AHEAD_DAYS[1] + 1):
            visits = agenda.of(day + ahead)
            chosen = (visits["kind"] == OUTPATIENT) & (visits["booked"] >= first) & (visits["booked"] < begin + DAY)
            for row in np.flatnonzero(chosen).tolist():
                visit = visits[row]
                booked = AppointmentContext(
                    patient_ref=patient_ref(visit["patient"]),
                    user_ref=user_ref(visit["physician"]),
                    dept=self._hospital.layout.names[visit["place"]],
                    start=instant(visit["start"]),
                    end=instant(visit["end"]),
                    status="booked",
                )
                yield self._record(f"appointment:{day + ahead}:{row}", float(visit["booked"]), booked)

    def _encounters(self, day: int, agenda: Agenda) -> Iterator[Simulated]:
        for row, visit in enumerate(agenda.of(day)):
            # An outpatient's end is planned; a stay's end is not known before it comes.
            end = None if visit["kind"] == INPATIENT else float(visit["end"])
            key = f"{day}:{row}"
            start = float(visit["start"])
            yield self._record(f"encounter:{key}", start, self._encounter(key, visit, end))
            if visit["kind"] == INPATIENT:
                member = CareTeamContext(
                    patient_ref=patient_ref(visit["patient"]),
                    user_ref=user_ref(visit["physician"]),
                    from_=instant(start),
                )
                yield self._record(f"care_team:{key}", start, member)
        begin = self._hospital.calendar.begin(day)
        for earlier in range(day - HISTORY_DAYS, day + 1):
            visits = agenda.of(earlier)
            leaving = (visits["kind"] == INPATIENT) & (visits["end"] >= begin) & (visits["end"] < begin + DAY)
            for row in np.flatnonzero(leaving).tolist():
                end = float(visits["end"][row])
                key = f"{earlier}:{row}"
                yield self._record(f"discharge:{key}", end, self._encounter(key, visits[row], end))

    def _encounter(self, key: str, visit: np.void, end: float | None) -> EncounterContext:
        names = self._hospital.layout.names
        return EncounterContext(
            patient_ref=patient_ref(visit["patient"]),
            encounter_id=f"E{key}",
            class_=CLASSES[visit["kind"]],
            dept=names[visit["place"]],
            unit=names[visit["unit"]],
            user_refs=[user_ref(visit["physician"])],
            admit_at=instant(visit["start"]),
            discharge_at=None if end is None else instant(end),
            facility="main",
            dx=[DIAGNOSES[visit["dx"]]],
        )

    def _orders(self, day: int, orders: Rows) -> Iterator[Simulated]:
        names = self._hospital.layout.names
        for row, (patient, place, physician, at) in enumerate(orders.tolist()):
            order = OrderContext(
                patient_ref=patient_ref(patient),
                user_ref=user_ref(physician),
                dept=names[place],
                kind=KINDS_OF_ORDER[names[place]],
                at=instant(at),
            )
            yield self._record(f"order:{day}:{row}", at, order)

    def _tasks(self, day: int, tasks: Rows) -> Iterator[Simulated]:
        names = self._hospital.layout.names
        for row, (patient, place, queue, opened, closed) in enumerate(tasks.tolist()):
            task = TaskContext(
                patient_ref=patient_ref(patient),
                pool=names[place],
                queue=QUEUES[queue],
                opened_at=instant(opened),
                closed_at=instant(closed),
            )
            yield self._record(f"task:{day}:{row}", opened, task)

    def _shifts(self, day: int, duty: Duty) -> Iterator[Simulated]:
        hospital = self._hospital
        names, kinds = hospital.layout.names, hospital.layout.kinds
        for user in np.flatnonzero(duty.working).tolist():
            place = hospital.staff.place[user]
            if kinds[place] not in ("unit", "emergency", "hospital"):
                continue
            patterns = SHIFTS[ROLES[hospital.staff.role[user]].shift]
            start = float(duty.start[user])
            end = start + len(patterns[duty.pattern[user]].weights) * HOUR
            shift = RosterContext(user_ref=user_ref(user), unit=names[place], start=instant(start), end=instant(end))
            known = max(start - _ROSTER_AHEAD, hospital.calendar.begin(day))
            yield self._record(f"shift:{day}:{user}", known, shift)


def staff_record(hospital: Hospital, user: int) -> StaffContext:
    """Return what human resources know of a member of staff when the simulation begins."""
    staff = hospital.staff
    actor, role = hospital.actors[user], ROLES[staff.role[user]]
    gone = bool(staff.former[user])
    left = instant(hospital.calendar.begin(-_FORMER_LEFT_DAYS_BEFORE) + 17 * HOUR) if gone else None
    own = int(staff.patient[user])
    return StaffContext(
        user_ref=actor.id,
        dept=actor.dept,
        role=role.name,
        job_code=actor.job_code,
        status="terminated" if gone else "active",
        manager_ref=user_ref(int(staff.manager[user])),
        hired_at=instant(hospital.calendar.begin(-_HIRED_DAYS_BEFORE)),
        terminated_at=left,
        notice_at=left - datetime.timedelta(days=30) if left else None,
        shift=role.shift,
        self_patient_ref=patient_ref(own) if own >= 0 else "",
        last_name_tok=surname_token(staff.surname[user]),
        address_tok=address_token(staff.address[user]),
        geo5=area_code(staff.area[user]),
        block_tok=block_token(staff.address[user]),
    )
