"""B30, round and repeated amounts: a clerk's refunds and write-offs are round, or always the same."""

from collections.abc import Iterator, Mapping

from detectors.events import BillingTransaction
from detectors.finding import Severity
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.amounts import amount_of
from detectors.thresholds import Thresholds
from detectors.thresholds_money import MoneyThresholds
from detectors.visit import Note

PATTERN = Pattern(
    id="B30",
    title="Round or repeated amounts of refunds and write-offs",
    version=2,
    level="medium",
    levels=("low", "medium"),
    stage="user",
    window="30 days",
    needs=("user.same_amount_30d",),
    false_positives=("copays and fixed fees that are given back: small amounts are low",),
    references=("domain.md §2.2 B30",),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Count equal amounts, and hold the share of round amounts against the role's 99th percentile.

    One measure is low. Two are medium: both, or an amount that is no small one and most of all that the clerk posts.
    """
    notes, limits = scene.notes, thresholds.money
    same = notes.get("user.same_amount_30d")
    if not isinstance(scene.data, BillingTransaction) or not isinstance(same, int):
        return None
    signs = [*_repeated(scene, same, limits), *_round(notes, limits)]
    if not signs:
        return None
    level: Severity = "medium" if len(signs) > 1 else "low"
    return Hit(
        level,
        f"This user has {', and '.join(signs)}.",
        window=f"{int(scene.time // 604_800)}:{level}",
        features={"same": float(same)},
    )


def _repeated(scene: Scene, same: int, limits: MoneyThresholds) -> Iterator[str]:
    if same < limits.same_amount:
        return
    yield f"{same} refunds and write-offs of the same amount in {limits.posted_days:.0f} days"
    posted = scene.notes.get("user.posted_30d")
    is_small = amount_of(scene.data) <= limits.small_balance
    if isinstance(posted, int) and posted >= limits.round_least and 2 * same >= posted and not is_small:
        yield f"{posted} altogether, so that this amount is most of what was posted"


def _round(notes: Mapping[str, Note], limits: MoneyThresholds) -> Iterator[str]:
    share, p99 = notes.get("user.round_share"), notes.get("user.round_share_p99")
    if isinstance(share, float) and isinstance(p99, float) and share > max(p99, 0.1):
        yield (
            f"{share:.0%} round amounts (multiples of {limits.round_step / 100:.0f} USD) among refunds and write-offs "
            f"in {limits.posted_days:.0f} days; 99 % of the role have no more than {p99:.0%}"
        )
