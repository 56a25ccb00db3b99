"""The user stage, one case for records and money: who is no patient of the user's, and what is then done to them (A25).

The patient's side says whether an access is explained, the same user's later refunds, write-offs and changes come to
the same profile: so what nobody sees in the access log alone, or in the ledger alone, is seen here.
"""

from collections.abc import Iterator

from detectors.events import AccessEvent, BillingTransaction
from detectors.explain import DAY, Ties, conclude
from detectors.late import Explanation, withdrawn
from detectors.partition import PartitionState
from detectors.profiles.accounts import IDENTITIES_KEPT, UNRELATED_KEPT, Unrelated, UserAccount
from detectors.profiles.applied import fingerprint
from detectors.retraction import ground_of_detector
from detectors.scene import Scene
from detectors.stages.amounts import POSTED
from detectors.stages.user_relations import is_one_of
from detectors.thresholds import Thresholds
from detectors.thresholds_accounts import AccountThresholds

CHANGED = frozenset({"create", "update", "delete"})
DEMOGRAPHICS = frozenset({"demographics", "identity"})
INSURANCE = frozenset({"insurance", "coverage"})
EVENTS_KEPT = 8
REASON = "The access that came before it is explained by now."


def observe_access(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Remember an access that nothing explains; note that the user changes what identifies such a patient."""
    notes = scene.notes
    if notes.get("rel.explained") is not False or not notes.get("rel.context_ok") or notes.get("staff.self_access"):
        return
    access: AccessEvent = scene.data
    if access.actor.type != "human" or access.patient is None or access.outcome != "success":
        return
    account, limits = scene.profile.account, thresholds.accounts
    patient, category = fingerprint(access.patient.ref), access.resource.category if access.resource else ""
    if category in limits.identity_parts and not _is_own_work(scene, access, thresholds):
        if access.action in CHANGED:
            _note_altered(scene, account, patient, limits)
        elif category in DEMOGRAPHICS or category in INSURANCE:
            _note_identities(scene, account, patient, category)
    earlier = account.unrelated.pop(patient, None)
    events = [*(earlier.events if earlier else ()), fingerprint(scene.visit.id)]
    at = max(earlier.at, scene.time) if earlier else scene.time
    account.unrelated[patient] = Unrelated(at, events[-EVENTS_KEPT:])
    if len(account.unrelated) > UNRELATED_KEPT:
        del account.unrelated[next(iter(account.unrelated))]


def observe_transaction(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Note that money moves on the account of a patient whose chart the user opened for no known reason."""
    transaction: BillingTransaction = scene.data
    if transaction.kind in POSTED and transaction.patient is not None and transaction.user is not None:
        _note_unrelated(scene, scene.profile.account, fingerprint(transaction.patient.ref), thresholds.accounts)


def withdrawn_with(scene: Scene) -> Iterator[tuple[str, str]]:
    """Yield what an explanation withdraws of the access, and of what came after it."""
    yield from withdrawn(scene)
    said: Explanation = scene.data
    profile, patient = scene.profile, fingerprint(said.patient_ref)
    unrelated = profile.account.unrelated.get(patient)
    dept = (profile.staff.dept if profile.staff else "") or said.dept
    if said.visited or unrelated is None:
        return
    if not conclude(Ties(said.direct, said.places), profile, dept, said.at, repeat=False):
        return
    event = fingerprint(said.event_id)
    unrelated.events = [kept for kept in unrelated.events if kept != event]
    if unrelated.events:
        return
    del profile.account.unrelated[patient]
    for finding in profile.history.take_back(ground_of_detector("A25", str(patient))):
        yield finding, REASON


def _note_unrelated(scene: Scene, account: UserAccount, patient: int, limits: AccountThresholds) -> None:
    earlier = account.unrelated.get(patient)
    if earlier is not None and 0 < scene.time - earlier.at <= limits.unrelated_days * DAY:
        scene.notes["unrelated.hours"] = round((scene.time - earlier.at) / 3_600, 1)


def _note_altered(scene: Scene, account: UserAccount, patient: int, limits: AccountThresholds) -> None:
    """Count the patients whose identity the user changed in a week, each after the chart had been opened."""
    _note_unrelated(scene, account, patient, limits)
    if "unrelated.hours" not in scene.notes:
        return
    account.altered.pop(patient, None)
    account.altered[patient] = scene.time
    if len(account.altered) > IDENTITIES_KEPT:
        del account.altered[next(iter(account.altered))]
    week = limits.unrelated_days * DAY
    scene.notes["unrelated.altered_7d"] = sum(0 <= scene.time - at <= week for at in account.altered.values())


def _note_identities(scene: Scene, account: UserAccount, patient: int, category: str) -> None:
    """Count the patients of a day of whom both demographics and insurance were opened for no known reason."""
    person, insurance = account.identities.pop(patient, (0.0, 0.0))
    at = scene.time
    seen = (max(person, at), insurance) if category in DEMOGRAPHICS else (person, max(insurance, at))
    account.identities[patient] = seen
    if len(account.identities) > IDENTITIES_KEPT:
        del account.identities[next(iter(account.identities))]
    if min(seen):
        both = [pair for pair in account.identities.values() if min(pair) and abs(at - max(pair)) < DAY]
        scene.notes["unrelated.identities_24h"] = len(both)


def _is_own_work(scene: Scene, access: AccessEvent, thresholds: Thresholds) -> bool:
    """Return whether it is the user's work to see and change this part: registration all, billing what insures."""
    staff, actor = scene.profile.staff, access.actor
    known = f"{staff.role} {staff.job_code} {staff.dept}" if staff else ""
    work = f"{known} {actor.job_code} {actor.dept}"
    is_insurance = access.resource is not None and access.resource.category in INSURANCE
    return is_one_of(work, thresholds.accounts.registration) or (
        is_insurance and is_one_of(work, thresholds.relations.billing_roles)
    )
