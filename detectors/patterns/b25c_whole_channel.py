"""B25, card testing: a whole channel has far more refusals than it ever had."""

from detectors.events import BillingTransaction
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B25c",
    title="Far more refused cards on a channel than usual",
    version=1,
    level="high",
    stage="instrument",
    window="10 minutes",
    needs=("payment.client.channel", "payment.card.response", "six hours of payments"),
    false_positives=("a processor that refuses everything with another code than 91 or 96",),
    references=("domain.md §2.2 B25",),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Hold the refusals of ten minutes against all such windows before."""
    count, z = scene.notes.get("channel.declines"), scene.notes.get("channel.z")
    if not isinstance(scene.data, BillingTransaction) or not isinstance(count, int) or not isinstance(z, float):
        return None
    if z <= thresholds.money.portal_z:
        return None
    number, mean = scene.notes["channel.windows"], scene.notes["channel.mean"]
    return Hit(
        PATTERN.level,
        f"{count} cards were refused on this channel within ten minutes; over {number} such windows it was "
        f"{mean} on average.",
        window=f"{int(scene.time // 3_600)}",
        features={"declines": float(count), "z": z},
    )
