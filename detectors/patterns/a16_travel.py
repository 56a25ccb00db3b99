"""A16, impossible travel: two logins of one user too far apart to have been travelled."""

import math

from detectors.events import AccessEvent
from detectors.gate import Gate
from detectors.profiles.user import Position
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="A16",
    title="Login from two places too far apart",
    version=3,
    level="high",
    stage="user",
    window="last 8 logins",
    needs=("client.geo",),
    false_positives=(
        "a gateway that the source does not call vpn or cloud: list its position, or wait until ten users came from it",
        "mobile carrier network address translation",
        "a login through a remote desktop that stands elsewhere",
    ),
    references=("domain.md §3.3 A16",),
    gate=Gate(deeds=frozenset({"login"})),
)

EARTH_RADIUS_KM = 6371.0088
"""Mean radius, IUGG; as in the golden vector of domain.md §9."""


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Compare a login with those just before and after it: logins of different addresses arrive in any order."""
    access = scene.data
    if not isinstance(access, AccessEvent) or access.action != "login" or not access.client or not access.client.geo:
        return None
    geo, profile = access.client.geo, scene.profile
    logins = [login for login in profile.logins if not _is_egress(login, thresholds)]
    here = Position(scene.time, geo.lat, geo.lon, geo.accuracy_km)
    if here not in logins:
        return None
    index = logins.index(here)
    neighbours = [*logins[max(index - 1, 0) : index], *logins[index + 1 : index + 2]]
    hits = [hit for there in neighbours if (hit := _judge(here, there, thresholds))]
    return max(hits, key=lambda hit: hit.features["speed_kmh"], default=None)


def _judge(here: Position, there: Position, thresholds: Thresholds) -> Hit | None:
    if max(here.accuracy_km, there.accuracy_km) >= thresholds.travel_accuracy_km:
        return None
    distance = haversine_km(there, here)
    hours = max(abs(here.at - there.at), 1.0) / 3_600
    speed = distance / hours
    if distance <= thresholds.travel_distance_km or speed <= thresholds.travel_speed_kmh:
        return None
    return Hit(
        "high",
        f"Logged in from two places {distance:,.0f} km apart within {hours * 60:,.0f} minutes, which needs "
        f"{speed:,.0f} km/h; no more than {thresholds.travel_speed_kmh:,.0f} km/h can be travelled.",
        features={"distance_km": round(distance, 1), "speed_kmh": round(speed, 1)},
    )


def _is_egress(login: Position, thresholds: Thresholds) -> bool:
    """Whether a login came from where the site's own traffic leaves its network."""
    limits = thresholds.behaviour
    egresses = (Position(0.0, lat, lon, 0.0) for lat, lon in limits.egress_places)
    return any(haversine_km(login, egress) <= limits.egress_km for egress in egresses)


def haversine_km(a: Position, b: Position) -> float:
    """Great-circle distance in kilometres (haversine formula)."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b.lon - a.lon) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))
