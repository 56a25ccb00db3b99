"""B04, upcoding: visits billed at higher levels than those of the peers of the same specialty."""

import math

from detectors.peers import MEASURES
from detectors.profiles.conduct import Conduct
from detectors.profiles.provider import ProviderProfile
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_conduct import segments_of
from detectors.thresholds import Thresholds
from detectors.thresholds_providers import ProviderThresholds

PATTERN = Pattern(
    id="B04",
    title="Visits billed at higher levels than those of peers",
    version=2,
    level="medium",
    levels=("medium", "high"),
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
    """Compare, once a day, the mean level and the share of the two highest levels with the peers and the own past."""
    if scene.notes.get("provider.looked_at") != "claims":
        return None
    profile: ProviderProfile = scene.profile
    limits, window, segments = thresholds.providers, profile.conduct.window, segments_of(profile.conduct)
    if window.levels < limits.levels_least:
        return None
    levels = scene.around.peers.group(MEASURES["visit_level"], segments)
    tops = scene.around.peers.group(MEASURES["top_level_share"], segments)
    if levels is None or tops is None:
        return None
    level, share = window.level_sum / window.levels, window.top_levels / window.levels
    is_beyond = levels.z(level) > limits.levels_z and tops.is_beyond(share, 0.95, limits.levels_top_z)
    before, lately = _change(profile.conduct, limits)
    if not is_beyond and lately <= max(before, tops.median):
        return None
    changed = (
        f" In the last {limits.levels_recent_days} days it was {lately:.0%}, before {before:.0%}." if lately else ""
    )
    return Hit(
        "high" if "B05" in profile.fired else "medium",
        f"{share:.0%} of this provider's {window.levels} visits in {limits.window_days} days are billed at the two "
        f"highest levels; of {levels.n} peers half bill at most {tops.median:.0%}, and 95 % at most {tops.p95:.0%}."
        f"{changed}",
        window=f"{int(scene.time // (30 * 86_400))}",
        features={"visits": float(window.levels), "share": round(share, 3), "z": round(levels.z(level), 2)},
    )


def _change(conduct: Conduct, limits: ProviderThresholds) -> tuple[float, float]:
    """Return the share of the two highest levels before and in the last days; zeros where chance may explain it."""
    newest, sides = max(conduct.by_service, default=0), ([0, 0], [0, 0])
    for day, own in conduct.by_service.items():
        if day > newest - limits.window_days:
            side = sides[day > newest - limits.levels_recent_days]
            side[0] += own.top_levels
            side[1] += own.levels
    (top_before, before), (top_lately, lately) = sides
    if min(before, lately) < limits.levels_least:
        return 0.0, 0.0
    pooled = (top_before + top_lately) / (before + lately)
    error = math.sqrt(pooled * (1 - pooled) * (1 / before + 1 / lately))
    rise = top_lately / lately - top_before / before
    if rise < limits.levels_change or rise < limits.levels_change_z * error:
        return 0.0, 0.0
    return top_before / before, top_lately / lately
