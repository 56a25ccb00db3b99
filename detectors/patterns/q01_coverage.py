"""Q01, too few accesses explained: the context feed of a department, or of all, is to be doubted (domain.md §3.2)."""

from detectors.coverage import TOLD_LOW, coverage_of, department_of, tell_once
from detectors.events import AccessEvent
from detectors.finding import Entity
from detectors.gate import noted
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="Q01",
    title="Too few accesses explained",
    version=1,
    level="medium",
    stage="user",
    window="day",
    needs=("rel.templates", "actor.dept"),
    false_positives=("a department that is new, moved or merged, whose work nothing in the feeds describes yet",),
    references=(
        "domain.md §3.2",
        "Fabbri, LeFevre and Hanauer, Explaining accesses to electronic health records, KDD-DMH 2011",
    ),
    queue="data_quality",
    gate=noted("rel.explained"),
)

ALL_DEPARTMENTS = "all departments"


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Tell the data team once a day of each department, the whole house first.

    Counts are those of all partitions; the finding of a department and day is the same whichever partition says it.
    """
    data = scene.data
    if not isinstance(data, AccessEvent) or scene.notes.get("rel.explained") is not False:
        return None
    for dept in dict.fromkeys(("", department_of(scene))):
        found = coverage_of(scene, dept)
        if found.is_low(thresholds) and tell_once(scene, dept, TOLD_LOW):
            return Hit(
                PATTERN.level,
                f"Only {found.share:.0%} of {found.judged:,} accesses in {dept or ALL_DEPARTMENTS} could be explained "
                "in the last 24 hours; a feed of appointments, encounters, orders, shifts or tasks may be down. "
                f"Meanwhile findings that rest on it are kept as information ({found.suppressed:,} so far).",
                window=f"{int(scene.time // 86_400)}",
                features={
                    "explained_share": round(found.share, 4),
                    "accesses": float(found.judged),
                    "suppressed": float(found.suppressed),
                },
                about=Entity("source", dept or ALL_DEPARTMENTS),
            )
    return None
