"""The user stage, relations: holds who the patient is against the staff record, and keeps what nothing explains."""

import functools

from detectors.coverage import count_access
from detectors.events import AccessEvent, StaffContext
from detectors.explain import DAY
from detectors.partition import PartitionState
from detectors.peers.measures import MEASURES
from detectors.profiles.applied import fingerprint
from detectors.profiles.relations import (
    GLASS_OF_USER_KEPT,
    INTERESTS_KEPT,
    NOTES_KEPT,
    PROTECTED_KEPT,
    EmergencyUse,
    NoteRead,
    UserRelations,
)
from detectors.profiles.said import is_news
from detectors.profiles.user import UserProfile
from detectors.scene import Scene
from detectors.stages import user
from detectors.stages.patient_relations import TOKENS, is_emergency
from detectors.stages.user_account import keep_last_use
from detectors.thresholds import Thresholds

MINUTE = 60.0
CHARTS_HALVED = 400
"""Charts of some weeks: what a user is like is what the user has been like lately."""
PART_TWO = frozenset({"PSYTHPN", "SUD", "ETH"})
"""Psychotherapy notes (45 CFR 164.508(a)(2)) and records of 42 CFR Part 2, whose protection goes beyond HIPAA's."""


def apply_staff(profile: UserProfile, context: StaffContext, known_at: float) -> None:
    """Keep the staff record, and what says who lives where and who leads whom."""
    user.apply_staff(profile, context, known_at)
    said = profile.staff.said if profile.staff else {}
    for name, field in (*TOKENS.items(), ("manager", "manager_ref")):
        value = getattr(context, field)
        if is_news(said, field, value, known_at):
            setattr(profile.relations, name, value)
    keep_last_use(profile.account, context)


