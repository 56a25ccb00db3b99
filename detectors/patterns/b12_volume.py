"""B12, an established provider whose volume jumps, against the own history."""

import math
import statistics

from detectors.peers.view import CONSISTENT
from detectors.profiles.conduct import Conduct
from detectors.profiles.provider import ProviderProfile
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B12",
    title="The number of claims of a provider has jumped",
    version=1,
    level="medium",
    stage="provider",
    window="3 days with claims",
    needs=("20 days with claims before",),
    false_positives=("release of a backlog", "a change of the fee schedule", "the flu season"),
    references=("domain.md §2.2 B12",),
)

LEAST_SPREAD = 0.1
"""On the scale of log(1 + n): a tenth more or less is never a jump."""


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Compare, once a day, the last three days with claims with those before."""
    if scene.notes.get("provider.looked_at") != "claims":
        return None
    profile: ProviderProfile = scene.profile
    limits, today = thresholds.providers, int(scene.time // 86_400)
    lately, before = _days(profile.conduct, today, limits.volume_of_days)
    if len(before) < limits.volume_history:
        return None
    median = statistics.median(before)
    spread = max(statistics.median(abs(math.log1p(n) - math.log1p(median)) for n in before), LEAST_SPREAD)
    high = [n for n in lately if CONSISTENT * (math.log1p(n) - math.log1p(median)) / spread > limits.volume_z]
    if len(high) < limits.volume_days or statistics.median(high) < limits.volume_factor * median:
        return None
    return Hit(
        "medium",
        f"{', '.join(map(str, lately))} claims on the last {len(lately)} days with claims; this provider's median of "
        f"the {len(before)} such days before was {median:.0f}.",
        window=f"{today // 7}",
        features={"claims": float(max(lately)), "median": float(median)},
    )


def _days(conduct: Conduct, today: int, last: int) -> tuple[list[int], list[int]]:
    """Return the claims of the last days with claims, and of those before; today is not over."""
    counts = [conduct.by_sending[day][0] for day in sorted(conduct.by_sending) if day < today]
    return counts[-last:], counts[:-last]
