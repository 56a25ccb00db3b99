"""The user stage: concludes whether an access is explained, and keeps the last day's work of each user."""

from detectors.events import AccessEvent, BillingTransaction, RosterContext, StaffContext
from detectors.explain import CONTENT_ACTIONS, DAY, Ties, conclude
from detectors.partition import PartitionState
from detectors.profiles.applied import fingerprint
from detectors.profiles.said import is_news, seconds
from detectors.profiles.user import SHIFTS_KEPT, Position, Refund, Shift, Staff, UserProfile
from detectors.scene import Scene
from detectors.stages.billing import payment_token
from detectors.thresholds import Thresholds
from detectors.work import close_hours, highest_patients, limit_of, most_in_window, most_patients_in_window, open_chart

HOUR = 3_600.0
FAILURES_KEPT = 64
LOGINS_KEPT = 3
"""A16 compares the last logins (domain.md §3.3)."""
RANKS_KEPT = 512
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
    if profile.staff is not None and not _numbers(scene, access.patient.ref).isdisjoint(
        (profile.staff.self_patient_ref, access.actor.self_patient_ref)
    ):
        notes["staff.self_access"] = True
    if access.action not in CONTENT_ACTIONS:
        return
    explained = _conclude(scene, access, profile)
    patient = fingerprint(access.patient.ref)
    if not explained and notes.get("rel.context_ok"):
        profile.unexplained.setdefault(patient, []).append(at)
        del profile.unexplained[patient][:-TIMES_KEPT]
    if profile.unexplained:
        _forget_old(profile)
        notes["user.unexplained_24h"] = most_patients_in_window(profile.unexplained, at, DAY)
    close_hours(profile)
    open_chart(profile, patient & 0xFFFFFFFF, at)
    in_hour = highest_patients(profile, at)
    limit = limit_of(profile, _role_of(access, profile), thresholds)
    notes["user.patients_1h"] = in_hour
    notes["user.patients_24h"] = profile.charts_24h
    notes["user.patients_1h_limit"] = limit
    notes["user.patients_1h_highest"] = profile.highest
    notes["user.mass_access_ratio"] = in_hour / limit
    if access.patient.mrn_rank is not None:
        _keep_rank(profile, at, access.patient.mrn_rank)


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


def _forget_old(profile: UserProfile) -> None:
    """Forget accesses of which no window can speak any more."""
    oldest = profile.newest - 2 * DAY
    if any(times[-1] < oldest for times in profile.unexplained.values()):
        profile.unexplained = {who: times for who, times in profile.unexplained.items() if max(times) >= oldest}


def _numbers(scene: Scene, named: str) -> set[str]:
    """Return the record numbers of the patient: the one that the event names, and those that are merged with it."""
    records = scene.notes.get("patient.records")
    return {named, *records} if isinstance(records, list) else {named}


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
    status_at = staff.said.get("status", staff.known_at)
    if ended_at and scene.time > ended_at + grace:
        scene.notes["staff.account_ended"] = True
        scene.notes["staff.ended_hours"] = round((scene.time - ended_at) / HOUR, 1)
    elif not ended_at and staff.status in ENDED_STATUSES and back_at < status_at < scene.time - grace:
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
    if access.client and access.client.geo:
        geo = access.client.geo
        profile.logins.append(Position(at, geo.lat, geo.lon, geo.accuracy_km))
        profile.logins.sort(key=lambda login: login.at)
        del profile.logins[:-LOGINS_KEPT]


def _keep_rank(profile: UserProfile, at: float, rank: int) -> None:
    profile.ranks.append((at, rank))
    if len(profile.ranks) > RANKS_KEPT or profile.ranks[0][0] < profile.newest - 2 * DAY:
        profile.ranks = [kept for kept in profile.ranks if kept[0] >= profile.newest - DAY][-RANKS_KEPT:]


def _role_of(access: AccessEvent, profile: UserProfile) -> str:
    staff = profile.staff
    known = f"{staff.role} {staff.job_code} {staff.dept}" if staff else ""
    return f"{known} {access.actor.job_code} {access.actor.dept} {' '.join(access.actor.roles)} {access.actor.type}"
