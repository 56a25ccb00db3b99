"""B29, Benford deviation: the amounts that a clerk decides do not look grown. A feature only."""

from detectors.events import BillingTransaction
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B29",
    title="First or last digits of a clerk's amounts are unusual",
    version=1,
    level="low",
    levels=("info", "low"),
    stage="user",
    window="26 weeks",
    needs=("300 amounts of $10 and more over two orders of magnitude",),
    false_positives=("fixed fees and copays", "write-offs up to a limit"),
    references=("domain.md §2.2 B29", "Nigrini, Benford's Law, Wiley 2012"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Say so once a week where it is more than chance, and more than 95 % of the role show."""
    notes, limits = scene.notes, thresholds.money
    n, deviation, chance, even = (notes.get(f"amounts.{name}") for name in ("n", "deviation", "chance", "even_share"))
    if not isinstance(scene.data, BillingTransaction) or not isinstance(n, int):
        return None
    if not isinstance(deviation, float) or not isinstance(chance, float) or not isinstance(even, float):
        return None
    p95 = notes.get("amounts.deviation_p95")
    said = []
    if deviation > limits.benford_deviation + chance and not (isinstance(p95, float) and deviation <= p95):
        said.append(f"deviate by {deviation:.3f} from Benford's law, chance leaves {chance:.3f}")
    if n >= limits.endings_least and even > limits.endings_share:
        said.append(f"end in 00 or 50 cents in {even:.0%} of all cases; 2 % are even")
    if not said:
        return None
    return Hit(
        "low" if len(said) == 2 else "info",
        f"The {n} amounts that this user decided in {limits.benford_weeks} weeks {' and '.join(said)}.",
        window=f"{int(scene.time // 604_800)}",
        features={"amounts": float(n), "deviation": deviation, "even_share": even},
    )
