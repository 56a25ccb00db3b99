"""B01, duplicate claims: one is information, a provider's share of them is the pattern."""

from detectors.events import BillingTransaction
from detectors.itinerary import responsible_npi
from detectors.profiles.provider import ProviderProfile
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B01",
    title="Duplicate claims",
    version=1,
    level="medium",
    levels=("info", "medium", "high"),
    stage="provider",
    window="30 days",
    needs=(),
    false_positives=("batch replays", "crossover claims", "repeat-service modifiers 76, 77, 91"),
    references=("domain.md §2.2 B01", "CMS MM8121"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Report each duplicate as information, and the provider's share of duplicates once it is telling."""
    transaction = scene.data
    if not isinstance(transaction, BillingTransaction) or not scene.notes.get("claim.duplicate"):
        return None
    if scene.ref != responsible_npi(transaction):
        return None
    profile: ProviderProfile = scene.profile
    claims = sum(counts[0] for counts in profile.claims.values())
    duplicates = sum(counts[1] for counts in profile.claims.values())
    share = duplicates / claims if claims else 0.0
    features = {"claims": float(claims), "duplicates": float(duplicates)}
    if claims < thresholds.duplicate_claims or share <= thresholds.duplicate_share_medium:
        return Hit("info", "Every line of this claim was billed before, unchanged, by an earlier claim.", "", features)
    high = share > thresholds.duplicate_share_high
    day = int(scene.time // 86_400)
    return Hit(
        "high" if high else "medium",
        f"{duplicates} of this provider's {claims} claims in {thresholds.duplicate_days} days ({share:.1%}) repeat an "
        f"earlier claim line by line; more than {thresholds.duplicate_share_medium:.0%} is not expected.",
        window=f"{day}:{'high' if high else 'medium'}",
        features=features,
    )
