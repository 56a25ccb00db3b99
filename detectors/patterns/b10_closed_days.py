"""B10, weekend spike: office services billed for days on which offices are closed."""

from detectors.peers import MEASURES
from detectors.profiles.provider import ProviderProfile
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_conduct import segments_of
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B10",
    title="Office services billed for closed days",
    version=1,
    level="medium",
    stage="provider",
    window="90 days of service",
    needs=("claim.pos", "10 peers"),
    false_positives=("urgent care", "emergency departments", "weekend clinics"),
    references=("domain.md §2.2 B10",),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Compare, once a day, the share of office claims for closed days with the peers."""
    if scene.notes.get("provider.looked_at") != "claims":
        return None
    profile: ProviderProfile = scene.profile
    limits, window = thresholds.providers, profile.conduct.window
    if window.closed < limits.closed_least:
        return None
    group = scene.around.peers.group(MEASURES["closed_day_share"], segments_of(profile.conduct))
    share = window.closed / window.claims
    if group is None or share <= group.p99:
        return None
    return Hit(
        "medium",
        f"{window.closed} of this provider's {window.claims} claims in {limits.window_days} days are for office "
        f"services on Saturdays and Sundays ({share:.0%}); of {group.n} peers 99 % have no more than {group.p99:.0%}.",
        window=f"{int(scene.time // (30 * 86_400))}",
        features={"claims": float(window.claims), "closed": float(window.closed)},
    )
