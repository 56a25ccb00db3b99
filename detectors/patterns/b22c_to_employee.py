"""B22, refund abuse: the money goes to a card or account of a member of staff."""

from detectors.events import BillingTransaction
from detectors.finding import Entity
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B22c",
    title="Refund to a card or account of an employee",
    version=1,
    level="critical",
    stage="instrument",
    window="event",
    needs=("payment token", "patient.employee"),
    false_positives=(
        "an employee who pays for a relative: the refund goes back to where the payment came from, and is passed over",
    ),
    references=(
        "domain.md §2.2 B22",
        "Association of Certified Fraud Examiners, Fraud Examiners Manual, register disbursement schemes",
    ),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Fire where the card paid an employee's own bills, and neither this bill nor the own one is refunded to it."""
    transaction, notes = scene.data, scene.notes
    if not isinstance(transaction, BillingTransaction) or not notes.get("refund.to_employee"):
        return None
    amount = notes.get("refund.amount")
    cents = amount if isinstance(amount, int) else 0
    whose = "the very user who posted it" if notes.get("refund.to_clerk") else "a member of staff"
    return Hit(
        PATTERN.level,
        f"A {transaction.kind} of {cents / 100:,.2f} {transaction.currency} on a patient's account goes to a card or "
        f"account with which {whose} pays the own bills; the payment did not come from there.",
        features={"amount": cents / 100},
        about=Entity("user", transaction.user.ref) if transaction.user else None,
    )
