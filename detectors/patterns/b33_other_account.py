"""B33, remittance mismatch: a payer pays to another account than the payee's of record."""

from detectors.events import BillingTransaction
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B33",
    title="Remittance to another account than before",
    version=1,
    level="high",
    stage="instrument",
    window="payment",
    needs=("payment.bank_fp", "payment.payee_npi"),
    false_positives=(
        "electronic payments split over two accounts",
        "a new bank that was not announced as a change",
    ),
    references=("domain.md §2.2 B33",),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Fire once for each account that nobody announced."""
    transaction = scene.data
    if not isinstance(transaction, BillingTransaction) or not scene.notes.get("remit.other_account"):
        return None
    return Hit(
        PATTERN.level,
        "A remittance was paid to a bank account that this payee was not paid to before, and no change of the account "
        f"is on record in the last {thresholds.money.change_days:.0f} days.",
    )
