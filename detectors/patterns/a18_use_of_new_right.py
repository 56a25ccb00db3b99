"""A18, privilege escalation: a right is granted, and what is protected most is opened with it at once."""

from detectors.events import AccessEvent
from detectors.gate import noted
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="A18",
    title="Sensitive record opened right after a new right",
    version=1,
    level="high",
    stage="user",
    window="24 hours",
    needs=("privilege_change", "rel.explained"),
    false_positives=("new members of staff: what is explained is passed over",),
    references=("domain.md §3.3 A18", "NIST SP 800-53 AC-6(9), log use of privileged functions"),
    gate=noted("privilege.granted_hours"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Fire once a day; an access that is explained is no misuse of the right."""
    notes = scene.notes
    hours = notes.get("privilege.granted_hours")
    if not isinstance(scene.data, AccessEvent) or not isinstance(hours, float):
        return None
    if notes.get("rel.explained") is not False or not notes.get("rel.context_ok"):
        return None
    return Hit(
        PATTERN.level,
        f"Opened a record of special sensitivity without a known reason {hours:.1f} hours after this account was given "
        "a new right.",
        window=f"{int(scene.time // 86_400)}",
        features={"hours": hours},
    )
