"""B23, write-off abuse: more write-offs than anybody else in the role, or always for the same reason."""

from detectors.events import BillingTransaction
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B23b",
    title="More write-offs than others in the role, or fewer reasons for them",
    version=1,
    level="medium",
    levels=("low", "medium"),
    stage="user",
    window="30 days",
    needs=("user.write_offs_30d", "at least ten peers"),
    false_positives=(
        "charity-care campaigns",
        "sweeps of small balances: what is small is not counted",
    ),
    references=(
        "domain.md §2.2 B23",
        "Association of Certified Fraud Examiners, Fraud Examiners Manual, skimming, concealment by write-offs",
    ),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Hold the number against the role's 99th percentile, and the entropy of the reasons against the own past."""
    notes, limits = scene.notes, thresholds.money
    count, p99 = notes.get("user.write_offs_30d"), notes.get("user.write_offs_p99")
    if not isinstance(scene.data, BillingTransaction) or not isinstance(count, int):
        return None
    many = isinstance(p99, float) and count >= limits.write_off_least and count > p99 * _CLEARLY
    bits, before = notes.get("user.reason_bits"), notes.get("user.reason_bits_before")
    few = (
        isinstance(bits, float) and isinstance(before, float) and before > 0.5 and bits < limits.reasons_share * before
    )
    said = []
    if many:
        said.append(
            f"posted {count} write-offs and adjustments in 30 days; 99 % of the role post no more than {p99:.0f}"
        )
    if few:
        said.append(f"gives fewer reasons for them than before: {bits:.1f} bits of entropy after {before:.1f}")
    if not said:
        return None
    return Hit(
        "medium" if many else "low",
        f"This user {' and '.join(said)}.",
        window=f"{int(scene.time // 604_800)}",
        features={"write_offs": float(count)},
    )


_CLEARLY = 1.1
"""Histograms of peers are known to a bin of 7 %."""
