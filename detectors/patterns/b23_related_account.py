"""B23, write-off abuse: a clerk writes off what the own household, family or department owes."""

from detectors.events import BillingTransaction
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B23",
    title="Write-off on the account of a relative or colleague",
    version=1,
    level="high",
    levels=("medium", "high"),
    stage="user",
    window="event",
    needs=("patient.employee", "patient.address", "staff feed"),
    false_positives=(
        "discounts for employees that the house grants, posted by their own department",
        "common surnames in one postal area",
    ),
    references=(
        "domain.md §2.2 B23",
        "Association of Certified Fraud Examiners, Fraud Examiners Manual, skimming, concealment by write-offs",
    ),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Say whose account it is; a colleague's alone is less grave than the own or the household's."""
    transaction, relation = scene.data, scene.notes.get("adjustment.relation")
    if not isinstance(transaction, BillingTransaction) or not isinstance(relation, str) or not transaction.amounts:
        return None
    cents = abs(transaction.amounts.adjustment or transaction.amounts.paid)
    what = "a write-off" if transaction.kind == "write_off" else "an adjustment"
    return Hit(
        "high" if relation in ("own", "household") else "medium",
        f"This user posted {what} of {cents / 100:,.2f} {transaction.currency} on {_WHOSE[relation]}.",
        features={"amount": cents / 100},
    )


_WHOSE = {
    "own": "the own account",
    "household": "the account of somebody at the same address",
    "family": "the account of somebody with the same surname in the same postal area",
    "coworker": "the account of a colleague: the same department, or the same manager",
}
