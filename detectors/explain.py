"""Access is explained before it is judged: the relationship templates T1 to T9 (domain.md §3.2).

Plain configured tests, no mining. The patient's side finds who, and which departments and units, have ties to the
patient; the user's side, which keeps the staff record and the shifts, concludes.
"""

from dataclasses import dataclass
from typing import NamedTuple

from detectors.profiles.patient import PatientProfile
from detectors.profiles.user import UserProfile
from detectors.reference.diagnosis_groups import DiagnosisGroups, departments_for

DAY = 86_400.0


@dataclass(frozen=True)
class Windows:
    """How long each tie lasts, in days. Defaults: domain.md §3.2."""

    appointment: float = 14.0
    order: float = 90.0
    after_discharge: float = 7.0
    department: float = 90.0
    repeat: float = 30.0
    pair_memory: float = 400.0
    context_stale: float = 3.0
    diagnosis: float = 90.0
    initiated: float = 1.0
    open_task: float = 90.0
    """Days before or after: T1 `appointment` to T9 `initiated`; `pair_memory` is how long a pair of user and patient is
    known, `context_stale` how long a patient's feed may be silent, `open_task` how long a task explains (T7) that
    nobody closes; the last is ours."""
    front_desks: tuple[str, ...] = (
        "Registration", "Patient Access", "Scheduling", "Call Center", "Front Desk", "Contact Center",
    )  # fmt: skip
    """T9: departments that work for whoever calls, books or checks in."""


INITIATED = frozenset({"call", "phone_call", "portal_message", "patient_message", "check_in", "scheduling"})
"""Queues of tasks that a patient begins (T9)."""

CONSULTED = frozenset({"consult", "referral", "cross_cover", "coverage"})
"""Queues of tasks, and kinds of orders, by which one clinician asks another (T6)."""

CONTENT_ACTIONS = frozenset(
    {"read", "create", "update", "delete", "print", "export", "download", "transmit", "disclose"}
)
"""Actions that show or change a chart; a search list does not."""


TEMPLATE = len("T1")
PLACE = len("T1:")
"""In a tie of a place: where the template ends, and where the department or unit begins."""


class Ties(NamedTuple):
    """A patient's ties at one moment: templates that name this user, and `template:place` for departments and units."""

    direct: list[str]
    places: list[str]


def ties(
    patient: PatientProfile, user: str, at: float, windows: Windows, responsible: DiagnosisGroups | None = None
) -> Ties:
    """Find what ties `user`, or whole departments, to the patient at `at` (seconds since the epoch).

    `responsible` is the site's table of departments by diagnosis; without it nothing is explained by T5.
    """
    found = Ties([], [])
    _by_appointment(patient, user, at, windows, found)
    _by_order(patient, user, at, windows, found)
    _by_stay(patient, user, at, windows, found)
    if responsible and patient.relations.diagnoses:
        _by_diagnosis(patient, at, windows, responsible, found)
    _by_care_team(patient, user, at, found)
    _by_task(patient, user, at, windows, found)
    return Ties(list(dict.fromkeys(found.direct)), list(dict.fromkeys(found.places)))


def _by_appointment(patient: PatientProfile, user: str, at: float, windows: Windows, found: Ties) -> None:
    """T1 with the user in person, T4 with the department, T9 with the desks where it was made or begins."""
    ahead, behind = at + windows.appointment * DAY, at - windows.appointment * DAY
    department_since, initiated = at - windows.department * DAY, windows.initiated * DAY
    for appointment in patient.appointments:
        start = appointment.start
        if appointment.is_cancelled:
            continue
        if appointment.user == user and behind <= start <= ahead:
            found.direct.append("T1")
        if appointment.dept and department_since <= start <= ahead:
            found.places.append(f"T4:{appointment.dept}")
        # The patient dealt with the desk at the booking, and does at the appointment.
        if abs(at - start) <= initiated or abs(at - appointment.known_at) <= initiated:
            found.places.extend(f"T9:{desk}" for desk in windows.front_desks)


