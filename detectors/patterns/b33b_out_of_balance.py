"""B33, remittance mismatch: the figures of a remittance do not add up, or payers withhold ever more."""

from detectors.events import BillingTransaction
from detectors.profiles.applied import fingerprint
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B33b",
    title="Remittance that does not add up, or growing amounts withheld",
    version=1,
    level="medium",
    stage="instrument",
    window="payment; 30 days",
    needs=("checks of the reader of remittances",),
    false_positives=("a payer that rounds", "a payer that recovers a known overpayment"),
    references=("domain.md §2.2 B33", "ASC X12 TR3 005010X221, sections on balancing"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Say once for each payment that it does not balance, and once a month that more is withheld."""
    transaction, notes, limits = scene.data, scene.notes, thresholds.money
    if not isinstance(transaction, BillingTransaction):
        return None
    wrong = notes.get("remit.unbalanced")
    if isinstance(wrong, str):
        trace = transaction.payment.trace if transaction.payment else ""
        return Hit(PATTERN.level, f"A remittance does not add up. {wrong}", window=f"{fingerprint(trace):x}")
    withheld, median = notes.get("remit.withheld"), notes.get("remit.withheld_median")
    if not isinstance(withheld, int) or not isinstance(median, int | float):
        return None
    if withheld < limits.withheld_least or withheld <= limits.withheld_factor * median:
        return None
    return Hit(
        PATTERN.level,
        f"Payers withheld {withheld / 100:,.2f} {transaction.currency} from this payee (recoveries and forwarded "
        f"balances) in 30 days; the median of the months before is {median / 100:,.2f}.",
        window=f"{int(scene.time // 2_592_000)}",
        features={"withheld": withheld / 100},
    )
