"""B36, visits in a global period: follow-up that the price of a surgery includes is billed by the same group."""

from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_claims import answers_for, number_of
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B36",
    title="Visit that a surgery's price includes",
    version=1,
    level="low",
    stage="provider",
    window="10 or 90 days from the surgery",
    needs=("global days table", "claim.days_after_surgery"),
    false_positives=("visits for another reason, or of another specialty of the group, without modifier 24",),
    references=("domain.md §2.2 B36", "CMS Claims Processing Manual chapter 12, §40 (global surgery)"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Report a visit without modifier 24, 25, 57, 58, 78 or 79 in the days after a surgery of the same group."""
    days = number_of(scene, "claim.days_after_surgery")
    if not days or not answers_for(scene):
        return None
    return Hit(
        "low",
        f"A visit is billed {days} {'day' if days == 1 else 'days'} after a surgery of the same group whose price "
        "includes it, and no modifier says why.",
        features={"days": float(days)},
    )
