"""What a claim says, as one hash: codes, modifiers, units, charges and diagnoses, and nothing of whom (B09)."""

from detectors.events import BillingTransaction
from detectors.profiles.applied import fingerprint
from detectors.thresholds_claims import ClaimThresholds


def content_of(transaction: BillingTransaction, thresholds: ClaimThresholds) -> int:
    """Return the hash of a claim's content; 0 where it has none, or where claims are alike by nature.

    Vaccinations, dialysis, chemotherapy and campaigns of tests are `cloned_expected`.
    """
    lines = transaction.lines
    if not lines or any(is_alike_by_nature(line.code, thresholds) for line in lines):
        return 0
    services = sorted(
        (line.code or line.revenue, ",".join(sorted(line.modifiers)), line.units, line.charge) for line in lines
    )
    diagnoses = sorted(diagnosis.code for diagnosis in transaction.claim.dx) if transaction.claim else []
    return fingerprint(f"{services}\x1f{diagnoses}")


def is_alike_by_nature(code: str, thresholds: ClaimThresholds) -> bool:
    """Whether claims for a code are expected to be the same from patient to patient."""
    return any(len(code) == len(first) and first <= code <= last for first, last in thresholds.cloned_expected)
