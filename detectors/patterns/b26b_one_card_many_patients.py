"""B26, stolen card: one card pays for patients who have nothing to do with each other."""

from detectors.events import BillingTransaction
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B26b",
    title="One card for several unrelated patients",
    version=1,
    level="high",
    stage="instrument",
    window="90 days",
    needs=("patient.address",),
    false_positives=(
        "parents and guarantors: one address or surname counts once",
        "charity cards, unless the site lists them",
    ),
    references=("domain.md §2.2 B26",),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Count the homes, each once in 90 days."""
    homes, limits = scene.notes.get("card.patients_90d"), thresholds.money
    if not isinstance(scene.data, BillingTransaction) or not isinstance(homes, int) or homes < limits.card_patients:
        return None
    if scene.ref.removeprefix("card:") in limits.shared_cards:
        return None
    return Hit(
        PATTERN.level,
        f"One card paid for patients of {homes} homes within {limits.card_patients_days:.0f} days who share neither "
        "surname nor address.",
        window=f"{int(scene.time // 604_800)}",
        features={"homes": float(homes)},
    )