def _by_order(patient: PatientProfile, user: str, at: float, windows: Windows, found: Ties) -> None:
    """T2 by the user's own order, result or note, T4 by the department's, T6 by being asked for a consult."""
    own_since, department_since = at - windows.order * DAY, at - windows.department * DAY
    latest = at + DAY
    for order in patient.orders:
        moment = order.at
        if moment > latest:
            continue
        if order.user == user and moment >= own_since:
            found.direct.append("T2")
        if order.dept and moment >= department_since:
            found.places.append(f"{'T6' if order.kind in CONSULTED else 'T4'}:{order.dept}")


def _by_stay(patient: PatientProfile, user: str, at: float, windows: Windows, found: Ties) -> None:
    """T2 for who took part, T3 for the unit, T4 for the department of an encounter. An open stay has no end."""
    for stay in patient.stays:
        if stay.since > at + DAY:
            continue
        since_end = (at - stay.until) / DAY if stay.until else 0.0
        if since_end <= windows.order and user in stay.users:
            found.direct.append("T2")
        if stay.unit and since_end <= windows.after_discharge:
            found.places.append(f"T3:{stay.unit}")
        if stay.dept and since_end <= windows.department:
            found.places.append(f"T4:{stay.dept}")


def _by_diagnosis(
    patient: PatientProfile, at: float, windows: Windows, responsible: DiagnosisGroups, found: Ties
) -> None:
    """T5: the departments that answer for a diagnosis of the last weeks."""
    for category, seen_at in patient.relations.diagnoses.items():
        if at - windows.diagnosis * DAY <= seen_at <= at + DAY:
            found.places.extend(f"T5:{department}" for department in departments_for(category, responsible))


def _by_care_team(patient: PatientProfile, user: str, at: float, found: Ties) -> None:
    """T6 by a place on the care team."""
    for member in patient.care_team:
        if member.user == user and member.since <= at <= (member.until or at):
            found.direct.append("T6")


def _by_task(patient: PatientProfile, user: str, at: float, windows: Windows, found: Ties) -> None:
    """T7, T6 or T9, by its queue: a task for the user or for a pool, with a day's grace on both sides.

    A feed that never tells of the end of a task must not explain for ever.
    """
    for task in patient.tasks:
        if task.queue in INITIATED:
            template, last = "T9", task.since + windows.initiated * DAY
        else:
            end = task.until or task.since + windows.open_task * DAY
            template, last = "T6" if task.queue in CONSULTED else "T7", end + DAY
        if task.since - DAY <= at <= last:
            if task.user == user:
                found.direct.append(template)
            elif task.pool:
                found.places.append(f"{template}:{task.pool}")


def conclude(found: Ties, user: UserProfile, dept: str, at: float, *, repeat: bool) -> list[str]:
    """Return every template that explains the access, given what the patient's side noted.

    Args:
        found: the ties that the patient's side noted.
        user: the profile of the user, with staff record and shifts.
        dept: the user's department, from the staff record or the event.
        at: the time of the access, seconds since the epoch.
        repeat: whether an explained access by this user lies within the repeat window (T8).
    """
    templates = list(found.direct)
    if found.places:
        own = units_on_shift(user, at)
        if dept:
            own.append(dept)
        for tie in found.places:
            if tie[PLACE:] in own and tie[:TEMPLATE] not in templates:
                templates.append(tie[:TEMPLATE])
    if repeat:
        templates.append("T8")
    return templates


EARLY, LATE = 3_600.0, 3 * 3_600.0
"""Grace before and after a shift: day teams linger, nobody starts hours ahead (A11, S:Wang19)."""


def units_on_shift(user: UserProfile, at: float) -> list[str]:
    """Return the units that the user is rostered to at `at`, with an asymmetric grace around the shift."""
    latest_start, earliest_end = at + EARLY, at - LATE
    return [shift.unit for shift in user.shifts if shift.start <= latest_start and shift.end >= earliest_end]
