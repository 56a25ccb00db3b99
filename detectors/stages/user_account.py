"""The user stage, accounts: what leaves the system, accounts that wake up, rights that come and go (A10, A14, A18).

A change of rights or of a password visits the account that it changes first, then the one that made it.
"""

from detectors.events import AccessEvent, BillingTransaction, StaffContext
from detectors.explain import CONTENT_ACTIONS, DAY
from detectors.features import OUTWARD
from detectors.partition import PartitionState
from detectors.peers.measures import MEASURES
from detectors.profiles.accounts import DEVICES_KEPT, GRANTS_KEPT, RESETS_KEPT, Grant, Reset, UserAccount
from detectors.profiles.applied import fingerprint
from detectors.profiles.said import seconds
from detectors.profiles.user import UserProfile
from detectors.scene import Scene
from detectors.stages.service_account import observe_service
from detectors.thresholds import Thresholds
from detectors.thresholds_accounts import AccountThresholds

HOUR = 3_600.0
SETTLED_HOURS = 7 * 24
"""Sums of 30 days are compared from the second week on: in the first they grow faster than the peers' are known."""
STAFF = ("human", "service", "vendor")
CHANGES = frozenset({"privilege_change", "user_attribute_change"})
REVOKED = ("revoke", "remove", "disable", "expire")
"""How the category of a change of rights begins where a right is taken away."""

CONTACTS = ("mail", "contact", "phone", "address", "forward")
"""Attributes of an account, by a part of their names, through which its owner is reached; others let one in."""

EMERGENCY = ("emergency", "break", "firefight")


