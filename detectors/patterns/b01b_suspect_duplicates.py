"""B01b, suspect duplicates: the same service for the same patient and day, but for its provider or its charge."""

from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_claims import answers_for
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B01b",
    title="Suspected duplicate of a service",
    version=1,
    level="low",
    levels=("info", "low"),
    stage="provider",
    window="claim",
    needs=("claim.suspect_duplicate",),
    false_positives=(
        "two surgeons (62), team (66), assistants (80, 81, 82, AS)",
        "professional and technical part (26, TC)",
        "repeats, sides and sites (76, 77, 91, 59, X, 50, LT, RT)",
        "denials that a clearing house caused by sending a file twice",
    ),
    references=("domain.md §2.2 B01b", "X12 claim adjustment reason code 18"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Report a line that repeats another in all but provider or charge, and a denial as exact duplicate."""
    how = scene.notes.get("claim.suspect_duplicate")
    if not isinstance(how, str) or not answers_for(scene):
        return None
    if scene.data.kind == "remit_denied":
        return Hit("info", "The payer denied the claim as an exact duplicate of another (reason code 18).")
    return Hit("low", f"The same service for the same patient and day is billed on another claim, {how}.")
