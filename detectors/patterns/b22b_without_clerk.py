"""B22, refund abuse: a refund that nobody is named for and that does not fit the payment."""

from detectors.events import BillingTransaction
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B22b",
    title="Refund that does not fit its payment, and no clerk is named",
    version=1,
    level="high",
    stage="patient",
    window="event",
    needs=("refund.amount",),
    false_positives=("card reissue under a network token", "insurer overpayment checks"),
    references=(
        "domain.md §2.2 B22",
        "Association of Certified Fraud Examiners, Fraud Examiners Manual, register disbursement schemes",
    ),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Say at the patient what the rules of B22 say at the clerk, where there is none."""
    transaction, notes = scene.data, scene.notes
    if not isinstance(transaction, BillingTransaction) or transaction.user is not None:
        return None
    amount = notes.get("refund.amount")
    if transaction.kind not in ("refund", "credit") or not isinstance(amount, int):
        return None
    wrong = [sentence for note, sentence in _WRONG.items() if notes.get(note)]
    if not wrong:
        return None
    return Hit(
        PATTERN.level,
        f"A {transaction.kind} of {amount / 100:,.2f} {transaction.currency} {' and '.join(wrong)}; no user is named "
        "who posted it.",
        features={"amount": amount / 100},
    )


_WRONG = {
    "refund.other_instrument": "goes to another card or account than the payment came from",
    "refund.over_payment": "is more than what is left of the payment",
    "refund.no_payment": "belongs to no payment that is known",
}
