"""B28, payment diversion: the account of a payee is changed, and several things about it are not right."""

from detectors.events import BillingTransaction
from detectors.finding import Entity
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B28",
    title="Change of a payee's bank account with several warning signs",
    version=1,
    level="critical",
    stage="instrument",
    window="45 days",
    needs=("bank_change", "password and contact changes in the access log"),
    false_positives=("real changes by a treasury: the list of planned changes (`planned_payees`)",),
    references=("domain.md §2.2 B28", "FBI Private Industry Notification 20220914-001"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Judge at the last stop of the change, where all signs have come together, and at the first payment after it."""
    transaction, signs = scene.data, scene.notes.get("bank.signs")
    if not isinstance(transaction, BillingTransaction) or not isinstance(signs, list):
        return None
    is_change = transaction.kind == "bank_account_change"
    if (is_change and not scene.visit.is_last) or len(signs) < thresholds.money.change_indicators:
        return None
    payees = [stop.ref for stop in scene.visit.stops if stop.ref.startswith("payee:")]
    what = "The bank account of a payee was changed" if is_change else "Money goes to a payee's new bank account"
    return Hit(
        PATTERN.level,
        f"{what}, and {len(signs)} things speak against it: {'; '.join(signs)}. Hold the payment and ask the payee by "
        "a number that was known before.",
        features={"signs": float(len(signs))},
        about=Entity("instrument", payees[0] if payees else scene.ref),
    )
