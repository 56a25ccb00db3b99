"""A20, service account anomaly: an interface does what it never did."""

from detectors.events import AccessEvent
from detectors.gate import noted
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.service_account import SIGNED_IN
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="A20",
    title="Service account used in an unusual way",
    version=2,
    level="high",
    levels=("low", "medium", "high"),
    stage="user",
    window="24 hours",
    needs=("actor.type", "three days of accesses"),
    false_positives=("a new release of the interface",),
    references=("domain.md §3.3 A20", "NIST SP 800-53 AC-2(12), atypical usage"),
    gate=noted("service.odd"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """One thing is a feature, several within a day make an alert; to sign in is between the two."""
    odd = scene.notes.get("service.odd")
    if not isinstance(scene.data, AccessEvent) or not isinstance(odd, list) or not odd:
        return None
    several = len(odd) > 1
    return Hit(
        "high" if several else "medium" if SIGNED_IN in odd else "low",
        f"The account of a service did what it is not known to have done in the 30 days before: {'; '.join(odd)}.",
        window=f"{int(scene.time // 86_400)}:{len(odd) if several else odd[0]}",
        features={"signs": float(len(odd))},
    )
