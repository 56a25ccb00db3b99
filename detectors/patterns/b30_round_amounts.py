"""B30, round and repeated amounts: a clerk's refunds and write-offs are round, or always the same."""

from detectors.events import BillingTransaction
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B30",
    title="Round or repeated amounts of refunds and write-offs",
    version=1,
    level="low",
    stage="user",
    window="30 days",
    needs=("user.same_amount_30d",),
    false_positives=("copays and fixed fees that are given back",),
    references=("domain.md §2.2 B30",),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Hold the share of round amounts against the role's 99th percentile; count equal amounts."""
    notes, limits = scene.notes, thresholds.money
    same, share, p99 = (notes.get(f"user.{name}") for name in ("same_amount_30d", "round_share", "round_share_p99"))
    if not isinstance(scene.data, BillingTransaction) or not isinstance(same, int):
        return None
    if same >= limits.same_amount:
        said = f"{same} refunds and write-offs of the same amount in {limits.posted_days:.0f} days"
    elif isinstance(share, float) and isinstance(p99, float) and share > max(p99, 0.1):
        said = (
            f"{share:.0%} round amounts (multiples of {limits.round_step / 100:.0f} USD) among refunds and write-offs "
            f"in {limits.posted_days:.0f} days; 99 % of the role have no more than {p99:.0%}"
        )
    else:
        return None
    return Hit(
        PATTERN.level,
        f"This user has {said}.",
        window=f"{int(scene.time // 604_800)}",
        features={"same": float(same)},
    )
