"""B22, refund abuse: one clerk, one card or account, again and again."""

from detectors.events import BillingTransaction
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B22",
    title="Repeated refunds by one user to one card or account",
    version=1,
    level="high",
    stage="user",
    window="30 days",
    needs=("payment token", "user"),
    false_positives=("card reissue under a network token", "insurer overpayment checks"),
    references=("domain.md §2.2 B22",),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Fire when more refunds went to one token than ordinary work explains."""
    count = scene.notes.get("refund.same_token_30d")
    if not isinstance(scene.data, BillingTransaction) or not isinstance(count, int):
        return None
    if count <= thresholds.refunds_to_one_token:
        return None
    return Hit(
        "high",
        f"This user posted {count} refunds to the same card or account in {thresholds.refund_days:.0f} days; more than "
        f"{thresholds.refunds_to_one_token} are not expected.",
        features={"refunds": float(count)},
    )
