"""The user stage: concludes whether an access is explained, and keeps the last day's work of each user."""

from detectors.events import AccessEvent, BillingTransaction, RosterContext, StaffContext
from detectors.explain import CONTENT_ACTIONS, DAY, Ties, conclude
from detectors.partition import PartitionState
from detectors.profiles.applied import fingerprint, recurring
from detectors.profiles.said import is_news, seconds
from detectors.profiles.user import SHIFTS_KEPT, UNEXPLAINED_KEPT, Position, Refund, Shift, Staff, UserProfile
from detectors.scene import Scene
from detectors.stages.billing import payment_token
from detectors.stages.positions import is_of_person
from detectors.stages.user_volume import note_volume, role_text
from detectors.thresholds import Thresholds
from detectors.work import most_in_window, most_patients_in_window

HOUR = 3_600.0
FAILURES_KEPT = 64
LOGINS_KEPT = 8
"""A16 compares neighbours among the last logins, one of which may arrive after those that followed it."""
TIMES_KEPT = 8
"""Unexplained accesses kept per patient."""
REFUNDS_KEPT = 100
STAFF_TEXTS = ("dept", "role", "job_code", "status", "self_patient_ref")
STAFF_INSTANTS = ("hired_at", "terminated_at", "notice_at")
"""Fields of the staff record that are kept."""

ENDED_STATUSES = frozenset({"terminated", "disabled", "inactive"})


def apply_staff(profile: UserProfile, context: StaffContext, known_at: float) -> None:
    """Keep what the record says of the member of staff, unless a newer one said it."""
    if profile.staff is None:
        profile.staff = Staff(known_at)
    staff = profile.staff
    staff.known_at = max(staff.known_at, known_at)
    for name in STAFF_TEXTS:
        text = getattr(context, name)
        if is_news(staff.said, name, text, known_at):
            setattr(staff, name, text)
    for name in STAFF_INSTANTS:
        moment = getattr(context, name)
        if is_news(staff.said, name, moment, known_at):
            setattr(staff, name, seconds(moment))


def apply_roster(profile: UserProfile, context: RosterContext) -> None:
    """Keep a shift."""
    shift = Shift(context.start.timestamp(), context.end.timestamp(), context.unit, context.on_call)
    if shift not in profile.shifts:
        profile.shifts.append(shift)
        del profile.shifts[:-SHIFTS_KEPT]


