"""The instrument stage, behaviour: who enters and who fails to from one network address (A16, A17)."""

from detectors.events import AccessEvent
from detectors.explain import DAY
from detectors.partition import PartitionState
from detectors.profiles.applied import fingerprint
from detectors.profiles.behaviour import FAILING_KEPT, USERS_KEPT, AddressBehaviour, FailedLogin
from detectors.profiles.instrument import InstrumentProfile
from detectors.scene import Scene
from detectors.thresholds import Thresholds
from detectors.thresholds_behaviour import BehaviourThresholds

HOUR = 3_600.0
KNOWN_SECONDS = 7 * DAY
"""How long who got in at an address belongs there."""


def observe_access(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Keep a login or a failure, and note how many users there are of both."""
    access: AccessEvent = scene.data
    if access.action not in ("login", "login_failed") or not scene.ref.startswith("ip:"):
        return
    profile: InstrumentProfile = scene.profile
    address, at, user = profile.behaviour, scene.time, fingerprint(access.actor.id)
    if access.action == "login" and access.outcome == "success":
        address.entered[user] = max(at, address.entered.get(user, 0.0))
        if len(address.entered) > USERS_KEPT:
            del address.entered[min(address.entered, key=lambda kept: address.entered[kept])]
        scene.notes["address.users_24h"] = sum(at - DAY < entered <= at for entered in address.entered.values())
        return
    failures = address.failures
    failures.append(FailedLogin(at, user))
    if len(failures) > 1 and failures[-2].at > at:
        failures.sort(key=lambda failure: failure.at)
    if failures[0].at < failures[-1].at - HOUR or len(failures) > FAILING_KEPT:
        address.failures = [kept for kept in failures if kept.at >= failures[-1].at - HOUR][-FAILING_KEPT:]
    _note_spray(scene, address, thresholds.behaviour)


def _note_spray(scene: Scene, address: AddressBehaviour, limits: BehaviourThresholds) -> None:
    """Note how many users failed here and have not been inside lately, where they are more than those who got in.

    On the day on which passwords expire many fail at a shared address; they know it, and most get in.
    """
    at, span = scene.time, limits.spray_minutes * 60
    failed = {failure.user for failure in address.failures if at - span < failure.at <= at}
    if len(failed) < limits.spray_users:
        return
    strangers = sum(at - address.entered.get(user, 0.0) > KNOWN_SECONDS for user in failed)
    entered = sum(at - span < moment <= at for moment in address.entered.values())
    if strangers >= limits.spray_users and strangers > entered:
        scene.notes["address.users_failed_15m"] = strangers
        scene.notes["address.users_entered_15m"] = entered
