"""A23, restricted record: opened by someone who is not on its list, which is who has a tie in person."""

from detectors.events import AccessEvent
from detectors.gate import noted
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="A23",
    title="Restricted record opened by someone not on its list",
    version=2,
    level="high",
    stage="user",
    window="day",
    needs=("patient.restricted", "rel.explained", "rel.context_ok", "rel.pair_today"),
    false_positives=("cover for a colleague whose place on the care team reaches the feed late: withdrawn then",),
    references=("domain.md §3.3 A23", "45 CFR 164.522(a), right to request restriction"),
    gate=noted("patient.restricted", "rel.pair_today"),
    judges_explained=True,
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Judge the first access of a day: the department's tie is not enough here."""
    notes, data = scene.notes, scene.data
    if not isinstance(data, AccessEvent) or not notes.get("patient.restricted") or not notes.get("rel.pair_today"):
        return None
    if data.patient is None or data.actor.type == "service" or not notes.get("rel.context_ok") or "rel.direct" in notes:
        return None
    return Hit(
        PATTERN.level,
        "Opened a restricted record without a tie in person: no appointment, encounter, order, care team or task names "
        "this user, and that of a department does not count here.",
        ground=f"{scene.visit.id}\x1f{scene.visit.stops[0].ref}",
    )
