"""B01c, double payment: a line is paid again while its first payment stands; the second is owed back."""

from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_claims import answers_for, number_of
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B01c",
    title="Service paid twice",
    version=1,
    level="high",
    stage="provider",
    window="claim",
    needs=("claim.paid_twice",),
    false_positives=("second payers", "payment after a replacement", "interest, which comes as an adjustment"),
    references=("domain.md §2.2 B01c", "42 CFR 401.305 (report and return of overpayments)"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Report the second of two payments for a line with no reversal or replacement between."""
    cents = number_of(scene, "claim.paid_twice")
    if not cents or not answers_for(scene):
        return None
    return Hit(
        "high",
        f"The same payer paid {cents / 100:,.2f} {scene.data.currency} again for lines of this claim that it had paid "
        "before, with no reversal or replacement between; a refund is owed.",
        features={"paid_twice": cents / 100},
    )
