"""B07, service in person while the patient lies in another hospital."""

from detectors.scene import Hit, Pattern, Scene
from detectors.stages.provider_claims import answers_for, number_of, sums, window_end
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B07",
    title="Service while the patient was in hospital elsewhere",
    version=1,
    level="medium",
    levels=("medium", "high"),
    stage="provider",
    window="claim; 90 days",
    needs=("claim.lines_while_inpatient", "inpatient claims of other facilities"),
    false_positives=(
        "days of admission, discharge and transfer, which are not counted",
        "leave of absence (occurrence span 74)",
        "professional visits in hospital (place of service 21), which are not counted",
        "ambulance, dialysis",
    ),
    references=("domain.md §2.2 B07", "CMS place of service codes"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Report a service in the office or at home on a day inside a stay at another facility; a series is grave."""
    lines = number_of(scene, "claim.lines_while_inpatient")
    if not lines or not answers_for(scene):
        return None
    limits = thresholds.claims
    figures = sums(scene.profile, window_end(scene, limits.window_days), limits.window_days)
    claims = figures["elsewhere"]
    said = "A service" if lines == 1 else f"{lines} services"
    verb = "is" if lines == 1 else "are"
    reason = f"{said} in person {verb} dated inside a stay of the patient at another hospital"
    features = {"lines": float(lines), "claims": float(claims)}
    if claims >= limits.elsewhere_series:
        more = f"; so are {claims} claims of this provider in {limits.window_days} days."
        return Hit("high", reason + more, features=features)
    return Hit("medium", f"{reason}.", features=features)
