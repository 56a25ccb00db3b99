"""The patient stage, relations: who the patient is to the staff, and who looked without a known reason."""

from collections.abc import Iterator

from detectors.events import (
    AccessEvent,
    AppointmentContext,
    BillingTransaction,
    EncounterContext,
    PatientContext,
    StaffContext,
)
from detectors.explain import DAY
from detectors.itinerary import PORTAL_ACTORS
from detectors.late import OPEN_DAYS, explained_late, is_of_department, visited_late
from detectors.partition import PartitionState
from detectors.peers.affinity import count_access, lift_of
from detectors.peers.names import bearers, count_name
from detectors.profiles.applied import fingerprint
from detectors.profiles.patient import PatientProfile
from detectors.profiles.relations import (
    DIAGNOSES_KEPT,
    GLASS_KEPT,
    OPENERS_KEPT,
    PROXIES_KEPT,
    Employee,
    Glass,
)
from detectors.profiles.said import is_news, seconds
from detectors.reference.diagnosis_groups import CATEGORY
from detectors.scene import Scene
from detectors.stages import patient
from detectors.stages.billing import dates_of
from detectors.thresholds import Thresholds
from detectors.visit import Visit
from detectors.work import most_patients_in_window

HOUR = 3_600.0
TOKENS = {"name": "last_name_tok", "address": "address_tok", "area": "geo5", "block": "block_tok"}
"""Our names of what says who lives where, and those of the events."""

TIMES_KEPT = 4
OPENED_SINCE = 2 * DAY
"""Late events are in before an access is forgotten."""

GRANTS = frozenset({"create", "update", "privilege_change", "user_attribute_change"})
TAKES_AWAY = frozenset({"export", "download", "transmit", "print"})


def is_emergency(access: AccessEvent) -> bool:
    """Return whether the access was made by breaking the glass (A07)."""
    return access.action == "break_glass_start" or (access.break_glass is not None and access.break_glass.flag)


# --- context ----------------------------------------------------------------------------------------------------------


def apply_person(profile: PatientProfile, context: PatientContext, known_at: float) -> None:
    """Keep the flags, and the tokens of name and home."""
    patient.apply_flags(profile, context, known_at)
    for name, field in TOKENS.items():
        token = getattr(context, field)
        if is_news(profile.said, field, token, known_at):
            setattr(profile.relations, name, token)


def apply_employee(profile: PatientProfile, context: StaffContext, known_at: float) -> None:
    """Remember which member of staff the patient is; what a partial record leaves out stays as it was."""
    known = profile.relations.employee
    if known is None or known.ref != context.user_ref:
        known = Employee(context.user_ref)
    elif known_at < known.known_at:
        return
    event_at = seconds(context.terminated_at) or seconds(context.notice_at) or known.event_at
    profile.relations.employee = Employee(
        context.user_ref, context.dept or known.dept, context.manager_ref or known.manager, known_at, event_at
    )


def apply_encounter(profile: PatientProfile, context: EncounterContext, known_at: float) -> None:
    """Keep an encounter, and the diagnoses that it is for (T5)."""
    patient.apply_encounter(profile, context, known_at)
    for code in context.dx:
        _keep_diagnosis(profile, code, context.admit_at.timestamp())


