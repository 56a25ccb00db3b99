"""B26, stolen card: a new card on an account, of which neither the checks nor the amount fit."""

from detectors.events import BillingTransaction
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B26",
    title="Payment with a new card that does not match",
    version=1,
    level="high",
    stage="patient",
    window="event",
    needs=("payment.card.avs", "payment.card.cvv_result"),
    false_positives=(
        "parents and guarantors who pay from another address",
        "travel cards issued abroad",
    ),
    references=("domain.md §2.2 B26",),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Two things must come together: a check that failed, and a card or amount from elsewhere."""
    mismatch, unusual = scene.notes.get("card.mismatch"), scene.notes.get("card.unusual")
    if not isinstance(scene.data, BillingTransaction) or not isinstance(mismatch, str) or not isinstance(unusual, str):
        return None
    return Hit(
        PATTERN.level,
        f"A card that this account was never paid with before was used: {mismatch}, and {unusual}.",
    )
