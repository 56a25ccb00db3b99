"""B18, pairs kept apart by modifier 59 or X, as a provider's habit."""

from detectors.peers.measures import MEASURES
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_claims import answers_for, number_of, segments_of, sums, window_end
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B18",
    title="Modifier 59 as a habit",
    version=1,
    level="medium",
    stage="provider",
    window="90 days",
    needs=("procedure pairs table", "claim.pairs_bypassed"),
    false_positives=(
        "therapy of several kinds in one visit",
        "sites named by anatomical modifiers, which count against it",
    ),
    references=("domain.md §2.2 B18", "CMS National Correct Coding Initiative, modifier 59"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Report a provider whose share of such pairs is far above that of its peers."""
    if not number_of(scene, "claim.pairs_bypassed") or not answers_for(scene):
        return None
    limits = thresholds.claims
    end = window_end(scene, limits.window_days)
    figures = sums(scene.profile, end, limits.window_days)
    bypassed, together = figures["bypassed"], figures["bypassable"]
    if together < limits.bypass_least:
        return None
    share = bypassed / together
    peers = scene.around.peers.group(MEASURES["bypass_share"], segments_of(scene.data))
    # Half way between the 95th and the 99th percentile stands for the 97.5th of the catalogue.
    limit = limits.bypass_share_ceiling if peers is None else (peers.p95 + peers.p99) / 2
    if share <= limit:
        return None
    return Hit(
        "medium",
        f"{bypassed} of {together} pairs of services ({share:.0%}) in {limits.window_days} days were kept apart by "
        f"modifier 59 or X; {limit:.0%} is much.",
        window=f"{end // 7}",
        features={"bypassed": float(bypassed), "pairs": float(together), "limit": round(limit, 3)},
    )
