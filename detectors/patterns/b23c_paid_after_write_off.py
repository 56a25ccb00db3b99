"""B23, write-off abuse: what was written off is paid after all."""

from detectors.events import BillingTransaction
from detectors.finding import Entity
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B23c",
    title="Payment of what had been written off",
    version=1,
    level="medium",
    stage="patient",
    window="30 days",
    needs=("payment.after_write_off_days",),
    false_positives=("a patient who pays a bad debt after all",),
    references=(
        "domain.md §2.2 B23",
        "Association of Certified Fraud Examiners, Fraud Examiners Manual, skimming, concealment by write-offs",
    ),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Tell of the user who wrote the amount off, not of the patient who paid."""
    transaction, notes = scene.data, scene.notes
    days, user = notes.get("payment.after_write_off_days"), notes.get("payment.written_off_by")
    if not isinstance(transaction, BillingTransaction) or not isinstance(days, float) or not isinstance(user, str):
        return None
    cents = abs(transaction.amounts.paid) if transaction.amounts else 0
    return Hit(
        PATTERN.level,
        f"{cents / 100:,.2f} {transaction.currency} were paid {days:.0f} days after the same amount had been written "
        "off on this account.",
        features={"days": days},
        about=Entity("user", user),
    )
