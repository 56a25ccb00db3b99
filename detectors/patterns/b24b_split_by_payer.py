"""B24, structuring: several amounts just below a limit that were paid in cash on one account, within days."""

from detectors.patterns.splits import FALSE_POSITIVES, REFERENCES, split_hit
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B24b",
    title="Cash payments split below the reporting limit",
    version=1,
    level="medium",
    stage="patient",
    window="5 days",
    needs=("amounts.paid", "payment.method"),
    false_positives=FALSE_POSITIVES,
    references=REFERENCES,
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Judge the fullest five days that contain this amount."""
    return split_hit(scene, "that were paid in cash on one account")
