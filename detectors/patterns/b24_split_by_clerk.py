"""B24, structuring: several amounts just below a limit that this user posted, within days."""

from detectors.patterns.splits import FALSE_POSITIVES, REFERENCES, split_hit
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B24",
    title="Amounts split below a limit by one user",
    version=1,
    level="medium",
    stage="user",
    window="5 days",
    needs=("amounts.paid", "approval.limit"),
    false_positives=FALSE_POSITIVES,
    references=REFERENCES,
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Judge the fullest five days that contain this amount."""
    return split_hit(scene, "that this user posted")
