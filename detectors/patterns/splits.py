"""B24, what the three patterns of split amounts have in common: the sentence."""

from detectors.events import BillingTransaction
from detectors.scene import Hit, Scene

FALSE_POSITIVES = ("payment plans with a fixed instalment", "services whose fixed price lies just below the limit")
REFERENCES = ("domain.md §2.2 B24", "31 U.S.C. 5324 and 26 U.S.C. 6050I(f), structuring")


def split_hit(scene: Scene, who: str) -> Hit | None:
    """Return the finding that amounts just below a limit came together, `who` being the party in the sentence."""
    count, total, limit = (scene.notes.get(f"split.{name}") for name in ("items", "sum", "limit"))
    if not isinstance(scene.data, BillingTransaction):
        return None
    if not isinstance(count, int) or not isinstance(total, int) or not isinstance(limit, int):
        return None
    return Hit(
        "medium",
        f"{count} amounts {who} within five days, each just below the limit of {limit / 100:,.2f} USD, come to "
        f"{total / 100:,.2f} USD together.",
        window=f"{int(scene.time // 432_000)}:{limit}",
        features={"items": float(count), "sum": total / 100},
    )