def observe_access(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Conclude, count, and note what the rules speak of."""
    access: AccessEvent = scene.data
    profile: UserProfile = scene.profile
    notes, at = scene.notes, scene.time
    _note_employment(scene, access, profile, thresholds)
    profile.newest = max(profile.newest, at)
    if access.action in ("login", "login_failed"):
        _note_logins(scene, access, profile, thresholds)
    if access.patient is None:
        return
    if profile.staff is not None and _is_own(scene, access, access.patient.ref, profile.staff):
        notes["staff.self_access"] = True
    if access.action not in CONTENT_ACTIONS:
        return
    explained = _conclude(scene, access, profile)
    patient = recurring(access.patient.ref)
    if not explained and notes.get("rel.context_ok"):
        _keep_unexplained(profile, patient, at)
    if profile.unexplained:
        _forget_old(profile)
        notes["user.unexplained_24h"] = most_patients_in_window(profile.unexplained, at, DAY)
    note_volume(scene, access, patient & 0xFFFFFFFF, role_text(profile, access), thresholds)


def observe_transaction(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Keep a clerk's refunds by the card or account they went to (B22)."""
    transaction: BillingTransaction = scene.data
    if transaction.kind not in ("refund", "credit"):
        return
    amount = abs(transaction.amounts.paid) if transaction.amounts else 0
    limit = transaction.approval.limit if transaction.approval else None
    if limit and limit * (1 - thresholds.refund_limit_share) <= amount <= limit:
        scene.notes["refund.below_limit"] = True
        scene.notes["refund.limit"] = limit
    token = payment_token(transaction)
    if not token:
        return
    refunds = scene.profile.refunds
    refunds.append(Refund(scene.time, fingerprint(token), amount))
    del refunds[:-REFUNDS_KEPT]
    same = [refund.at for refund in refunds if refund.token == fingerprint(token)]
    scene.notes["refund.same_token_30d"] = most_in_window(same, scene.time, thresholds.refund_days * DAY)


def _keep_unexplained(profile: UserProfile, patient: int, at: float) -> None:
    """Keep the times of a patient's unexplained accesses, behind those of the patients that were opened before."""
    times = profile.unexplained.pop(patient, [])
    times.append(at)
    del times[:-TIMES_KEPT]
    profile.unexplained[patient] = times
    if len(profile.unexplained) > UNEXPLAINED_KEPT:
        del profile.unexplained[next(iter(profile.unexplained))]


def _forget_old(profile: UserProfile) -> None:
    """Forget accesses of which no window can speak any more."""
    oldest = profile.newest - 2 * DAY
    if next(iter(profile.unexplained.values()))[-1] < oldest:
        profile.unexplained = {who: times for who, times in profile.unexplained.items() if max(times) >= oldest}


def _is_own(scene: Scene, access: AccessEvent, named: str, staff: Staff) -> bool:
    """Return whether the record that the event names, or one that is merged with it, is that of who opens it."""
    own, records = (staff.self_patient_ref, access.actor.self_patient_ref), scene.notes.get("patient.records")
    return named in own or (isinstance(records, list) and not set(own).isdisjoint(records))


def _conclude(scene: Scene, access: AccessEvent, profile: UserProfile) -> bool:
    notes = scene.notes
    direct, places = notes.get("rel.direct"), notes.get("rel.depts")
    dept = (profile.staff.dept if profile.staff else "") or access.actor.dept
    found = Ties(direct if isinstance(direct, list) else [], places if isinstance(places, list) else [])
    templates = conclude(found, profile, dept, scene.time, repeat=bool(notes.get("rel.repeat")))
    notes["rel.templates"] = templates
    notes["rel.explained"] = bool(templates)
    return bool(templates)


def _note_employment(scene: Scene, access: AccessEvent, profile: UserProfile, thresholds: Thresholds) -> None:
    staff = profile.staff
    if staff is None:
        return
    scene.notes["staff.known"] = True
    grace = thresholds.account_grace_hours * HOUR
    # Who was hired since is back, whatever ended before.
    back_at = staff.hired_at if staff.hired_at <= scene.time else 0.0
    ended_at = staff.terminated_at if staff.terminated_at > back_at else 0.0
    if ended_at and scene.time > ended_at + grace:
        scene.notes["staff.account_ended"] = True
        scene.notes["staff.ended_hours"] = round((scene.time - ended_at) / HOUR, 1)
    elif not ended_at and staff.status in ENDED_STATUSES:
        status_at = staff.said.get("status", staff.known_at)
        if back_at < status_at < scene.time - grace:
            scene.notes["staff.account_ended"] = True


def _note_logins(scene: Scene, access: AccessEvent, profile: UserProfile, thresholds: Thresholds) -> None:
    at = scene.time
    if access.action == "login_failed" or access.outcome != "success":
        profile.failures.append(at)
        del profile.failures[:-FAILURES_KEPT]
        return
    since = at - thresholds.login_failures_minutes * 60
    recent = [failure for failure in profile.failures if since <= failure <= at]
    if recent:
        scene.notes["user.login_failures_15m"] = len(recent)
        scene.notes["user.login_failures_minutes"] = round((at - min(recent)) / 60, 1)
    if access.client and access.client.geo and is_of_person(scene, access.client, thresholds.behaviour):
        geo = access.client.geo
        profile.logins.append(Position(at, geo.lat, geo.lon, geo.accuracy_km))
        profile.logins.sort(key=lambda login: login.at)
        del profile.logins[:-LOGINS_KEPT]
