"""Whether a position is that of the person who logged in, or of a gateway through which many come (A16)."""

from detectors.events.access import Client
from detectors.scene import Scene
from detectors.thresholds_behaviour import BehaviourThresholds

GATEWAYS = frozenset({"vpn", "cloud"})
"""Classes of addresses, given by the site, whose position is that of the gateway."""


def is_of_person(scene: Scene, client: Client, limits: BehaviourThresholds) -> bool:
    """Return whether the position of a login is the person's: no gateway, and no address where a crowd came from."""
    if client.ip_class in GATEWAYS:
        return False
    users = scene.notes.get("address.users_24h")
    return client.ip_class == "onsite" or not isinstance(users, int) or users < limits.egress_users
