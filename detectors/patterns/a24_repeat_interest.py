"""A24, repeated interest: one patient's chart is opened again and again, on separate days, for no known reason."""

from detectors.events import AccessEvent
from detectors.gate import noted
from detectors.profiles.applied import fingerprint
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="A24",
    title="Repeated interest in one record without a known reason",
    version=1,
    level="high",
    stage="user",
    window="30 days",
    needs=("rel.explained", "rel.context_ok", "rel.unexplained_days"),
    false_positives=("care that is coordinated outside the feeds: it is withdrawn as soon as they tell of it",),
    references=(
        "domain.md §3.3 A24",
        "Menon, Jiang, Kim, Vaidya and Ohno-Machado, Detecting inappropriate access to electronic health records using "
        "collaborative filtering, Machine Learning 95, 2014",
    ),
    gate=noted("rel.unexplained_days"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Judge the days of the window. A day that is explained later does not count, and may withdraw the finding."""
    days, limits = scene.notes.get("rel.unexplained_days"), thresholds.relations
    if not isinstance(scene.data, AccessEvent) or not isinstance(days, int) or days < limits.interest_days:
        return None
    if scene.data.patient is None or scene.data.actor.type != "human" or scene.notes.get("staff.self_access"):
        return None
    return Hit(
        PATTERN.level,
        f"Opened the chart of one patient on {days} separate days within {limits.interest_window_days} days without an "
        "appointment, encounter, order, care team or work-queue task that would explain it.",
        features={"days": float(days)},
        ground=str(fingerprint(scene.data.patient.ref)),
    )
