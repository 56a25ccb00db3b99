"""B34, charge outlier: a unit of a service for twice what nearly nobody asks for it."""

from detectors.entity_risk import RISK
from detectors.events import BillingTransaction
from detectors.gate import noted
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B34",
    title="Charge far above what others ask for the service",
    version=1,
    level="low",
    levels=("info", "low"),
    stage="provider",
    window="week",
    needs=("200 charges for the service in the setting",),
    false_positives=(
        "charges of a chargemaster: between providers 3.6 times is ordinary (domain.md §6.1)",
        "a drug billed in another unit than others bill it",
    ),
    references=(
        "domain.md §2.1 and §2.2 B34",
        "CMS, Medicare physician and other practitioners by provider and service",
    ),
    gate=noted("charge.times"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """One measure is a feature: alone it is information, and low where something else speaks against the provider."""
    notes, limits = scene.notes, thresholds.providers
    times, usual, n = (notes.get(f"charge.{name}") for name in ("times", "usual", "n"))
    if not isinstance(scene.data, BillingTransaction) or not isinstance(times, float) or times <= limits.charge_factor:
        return None
    if not isinstance(usual, float) or not isinstance(n, int):
        return None
    return Hit(
        PATTERN.level if _others(scene) else "info",
        f"{times * usual:,.2f} USD for a unit of {notes.get('charge.code')}: {times:.1f} times the {usual:,.2f} USD "
        f"that {limits.charge_share:.1%} of {n} charges for it in this setting do not exceed.",
        window=f"{int(scene.time // 604_800)}",
        features={"times": times, "usual": usual, "charges": float(n)},
    )


def _others(scene: Scene) -> bool:
    """Return whether another pattern spoke of this claim, or lately of this provider."""
    said = {signal.detector for signal in scene.visit.signals if signal.kind == "rule"}
    return bool((said | scene.profile.history.shares.keys()) - {PATTERN.id, RISK})
