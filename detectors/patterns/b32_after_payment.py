"""B32, paid claims that are raised by a replacement long after, or taken back once an audit began."""

from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_claims import answers_for
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B32",
    title="Paid claim changed long after",
    version=1,
    level="medium",
    stage="provider",
    window="400 days",
    needs=("claim.payment_raised or claim.void_after_audit_days", "remittances", "audit tasks of the work queues"),
    false_positives=("late charges",),
    references=("domain.md §2.2 B32",),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Report a replacement that raised a payment, and a void after an audit of the account was opened."""
    raised, days = scene.notes.get("claim.payment_raised"), scene.notes.get("claim.void_after_audit_days")
    if not answers_for(scene):
        return None
    if isinstance(raised, float):
        return Hit(
            "medium",
            f"A replacement raised the payment of this claim by {raised:.0%}, more than {thresholds.claims.raise_days} "
            "days after it was first paid.",
            features={"raised": raised},
        )
    if isinstance(days, int | float) and scene.data.kind == "claim_voided":
        return Hit(
            "medium",
            f"The claim had been paid and was taken back {days:.0f} days after an audit of the account was opened.",
            features={"days": float(days)},
        )
    return None
