"""Access is explained before it is judged: the relationship templates T1 to T8 (domain.md §3.2).

Plain configured tests, no mining. The patient's side finds who, and which departments and units, have ties to the
patient; the user's side, which keeps the staff record and the shifts, concludes.
"""

from dataclasses import dataclass

from detectors.profiles.patient import PatientProfile
from detectors.profiles.user import UserProfile

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


CONTENT_ACTIONS = frozenset(
    {"read", "create", "update", "delete", "print", "export", "download", "transmit", "disclose"}
)
"""Actions that show or change a chart; a search list does not."""


@dataclass(frozen=True)
class Ties:
    """A patient's ties at one moment: templates that name this user, and `template:place` for departments and units."""

    direct: list[str]
    places: list[str]


def ties(patient: PatientProfile, user: str, at: float, windows: Windows) -> Ties:
    """Find what ties `user`, or whole departments, to the patient at `at` (seconds since the epoch)."""
    found = Ties([], [])
    _by_appointment(patient, user, at, windows, found)
    _by_order(patient, user, at, windows, found)
    _by_stay(patient, user, at, windows, found)
    if any(member.user == user and member.since <= at <= (member.until or at) for member in patient.care_team):
        found.direct.append("T6")
    _by_task(patient, user, at, found)
    return Ties(list(dict.fromkeys(found.direct)), list(dict.fromkeys(found.places)))


def _by_appointment(patient: PatientProfile, user: str, at: float, windows: Windows, found: Ties) -> None:
    """T1 with the user in person, T4 with the department."""
    ahead, behind = at + windows.appointment * DAY, at - windows.appointment * DAY
    for appointment in patient.appointments:
        if appointment.is_cancelled:
            continue
        if behind <= appointment.start <= ahead and appointment.user == user:
            found.direct.append("T1")
        if appointment.dept and at - windows.department * DAY <= appointment.start <= ahead:
            found.places.append(f"T4:{appointment.dept}")


def _by_order(patient: PatientProfile, user: str, at: float, windows: Windows, found: Ties) -> None:
    """T2 by the user's own order, result or note, T4 by the department's."""
    for order in patient.orders:
        if order.user == user and at - windows.order * DAY <= order.at <= at + DAY:
            found.direct.append("T2")
        if order.dept and at - windows.department * DAY <= order.at <= at + DAY:
            found.places.append(f"T4:{order.dept}")


def _by_stay(patient: PatientProfile, user: str, at: float, windows: Windows, found: Ties) -> None:
    """T2 for who took part, T3 for the unit, T4 for the department of an encounter. An open stay has no end."""
    for stay in patient.stays:
        if stay.since > at + DAY:
            continue
        since_end = (at - stay.until) / DAY if stay.until else 0.0
        if user in stay.users and since_end <= windows.order:
            found.direct.append("T2")
        if stay.unit and since_end <= windows.after_discharge:
            found.places.append(f"T3:{stay.unit}")
        if stay.dept and since_end <= windows.department:
            found.places.append(f"T4:{stay.dept}")


def _by_task(patient: PatientProfile, user: str, at: float, found: Ties) -> None:
    """T7: a work-queue task for the user or for a pool, with a day's grace on both sides."""
    for task in patient.tasks:
        if task.since - DAY <= at <= (task.until or at) + DAY:
            if task.user == user:
                found.direct.append("T7")
            elif task.pool:
                found.places.append(f"T7:{task.pool}")


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
        own = {dept, *units_on_shift(user, at)} if dept else set(units_on_shift(user, at))
        for tie in found.places:
            template, _, place = tie.partition(":")
            if place in own and template not in templates:
                templates.append(template)
    if repeat:
        templates.append("T8")
    return templates


EARLY, LATE = 3_600.0, 3 * 3_600.0
"""Grace before and after a shift: day teams linger, nobody starts hours ahead (A11, S:Wang19)."""


def units_on_shift(user: UserProfile, at: float) -> list[str]:
    """Return the units that the user is rostered to at `at`, with an asymmetric grace around the shift."""
    return [shift.unit for shift in user.shifts if shift.start - EARLY <= at <= shift.end + LATE]
