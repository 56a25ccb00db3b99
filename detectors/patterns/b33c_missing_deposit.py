"""B33, missing deposit: a remittance announces money that the bank never had, though its record goes on."""

from detectors.events import BillingTransaction
from detectors.gate import Gate
from detectors.retraction import Cleared
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B33c",
    title="Announced payment without a deposit",
    version=1,
    level="medium",
    stage="instrument",
    window="10 days",
    needs=("deposits of the bank (`deposit`) with trace and payee", "payment.trace", "payment.payee_npi"),
    false_positives=(
        "deposits whose record names another trace number",
        "an account that the bank's record does not cover",
        "money that comes later: the finding is withdrawn",
    ),
    references=("domain.md §2.2 B33", "ASC X12 TR3 005010X221, BPR and TRN: reassociation of payment and remittance"),
    gate=Gate(deeds=frozenset({"deposit"})),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | Cleared | None:
    """Tell once for each payment; take it back where the money comes after all."""
    transaction, notes = scene.data, scene.notes
    if not isinstance(transaction, BillingTransaction):
        return None
    late = notes.get("remit.came_late")
    if isinstance(late, str):
        return Cleared([late], "The money came later.")
    trace, cents, days = (notes.get(f"remit.missing_{name}") for name in ("trace", "cents", "days"))
    if not isinstance(trace, str) or not isinstance(cents, int) or not isinstance(days, int):
        return None
    return Hit(
        PATTERN.level,
        f"A remittance announced {cents / 100:,.2f} {transaction.currency} to this payee {days} days ago, and no "
        "deposit with its trace number has come; later deposits have.",
        window=trace,
        features={"missing": cents / 100, "days": float(days)},
        ground=trace,
    )
