"""B17, modifier 25 abuse: a separate visit billed with nearly every procedure."""

from detectors.peers import MEASURES
from detectors.profiles.provider import ProviderProfile
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_conduct import segments_of
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B17",
    title="A separate visit billed with nearly every procedure",
    version=1,
    level="medium",
    stage="provider",
    window="90 days of service",
    needs=("line modifiers", "10 peers"),
    false_positives=("dermatology", "urgent care"),
    references=("domain.md §2.2 B17",),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Compare, once a day, the share of visits under modifier 25 with the peers."""
    if scene.notes.get("provider.looked_at") != "claims":
        return None
    profile: ProviderProfile = scene.profile
    limits, window = thresholds.providers, profile.conduct.window
    if window.procedures < limits.modifier_least:
        return None
    group = scene.around.peers.group(MEASURES["modifier_25_share"], segments_of(profile.conduct))
    share = window.modified / window.procedures
    if group is None or (share <= group.p99 and (share < limits.modifier_nearly_all or share <= group.p95)):
        return None
    return Hit(
        "medium",
        f"{window.modified} of this provider's {window.procedures} visits with a procedure in {limits.window_days} "
        f"days carry modifier 25 ({share:.0%}); of {group.n} peers 99 % have {group.p99:.0%}.",
        window=f"{int(scene.time // (30 * 86_400))}",
        features={"visits": float(window.procedures), "share": round(share, 3)},
    )
