"""B13, geographic impossibility: one provider in two places on one day, too far apart for what was billed."""

import itertools

from detectors.events import BillingTransaction
from detectors.itinerary import responsible_npi
from detectors.patterns.a16_travel import haversine_km
from detectors.profiles.entries import day_key
from detectors.profiles.user import Position
from detectors.reference.zip_places import find
from detectors.retraction import Cleared
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.billing import dates_of, day_text
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B13",
    title="Services in person at two places too far apart",
    version=1,
    level="medium",
    stage="provider",
    window="date of service",
    needs=("service_facility.zip", "zip places table"),
    false_positives=("telehealth", "a billing address used as service address", "interpretation of images"),
    references=("domain.md §2.2 B13",),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | Cleared | None:
    """Look at the places of the claim's dates of service, and at what else was billed for them."""
    transaction, places = scene.data, scene.around.references.zip_places
    if not places or not isinstance(transaction, BillingTransaction) or scene.ref != responsible_npi(transaction):
        return None
    if transaction.kind not in ("claim_submitted", "claim_replaced", "claim_voided"):
        return None
    days = dates_of(transaction)
    hits = [hit for day in sorted(days) if (hit := _judge(scene, day, thresholds))]
    if not hits and transaction.kind != "claim_submitted":
        return Cleared([day_text(day) for day in days], "A claim was taken back, and the places left can be reached.")
    return hits[0] if hits else None


def _judge(scene: Scene, day: int, thresholds: Thresholds) -> Hit | None:
    entry = scene.days.fetch(day_key(scene.ref, day)) if scene.days is not None else None
    if entry is None:
        return None
    limits, table = thresholds.providers, scene.around.references.zip_places
    found = [find(table, zip_code) for zip_code in set(entry.places.values())]
    points = [Position(0.0, place.lat, place.lon, 0.0) for place in found if place]
    distance = max((haversine_km(one, other) for one, other in itertools.combinations(points, 2)), default=0.0)
    if distance <= limits.places_km:
        return None
    worked = sum(entry.minutes.values())
    way = distance / limits.places_speed_kmh * 60
    if distance <= limits.places_sure_km and worked + way <= limits.places_day_minutes:
        return None
    return Hit(
        "medium",
        f"Services in person are billed for {day_text(day)} at places {distance:,.0f} km apart; beside "
        f"{worked / 60:.1f} hours of service the way would take {way / 60:.1f} more.",
        window=day_text(day),
        features={"distance_km": round(distance, 1), "hours": round(worked / 60, 2)},
        ground=day_text(day),
    )