def observe_access(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Note what the patient is to this user, after it was concluded whether the access is explained."""
    access: AccessEvent = scene.data
    if access.patient is None or access.outcome != "success":
        return
    if is_emergency(access):
        _note_emergency(scene, access, thresholds)
    explained = scene.notes.get("rel.explained")
    if explained is None:
        return
    if access.actor.type == "vendor":
        _note_session(scene)
    is_unexplained = not explained and bool(scene.notes.get("rel.context_ok"))
    is_first, is_human = "rel.pair_today" in scene.notes, access.actor.type == "human"
    relations: UserRelations = scene.profile.relations
    _begin_day(relations, scene.time)
    if is_unexplained:
        _note_habit(relations, scene, thresholds)
    if is_first and is_human:
        count_access(scene, thresholds)
    if is_first:
        relations.charts_today += 1
        relations.unexplained_today += is_unexplained
    _note_expired(scene, access, thresholds, is_unexplained=is_unexplained)
    _note_protected(scene, access, thresholds, is_unexplained=is_unexplained)
    if access.resource is not None and access.resource.category == "note":
        _note_clerical(scene, access, thresholds)
    if is_unexplained and is_human:
        _note_crowd(scene, thresholds)
        _note_person(scene, access, thresholds, is_first=is_first)


def _note_crowd(scene: Scene, thresholds: Thresholds) -> None:
    """A06: whether so many have opened this chart in a day that they are one case; the patient's side counted them."""
    limits, users = thresholds.relations, scene.notes.get("rel.open_users_24h")
    least = limits.spike_users if scene.notes.get("patient.vip") else limits.spike_users_ordinary
    if isinstance(users, float) and users >= least:
        scene.notes["rel.crowd"] = True


def _note_habit(relations: UserRelations, scene: Scene, thresholds: Thresholds) -> None:
    """Note where this user's accesses were hardly ever without a known reason before today; who is new is like most."""
    limits = thresholds.relations
    is_new = relations.charts < limits.seldom_least
    if is_new or relations.unexplained <= limits.seldom_share * relations.charts:
        scene.notes["user.seldom_unexplained"] = True
    charts = relations.charts + relations.charts_today
    unexplained = relations.unexplained + relations.unexplained_today
    usual = (unexplained + limits.usual_share * limits.seldom_least) / (charts + limits.seldom_least)
    scene.notes["user.unexplained_usual"] = round(usual, 3)


def _begin_day(relations: UserRelations, at: float) -> None:
    """Add the charts of the day before to the habit, where a new day has begun."""
    today = int(at // DAY)
    if today <= relations.today:
        return
    relations.charts += relations.charts_today
    relations.unexplained += relations.unexplained_today
    relations.today, relations.charts_today, relations.unexplained_today = today, 0, 0
    if relations.charts >= CHARTS_HALVED:
        relations.charts //= 2
        relations.unexplained //= 2


# --- who the patient is -----------------------------------------------------------------------------------------------


def _note_person(scene: Scene, access: AccessEvent, thresholds: Thresholds, *, is_first: bool) -> None:
    """A02, A03, A04, A08, A24: once a day for each patient opened without a known reason."""
    if not is_first:
        return
    notes, relations = scene.notes, scene.profile.relations
    notes["rel.unexplained_days"] = _days_of_interest(scene, relations, thresholds)
    if notes.get("patient.vip"):
        notes["rel.public_interest"] = True
    if "patient.deceased_days" in notes and _goes_on(scene, access, thresholds):
        notes["staff.after_death"] = True
    if notes.get("staff.self_access"):
        return
    _note_coworker(scene, access, thresholds)
    own = {name: getattr(access.actor, field) or getattr(relations, name) for name, field in TOKENS.items()}
    same = {name: bool(own[name]) and own[name] == notes.get(f"patient.{name}") for name in TOKENS}
    if same["address"]:
        notes["rel.same_address"] = True
    if same["name"] and same["area"]:
        notes["rel.same_name_area"] = True
    if same["block"]:
        notes["rel.same_block"] = True


def _days_of_interest(scene: Scene, relations: UserRelations, thresholds: Thresholds) -> int:
    """Remember the day, and return on how many days of the window this patient was opened without a known reason."""
    patient, day = fingerprint(scene.data.patient.ref), int(scene.time // DAY)
    window = thresholds.relations.interest_window_days
    interests = relations.interests
    days = sorted({*interests.get(patient, ()), day})
    interests[patient] = [kept for kept in days if kept > days[-1] - window]
    if len(interests) > INTERESTS_KEPT:
        for old in sorted(interests, key=lambda kept: interests[kept][-1])[: INTERESTS_KEPT // 4]:
            del interests[old]
    return sum(day - window < kept <= day for kept in interests.get(patient, ()))


def _note_coworker(scene: Scene, access: AccessEvent, thresholds: Thresholds) -> None:
    """A02: same department, or one leads the other, or both have the same manager."""
    employee = scene.notes.get("patient.employee")
    if not isinstance(employee, list) or employee[0] == access.actor.id:
        return
    ref, dept, manager = employee
    own_dept, own_manager = _dept_of(scene, access), access.actor.manager_ref or scene.profile.relations.manager
    if any(part in own_dept.lower() for part in thresholds.relations.employee_health):
        return
    is_led = bool(own_manager) and own_manager in (ref, manager)
    if (own_dept and own_dept == dept) or is_led or (manager and manager == access.actor.id):
        scene.notes["rel.coworker"] = True


def _dept_of(scene: Scene, access: AccessEvent) -> str:
    profile: UserProfile = scene.profile
    return (profile.staff.dept if profile.staff else "") or access.actor.dept


def _goes_on(scene: Scene, access: AccessEvent, thresholds: Thresholds) -> bool:
    """A08: whether the user's work goes on so long after a patient's death."""
    limits, work = thresholds.relations, _work_of(scene, access)
    days = scene.notes["patient.deceased_days"]
    is_billing = is_one_of(work, limits.billing_roles)
    is_tail = is_billing and isinstance(days, float) and days <= limits.deceased_billing_days
    return is_tail or is_one_of(work, limits.deceased_roles)


def _work_of(scene: Scene, access: AccessEvent) -> str:
    staff, actor = scene.profile.staff, access.actor
    known = f"{staff.role} {staff.job_code} {staff.dept}" if staff else ""
    return f"{known} {actor.job_code} {actor.dept}"


@functools.lru_cache(maxsize=4096)
def is_one_of(work: str, parts: tuple[str, ...]) -> bool:
    """Return whether a role or department is named so, in part and whatever the case."""
    lowered = work.lower()
    return any(part in lowered for part in parts)


# --- what was opened --------------------------------------------------------------------------------------------------


def _note_protected(scene: Scene, access: AccessEvent, thresholds: Thresholds, *, is_unexplained: bool) -> None:
    """A21: the first access of this user to a protected category, and accesses to what is protected most."""
    codes = access.resource.sensitivity if access.resource else ()
    if not codes or access.actor.type != "human":
        return
    relations, limits, at = scene.profile.relations, thresholds.relations, scene.time
    dept = _dept_of(scene, access)
    is_shared = is_one_of(dept, limits.licensed_everywhere)
    for code in codes:
        last = relations.categories.get(code)
        relations.categories[code] = max(at, last or at)
        is_first = last is None or at - last > limits.category_days * DAY
        is_licensed = is_shared or is_one_of(dept, limits.licensed.get(code, ()))
        if is_unexplained and is_first and not is_licensed:
            scene.notes["rel.first_of_category"] = True
    if not is_unexplained or is_shared or PART_TWO.isdisjoint(codes):
        return
    patient, day = fingerprint(scene.data.patient.ref), int(at // DAY)
    if relations.protected.get(patient) != day:
        relations.protected.pop(patient, None)
        relations.protected[patient] = day
        if len(relations.protected) > PROTECTED_KEPT:
            del relations.protected[next(iter(relations.protected))]
        scene.notes["rel.protected_today"] = True


def _note_clerical(scene: Scene, access: AccessEvent, thresholds: Thresholds) -> None:
    """A22: how many patients' clinical notes a clerk read without a task for it, against others of the role."""
    limits, work = thresholds.relations, _work_of(scene, access)
    if not is_one_of(work, limits.clerical_roles) or is_one_of(work, limits.clerical_readers):
        return
    templates = scene.notes.get("rel.templates")
    if isinstance(templates, list) and "T7" in templates:
        return
    profile: UserProfile = scene.profile
    read, new = profile.relations.notes_read, NoteRead(int(scene.time // DAY), fingerprint(scene.data.patient.ref))
    if new in read:
        return
    newest = max((kept.day for kept in read), default=new.day)
    read.append(new)
    oldest = max(newest, new.day) - limits.clerical_days
    profile.relations.notes_read = [kept for kept in read if kept.day > oldest][-NOTES_KEPT:]
    n = len({kept.patient for kept in profile.relations.notes_read})
    measure, segments = MEASURES["clerical_notes"], (f"role:{_role_of(scene, access)}", "*")
    group = scene.around.peers.group(measure, segments)
    scene.around.book.place(profile.history.peers, measure, segments, n)
    scene.notes["user.clerical_notes_7d"] = n
    if group is not None:
        scene.notes["user.clerical_notes_p99"] = round(group.p99, 1)
        scene.notes["user.clerical_notes_many"] = n >= limits.clerical_least and n > group.p99


def _role_of(scene: Scene, access: AccessEvent) -> str:
    staff = scene.profile.staff
    return (staff.role or staff.job_code if staff else "") or access.actor.job_code


# --- emergency access and vendors -------------------------------------------------------------------------------------


def _note_emergency(scene: Scene, access: AccessEvent, thresholds: Thresholds) -> None:
    """A07: once a day for each patient: the reason given, and how often this user does so."""
    profile: UserProfile = scene.profile
    glass, limits, at = profile.relations.glass, thresholds.relations, scene.time
    patient, code = fingerprint(scene.data.patient.ref), access.break_glass.reason_code if access.break_glass else ""
    expires = access.break_glass.expires_at.timestamp() if access.break_glass and access.break_glass.expires_at else 0.0
    if any(use.patient == patient and use.at // DAY == at // DAY for use in glass):
        return
    reason = fingerprint(code) if code and code not in limits.glass_codes else 0
    glass.append(EmergencyUse(at, patient, reason, expires))
    glass.sort(key=lambda use: use.at)
    del glass[:-GLASS_OF_USER_KEPT]
    recent = [use for use in glass if at - limits.glass_days * DAY < use.at <= at]
    notes = scene.notes
    notes["glass.new"] = True
    notes["glass.uses_30d"] = len(recent)
    if not code and not (access.purpose and access.purpose.text_present):
        notes["glass.reason_missing"] = True
    if reason:
        notes["glass.same_reason_30d"] = sum(use.reason == reason for use in recent)
    measure, segments = MEASURES["glass_uses"], (f"role:{_role_of(scene, access)}", "*")
    group = scene.around.peers.group(measure, segments)
    scene.around.book.place(profile.history.peers, measure, segments, len(recent))
    if group is None or is_one_of(_dept_of(scene, access), limits.glass_departments):
        return
    notes["glass.uses_p99"] = round(group.p99, 1)
    notes["glass.often"] = len(recent) >= limits.glass_least and len(recent) > group.p99


def _note_expired(scene: Scene, access: AccessEvent, thresholds: Thresholds, *, is_unexplained: bool) -> None:
    """A07: the chart is still read after the emergency access has expired, and nothing else explains it."""
    glass = scene.profile.relations.glass
    if not glass or not is_unexplained:
        return
    patient, at = fingerprint(scene.data.patient.ref), scene.time
    grace = thresholds.relations.glass_expiry_grace_minutes * MINUTE
    for use in glass:
        if use.patient == patient and use.expires_at and grace < at - use.expires_at < DAY:
            scene.notes["glass.expired_minutes"] = round((at - use.expires_at) / MINUTE)
            use.expires_at = 0.0  # Said once.


def _note_session(scene: Scene) -> None:
    """A30: whether a vendor works within an approved session, which the site sends as a shift, or on a task."""
    profile: UserProfile = scene.profile
    if profile.shifts:
        scene.notes["vendor.session_known"] = True
    in_session = any(shift.start <= scene.time <= shift.end for shift in profile.shifts)
    if not in_session and "rel.direct" not in scene.notes:
        scene.notes["vendor.outside_session"] = True
