"""B04, upcoding: visits billed at higher levels than those of the peers of the same specialty."""

from detectors.peers import MEASURES
from detectors.profiles.provider import ProviderProfile
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_conduct import segments_of
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B04",
    title="Visits billed at higher levels than those of peers",
    version=1,
    level="medium",
    stage="provider",
    window="90 days of service",
    needs=("rendering.taxonomy", "10 peers of the specialty, or of all"),
    false_positives=(
        "sicker patients",
        "a sub-specialty",
        "coding by time since 2021, which shifted all levels upward",
    ),
    references=("domain.md §2.2 B04", "AAFP, Medicare family practice 2015-16"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Compare, once a day, the mean level and the share of the two highest levels with the peers."""
    if scene.notes.get("provider.looked_at") != "claims":
        return None
    profile: ProviderProfile = scene.profile
    limits, window, segments = thresholds.providers, profile.conduct.window, segments_of(profile.conduct)
    if window.levels < limits.levels_least:
        return None
    levels = scene.around.peers.group(MEASURES["visit_level"], segments)
    tops = scene.around.peers.group(MEASURES["top_level_share"], segments)
    level, share = window.level_sum / window.levels, window.top_levels / window.levels
    if levels is None or tops is None or levels.z(level) <= limits.levels_z:
        return None
    if not tops.is_beyond(share, 0.95, limits.levels_z):
        return None
    return Hit(
        "high" if "B05" in profile.fired else "medium",
        f"{share:.0%} of this provider's {window.levels} visits in {limits.window_days} days are billed at the two "
        f"highest levels; of {levels.n} peers half bill at most {tops.median:.0%}, and 95 % at most {tops.p95:.0%}.",
        window=f"{int(scene.time // (30 * 86_400))}",
        features={"visits": float(window.levels), "share": round(share, 3), "z": round(levels.z(level), 2)},
    )
