"""B15, a provider number that cannot be right: no number at all, deactivated, or an organisation that treats."""

from collections.abc import Iterator

from detectors.events import BillingTransaction
from detectors.itinerary import responsible_npi
from detectors.reference.npi import is_npi
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.billing import EPOCH, dates_of, day_number
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B15",
    title="A provider number that cannot be right",
    version=1,
    level="medium",
    stage="provider",
    window="30 days",
    needs=("registry of providers, for deactivated numbers",),
    false_positives=("an outdated copy of the registry", "group practices that bill under the group"),
    references=("domain.md §2.2 B15", "45 CFR 162.406"),
    queue="billing_quality",
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Check the number of this stop."""
    transaction = scene.data
    if not isinstance(transaction, BillingTransaction) or transaction.kind not in ("claim_submitted", "claim_replaced"):
        return None
    wrong = next(_problems(scene, transaction), "")
    return Hit("medium", wrong, window=f"{int(scene.time // (30 * 86_400))}") if wrong else None


def _problems(scene: Scene, transaction: BillingTransaction) -> Iterator[str]:
    if not is_npi(scene.ref):
        yield "A provider number on the claim fails its check digit."
        return
    rendering = transaction.rendering
    if rendering and rendering.npi == scene.ref == responsible_npi(transaction) and rendering.entity == "2":
        yield "The claim names an organisation as the one who rendered the services; it must be a person."
    registry = scene.around.references.registry
    if registry is None:
        return
    for day in sorted(dates_of(transaction) or {day_number(transaction.occurred_at.date())}):
        date = transaction.occurred_at.date().fromordinal(day + EPOCH)
        if registry.active_on(scene.ref, date) is False:
            yield f"The provider number was not active on the date of service {date.isoformat()}."