def observe_transaction(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Keep the diagnoses of a claim (T5)."""
    transaction: BillingTransaction = scene.data
    if transaction.claim is None or not scene.around.references.responsible:
        return
    day = max(dates_of(transaction), default=int(scene.time // DAY))
    for diagnosis in transaction.claim.dx:
        _keep_diagnosis(scene.profile, diagnosis.code, day * DAY)


def _keep_diagnosis(profile: PatientProfile, code: str, at: float) -> None:
    diagnoses, category = profile.relations.diagnoses, code[:CATEGORY].upper()
    diagnoses[category] = max(diagnoses.get(category, at), at)
    if len(diagnoses) > DIAGNOSES_KEPT:
        del diagnoses[min(diagnoses, key=lambda kept: diagnoses[kept])]


# --- accesses ---------------------------------------------------------------------------------------------------------


def observe_access(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Note what a user who has no tie in person is to the patient; each pair once a day."""
    access: AccessEvent = scene.data
    if access.actor.type in PORTAL_ACTORS or access.action in GRANTS:
        _note_proxy(scene, access, thresholds)
    if is_emergency(access):
        _note_emergency(scene, access, thresholds)
    if access.outcome != "success" or "rel.first_pair" not in scene.notes:
        return
    profile: PatientProfile = scene.profile
    pair, day = profile.pairs.get(access.actor.id), int(scene.time // DAY)
    if pair is None or pair.day == day:
        return
    pair.day = max(pair.day, day)
    scene.notes["rel.pair_today"] = True
    name = _token(scene, access, "name")
    if name:
        count_name(scene.around.book, profile.history.peers, name)
    if access.actor.type == "human":
        _note_department(scene, access, thresholds)
    if "rel.direct" in scene.notes:
        return
    _note_person(scene, access, name, thresholds)
    _note_openers(scene, access, thresholds)


def _token(scene: Scene, access: AccessEvent, name: str) -> str:
    shown = getattr(access.patient, TOKENS[name]) if access.patient else ""
    return shown or str(getattr(scene.profile.relations, name))


def _note_person(scene: Scene, access: AccessEvent, name: str, thresholds: Thresholds) -> None:
    """A02 to A04: what the user's side is to compare with the staff record."""
    notes, limits = scene.notes, thresholds.relations
    for fact in TOKENS:
        token = _token(scene, access, fact)
        if token:
            notes[f"patient.{fact}"] = token
    if name:
        n, known = bearers(scene.around.peers, name)
        if n > max(limits.common_name_least, limits.common_name_share * known):
            notes["patient.name_common"] = True
    employee = scene.profile.relations.employee
    if employee is None:
        return
    notes["patient.is_employee"] = True
    notes["patient.employee"] = [employee.ref, employee.dept, employee.manager]
    if 0 <= scene.time - employee.event_at <= limits.hr_event_days * DAY:
        notes["patient.employment_ends"] = True


def _note_department(scene: Scene, access: AccessEvent, thresholds: Thresholds) -> None:
    """A12: learn from accesses with a tie, hold others against it."""
    notes, dept = scene.notes, access.actor.dept
    tied = notes.get("rel.depts")
    places = {tie[3:] for tie in tied if tie.startswith("T4:")} if isinstance(tied, list) else set()
    if not dept or not places:
        return
    if "rel.direct" in notes or dept in places:
        count_access(scene.around.book, dept, places)
        return
    lift = lift_of(scene.around.peers, dept, sorted(places), thresholds.relations.lift_least)
    if lift is not None:
        notes["rel.dept_lift"] = round(lift, 4)


def _note_openers(scene: Scene, access: AccessEvent, thresholds: Thresholds) -> None:
    """A06: count the users of a day without a known reason, half where a shift or a pool may be one."""
    tied = scene.notes.get("rel.depts")
    places = tied if isinstance(tied, list) else []
    if access.actor.type != "human" or is_of_department(access.actor.dept, places):
        return
    relations, at = scene.profile.relations, scene.time
    possible = any(not place.startswith(("T4:", "T5:")) for place in places)
    openers = relations.possible if possible else relations.certain
    openers.setdefault(fingerprint(access.actor.id), []).append(at)
    del openers[fingerprint(access.actor.id)][:-TIMES_KEPT]
    if len(openers) > OPENERS_KEPT or min(times[-1] for times in openers.values()) < at - OPENED_SINCE:
        recent = {user: times for user, times in openers.items() if times[-1] >= at - OPENED_SINCE}
        latest = sorted(recent, key=lambda user: recent[user][-1])[-OPENERS_KEPT:]
        for user in openers.keys() - set(latest):
            del openers[user]
    certain = most_patients_in_window(relations.certain, at, DAY)
    scene.notes["rel.open_users_24h"] = certain + most_patients_in_window(relations.possible, at, DAY) / 2


def _note_emergency(scene: Scene, access: AccessEvent, thresholds: Thresholds) -> None:
    """A07: whether a visit goes with an emergency access; until one is known, the access waits for it."""
    profile: PatientProfile = scene.profile
    if profile.deceased_at and scene.time > profile.deceased_at:
        return
    if has_visit(profile, scene.time, thresholds):
        scene.notes["glass.visit"] = True
        return
    glass = profile.relations.glass
    glass.append(Glass(scene.visit.id, access.actor.id, access.actor.dept, scene.time))
    del glass[:-GLASS_KEPT]
    scene.notes["glass.visit"] = False


def has_visit(profile: PatientProfile, at: float, thresholds: Thresholds) -> bool:
    """Return whether the patient was here, or expected, about the time of an emergency access."""
    earliest = at - thresholds.relations.glass_before_hours * HOUR
    latest = at + thresholds.relations.glass_after_hours * HOUR
    return any(stay.since <= latest and (not stay.until or stay.until >= earliest) for stay in profile.stays) or any(
        earliest <= appointment.start <= latest for appointment in profile.appointments if not appointment.is_cancelled
    )


def _note_proxy(scene: Scene, access: AccessEvent, thresholds: Thresholds) -> None:
    """A26: whether a proxy takes records away soon after a proxy was added."""
    proxies = scene.profile.relations.proxies
    resource = access.resource
    if access.action in GRANTS and resource is not None and _is_proxy_grant(resource.category, resource.type):
        proxies.append(scene.time)
        proxies.sort()
        del proxies[:-PROXIES_KEPT]
    if access.actor.type != "proxy" or access.action not in TAKES_AWAY or access.outcome != "success":
        return
    since = [scene.time - added for added in proxies if added <= scene.time]
    if since and min(since) <= thresholds.relations.proxy_export_days * DAY:
        scene.notes["portal.proxy_added_hours"] = round(min(since) / HOUR, 1)


def _is_proxy_grant(category: str, kind: str) -> bool:
    return "proxy" in category.lower() or kind == "RelatedPerson"


VISITS = (EncounterContext, AppointmentContext)
"""Context that a waiting emergency access may go with."""


def reconsidered(scene: Scene, thresholds: Thresholds) -> Iterator[Visit]:
    """Yield what a context event says about accesses that were not explained, or were emergencies without a visit."""
    yield from explained_late(scene, thresholds.windows)
    profile: PatientProfile = scene.profile
    if not isinstance(scene.data, VISITS) or not profile.relations.glass:
        return
    waiting: list[Glass] = []
    for glass in profile.relations.glass:
        if has_visit(profile, glass.at, thresholds):
            yield visited_late(scene.visit, scene.ref, glass)
        elif glass.at > scene.time - OPEN_DAYS * DAY:
            waiting.append(glass)
    profile.relations.glass = waiting
