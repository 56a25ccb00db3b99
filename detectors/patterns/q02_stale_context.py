"""Q02, insufficient context: nothing has been heard of the context feeds for days, so accesses cannot be judged."""

from detectors.coverage import TOLD_STALE, coverage_of, tell_once
from detectors.events import AccessEvent
from detectors.finding import Entity
from detectors.gate import noted
from detectors.patterns.q01_coverage import ALL_DEPARTMENTS
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="Q02",
    title="Accesses that could not be judged for want of context",
    version=1,
    level="medium",
    stage="user",
    window="day",
    needs=("rel.context_ok",),
    false_positives=("a site that sends its access log only, and no context",),
    references=("domain.md §3.1",),
    queue="data_quality",
    gate=noted("rel.context_ok"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Tell the data team once a day, where enough accesses went unjudged to matter."""
    if not isinstance(scene.data, AccessEvent) or scene.notes.get("rel.context_ok") is not False:
        return None
    found = coverage_of(scene, "")
    if found.unjudged < thresholds.relations.coverage_least or not tell_once(scene, "", TOLD_STALE):
        return None
    return Hit(
        PATTERN.level,
        f"{found.unjudged:,} accesses of the last 24 hours could not be judged: no appointment, encounter, order, "
        f"care team or task has arrived for {thresholds.windows.context_stale:.0f} days. Patterns that need this "
        "context keep silent until it does.",
        window=f"{int(scene.time // 86_400)}",
        features={"accesses": float(found.unjudged)},
        about=Entity("source", ALL_DEPARTMENTS),
    )
