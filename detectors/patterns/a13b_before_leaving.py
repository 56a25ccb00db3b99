"""A13b, hoarding before departure: who leaves opens or moves half of what would alert of anybody."""

from detectors.events import AccessEvent
from detectors.gate import noted
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="A13b",
    title="Many records opened or moved by somebody who is leaving",
    version=1,
    level="high",
    stage="user",
    window="day",
    needs=("staff.leaving", "user.patients_1h_limit"),
    false_positives=("handing over one's patients",),
    references=("domain.md §3.3 A13b",),
    gate=noted("staff.leaving"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Judge at half the limits of A09 and A10, in the 30 days before the end of the account."""
    notes, limits = scene.notes, thresholds.accounts
    if not isinstance(scene.data, AccessEvent) or not notes.get("staff.leaving"):
        return None
    opened, limit, own = (notes.get(f"user.patients_1h{name}") for name in ("", "_limit", "_highest"))
    moved, p99 = notes.get("user.records_out_24h"), notes.get("user.records_out_24h_p99")
    if (
        isinstance(opened, int)
        and isinstance(limit, int)
        and isinstance(own, int)
        and opened >= limits.leaving_share * limit
        and opened > own > 0
    ):
        said = f"opened {opened} different charts in an hour; its highest before was {own}"
        count = opened
    elif isinstance(moved, int) and moved >= limits.leaving_share * max(
        limits.export_records, limits.export_margin * p99 if isinstance(p99, float) else 0
    ):
        said = f"moved {moved:,} records out of the system in 24 hours"
        count = moved
    else:
        return None
    return Hit(
        PATTERN.level,
        f"This user, whose account ends soon or who has given notice, {said}.",
        window=f"{int(scene.time // 86_400)}",
        features={"records": float(count)},
    )
