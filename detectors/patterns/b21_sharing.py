"""B21, patient sharing ring: providers who have nothing to do with each other bill for the same people week by week."""

from detectors.events import BillingTransaction
from detectors.gate import noted
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B21",
    title="Unrelated providers who share their patients",
    version=1,
    level="high",
    stage="provider",
    window="13 weeks, looked at once a week",
    needs=("billing.tin_ref", "20 patient-weeks outside hospitals"),
    false_positives=(
        "care teams: one tax number or one address counts once, what is rendered in a hospital does not count",
        "dialysis chains and campaigns: services that are alike by nature do not count",
        "a small town with one practice of each kind",
    ),
    references=("domain.md §2.2 B21", "Broder, On the resemblance and containment of documents, 1997"),
    gate=noted("sharing.others"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Say once in thirty days of each provider of a circle that it is in one."""
    notes, limits = scene.notes, thresholds.providers
    others, least, pairs = (notes.get(f"sharing.{name}") for name in ("others", "least", "pairs"))
    if not isinstance(scene.data, BillingTransaction) or not isinstance(others, int) or not isinstance(least, float):
        return None
    if not isinstance(pairs, int):
        return None
    return Hit(
        PATTERN.level,
        f"{others} other providers, of other tax numbers and addresses, billed in the same weeks for the same patients "
        f"as this one: any two of them have more than {limits.sharing_jaccard:.0%} in common, this one with each at "
        f"least {least:.0%}, over {limits.sharing_weeks} weeks and in a sample of {pairs} meetings. Those of one "
        f"circle have the mark {notes.get('sharing.circle')}.",
        window=f"{int(scene.time // (30 * 86_400))}",
        features={"others": float(others), "share": least},
    )
