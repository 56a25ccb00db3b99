"""A25, identity theft: demographics and insurance of many patients are opened for no known reason."""

from detectors.events import AccessEvent
from detectors.gate import noted
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="A25b",
    title="Demographics and insurance of many unrelated patients opened",
    version=1,
    level="high",
    stage="user",
    window="24 hours",
    needs=("rel.explained", "rel.context_ok", "resource.category"),
    false_positives=("registration work: those who register, schedule and check in are passed over",),
    references=(
        "domain.md §3.3 A25",
        "American Medical News, 17 September 2012: a registrar of an emergency department in Florida",
    ),
    gate=noted("unrelated.identities_24h"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Count the patients of whom both were opened within a day."""
    count = scene.notes.get("unrelated.identities_24h")
    if not isinstance(scene.data, AccessEvent) or not isinstance(count, int):
        return None
    if count < thresholds.accounts.identity_bulk:
        return None
    return Hit(
        PATTERN.level,
        f"This user opened both the demographics and the insurance of {count} patients within 24 hours without a known "
        "reason: what it takes to use somebody's identity.",
        window=f"{int(scene.time // 86_400)}",
        features={"patients": float(count)},
    )
