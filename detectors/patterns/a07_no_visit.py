"""A07, emergency access without an emergency: the glass was broken for a patient who was not here nor expected."""

from detectors.events import AccessEvent
from detectors.gate import noted
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="A07",
    title="Emergency access without a visit",
    version=1,
    level="medium",
    stage="user",
    window="event",
    needs=("rel.explained", "rel.context_ok", "glass.visit", "glass.new"),
    false_positives=(
        "a patient who arrives later: the finding is withdrawn when the visit becomes known",
        "advice by telephone to another hospital",
    ),
    references=("domain.md §3.3 A07", "45 CFR 164.312(a)(2)(ii), emergency access procedure"),
    gate=noted("glass.visit", "glass.new"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Judge the first emergency access of a day to a patient."""
    notes, data = scene.notes, scene.data
    if not isinstance(data, AccessEvent) or data.patient is None or notes.get("glass.visit") is not False:
        return None
    if not notes.get("glass.new") or not notes.get("rel.context_ok") or notes.get("rel.explained"):
        return None
    limits = thresholds.relations
    return Hit(
        PATTERN.level,
        "Broke the glass for a patient of whom no stay, emergency visit or appointment is known from "
        f"{limits.glass_before_hours:.0f} hour before to {limits.glass_after_hours:.0f} hours after.",
        ground=f"{scene.visit.id}\x1f{scene.visit.stops[0].ref}",
    )