def observe_access(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Keep what the event says of the account at which it is."""
    access: AccessEvent = scene.data
    account: UserAccount = scene.profile.account
    limits = thresholds.accounts
    if access.action in CHANGES:
        _observe_change(scene, access, account, limits)
    if scene.ref != access.actor.id or access.actor.type not in STAFF:
        return
    if account.grants:
        _note_grants(scene, access, account, limits)
    if scene.profile.staff is not None:
        _note_leaving(scene, limits)
    if access.outcome == "success" and access.action != "login_failed":
        _observe_success(scene, access, account, limits)


def _observe_success(scene: Scene, access: AccessEvent, account: UserAccount, limits: AccountThresholds) -> None:
    """Keep what the account could do."""
    _note_idle(scene, account, limits)
    if access.action == "login":
        _keep_device(scene, access, account)
    if access.action in OUTWARD:
        _note_moved(scene, access, account)
    if access.actor.type == "service":
        observe_service(scene, access, account.habits, limits)


def _is_target(scene: Scene, access: AccessEvent) -> bool:
    """Return whether the change is of this account: of the one it names, of the actor's own where it names none."""
    named = access.resource.id if access.resource else ""
    return scene.ref == (named or access.actor.id)


# --- rights (A18) -----------------------------------------------------------------------------------------------------


def _observe_change(scene: Scene, access: AccessEvent, account: UserAccount, limits: AccountThresholds) -> None:
    """Keep what was changed of the account, and note what is notable, once: not again of who changed it."""
    for name in ("privilege.granted", "privilege.outside_iam", "privilege.revoked_hours"):
        scene.notes.pop(name, None)
    if access.outcome != "success" or not _is_target(scene, access):
        return
    category = access.resource.category if access.resource else ""
    verb, _, right = category.partition(":")
    if access.action == "user_attribute_change":
        account.resets.append(Reset(scene.time, category))
        account.resets.sort(key=lambda kept: kept.at)
        del account.resets[:-RESETS_KEPT]
        return
    key = fingerprint(right or verb)
    if verb.startswith(REVOKED):
        granted = next((kept for kept in reversed(account.grants) if kept.right == key and kept.at <= scene.time), None)
        if granted is not None:
            account.grants.remove(granted)
            if scene.time - granted.at <= limits.grant_hours * HOUR:
                scene.notes["privilege.revoked_hours"] = round((scene.time - granted.at) / HOUR, 1)
        return
    scene.notes["privilege.granted"] = True
    app = (access.client.app if access.client else "").lower()
    if app and not any(part in app for part in limits.identity_managers):
        scene.notes["privilege.outside_iam"] = True
    is_emergency = any(part in category.lower() for part in EMERGENCY)
    account.grants.append(Grant(scene.time, key, is_emergency))
    account.grants.sort(key=lambda kept: kept.at)
    del account.grants[:-GRANTS_KEPT]


def _note_grants(scene: Scene, access: AccessEvent, account: UserAccount, limits: AccountThresholds) -> None:
    """Note what is done with a new right, and an emergency role that was not given back."""
    at = scene.time
    for grant in account.grants:
        hours = (at - grant.at) / HOUR
        if grant.is_emergency and not grant.told and hours > limits.emergency_hours:
            grant.told = True
            scene.notes["privilege.emergency_hours"] = round(hours, 1)
    is_sensitive = bool(access.resource and access.resource.sensitivity) or bool(scene.notes.get("patient.restricted"))
    if not is_sensitive or access.action not in CONTENT_ACTIONS:
        return
    since = [at - grant.at for grant in account.grants if 0 <= at - grant.at <= limits.grant_hours * HOUR]
    if since:
        scene.notes["privilege.granted_hours"] = round(min(since) / HOUR, 1)


# --- accounts that wake up or end (A13b, A14) -------------------------------------------------------------------------


def _note_idle(scene: Scene, account: UserAccount, limits: AccountThresholds) -> None:
    at, last = scene.time, account.last_success
    if last and at - last > limits.idle_days * DAY and not _was_away(scene.profile, last):
        account.returned_at, account.idle_days = at, round((at - last) / DAY, 0)
        scene.notes["account.returned"] = True
    account.last_success = max(last, at)
    if account.returned_at and 0 <= at - account.returned_at <= limits.returned_hours * HOUR:
        scene.notes["account.idle_days"] = account.idle_days


def keep_last_use(account: UserAccount, context: StaffContext) -> None:
    """Keep what the directory says of an account's last use, as long as none was seen here: its own is known better."""
    if not account.last_success:
        account.last_success = seconds(context.last_login_at)


def _was_away(profile: UserProfile, last: float) -> bool:
    """Return whether human resources know why: on leave, or hired again since."""
    staff = profile.staff
    return staff is not None and ("leave" in staff.status.lower() or staff.hired_at > last)


def _note_leaving(scene: Scene, limits: AccountThresholds) -> None:
    """Note that the user has given notice, or leaves soon."""
    staff, at = scene.profile.staff, scene.time
    announced = 0 < staff.notice_at <= at and (not staff.terminated_at or at <= staff.terminated_at)
    ends_soon = 0 <= staff.terminated_at - at <= limits.leaving_days * DAY
    if (announced or ends_soon) and not staff.hired_at > max(staff.notice_at, staff.terminated_at):
        scene.notes["staff.leaving"] = True


def _keep_device(scene: Scene, access: AccessEvent, account: UserAccount) -> None:
    """Remember since when this user signs in from a device or address outside the house (B28).

    Within the house people sit down at another machine every day.
    """
    client = access.client
    source = (client.device_id or client.ip) if client and client.ip_class not in ("", "onsite") else ""
    account.first_login = min(account.first_login or scene.time, scene.time)
    if source:
        key = fingerprint(source)
        account.devices[key] = min(account.devices.get(key, scene.time), scene.time)
        if len(account.devices) > DEVICES_KEPT:
            del account.devices[min(account.devices, key=lambda kept: account.devices[kept])]


# --- what leaves the system (A10) -------------------------------------------------------------------------------------


def _note_moved(scene: Scene, access: AccessEvent, account: UserAccount) -> None:
    """Note records and bytes that left in 24 hours and 30 days, and where others of the role stand."""
    profile: UserProfile = scene.profile
    staff, at = profile.staff, scene.time
    segments = (f"role:{(staff.role or staff.job_code if staff else '') or access.actor.job_code}",)
    if account.placed_day < int(at // DAY):
        account.placed_day = int(at // DAY)
        if account.moved:
            # Its last day is over: what it does today is held against what its peers do, and not against itself.
            for name, value in _moved(account, max(account.moved)).items():
                scene.around.book.place(profile.history.peers, MEASURES[name], segments, value)
    volume, hour = access.volume, int(at // HOUR)
    before = account.moved.get(hour, (0, 0))
    account.moved[hour] = (
        before[0] + ((volume.records if volume else 0) or 1),
        before[1] + (volume.bytes if volume else 0),
    )
    oldest = max(account.moved) - 30 * 24
    if min(account.moved) <= oldest:
        account.moved = {kept: moved for kept, moved in account.moved.items() if kept > oldest}
    for name, value in _moved(account, hour).items():
        scene.notes[f"user.{name}"] = value
        group = scene.around.peers.group(MEASURES[name], segments)
        if group is None:
            continue  # Of a role of a handful nothing is known, and what all others move says nothing of it.
        if name != "records_out_30d" or hour - min(account.moved) >= SETTLED_HOURS:
            scene.notes[f"user.{name}_p99"] = round(group.p99, 1)


def _moved(account: UserAccount, hour: int) -> dict[str, int]:
    """Return what had left by the end of an hour, by the name of its measure."""
    day = [moved for kept, moved in account.moved.items() if hour - 24 < kept <= hour]
    return {
        "records_out_24h": sum(moved[0] for moved in day),
        "bytes_out_24h": sum(moved[1] for moved in day),
        "records_out_30d": sum(moved[0] for kept, moved in account.moved.items() if kept <= hour),
    }


# --- who changes a payee's account (B28) ------------------------------------------------------------------------------


def observe_transaction(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Note what happened lately to the account of the user who changes where a payee is paid."""
    transaction: BillingTransaction = scene.data
    if transaction.kind != "bank_account_change":
        return
    account: UserAccount = scene.profile.account
    days = thresholds.money.reset_days
    recent = [reset for reset in account.resets if 0 <= scene.time - reset.at <= days * DAY]
    said = scene.notes.get("bank.signs")
    signs = list(said) if isinstance(said, list) else []
    if any(not _is_contact(reset.kind) for reset in recent):
        signs.append(f"password or second factor of the user who made it were reset within {days:.0f} days before")
    if any(_is_contact(reset.kind) for reset in recent):
        signs.append(f"contact details of the user who made it were changed within {days:.0f} days before")
    known_long = account.first_login and scene.time - account.first_login > days * DAY
    if known_long and any(0 <= scene.time - since <= days * DAY for since in account.devices.values()):
        signs.append("the user signed in from outside with a new device or address")
    if signs:
        scene.notes["bank.signs"] = signs


def _is_contact(kind: str) -> bool:
    return any(part in kind.lower() for part in CONTACTS)
