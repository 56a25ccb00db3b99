"""A14, dormant account: an account that was not used for months comes back to life."""

from detectors.coverage import doubt
from detectors.events import AccessEvent
from detectors.finding import Severity
from detectors.gate import noted
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="A14",
    title="Account in use again after months",
    version=2,
    level="medium",
    levels=("medium", "high"),
    stage="user",
    window="24 hours",
    needs=("ninety days of accesses, or the directory's last sign-in (staff.last_login_at)",),
    false_positives=(
        "leave that human resources have not told of",
        "a chart whose reason reaches the feed late: what was said of it is withdrawn, the return of the account stays",
    ),
    references=("domain.md §3.3 A14", "NIST SP 800-53 AC-2(3), disable accounts"),
    gate=noted("account.idle_days"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """The return alone is medium; with mass access or an unexplained chart within a day it is high."""
    notes = scene.notes
    days = notes.get("account.idle_days")
    if not isinstance(scene.data, AccessEvent) or not isinstance(days, float):
        return None
    ratio = notes.get("user.mass_access_ratio")
    unexplained = notes.get("rel.explained") is False and bool(notes.get("rel.context_ok"))
    severity: Severity = "high"
    ground = ""
    if isinstance(ratio, float) and ratio >= 1:
        then = " and then opened far more charts than is usual"
    elif unexplained and not doubt(scene, thresholds):
        then = " and then opened a chart without a known reason"
        # The return itself is told by nothing else: that stays. What follows it falls with the chart's being explained.
        ground = "" if notes.get("account.returned") else f"{scene.visit.id}\x1f{scene.visit.stops[0].ref}"
    elif notes.get("account.returned"):
        severity, then = "medium", ""
    else:
        return None
    returned = int(scene.profile.account.returned_at)
    return Hit(
        severity,
        f"This account was used again after {days:.0f} days{then}.",
        window=f"{returned}:{severity}",
        features={"idle_days": days},
        ground=ground,
    )
