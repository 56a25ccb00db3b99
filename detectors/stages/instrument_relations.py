"""The instrument stage, relations: which portal accounts share a device or a network address (A26)."""

from detectors.events import AccessEvent
from detectors.explain import DAY
from detectors.itinerary import PORTAL_ACTORS
from detectors.partition import PartitionState
from detectors.profiles.applied import fingerprint
from detectors.profiles.instrument import InstrumentProfile
from detectors.profiles.relations import PORTAL_ACCOUNTS_KEPT, PortalAccount
from detectors.scene import Scene
from detectors.thresholds import Thresholds


def observe_access(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Keep the portal account, and note how many there are, and of how many homes.

    Accounts without an address count as homes of their own.
    """
    access: AccessEvent = scene.data
    if access.outcome != "success" or access.actor.type not in PORTAL_ACTORS:
        return
    profile: InstrumentProfile = scene.profile
    accounts, limits = profile.relations.accounts, thresholds.relations
    shown = access.patient.address_tok if access.patient else ""
    address = access.actor.address_tok or shown
    account = fingerprint(access.actor.id)
    known = accounts.get(account)
    if known is None:
        known = accounts[account] = PortalAccount(scene.time, 0)
    known.at = max(known.at, scene.time)
    if address:
        known.address = fingerprint(address)
    oldest = max(kept.at for kept in accounts.values()) - limits.portal_days * DAY
    for old in [kept for kept in accounts if accounts[kept].at < oldest]:
        del accounts[old]
    while len(accounts) > PORTAL_ACCOUNTS_KEPT:
        del accounts[min(accounts, key=lambda kept: accounts[kept].at)]
    homes = {kept.address or name for name, kept in accounts.items()}
    n = len(accounts)
    scene.notes["portal.accounts_30d"] = n
    scene.notes["portal.addresses_30d"] = len(homes)
    if limits.portal_accounts <= n < limits.portal_public and len(homes) >= limits.portal_addresses:
        scene.notes["portal.shared"] = True
